import { canonicalJson, sha256 } from '../core/canonical.ts';
import { type Change, targetId, type Value } from '../core/change.ts';
import type { Plan } from '../core/plan.ts';
import type { Report, Trace } from '../core/report.ts';
import { count as counted } from '../core/units.ts';
import type { MetricFamily, MetricSample } from '../ports/daemon.ts';
import type { PasswordState } from '../ports/directory.ts';
import { countWrong, type WatchEventName, type WatchState, type Wrong } from './watch-state.ts';
import { type WatchEvent, type Watched, watchEvent, watchNotice } from './watched.ts';

/** The report of one look that came to an end. */
export type DriftReport = Extract<Report, { readonly command: 'plan' | 'check' | 'drift' }>;

/** What a look for drift has found. */
export interface DriftSeen {
  readonly report: DriftReport;
  /** All that could differ. */
  readonly kinds: readonly { readonly target: string; readonly kind: string }[];
  /** What the directory said about the password; absent where it could not be reached. */
  readonly password?: PasswordState;
}

/** The numbers of drift. */
const families: readonly MetricFamily[] = [
  { name: 'differences', help: 'Differences between live and the estate file.', labels: ['target', 'kind'] },
  { name: 'target_unread', help: 'Whether a target could not be read completely.', labels: ['target'] },
  {
    name: 'directory_password_expiry_seconds',
    help: 'Time until the password for the directory expires, if the directory reports it.',
    labels: [],
  },
  { name: 'directory_password_grace_logins', help: 'Remaining logins with an expired password.', labels: [] },
];

const headings: Readonly<Record<WatchEventName, string>> = {
  appeared: 'drift',
  changed: 'drift changed',
  resolved: 'drift resolved',
  unreadable: 'not everything can be read',
  readable: 'everything can be read again',
};

/** How `drift` is watched. */
export const driftWatch: Watched<DriftSeen> = {
  command: 'drift',
  families,
  stateAfter,
  samples,
  inWords: state => counted(countWrong(state), 'difference'),
  notice(happening) {
    const { result } = happening.look;
    const event: DriftEvent = {
      ...watchEvent('drift', happening),
      targets: happening.after.wrong.map(({ target, kind, count }) => ({ target, kind, count })),
      differences: result.state === 'ended' ? namedDifferences(result.seen.report) : [],
    };
    return watchNotice(event, {
      command: 'drift',
      headings,
      inWords: counted(event.count, 'difference'),
      lines: linesOf(event),
    });
  },
};

function stateAfter(before: WatchState, { report: { plan } }: DriftSeen): WatchState {
  const fresh = differencesOf(plan);
  const seen = new Set(fresh.map(targetId));
  const kept = before.wrong.filter(one => isUnseen(one.target, plan) && !seen.has(targetId(one)));
  return {
    wrong: [...fresh, ...kept].sort((a, b) => (targetId(a) < targetId(b) ? -1 : 1)),
    // Among the errors of a plan that is not whole are those that say why.
    problems: plan.unread.length > 0 ? before.problems : problemsOf(plan),
    unread: plan.unread.toSorted(),
  };
}

/** What was not looked at may still differ: targets that were not read, and all that waits for a host that is away. */
function isUnseen(target: string, { unread, away = [], waiting = 0 }: Plan): boolean {
  return waiting > 0 || unread.includes(target) || away.includes(target);
}

function differencesOf({ steps }: Plan): readonly Wrong[] {
  return steps.map(({ target, kind, changes }) => ({
    target,
    kind,
    count: changes.length,
    digest: sha256(canonicalJson([...changes.map(identity)].sort())),
  }));
}

/** What a difference is; places in files and reasons are for people. */
function identity({ action, item, key, before, after }: Change): string {
  return canonicalJson([action, item, key, before ?? null, after ?? null]);
}

function problemsOf({ findings }: Plan): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ code, target }) => `${code} ${target ?? ''}`.trimEnd()))].sort();
}

function samples(
  { report, kinds, password }: DriftSeen,
  { wrong }: WatchState,
  endedAt: number,
): readonly MetricSample[] {
  const { unread } = report.plan;
  const counts = new Map(wrong.map(one => [targetId(one), one.count]));
  return [
    ...kinds.map(({ target, kind }) => {
      const value = counts.get(targetId({ target, kind })) ?? 0;
      return { family: 'differences', labels: { target, kind }, value };
    }),
    ...[...new Set(kinds.map(({ target }) => target))].map(target => {
      return { family: 'target_unread', labels: { target }, value: unread.includes(target) ? 1 : 0 };
    }),
    ...(password ? passwordSamples(password, endedAt) : []),
  ];
}

function passwordSamples({ expiresAt, graceLogins }: PasswordState, now: number): readonly MetricSample[] {
  const left = (at: number) => Math.round(at / 1000 - now);
  return [
    ...(expiresAt === undefined
      ? []
      : [{ family: 'directory_password_expiry_seconds', labels: {}, value: left(expiresAt) }]),
    ...(graceLogins === undefined
      ? []
      : [{ family: 'directory_password_grace_logins', labels: {}, value: graceLogins }]),
  ];
}

/** One difference as an event tells it. */
interface EventDifference {
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

/** What is sent when the drift of an estate changed; `schemas/drift-event.schema.json` describes it. */
interface DriftEvent extends WatchEvent {
  readonly targets: readonly { readonly target: string; readonly kind: string; readonly count: number }[];
  /** The first of them, in the order of the plan. */
  readonly differences: readonly EventDifference[];
}

/** How many differences an event names. */
const mostNamed = 50;

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

function linesOf({ count, differences }: DriftEvent): readonly string[] {
  const more = count - differences.length;
  const rest = more > 0 && differences.length > 0 ? [`… and ${more} more`] : [];
  return [...differences.flatMap(differenceLines), ...rest];
}

function differenceLines(one: EventDifference): readonly string[] {
  const value = (text: Value | undefined) =>
    text === undefined ? '(none)' : typeof text === 'string' ? JSON.stringify(text) : text.join(' ');
  const what =
    one.action === 'restart' ? 'must be restarted' : `expected ${value(one.after)}, found ${value(one.before)}`;
  const who = [one.by && `by ${one.by}`, one.at && `at ${one.at}`].filter(Boolean).join(' ');
  return [
    `${one.target}  ${one.item}  ${one.key}  ${what}`,
    ...(one.from === undefined ? [] : [`    ${who === '' ? '' : `${who}: `}${one.from}`]),
  ];
}
