import { createItemBuffer, type ItemBuffer } from '../../core/item-buffer.ts';

/** One who takes part in a pass, and what it has not taken yet. */
interface Seat<T, J> {
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
  let gathering: Seat<T, J>[] | undefined;
  const join = (seat: Seat<T, J>) => {
    if (gathering) {
      gathering.push(seat);
      return;
    }
    const seats = [seat];
    gathering = seats;
    void Promise.resolve().then(() => {
      gathering = undefined;
      return serve(seats, read);
    });
  };
  return async function* (joined) {
    const seat: Seat<T, J> = { joined, buffer: createItemBuffer(), left: false };
    join(seat);
    try {
      for (let items = await seat.buffer.take(); items; items = await seat.buffer.take()) yield* items;
    } finally {
      seat.left = true;
      seat.buffer.end();
    }
  };
}

async function serve<T, J>(seats: readonly Seat<T, J>[], read: (joined: readonly J[]) => AsyncIterable<T>) {
  try {
    for await (const item of read(seats.map(seat => seat.joined))) {
      const here = seats.filter(seat => !seat.left);
      if (here.length === 0) return;
      for (const { buffer } of here) buffer.push(item);
      if (here.some(({ buffer }) => buffer.size() >= mostWaiting))
        await Promise.all(here.map(({ buffer }) => buffer.emptied()));
    }
    for (const { buffer } of seats) buffer.end();
  } catch (error) {
    for (const { buffer } of seats) buffer.fail(error);
  }
}
