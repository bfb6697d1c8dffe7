/** The items until somebody asks to stop. */
export function* untilStopped<T>(items: Iterable<T>, ports: { stopping(): boolean }): Iterable<T> {
  for (const item of items) {
    if (ports.stopping()) return;
    yield item;
  }
}

/**
 * Does something with every item, several at a time, and yields what comes of each as it comes. `limit` is asked anew
 * before each start. The first failure is thrown, once all that is under way has ended.
 */
export async function* inFlight<T, R>(
  items: Iterable<T>,
  limit: () => number,
  action: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const running = new Set<Promise<void>>();
  let ended: R[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake = () => {};
  const start = (item: T) => {
    const task: Promise<void> = action(item)
      .then(
        result => {
          ended.push(result);
        },
        (error: unknown) => {
          failure ??= { error };
        },
      )
      .then(() => {
        running.delete(task);
        wake();
      });
    running.add(task);
  };
  const someEnded = () => new Promise<void>(resolve => (wake = resolve));
  try {
    for (const item of items) {
      while (running.size >= limit() && !failure) await someEnded();
      if (failure) break;
      start(item);
      const ready = ended;
      ended = [];
      yield* ready;
    }
  } finally {
    await Promise.all(running);
  }
  yield* ended;
  if (failure) throw failure.error;
}

/** Items that have come and have not been taken yet. One side fills it, one takes. */
export interface ItemBuffer<T> {
  push(item: T): void;
  size(): number;
  end(): void;
  /** What still waits is dropped: it could not be told from a whole. */
  fail(error: unknown): void;
  /** All that waits, as soon as something does; nothing at the end. */
  take(): Promise<readonly T[] | undefined>;
  /** Resolves when nothing waits, or nobody will take any more. */
  emptied(): Promise<void>;
}

type State = { readonly is: 'open' | 'ended' } | { readonly is: 'failed'; readonly error: unknown };

/** `onTake` is called after everything was taken. */
export function createItemBuffer<T>(onTake: () => void = () => {}): ItemBuffer<T> {
  let waiting: T[] = [];
  let state: State = { is: 'open' };
  let wakeTaker = () => {};
  let wakeFiller = () => {};
  const settle = (next: State) => {
    state = state.is === 'open' ? next : state;
    wakeTaker();
    wakeFiller();
  };
  return {
    push: item => {
      if (waiting.push(item) === 1) {
        wakeTaker();
      }
    },
    size: () => waiting.length,
    end: () => settle({ is: 'ended' }),
    fail: error => settle({ is: 'failed', error }),
    take: async () => {
      if (waiting.length === 0 && state.is === 'open') {
        await new Promise<void>(wake => (wakeTaker = wake));
      }
      if (state.is === 'failed') {
        throw state.error;
      }
      const taken = waiting;
      waiting = [];
      wakeFiller();
      onTake();
      return taken.length > 0 ? taken : undefined;
    },
    emptied: async () => {
      if (waiting.length > 0 && state.is === 'open') {
        await new Promise<void>(wake => (wakeFiller = wake));
      }
    },
  };
}

/** Items by a key, in the order in which each key was first met. (Node 20 has no Map.groupBy.) */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** How many items there are of each key. */
export function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** The first so many items. */
export function firstOf<T>(items: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length >= most) break;
    first.push(item);
  }
  return first;
}

/** An object without some of its properties. */
export function without<T extends object, K extends PropertyKey>(whole: T, keys: readonly K[]): Omit<T, K> {
  const names: ReadonlySet<unknown> = new Set(keys);
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !names.has(key))) as Omit<T, K>;
}

/** An object with some of its properties only; one that it does not have stays away. */
export function pick<T extends object, K extends keyof T>(whole: T, keys: readonly K[]): Pick<T, K> {
  const names: ReadonlySet<unknown> = new Set(keys);
  return Object.fromEntries(Object.entries(whole).filter(([key]) => names.has(key))) as Pick<T, K>;
}

/** Whether a value is an object with fields, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The lines of a text that comes in pieces, without their ends; what stands behind the last end is a line too. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const piece of pieces) {
    const [first = '', ...others] = decoder.decode(piece, { stream: true }).split('\n');
    parts.push(first);
    const last = others.pop();
    if (last === undefined) continue;
    yield parts.join('');
    yield* others;
    parts = [last];
  }
  parts.push(decoder.decode());
  yield parts.join('');
}
