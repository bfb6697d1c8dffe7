import { createHash } from 'node:crypto';
import type { Command, CommandResult, FileReading } from '../../ports/host.ts';
import { type Fence, FenceRefused, fenceRefusal } from './fence-script.ts';
import { createNonce, doneMark, type Frame, parseFrames, scriptProcess } from './frames.ts';
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

/** What was answered and is asked again: what is under way, and what depends on files that are still the same. */
interface Memory {
  /** The answer that counts still, or a new one. */
  recall(command: Command, ask: () => Promise<CommandResult>): Promise<CommandResult>;
  /** A command has run that changes something: every answer may be another one now. */
  forget(): void;
}

interface Remembered {
  /** How the files were before it was asked. */
  readonly files: string;
  readonly answer: CommandResult;
}

/** Remembers answers of commands that ended with 0. Where the files cannot be read, nothing is. */
export function createMemory(read: (paths: readonly string[]) => Promise<readonly FileReading[]>): Memory {
  let known = new Map<string, Remembered>();
  let underWay = new Map<string, Promise<CommandResult>>();
  const look = async (paths: readonly string[]): Promise<string | undefined> => {
    if (paths.length === 0) {
      return undefined;
    }
    try {
      const readings = await read(paths);
      return readings.length === 0 ? undefined : readings.map(stateOf).join('\n');
    } catch (fault) {
      if (fault instanceof HostFault) {
        return undefined;
      }
      throw fault;
    }
  };
  const answerOf = async (key: string, paths: readonly string[], ask: () => Promise<CommandResult>) => {
    const remembered = known;
    const files = await look(paths);
    const before = remembered.get(key);
    if (before && before.files === files) {
      return before.answer;
    }
    const answer = await ask();
    if (files !== undefined && answer.state === 'ran' && answer.code === 0) {
      remembered.set(key, { files, answer });
    }
    return answer;
  };
  return {
    forget: () => {
      known = new Map();
      underWay = new Map();
    },
    recall: (command, ask) => {
      const key = JSON.stringify(command);
      const current = underWay;
      const answer = current.get(key) ?? answerOf(key, command.whileSame ?? [], ask).finally(() => current.delete(key));
      current.set(key, answer);
      return answer;
    },
  };
}

function stateOf({ path, content, modified, changed, owner, mode }: FileReading): string {
  return JSON.stringify([path, createHash('sha256').update(content).digest('hex'), modified, changed, owner, mode]);
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
  const request = requestOf(fragments, limits[fence ? 'write' : 'read'], limits, fence);
  const trip = await travel(link, request);
  const frames = parseFrames(trip.output, request.nonce);
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
  const fate = fence ? leave(trip) : fates[await end(link, trip, request)];
  throw new HostFault(fault.code, fault.detail + fate);
}

/**
 * Carries one fragment out that may take `patience` milliseconds. Where it takes longer, it is killed on the host, and its answer
 * is what it had said by then. That it could be killed shows that the host and the connection are well.
 */
export async function carryPatiently(
  link: Link,
  fragment: Fragment,
  limits: SshLimits,
  patience: number,
): Promise<Answer & { readonly late: boolean }> {
  const request = requestOf([fragment], patience, limits);
  const trip = await travel(link, request);
  const frames = parseFrames(trip.output, request.nonce);
  const answer = { frames: frames.filter(frame => frame.request === '0'), errors: trip.errors };
  if (trip.state === 'whole') {
    return { ...answer, late: false };
  }
  const fate = await end(link, trip, request);
  if (trip.state === 'late' && fate === 'ended') {
    return { ...answer, late: true };
  }
  const fault = tripFault(link, trip, request, labelOf(frames, [fragment]));
  throw new HostFault(fault.code, fault.detail + fates[fate]);
}

/** Whether a host answers over a link, within `limits.proof`: a random word comes back from a command. Nothing is changed there. */
export async function answers(link: Link, limits: SshLimits): Promise<boolean> {
  const nonce = createNonce();
  const input = Buffer.from(`echo '${doneMark(nonce).trimEnd()}'\n`);
  try {
    const trip = await travel(link, { call: {}, input, nonce, wait: limits.proof, limit: limits.answer });
    return trip.state === 'whole';
  } catch (fault) {
    if (fault instanceof HostFault) return false;
    throw fault;
  }
}

function requestOf(fragments: readonly Fragment[], wait: number, limits: SshLimits, fence?: Fence): TripRequest {
  const nonce = createNonce();
  const texts = fragments.map(fragment => fragment.text);
  const input = Buffer.from(requestScript(texts, nonce, fence));
  return { call: fence ? { mark: fence.mark } : {}, input, nonce, wait, limit: limits.answer };
}

/** The fragment that was under way. */
function labelOf(frames: readonly Frame[], fragments: readonly Fragment[]): string {
  const last = frames.findLast(frame => frame.request !== '-');
  const fragment = fragments[Number(last?.request ?? 0)];
  return fragment ? `"${fragment.label}"` : 'the request';
}

/** What became of what a trip left on the host: nothing was left, or it was ended, or that is not known. */
type Fate = 'none' | 'ended' | 'unknown';

const fates: Readonly<Record<Fate, string>> = {
  none: '',
  ended: '\nIt was ended there.',
  unknown: '\nIt may still run there.',
};

async function end(link: Link, trip: Trip, request: TripRequest): Promise<Fate> {
  const process = scriptProcess(trip.output, request.nonce);
  if (trip.state === 'ended' || process === undefined) {
    return 'none';
  }
  const nonce = createNonce();
  const input = Buffer.from(killScript(process, nonce));
  const kill = { call: {}, input, nonce, wait: KILL_WAIT, limit: request.limit };
  try {
    return (await travel(link, kill)).state === 'whole' ? 'ended' : 'unknown';
  } catch {
    // The connection has gone as well; the first fault says more.
    return 'unknown';
  }
}

function leave(trip: Trip): string {
  return trip.state === 'ended'
    ? ''
    : '\nIt is still running there. Check what it did before you run the command again.';
}
