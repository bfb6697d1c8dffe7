import { sha256 } from '../core/canonical.ts';
import { targetId } from '../core/change.ts';
import type { AuditReport } from '../core/report.ts';
import { count as counted } from '../core/units.ts';
import type { MetricFamily, MetricSample } from '../ports/daemon.ts';
import { countWrong, type WatchEventName, type WatchState, type Wrong } from './watch-state.ts';
import { type Seen, type WatchEvent, type Watched, watchEvent, watchNotice } from './watched.ts';

/** What `audit` has found. */
export interface AuditSeen extends Seen {
  readonly report: AuditReport;
}

/** The numbers of accounts; no name of one is a label. */
const families: readonly MetricFamily[] = [
  { name: 'accounts', help: 'Accounts by the side they are on.', labels: ['state'] },
  { name: 'good_accounts', help: 'Accounts that are on one side, without any problem.', labels: [] },
  { name: 'cohort_accounts', help: 'Accounts of a cohort by the side they are on.', labels: ['cohort', 'state'] },
  { name: 'problems', help: 'Accounts or calendars with a problem.', labels: ['problem', 'of'] },
  { name: 'calendars', help: 'Calendars that a Calendar Server 6 host lists.', labels: ['host'] },
  { name: 'target_unread', help: 'A target that could not be read completely.', labels: ['target'] },
];

const headings: Readonly<Record<WatchEventName, string>> = {
  appeared: 'accounts have problems',
  changed: 'problems of accounts changed',
  resolved: 'every account is good again',
  unreadable: 'not everything can be read',
  readable: 'everything can be read again',
};

/** How `audit` is watched. */
export const auditWatch: Watched<AuditSeen> = {
  command: 'audit',
  families,
  stateAfter,
  samples: ({ report }) => samples(report),
  inWords: state => counted(countWrong(state), 'problem'),
  notice(happening) {
    const { result } = happening.look;
    const { wrong: known } = happening.after;
    const event: AuditEvent = {
      ...watchEvent('audit', happening),
      classes: known.map(({ kind, target, count }) => ({ name: kind, of: target, count })),
      ...(result.state === 'ended' &&
        result.seen.report.accounts && { accounts: countsOf(result.seen.report.accounts) }),
    };
    return watchNotice(event, {
      command: 'audit',
      headings,
      inWords: counted(event.count, 'problem'),
      lines: event.classes.map(({ name, of, count }) => `${name}: ${counted(count, of.replace(/s$/, ''))}`),
    });
  },
};

/** What is sent when the audit of an estate changed; `schemas/audit-event.schema.json` describes it. It names no account. */
interface AuditEvent extends WatchEvent {
  /** Everything that is not good, by the names that `audit --list` takes. */
  readonly classes: readonly { readonly name: string; readonly of: string; readonly count: number }[];
  /** Absent where the directory could not be read. */
  readonly accounts?: {
    readonly all: number;
    readonly good: number;
    readonly states: Readonly<Record<string, number>>;
  };
}

function countsOf({ all, good, states }: NonNullable<AuditReport['accounts']>): NonNullable<AuditEvent['accounts']> {
  return { all, good, states };
}

/** While something could not be read no count is lower than it was: what was not seen is not solved. */
function stateAfter(before: WatchState, { report: { classes, unread, findings } }: AuditSeen): WatchState {
  const fresh = classes.filter(({ name }) => name !== 'unknown').map(({ name, of, count }) => wrong(of, name, count));
  const most = new Map(fresh.map(one => [targetId(one), one]));
  for (const one of unread.length > 0 ? before.wrong : [])
    if ((most.get(targetId(one))?.count ?? 0) < one.count) most.set(targetId(one), one);
  const errors = findings.filter(({ severity }) => severity === 'error');
  const problems = [...new Set(errors.map(({ code, target }) => `${code} ${target ?? ''}`.trimEnd()))].sort();
  return {
    wrong: [...most.values()].sort((a, b) => (targetId(a) < targetId(b) ? -1 : 1)),
    // Among the errors of an audit that is not whole are those that say why.
    problems: unread.length > 0 ? before.problems : problems,
    unread: unread.toSorted(),
  };
}

function wrong(target: string, kind: string, count: number): Wrong {
  return { target, kind, count, digest: sha256(`${kind} ${count}`) };
}

function samples({ accounts, classes, hosts, unread }: AuditReport): readonly MetricSample[] {
  const states = Object.entries(accounts?.states ?? {});
  return [
    ...states.map(([state, value]) => ({ family: 'accounts', labels: { state }, value })),
    ...(accounts ? [{ family: 'good_accounts', labels: {}, value: accounts.good }] : []),
    ...(accounts?.cohorts ?? []).flatMap(({ name: cohort, states: own }) =>
      Object.entries(own).map(([state, value]) => ({ family: 'cohort_accounts', labels: { cohort, state }, value })),
    ),
    ...classes.map(({ name, of, count }) => ({ family: 'problems', labels: { problem: name, of }, value: count })),
    ...hosts.flatMap(({ name, calendars }) =>
      calendars === undefined ? [] : [{ family: 'calendars', labels: { host: name }, value: calendars }],
    ),
    ...unread.map(target => ({ family: 'target_unread', labels: { target }, value: 1 })),
  ];
}
