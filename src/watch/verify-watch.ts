import { canonicalJson, sha256 } from '../core/canonical.ts';
import { targetId } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import { count as counted } from '../core/units.ts';
import type { VerifiedCell, VerifiedMail, VerifyReport } from '../core/verification.ts';
import type { MetricFamily, MetricSample } from '../ports/daemon.ts';
import { countWrong, type WatchEventName, type WatchState, type Wrong } from './watch-state.ts';
import { type Seen, type WatchEvent, type Watched, watchEvent, watchNotice } from './watched.ts';

/** What `verify` has found. */
export interface VerifySeen extends Seen {
  readonly report: VerifyReport;
}

/** What a look-up can end as; each is a value of the label `state`. */
const states = ['works', 'fails', 'unknown'] as const;

/** The numbers of free/busy. */
const families: readonly MetricFamily[] = [
  {
    name: 'look_ups',
    help: 'Free/busy look-ups from one server to the other, by what came of them.',
    labels: ['from', 'to', 'host', 'way', 'state'],
  },
  {
    name: 'slowest_look_up_seconds',
    help: 'How long the slowest free/busy look-up took.',
    labels: ['from', 'to', 'host', 'way'],
  },
  { name: 'mail_checks', help: 'Checks of what invitations by mail depend on.', labels: ['host', 'state'] },
  { name: 'target_unread', help: 'A target that could not be read completely.', labels: ['target'] },
];

const headings: Readonly<Record<WatchEventName, string>> = {
  appeared: 'free/busy fails',
  changed: 'free/busy fails in another way',
  resolved: 'free/busy works again',
  unreadable: 'not everything can be tested',
  readable: 'everything can be tested again',
};

/** How `verify` is watched. */
export const verifyWatch: Watched<VerifySeen> = {
  command: 'verify',
  families,
  stateAfter,
  samples: ({ report }) => [...lookUpSamples(report), ...mailSamples(report), ...unreadSamples(report)],
  inWords: state => counted(countWrong(state), 'failure'),
  notice(happening) {
    const { result } = happening.look;
    const event: VerifyEvent = {
      ...watchEvent('verify', happening),
      targets: happening.after.wrong.map(({ target, kind, count }) => ({ target, kind, count })),
      failures: result.state === 'ended' ? failuresOf(result.seen.report).slice(0, mostNamed) : [],
    };
    return watchNotice(event, {
      command: 'verify',
      headings,
      inWords: counted(event.count, 'failure'),
      lines: event.failures.flatMap(failureLines),
    });
  },
};

/** One kind of look-up by way of one host, or the checks for mail there; the accounts that are asked about may be others each time. */
interface Asked {
  readonly target: string;
  readonly kind: string;
  readonly parts: readonly { readonly state: VerifiedCell['state']; readonly problem: string }[];
}

function askedOf({ cells, mail }: VerifyReport): readonly Asked[] {
  const parts = [
    ...cells.map(({ from, to, way, host, state, problem = '' }) => ({
      target: host,
      kind: `${from} -> ${to} ${way}`,
      part: { state, problem },
    })),
    ...mail.map(({ host, what, state }) => ({ target: host, kind: 'mail', part: { state, problem: what } })),
  ];
  return [...groupBy(parts, targetId).values()].map(same => ({
    target: same[0]?.target ?? '',
    kind: same[0]?.kind ?? '',
    parts: same.map(({ part }) => part),
  }));
}

function stateAfter(before: WatchState, { report }: VerifySeen): WatchState {
  const asked = askedOf(report);
  const fresh = asked.flatMap(one => wrongOf(one) ?? []);
  const seen = new Set(asked.filter(one => !isOpen(one)).map(targetId));
  const failing = new Set(fresh.map(targetId));
  // What was not asked, or gave no answer that says anything, may still fail.
  const unread = unreadOf(report, asked);
  const kept = before.wrong.filter(
    one => isKept(one, unread) && !seen.has(targetId(one)) && !failing.has(targetId(one)),
  );
  return {
    wrong: [...fresh, ...kept].sort((a, b) => (targetId(a) < targetId(b) ? -1 : 1)),
    // Among the errors of a look that is not whole are those that say why.
    problems: report.unread.length > 0 ? before.problems : problemsOf(report),
    unread,
  };
}

/** Whether some of it gave no answer that says anything. */
function isOpen({ parts }: Asked): boolean {
  return parts.some(({ state }) => state === 'unknown');
}

/** Without the directory nothing is asked at all. */
function isKept({ target }: Wrong, unread: readonly string[]): boolean {
  return unread.includes(target) || unread.includes('directory');
}

function wrongOf({ target, kind, parts }: Asked): Wrong | undefined {
  const failing = parts.filter(({ state }) => state === 'fails').map(({ problem }) => problem);
  if (failing.length === 0) return undefined;
  return { target, kind, count: failing.length, digest: sha256(canonicalJson([...new Set(failing)].sort())) };
}

function unreadOf({ unread }: VerifyReport, asked: readonly Asked[]): readonly string[] {
  const open = asked.filter(isOpen).map(({ target }) => target);
  return [...new Set([...unread, ...open])].sort();
}

/** Errors of their own; those of look-ups are among the failures. */
function problemsOf({ findings, cells }: VerifyReport): readonly string[] {
  const ofCells = new Set<string>(cells.flatMap(({ problem }) => problem ?? []));
  const errors = findings.filter(one => one.severity === 'error' && !ofCells.has(one.code));
  return [...new Set(errors.map(({ code, target }) => `${code} ${target ?? ''}`.trimEnd()))].sort();
}

function lookUpSamples({ cells }: VerifyReport): readonly MetricSample[] {
  const ways = groupBy(cells, ({ from, to, host, way }) => canonicalJson([from, to, host, way]));
  return [...ways.values()].flatMap(same => {
    const [first] = same;
    if (!first) return [];
    const { from, to, host, way } = first;
    const labels = { from, to, host, way };
    const slowest = Math.max(...same.map(({ hops }) => hops.reduce((sum, { milliseconds }) => sum + milliseconds, 0)));
    return [
      ...states.map(state => {
        const value = same.filter(one => one.state === state).length;
        return { family: 'look_ups', labels: { ...labels, state }, value };
      }),
      ...(same.some(({ hops }) => hops.length > 0)
        ? [{ family: 'slowest_look_up_seconds', labels, value: slowest / 1000 }]
        : []),
    ];
  });
}

function mailSamples({ mail }: VerifyReport): readonly MetricSample[] {
  return [...groupBy(mail, ({ host }) => host)].flatMap(([host, same]) =>
    states.map(state => {
      const value = same.filter(one => one.state === state).length;
      return { family: 'mail_checks', labels: { host, state }, value };
    }),
  );
}

function unreadSamples({ unread }: VerifyReport): readonly MetricSample[] {
  return unread.map(target => ({ family: 'target_unread', labels: { target }, value: 1 }));
}

/** What fails, as an event tells it. */
interface EventFailure {
  /** `cs6 -> cs7 wcap`, or `mail`. */
  readonly kind: string;
  readonly target: string;
  /** The account that was asked about, or what was checked for mail. */
  readonly about: string;
  /** The code of the finding that explains it. */
  readonly problem?: string;
  readonly detail: string;
  /** The setting that it most likely comes from, and why. */
  readonly cause?: { readonly target: string; readonly key: string; readonly why: string };
}

/** What is sent when free/busy changed; `schemas/verify-event.schema.json` describes it. */
interface VerifyEvent extends WatchEvent {
  readonly targets: readonly { readonly target: string; readonly kind: string; readonly count: number }[];
  readonly failures: readonly EventFailure[];
}

/** How many failures an event names. */
const mostNamed = 50;

function failuresOf({ cells, mail }: VerifyReport): readonly EventFailure[] {
  return [
    ...cells
      .filter(({ state }) => state === 'fails')
      .map(({ from, to, way, host, account, problem, ...cell }) => ({
        ...{ kind: `${from} -> ${to} ${way}`, target: host, about: account },
        ...(problem && { problem }),
        ...wordsOf(cell),
      })),
    ...mail
      .filter(({ state }) => state === 'fails')
      .map(({ host, what, ...one }) => ({ kind: 'mail', target: host, about: what, ...wordsOf(one) })),
  ];
}

function wordsOf({ detail, causes }: Pick<VerifiedMail, 'detail' | 'causes'>): Pick<EventFailure, 'detail' | 'cause'> {
  const [cause] = causes;
  return { detail, ...(cause && { cause: { target: cause.target, key: cause.key, why: cause.why } }) };
}

function failureLines({ kind, target, about, detail, cause }: EventFailure): readonly string[] {
  return [
    `${kind} through ${target}, ${about}: ${detail}`,
    ...(cause ? [`    likely cause: ${cause.target} ${cause.key}: ${cause.why}`] : []),
  ];
}
