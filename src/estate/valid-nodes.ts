/** Stops a rule that came upon something the schema refused; caught by `overValidNodes` only. */
class RefusedPart extends Error {}

/**
 * A view of a file in which every part that broke the schema throws when it is read. A rule that gets through has
 * seen nothing but what it was written for, whatever is wrong elsewhere, and need not say which parts it reads.
 * `broken` holds JSON pointers, also of keys that are missing.
 */
export function cleanView<T extends object>(value: T, broken: ReadonlySet<string>, path = ''): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const part: unknown = Reflect.get(target, key, receiver);
      if (typeof key !== 'string') return part;
      const pointer = childPointer(path, key);
      if (broken.has(pointer)) throw new RefusedPart();
      return typeof part === 'object' && part !== null ? cleanView(part, broken, pointer) : part;
    },
  });
}

/** What a rule finds, or nothing where it would have to read what the schema refused. */
export function overValidNodes<T>(rule: () => readonly T[]): readonly T[] {
  try {
    return rule();
  } catch (error) {
    if (error instanceof RefusedPart) return [];
    throw error;
  }
}

/** What a rule finds of each value of a map, one by one: a part that the schema refused hides only what is in the same entry. */
export function overEntries<V, T>(map: Readonly<Record<string, V>>, rule: (key: string, value: V) => readonly T[]) {
  return Object.keys(map).flatMap(key =>
    overValidNodes(() => {
      const value = map[key];
      return value === undefined ? [] : rule(key, value);
    }),
  );
}

/** `overEntries` of a list. */
export function overItems<V, T>(list: readonly V[], rule: (index: number, value: V) => readonly T[]): readonly T[] {
  return [...list.keys()].flatMap(index =>
    overValidNodes(() => {
      const value = list[index];
      return value === undefined ? [] : rule(index, value);
    }),
  );
}

/** The JSON pointer of a key below another one. */
export function childPointer(pointer: string, key: string): string {
  return `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
