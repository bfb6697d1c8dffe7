import { type Finding, TargetProblem } from '../core/finding.ts';
import { type Duration, durationText } from '../core/units.ts';
import { describeHolder, keepsOut } from '../engine/locks.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { LockHolder } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';
import type { WriteContext } from './context.ts';

/** How long a command waits for the locks of other runs. */
export interface LockWait {
  /** Absent: it does not wait. */
  readonly lockWait?: Duration;
}

/** Another run kept this one out, and is done by now: whatever was read may have changed. */
export const beginAnew = 'begin-anew';

/** The type of that word. */
export type BeginAnew = typeof beginAnew;

/** Takes the result of an attempt, or of a part of it. Where a lock refused it, waits for that lock: then all of it is to be made again. */
export type Heed = <R extends object>(result: R | BeginAnew, ports: WritePorts) => Promise<R | BeginAnew>;

type WaitContext = Pick<WriteContext, 'claim' | 'onInterrupt' | 'progress'>;

/** Milliseconds between two looks at a lock. */
const lookEvery = 5_000;

/** Milliseconds after which an interrupt is noticed. */
const heedEvery = 500;

/** Makes an attempt, and makes it again from its very beginning as often as a lock kept it out and became free in time. */
export async function waitForLocks<R extends object>(
  { lockWait }: LockWait,
  context: WaitContext,
  attempt: (heed: Heed) => Promise<R | BeginAnew>,
): Promise<R> {
  let began: number | undefined;
  const heed: Heed = async (result, ports) => {
    const refusal = result === beginAnew ? undefined : refusalOf(result);
    if (result === beginAnew || !lockWait || !refusal) return result;
    began ??= ports.elapsed();
    const waiting = { ports, began, lockWait };
    const end = await waitFor(refusal, waiting, context);
    if (end === free) return beginAnew;
    const waited = durationText(ports.elapsed() - began);
    return { ...result, failed: [{ ...refusal, detail: `${refusal.detail}\n${end} ${waited} of waiting.` }] };
  };
  for (;;) {
    const result = await attempt(heed);
    if (result !== beginAnew) return result;
  }
}

/** The finding of a result that another run is the only reason of. */
function refusalOf(result: object): Finding | undefined {
  const failed: readonly Finding[] = 'failed' in result && Array.isArray(result.failed) ? result.failed : [];
  return failed.find(one => hasCode(one, 'run.locked') || hasCode(one, 'run.watchdog-called-off'));
}

interface Waiting {
  readonly ports: WritePorts;
  /** When the first lock was met, as `ports.elapsed` counts. */
  readonly began: number;
  readonly lockWait: Duration;
}

const free = 'free';
type Ended = typeof free | 'Gave up after' | 'Interrupted after';

/**
 * Waits until the lock of a host can be had. Who holds it is said once, and again where it is another run. Where watchdogs of a
 * run were called off that has ended meanwhile, there is nothing to wait for.
 */
async function waitFor(refusal: Finding, waiting: Waiting, context: WaitContext): Promise<Ended> {
  const { ports, began, lockWait } = waiting;
  if (ports.elapsed() - began >= lockWait.milliseconds) return 'Gave up after';
  if (hasCode(refusal, 'run.watchdog-called-off')) return free;
  let interrupted = false;
  const stopListening = context.onInterrupt(() => {
    interrupted = true;
  });
  try {
    return await lookUntilFree(refusal.target ?? '', waiting, context, () => interrupted);
  } finally {
    stopListening();
    context.progress.end();
  }
}

async function lookUntilFree(
  host: string,
  waiting: Waiting,
  { claim, progress }: WaitContext,
  interrupted: () => boolean,
): Promise<Ended> {
  const { ports, began, lockWait } = waiting;
  const waited = () => ports.elapsed() - began;
  for (let said = ''; ; await sleep(waiting, interrupted)) {
    if (interrupted()) return 'Interrupted after';
    const holder = await holderOf(host, ports);
    if (holder === 'unknown' || (said !== '' && !(holder && keepsOut(holder, claim(''))))) {
      const now = holder === 'unknown' ? `${host} cannot say who holds its lock` : `The lock of ${host} is free`;
      progress.note(`${now}, after ${durationText(waited())}. Starting again from the present state.`);
      return free;
    }
    if (waited() >= lockWait.milliseconds) return 'Gave up after';
    const who = holder ? `run ${holder.identity}` : 'nobody';
    if (said !== who && holder)
      progress.note(
        `${describeHolder(host, holder)}\nWaiting for its lock, ${lockWait.text} at most in all. Ctrl-C ends the wait.`,
      );
    said = who;
    progress.show(`waiting for the lock of ${host}: ${durationText(waited())} of ${lockWait.text}`);
  }
}

/** A host that cannot say is not waited for: the next attempt finds out what is wrong. */
async function holderOf(host: string, ports: WritePorts): Promise<LockHolder | 'unknown' | undefined> {
  try {
    return (await ports.host(host).guard()).holder;
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return 'unknown';
  }
}

async function sleep({ ports, began, lockWait }: Waiting, interrupted: () => boolean): Promise<void> {
  const until = Math.min(ports.elapsed() + lookEvery, began + lockWait.milliseconds);
  while (!interrupted() && ports.elapsed() < until) await ports.pause(Math.min(heedEvery, until - ports.elapsed()));
}
