import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Milliseconds that a wait may take on a machine with nothing else to do. */
const QUIET = 60_000;

/**
 * Waits until a condition holds, and returns what it gave. The limit only ends what hangs, and grows with the load of the machine:
 * how long something takes is not what a test with this is about.
 */
export async function until<T>(condition: () => T | Promise<T>, what: string | (() => string)): Promise<T> {
  for (const began = Date.now(); ; await pause(20)) {
    const found = await condition();
    if (found) return found;
    const waited = Date.now() - began;
    if (waited > QUIET * crowding())
      throw new Error(`${typeof what === 'string' ? what : what()}: not after ${waited} ms`);
  }
}

/** Lets this process notice what has already happened on its sockets, however late it comes to look. */
export async function settle(): Promise<void> {
  // Timers run before sockets are looked at: one long pause may end without a look.
  for (let turn = 0; turn < 12; turn += 1) await pause(10);
}

/** How many processes want each core; at least one. */
function crowding(): number {
  return Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
}
