/** Methods of a list that look at its items one by one through a callback. */
const callbacks = [
  'map',
  'filter',
  'flatMap',
  'some',
  'every',
  'find',
  'findIndex',
  'findLast',
  'reduce',
  'forEach',
] as const;

/** Methods that look at all of a list, or copy it. */
const wholes = ['includes', 'indexOf', 'slice', 'concat', 'join', 'flat', 'sort', 'toSorted', 'toReversed'] as const;

type Method = (this: readonly unknown[], ...given: unknown[]) => unknown;

/**
 * How many items of lists something looks at, by whatever method, loop or copy. Unlike a time it is the same on every machine,
 * and a nested search shows as what it is: work that grows with the square.
 */
export async function countWork(work: () => unknown): Promise<number> {
  let visited = 0;
  const list = Array.prototype as unknown as Record<string | symbol, Method>;
  const kept = new Map([...callbacks, ...wholes, Symbol.iterator].map(name => [name, list[name]] as const));
  const replace = (name: string | symbol, by: (original: Method) => Method) => {
    const original = kept.get(name as never);
    if (original) list[name] = by(original);
  };
  for (const name of callbacks)
    replace(
      name,
      original =>
        function counted(callback, ...rest) {
          const called = callback as Method;
          return original.call(
            this,
            function visit(this: readonly unknown[], ...given: unknown[]) {
              visited += 1;
              return called.apply(this, given);
            },
            ...rest,
          );
        },
    );
  for (const name of wholes)
    replace(
      name,
      original =>
        function counted(...given) {
          visited += this.length;
          return original.apply(this, given);
        },
    );
  replace(
    Symbol.iterator,
    original =>
      function counted() {
        const items = original.call(this) as IterableIterator<unknown>;
        const next = items.next.bind(items);
        items.next = () => {
          visited += 1;
          return next();
        };
        return items;
      },
  );
  try {
    await work();
  } finally {
    for (const [name, original] of kept) if (original) list[name as string] = original;
  }
  return visited;
}
