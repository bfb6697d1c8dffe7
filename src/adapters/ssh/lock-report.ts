import { printable } from '../../core/printable.ts';
import type { LockHolder, WaitingWatchdog, WatchdogDeed } from '../../ports/host.ts';
import { bodyLines, type Frame } from './frames.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import { type ListLine, parseClock, parseListLine } from './read-answer.ts';
import { fromPlainWord } from './shell-words.ts';

/** The watchdogs that are going to act on a host, and those that do so now. */
export function watchdogsIn(frames: readonly Frame[]): readonly WaitingWatchdog[] {
  return frames.flatMap((frame): readonly WaitingWatchdog[] => {
    const state = frame.rest === 'acting' ? 'acting' : 'waiting';
    const [path = '', record = ''] = bodyLines(frame);
    const name = /\/watch-([^/]*)-[0-9a-f]{24}$/.exec(path)?.[1];
    if (frame.word !== 'watchdog' || name === undefined) return [];
    const until = untilOf(record);
    return [{ name: printable(name), state, ...(until !== undefined && { until }) }];
  });
}

/** The record begins with when the watchdog was started and for how long it waits. */
function untilOf(record: string): number | undefined {
  const [, begun = '', patience] =
    /begun at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ), patience (\d{1,9}) s$/.exec(record) ?? [];
  return patience === undefined ? undefined : Date.parse(begun) + Number(patience) * 1000;
}

/** What watchdogs did there since the last apply, line by line as they recorded it. */
export function deedsIn(frames: readonly Frame[]): readonly WatchdogDeed[] {
  return frames.flatMap((frame): readonly WatchdogDeed[] => {
    const [path = '', ...lines] = bodyLines(frame);
    const name = /\/watchdog-([^/]*)\.done$/.exec(path)?.[1];
    return frame.word === 'acted' && name !== undefined ? [{ name: printable(name), lines: lines.map(printable) }] : [];
  });
}

/** What a script found out about the lock. */
export type LockView =
  | { readonly state: 'held' | 'free' | 'dropped' | 'other' | 'unclear' | 'acting' }
  /** A script of the holder is at work; `table` is the list of processes, `mark` is in the arguments of that script. */
  | { readonly state: 'busy'; readonly mark: string; readonly table: string }
  /** `file` is the name of the holder's file, `time` the host's own writing of when the holder was last heard of. */
  | { readonly state: 'taken'; readonly holder: LockHolder; readonly file: string; readonly time: string }
  /** Somebody is taking it or giving it back, or died while at it. */
  | {
      readonly state: 'between';
      readonly silent: number;
      readonly time: string;
      /** Whose it was, and who is about to take it, as far as that can be read. */
      readonly by: readonly LockHolder[];
    };

/** Frames about watchdogs, which any script may have beside those about the lock. */
const ABOUT_WATCHDOGS: ReadonlySet<string> = new Set(['off', 'watchdog', 'acted']);

/** Takes what a script said about the lock and about watchdogs apart. */
export function splitView(frames: readonly Frame[]): {
  readonly lock: readonly Frame[];
  readonly watchdogs: readonly Frame[];
} {
  return {
    lock: frames.filter(({ word }) => !ABOUT_WATCHDOGS.has(word)),
    watchdogs: frames.filter(({ word }) => ABOUT_WATCHDOGS.has(word)),
  };
}

/** Reads what a script said about the lock; anything that no script of ours prints is refused. */
export function lockView(all: readonly Frame[]): LockView {
  const frames = splitView(all).lock;
  const [head] = frames;
  switch (head?.word) {
    case 'held':
    case 'free':
    case 'dropped':
    case 'other':
    case 'unclear':
    case 'acting':
      return frames.length === 1 ? { state: head.word } : odd(frames);
    case 'busy':
      return { state: 'busy', mark: head.rest, table: head.body.toString() };
    case 'none':
      return { state: 'free' };
    case 'now':
    case 'clock':
      return takenView(frames);
    default:
      return odd(frames);
  }
}

function takenView(frames: readonly Frame[]): LockView {
  const [now, lock, entry, holder] = frames;
  const clock = timeNow(now);
  const folder = listed(lock);
  if (clock === undefined || lock?.word !== 'lock' || frames.length % 2 === 1) {
    return odd(frames);
  }
  if (!folder) {
    // Gone since it was seen.
    return lock.body.length === 0 ? { state: 'unclear' } : odd(frames);
  }
  if (!entry || !holder || entry.word === 'left') {
    return { state: 'between', silent: silence(clock, folder), time: timeOf(lock), by: leftBy(clock, frames.slice(2)) };
  }
  return frames.length > 4 ? { state: 'unclear' } : holderView(clock, entry, holder, frames);
}

/** Each of them is a line of the list and the text of that file, which may be half written. */
function leftBy(clock: number, frames: readonly Frame[]): readonly LockHolder[] {
  return frames.flatMap((entry, index): readonly LockHolder[] => {
    const text = frames[index + 1];
    if (entry.word !== 'left' || text?.word !== 'holder') return [];
    const line = listed(entry);
    const words = wordsOf(text);
    return line && words ? [{ ...words, identity: '', state: 'idle', silent: silence(clock, line) }] : [];
  });
}

function holderView(clock: number, entry: Frame, holder: Frame, frames: readonly Frame[]): LockView {
  const line = listed(entry);
  if (!['beat', 'busy', 'ended'].includes(entry.word) || holder.word !== 'holder') {
    return odd(frames);
  }
  if (!line || holder.body.length === 0) {
    return entry.body.length === 0 || holder.body.length === 0 ? { state: 'unclear' } : odd(frames);
  }
  const [, file, identity] = /\/((?:beat|busy|ended)-([0-9a-f]{24})(?:-[0-9a-f]{24})?)$/.exec(line.name) ?? [];
  const words = wordsOf(holder);
  if (file === undefined || identity === undefined || !words) {
    return odd(frames);
  }
  const state = entry.word === 'beat' ? 'idle' : entry.word === 'ended' ? 'ended' : busyState(entry);
  return {
    state: 'taken',
    file,
    time: timeOf(entry),
    holder: { ...words, identity, state, silent: silence(clock, line) },
  };
}

/** A script that was killed leaves its holder as idle as before. */
function busyState({ rest }: Frame): LockHolder['state'] {
  return rest === 'dead' ? 'idle' : 'writing';
}

function silence(clock: number, line: ListLine): number {
  return Math.max(0, Math.floor(clock - line.modified));
}

function timeNow(frame: Frame | undefined): number | undefined {
  return frame?.word === 'clock' ? parseClock(bodyLines(frame)[0] ?? '') : listed(frame)?.modified;
}

function listed(frame: Frame | undefined): ListLine | undefined {
  const lines = bodyLines(frame);
  return lines.length === 1 ? parseListLine(lines[0] ?? '') : undefined;
}

/** As the scripts see it too: the words of the date and of the time. */
function timeOf(frame: Frame): string {
  return /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/.exec(bodyLines(frame)[0] ?? '')?.[0] ?? '';
}

function wordsOf(frame: Frame): { readonly run: string; readonly by: string } | undefined {
  const match = /^run=(\S*)\nby=(\S*)$/.exec(frame.body.toString('latin1'));
  const run = fromPlainWord(match?.[1] ?? '?');
  const by = fromPlainWord(match?.[2] ?? '?');
  return run === undefined || by === undefined ? undefined : { run, by };
}

function odd(frames: readonly Frame[]): never {
  const said = Buffer.concat(frames.flatMap(frame => [Buffer.from(`${frame.word} ${frame.rest}\n`), frame.body]));
  const remedy = 'Look at the folder "lock" below ~/.reconcile there; when no run is under way, remove it.';
  throw new HostFault('host.unexpected-output', `the lock of the host cannot be read.\n${remedy}\n${quoteHost(said)}`);
}
