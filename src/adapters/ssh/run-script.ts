import { type Fence, FenceRefused, fenceCommand, fenceRefusal } from './fence-script.ts';
import { createNonce, type Frame, parseFrames, scriptProcess } from './frames.ts';
import type { SshLimits } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import type { Link } from './link.ts';
import { requestScript } from './read-script.ts';
import { type Trip, type TripRequest, travel, tripFault } from './trip.ts';
import { killScript } from './whole-script.ts';

/** A request as a piece of a script. `label` names it in messages. */
interface Fragment {
  readonly text: string;
  readonly label: string;
}

/** What came back for one fragment. `errors` is what the whole trip had on standard error. */
interface Answer {
  readonly frames: readonly Frame[];
  readonly errors: string;
}

/** Asks for some fragments; the answers come in their order. */
export type Ask = (fragments: readonly Fragment[]) => Promise<readonly Answer[]>;

interface Entry {
  readonly fragments: readonly Fragment[];
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what is asked for in one turn of the event loop, and while the connection is being made, into one trip.
 * What two of them ask alike is asked once. When the connection or the trip fails, all of it fails with the same error.
 */
export function createQueue(
  open: () => Promise<Link>,
  carry: (link: Link, fragments: readonly Fragment[]) => Promise<readonly Answer[]>,
): Ask {
  let waiting: Entry[] = [];

  const take = () => {
    const entries = waiting;
    waiting = [];
    return entries;
  };

  const flush = async () => {
    let entries: readonly Entry[] = [];
    try {
      const link = await open();
      entries = take();
      const fragments = new Map(entries.flatMap(entry => entry.fragments.map(fragment => [fragment.text, fragment])));
      const answers = await carry(link, [...fragments.values()]);
      deal(entries, new Map([...fragments.keys()].map((text, index) => [text, answers[index]])));
    } catch (error) {
      for (const entry of entries.length > 0 ? entries : take()) {
        entry.reject(error);
      }
    }
  };

  return fragments =>
    new Promise((resolve, reject) => {
      waiting.push({ fragments, resolve, reject });
      if (waiting.length === 1) {
        // Later than every promise that is settled in this turn.
        setImmediate(() => void flush());
      }
    });
}

function deal(entries: readonly Entry[], answers: ReadonlyMap<string, Answer | undefined>): void {
  for (const { fragments, resolve } of entries) {
    resolve(fragments.flatMap(({ text }) => answers.get(text) ?? []));
  }
}

/** The milliseconds that a second trip may take to end what the first one left running. */
const KILL_WAIT = 5_000;

/**
 * Carries fragments out as one script; with a fence where they write. What takes too long is killed on the host when it only
 * reads; a writing command is left to finish, because half of it is worse than all of it.
 */
export async function carry(
  link: Link,
  fragments: readonly Fragment[],
  limits: SshLimits,
  fence?: Fence,
): Promise<readonly Answer[]> {
  const nonce = createNonce();
  const input = Buffer.from(
    requestScript(
      fragments.map(fragment => fragment.text),
      nonce,
      fence,
    ),
  );
  const command = fence ? fenceCommand(fence) : '/bin/sh';
  const request = { command, input, nonce, wait: limits[fence ? 'write' : 'read'], limit: limits.answer };
  const trip = await travel(link, request);
  const frames = parseFrames(trip.output, nonce);
  const refusal = fenceRefusal(frames);
  if (refusal) {
    throw new FenceRefused(refusal);
  }
  if (trip.state === 'whole') {
    return fragments.map((_, index) => ({
      frames: frames.filter(frame => frame.request === String(index)),
      errors: trip.errors,
    }));
  }
  const fault = tripFault(link, trip, request, labelOf(frames, fragments));
  const fate = fence ? leave(trip) : await end(link, trip, request);
  throw new HostFault(fault.code, fault.detail + fate);
}

/** The fragment that was under way. */
function labelOf(frames: readonly Frame[], fragments: readonly Fragment[]): string {
  const last = frames.findLast(frame => frame.request !== '-');
  const fragment = fragments[Number(last?.request ?? 0)];
  return fragment ? `"${fragment.label}"` : 'the request';
}

async function end(link: Link, trip: Trip, request: TripRequest): Promise<string> {
  const process = scriptProcess(trip.output, request.nonce);
  if (trip.state === 'ended' || process === undefined) {
    return '';
  }
  const nonce = createNonce();
  const input = Buffer.from(killScript(process, nonce));
  const kill = { command: '/bin/sh', input, nonce, wait: KILL_WAIT, limit: request.limit };
  try {
    const done = (await travel(link, kill)).state === 'whole';
    return done ? '\nIt was ended there.' : '\nIt may still run there.';
  } catch {
    // The connection has gone as well; the first fault says more.
    return '\nIt may still run there.';
  }
}

function leave(trip: Trip): string {
  return trip.state === 'ended' ? '' : '\nIt was left running there: look what it did before running again.';
}
