import { sha256 } from '../core/canonical.ts';
import { targetId, type Value } from '../core/change.ts';
import { printable } from '../core/printable.ts';
import type { Trace } from '../core/report.ts';
import { count as counted } from '../core/units.ts';
import type { LookNumbers, Notice } from '../ports/daemon.ts';
import type { PasswordState } from '../ports/directory.ts';
import type { DriftReport, Look } from './look.ts';
import { countDifferences, type DriftEventName, type DriftState } from './state.ts';

/** The numbers of a look: `kinds` is all that could differ, `state` what is known to since the look. */
export function lookNumbers(
  { endedAt, seconds, result }: Look,
  { differences }: DriftState,
  estate: string,
  kinds: readonly { readonly target: string; readonly kind: string }[],
): LookNumbers {
  const base = { estate, endedAt: Date.parse(endedAt) / 1000, seconds };
  if (result.state === 'failed') return { ...base, success: false, differences: [], targets: [] };
  const { report, password } = result;
  const { unread } = report.plan;
  const counts = new Map(differences.map(one => [targetId(one), one.count]));
  return {
    ...base,
    success: true,
    ...(password && { password: passwordNumbers(password, base.endedAt) }),
    differences: kinds.map(({ target, kind }) => ({
      target,
      kind,
      count: counts.get(targetId({ target, kind })) ?? 0,
    })),
    targets: [...new Set(kinds.map(({ target }) => target))].map(target => ({
      target,
      read: !unread.includes(target),
    })),
  };
}

function passwordNumbers({ expiresAt, graceLogins }: PasswordState, now: number): NonNullable<LookNumbers['password']> {
  return {
    ...(expiresAt !== undefined && { secondsLeft: Math.round(expiresAt / 1000 - now) }),
    ...(graceLogins !== undefined && { graceLogins }),
  };
}

/** One difference as an event tells it. */
export interface EventDifference {
  readonly target: string;
  readonly kind: string;
  readonly action: 'create' | 'update' | 'delete' | 'restart';
  readonly item: string;
  readonly key: string;
  /** The live value, and the one that is wanted. */
  readonly before?: Value;
  readonly after?: Value;
  /** What is known of who made it and when: evidence, no proof. */
  readonly by?: string;
  readonly at?: string;
  readonly from?: string;
}

/** What is sent when the state of an estate changed; `schemas/drift-event.schema.json` describes it. */
export interface DriftEvent {
  readonly formatVersion: 1;
  readonly id: string;
  readonly event: DriftEventName;
  readonly estate: string;
  /** When the look ended, ISO 8601. */
  readonly at: string;
  /** Version of the program. */
  readonly tool: string;
  readonly exitCode: number;
  /** How many there are now and were when this was last told. */
  readonly count: number;
  readonly countBefore: number;
  readonly targets: readonly { readonly target: string; readonly kind: string; readonly count: number }[];
  readonly problems: readonly string[];
  readonly unread: readonly string[];
  /** The first of them, in the order of the plan. */
  readonly differences: readonly EventDifference[];
  /** Why nothing could be found out, where the look failed: codes of findings. */
  readonly failed?: readonly string[];
}

/** How many differences an event names. */
const mostNamed = 50;

/** Builds an event; `before` is what its receiver was last told. */
export function buildEvent(
  event: DriftEventName,
  { before, after }: { readonly before: DriftState; readonly after: DriftState },
  look: Look,
  { estate, tool }: { readonly estate: string; readonly tool: string },
): DriftEvent {
  const { endedAt, exitCode, result } = look;
  return {
    formatVersion: 1,
    id: sha256(JSON.stringify([estate, event, endedAt, after])).slice(0, 32),
    event,
    estate,
    at: endedAt,
    tool,
    exitCode,
    count: countDifferences(after),
    countBefore: countDifferences(before),
    targets: after.differences.map(({ target, kind, count }) => ({ target, kind, count })),
    problems: after.problems,
    unread: after.unread,
    differences: result.state === 'ended' ? namedDifferences(result.report) : [],
    ...(result.state === 'failed' && { failed: result.findings.map(({ code }) => code) }),
  };
}

function namedDifferences({ plan, traces = [] }: DriftReport): readonly EventDifference[] {
  const known = new Map(traces.map(trace => [traceKey(trace), trace]));
  const named: EventDifference[] = [];
  for (const step of plan.steps) {
    for (const { action, item, key, before, after } of step.changes.slice(0, mostNamed - named.length)) {
      const trace = known.get(traceKey({ step: step.id, item, key }));
      named.push({
        ...{ target: step.target, kind: step.kind, action, item, key },
        ...(before !== undefined && { before }),
        ...(after !== undefined && { after }),
        ...(trace && evidenceOf(trace)),
      });
    }
  }
  return named;
}

function traceKey({ step, item, key }: Pick<Trace, 'step' | 'item' | 'key'>): string {
  return `${step}\0${item}\0${key}`;
}

function evidenceOf({ by, at, from }: Trace): Pick<EventDifference, 'by' | 'at' | 'from'> {
  return { ...(by !== undefined && { by }), ...(at !== undefined && { at }), from };
}

const headings: Readonly<Record<DriftEventName, string>> = {
  appeared: 'drift',
  changed: 'drift changed',
  resolved: 'drift resolved',
  unreadable: 'not everything can be read',
  readable: 'everything can be read again',
};

/** The event as something to tell. */
export function buildNotice(event: DriftEvent): Notice {
  const { count, problems, unread } = event;
  const numbers = [
    counted(count, 'difference'),
    ...(problems.length > 0 ? [`refused: ${problems.join(', ')}`] : []),
    ...(unread.length > 0 ? [`unread: ${unread.join(', ')}`] : []),
  ];
  const heading = event.event === 'readable' && unread.length > 0 ? 'more can be read again' : headings[event.event];
  const more = count - event.differences.length;
  const lines = [
    `${printable(event.estate)}: ${heading}, as of ${event.at}`,
    `${numbers.join('; ')} (before: ${event.countBefore})`,
    ...(event.failed ? [`The check failed: ${event.failed.join(', ')}`] : []),
    '',
    ...event.differences.flatMap(differenceLines),
    ...(more > 0 && event.differences.length > 0 ? [`… and ${more} more`] : []),
  ];
  return {
    id: event.id,
    subject: `reconcile: ${heading} in ${event.estate} (${numbers[0]})`,
    text: `${lines.join('\n').trimEnd()}\n`,
    body: event,
  };
}

function differenceLines(one: EventDifference): readonly string[] {
  const value = (text: Value | undefined) =>
    text === undefined ? '(none)' : typeof text === 'string' ? JSON.stringify(text) : text.join(' ');
  const what = one.action === 'restart' ? 'must be restarted' : `is ${value(one.before)}, wanted ${value(one.after)}`;
  const who = [one.by && `by ${one.by}`, one.at && `at ${one.at}`].filter(Boolean).join(' ');
  return [
    printable(`${one.target}  ${one.item}  ${one.key}  ${what}`),
    ...(one.from === undefined ? [] : [printable(`    ${who === '' ? '' : `${who}: `}${one.from}`)]),
  ];
}
