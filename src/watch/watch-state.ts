import { canonicalJson } from '../core/canonical.ts';
import { isRecord } from '../core/collections.ts';

/** The commands that can look again and again. */
export type WatchedCommand = 'drift' | 'verify' | 'audit';

/** All that is wrong in the same way at the same place, by what it is and not by how it is worded. */
export interface Wrong {
  readonly target: string;
  readonly kind: string;
  readonly count: number;
  /** SHA-256; another set has another one. */
  readonly digest: string;
}

/**
 * What is known of an estate after a look, small enough to be kept, and without the name of any account. What could not be
 * read keeps what was known of it: a host that is down has not fixed its drift.
 */
export interface WatchState {
  /** What is not as it should be, in the order of targets and kinds. */
  readonly wrong: readonly Wrong[];
  /** Findings that are errors of their own, as `code target`, in order. */
  readonly problems: readonly string[];
  /** Targets that could not be read whole, in order; `*` where the look itself failed. */
  readonly unread: readonly string[];
}

/** Nothing is wrong, and all could be read; what is assumed before the first look. */
export const nothingWrong: WatchState = { wrong: [], problems: [], unread: [] };

/** What became different: `appeared`, `changed`, `resolved` of what is wrong, `unreadable`, `readable` of targets. */
export type WatchEventName = 'appeared' | 'changed' | 'resolved' | 'unreadable' | 'readable';

/** What there is to tell of two states; nothing where they are the same. */
export function eventsBetween(before: WatchState, after: WatchState): readonly WatchEventName[] {
  const [was, is] = [before, after].map(({ wrong, problems }) => ({
    text: canonicalJson([wrong, problems]),
    any: wrong.length + problems.length > 0,
  }));
  const events: WatchEventName[] = [];
  if (was && is && was.text !== is.text) events.push(!is.any ? 'resolved' : was.any ? 'changed' : 'appeared');
  if (after.unread.some(target => !before.unread.includes(target))) events.push('unreadable');
  else if (before.unread.some(target => !after.unread.includes(target))) events.push('readable');
  return events;
}

/** How many things are wrong. */
export function countWrong({ wrong }: WatchState): number {
  return wrong.reduce((sum, { count }) => sum + count, 0);
}

/** What outlives a call. */
export interface Memory {
  readonly of: WatchedCommand;
  /** The name of the estate; absent until its files could be loaded once. */
  readonly estate?: string;
  /** When the last look that came to an end ended, seconds since 1970. */
  readonly succeededAt?: number;
  /** What was known after the last look. */
  readonly known: WatchState;
  /** What each notifier was last told, by its name. */
  readonly told: Readonly<Record<string, WatchState>>;
}

/** Before the first look of all. */
export function noMemory(of: WatchedCommand): Memory {
  return { of, known: nothingWrong, told: {} };
}

/** As the text of a file. */
export function renderMemory(memory: Memory): string {
  return `${JSON.stringify({ formatVersion: 2, ...memory })}\n`;
}

/** The opposite; nothing where it is not such a file. */
export function parseMemory(text: string): Memory | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value) || value['formatVersion'] !== 2) return undefined;
    const { of, estate, succeededAt, known, told } = value;
    if (!isCommand(of) || !isState(known) || !isStates(told)) return undefined;
    const isNamed = typeof estate === 'string';
    return { of, ...(isNamed && { estate }), ...(isTime(succeededAt) && { succeededAt }), known, told };
  } catch {
    return undefined;
  }
}

function isCommand(value: unknown): value is WatchedCommand {
  return value === 'drift' || value === 'verify' || value === 'audit';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function isStates(value: unknown): value is Memory['told'] {
  return isRecord(value) && Object.values(value).every(isState);
}

function isState(value: unknown): value is WatchState {
  if (!isRecord(value)) return false;
  const { wrong, problems, unread } = value;
  return Array.isArray(wrong) && wrong.every(isWrong) && isTexts(problems) && isTexts(unread);
}

function isWrong(value: unknown): value is Wrong {
  if (!isRecord(value)) return false;
  const { target, kind, digest, count } = value;
  return [target, kind, digest].every(part => typeof part === 'string') && typeof count === 'number';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(part => typeof part === 'string');
}
