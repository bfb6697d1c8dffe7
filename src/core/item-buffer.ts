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
