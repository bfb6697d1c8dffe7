import { sha256 } from '../core/canonical.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import type { MetricFamily, MetricSample, Notice } from '../ports/daemon.ts';
import { countWrong, type WatchEventName, type WatchedCommand, type WatchState } from './watch-state.ts';

/** What a look that came to an end has found; there may be more than the report. */
export interface Seen {
  readonly report: Report;
}

/** The result of a look. `failed`: nothing was found out, because the files are wrong or the look broke down. */
export interface LookOutcome<S extends Seen> {
  /** The name in the files; absent where they could not be loaded. */
  readonly estate?: string;
  readonly exitCode: number;
  readonly result:
    | { readonly state: 'ended'; readonly seen: S }
    | { readonly state: 'failed'; readonly findings: readonly Finding[] };
}

/** One look at the estate. */
export interface Look<S extends Seen> extends LookOutcome<S> {
  /** When it began and when it ended, ISO 8601. */
  readonly beganAt: string;
  readonly endedAt: string;
  readonly seconds: number;
}

/** A change of what is known, and what it is a change of. */
export interface Happening<S extends Seen> {
  readonly name: WatchEventName;
  /** What its receiver was last told. */
  readonly before: WatchState;
  readonly after: WatchState;
  readonly look: Look<S>;
  readonly estate: string;
  /** Version of the program. */
  readonly tool: string;
}

/** How what a command finds becomes a state, numbers and notices. */
export interface Watched<S extends Seen> {
  readonly command: WatchedCommand;
  /** Its numbers besides those that every command has. */
  readonly families: readonly MetricFamily[];
  /** What is known after a look that came to an end, from what was known before it. */
  stateAfter(before: WatchState, seen: S): WatchState;
  samples(seen: S, state: WatchState, endedAt: number): readonly MetricSample[];
  notice(happening: Happening<S>): Notice;
  /** `3 differences`. */
  inWords(state: WatchState): string;
}

/** The parts that the events of all commands have. */
export interface WatchEvent {
  readonly formatVersion: 1;
  readonly id: string;
  readonly event: WatchEventName;
  readonly estate: string;
  /** When the look ended, ISO 8601. */
  readonly at: string;
  /** Version of the program. */
  readonly tool: string;
  readonly exitCode: number;
  /** How many things are wrong now, and were when this was last told. */
  readonly count: number;
  readonly countBefore: number;
  readonly problems: readonly string[];
  readonly unread: readonly string[];
  /** Why nothing could be found out, where the look failed: codes of findings. */
  readonly failed?: readonly string[];
}

/** Builds the parts that all events have. */
export function watchEvent<S extends Seen>(command: WatchedCommand, happening: Happening<S>): WatchEvent {
  const { name, before, after, look, estate, tool } = happening;
  const { endedAt, exitCode, result } = look;
  return {
    formatVersion: 1,
    id: sha256(JSON.stringify([command, estate, name, endedAt, after])).slice(0, 32),
    event: name,
    estate,
    at: endedAt,
    tool,
    exitCode,
    count: countWrong(after),
    countBefore: countWrong(before),
    problems: after.problems,
    unread: after.unread,
    ...(result.state === 'failed' && { failed: result.findings.map(({ code }) => code) }),
  };
}

/** What is said of an event besides its own lines. */
interface Wording {
  readonly command: WatchedCommand;
  readonly headings: Readonly<Record<WatchEventName, string>>;
  /** `3 differences`. */
  readonly inWords: string;
  /** What is wrong, one line each. */
  readonly lines: readonly string[];
}

/** The event as something to tell. */
export function watchNotice(event: WatchEvent, { command, headings, inWords, lines }: Wording): Notice {
  const { problems, unread, failed } = event;
  const numbers = [
    inWords,
    ...(problems.length > 0 ? [`errors: ${problems.join(', ')}`] : []),
    ...(unread.length > 0 ? [`unread: ${unread.join(', ')}`] : []),
  ];
  const heading = event.event === 'readable' && unread.length > 0 ? 'more can be read again' : headings[event.event];
  const all = [
    `${event.estate}: ${heading}, as of ${event.at}`,
    `${numbers.join('; ')} (before: ${event.countBefore})`,
    ...(failed ? [`The check failed: ${failed.join(', ')}`] : []),
    '',
    ...lines,
  ];
  return {
    id: event.id,
    about: command,
    isGood: event.event === 'resolved' || event.event === 'readable',
    subject: `reconcile: ${heading} in ${event.estate} (${inWords})`,
    text: `${all.map(printable).join('\n').trimEnd()}\n`,
    body: event,
  };
}
