import type { LockHolder } from '../../ports/host.ts';
import { HostFault, quoteHost } from './fault.ts';
import { bodyLines, type Frame } from './frames.ts';
import { type ListLine, parseListLine } from './list-line.ts';
import { fromPlainWord } from './plain-words.ts';

/** What a script found out about the lock. */
export type LockView =
  | { readonly state: 'held' | 'free' | 'dropped' | 'other' | 'unclear' }
  /** `time` is the host's own writing of when the holder was last heard of. */
  | { readonly state: 'taken'; readonly holder: LockHolder; readonly identity: string; readonly time: string }
  /** Somebody is taking it or giving it back, or died while at it. */
  | { readonly state: 'between'; readonly silent: number; readonly time: string };

/** Reads what a script said; anything that no script of ours prints is refused. */
export function lockView(frames: readonly Frame[]): LockView {
  const [head] = frames;
  switch (head?.word) {
    case 'held':
    case 'free':
    case 'dropped':
    case 'other':
    case 'unclear':
      return frames.length === 1 ? { state: head.word } : odd(frames);
    case 'none':
      return { state: 'free' };
    case 'now':
      return takenView(frames);
    default:
      return odd(frames);
  }
}

function takenView(frames: readonly Frame[]): LockView {
  const [now, lock, beat, holder] = frames;
  const clock = listed(now);
  const folder = listed(lock);
  if (!clock || now?.word !== 'now' || lock?.word !== 'lock' || frames.length % 2 === 1) {
    return odd(frames);
  }
  if (!folder) {
    // Gone since it was seen.
    return lock.body.length === 0 ? { state: 'unclear' } : odd(frames);
  }
  const silent = (line: ListLine) => Math.max(0, Math.floor(clock.modified - line.modified));
  if (!beat || !holder) {
    return { state: 'between', silent: silent(folder), time: timeOf(lock) };
  }
  if (frames.length > 4) {
    return { state: 'unclear' };
  }
  const line = listed(beat);
  if (beat.word !== 'beat' || holder.word !== 'holder') {
    return odd(frames);
  }
  if (!line || holder.body.length === 0) {
    return beat.body.length === 0 || holder.body.length === 0 ? { state: 'unclear' } : odd(frames);
  }
  const identity = /\/beat-([0-9a-f]{24})$/.exec(line.name)?.[1];
  const words = wordsOf(holder);
  if (identity === undefined || !words) {
    return odd(frames);
  }
  return { state: 'taken', identity, time: timeOf(beat), holder: { ...words, silent: silent(line) } };
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
