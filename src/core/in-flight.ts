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
