import { createItemBuffer, type ItemBuffer } from '../core/collections.ts';

/** One who takes part in a pass, and what it has not taken yet. */
interface Subscriber<T, J> {
  readonly joined: J;
  readonly buffer: ItemBuffer<T>;
  left: boolean;
}

/** How far the slowest may fall behind. */
const mostWaiting = 1000;

/**
 * A reading that several share: who begins in the same turn of the event loop is served by one pass of `read`, which gets
 * what each of them joined with; who begins later starts a pass of its own.
 */
export function sharedPass<T, J>(read: (joined: readonly J[]) => AsyncIterable<T>): (joined: J) => AsyncIterable<T> {
  let gathering: Subscriber<T, J>[] | undefined;
  const join = (subscriber: Subscriber<T, J>) => {
    if (gathering) {
      gathering.push(subscriber);
      return;
    }
    const subscribers = [subscriber];
    gathering = subscribers;
    void Promise.resolve().then(() => {
      gathering = undefined;
      return serve(subscribers, read);
    });
  };
  return async function* (joined) {
    const subscriber: Subscriber<T, J> = { joined, buffer: createItemBuffer(), left: false };
    join(subscriber);
    try {
      for (let items = await subscriber.buffer.take(); items; items = await subscriber.buffer.take()) yield* items;
    } finally {
      subscriber.left = true;
      subscriber.buffer.end();
    }
  };
}

async function serve<T, J>(subscribers: readonly Subscriber<T, J>[], read: (joined: readonly J[]) => AsyncIterable<T>) {
  try {
    for await (const item of read(subscribers.map(subscriber => subscriber.joined))) {
      const here = subscribers.filter(subscriber => !subscriber.left);
      if (here.length === 0) return;
      for (const { buffer } of here) buffer.push(item);
      if (here.some(({ buffer }) => buffer.size() >= mostWaiting))
        await Promise.all(here.map(({ buffer }) => buffer.emptied()));
    }
    for (const { buffer } of subscribers) buffer.end();
  } catch (error) {
    for (const { buffer } of subscribers) buffer.fail(error);
  }
}
