import type { Finding, Provenance } from './finding.ts';
import type { AccountCount, Narrowing, Plan } from './plan.ts';
import type { AuditReport, FailedReport, PlanReport } from './report.ts';
import type { VerifyReport } from './verification.ts';

/** How many accounts a run put on the other side. `unsure`: how many more may be there, because their writes have no known end. */
export interface RunMoves {
  readonly there: number;
  readonly back: number;
  readonly unsure: number;
}

/** What the first line of a run's record says. */
export interface SiteRunHead extends Narrowing, Provenance {
  /** Digest of the plan. */
  readonly plan: string;
  readonly tool: string;
  readonly direction: 'forward' | 'undo';
  readonly undoes: readonly string[];
  readonly signers: readonly string[];
  /** By the name of the option: `{ "moves": 4812 }`. */
  readonly allowed: Readonly<Record<string, number>>;
  readonly accounts: AccountCount;
  readonly changes: number;
}

/** A run as the pages show it. */
export interface SiteRun {
  readonly name: string;
  /** ISO 8601. */
  readonly began: string;
  readonly ended?: string;
  /** It begins in the future: the clock of a machine was wrong. */
  readonly ahead?: true;
  /** Absent: the record has no first line that can be read. */
  readonly head?: SiteRunHead;
  /** Absent: the run died, or was interrupted. */
  readonly finished?: {
    /** How many changes ended in each state. */
    readonly counts: Readonly<Record<string, number>>;
    readonly converged: boolean;
    readonly targets: readonly {
      readonly target: string;
      readonly kind: string;
      readonly counts: Readonly<Record<string, number>>;
    }[];
  };
  /** Names of the hosts, and of the local folder, that have a record of it. */
  readonly places: readonly string[];
  /** Absent: not known, because its plan or its journal was not kept or cannot be read. */
  readonly moves?: RunMoves;
}

/** What the page of one run is drawn from. */
export interface SiteRunDetails {
  readonly run: SiteRun;
  /** Absent: it was not kept, or cannot be read. */
  readonly plan?: Plan;
  /** How many writes of each step have no known end. */
  readonly open: readonly { readonly step: string; readonly writes: number }[];
}

/** How many accounts each side has, by the local-user attribute. `unknown`: a host that may have their calendars was not read. */
export interface SideCounts {
  readonly cs6: number;
  readonly cs7: number;
  readonly unknown: number;
}

/** What was known of the estate at one time. Numbers that were not known then are absent. */
export interface SiteSample {
  /** ISO 8601. */
  readonly at: string;
  /** How many differences there were between the file and live. */
  readonly differences?: number;
  /** As an audit counted them. */
  readonly accounts?: SideCounts;
}

/** A share of a cohort that is to be on CS7 from a day on. */
export interface CohortWave {
  readonly cohort: string;
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  readonly percent: number;
}

/** All that the pages of an estate are drawn from. */
export interface SiteFacts {
  /** The name of the estate, or what it is known by where its files cannot be read. */
  readonly estate: string;
  /** When the pages were made, ISO 8601. */
  readonly at: string;
  readonly drift: PlanReport | FailedReport;
  readonly audit: AuditReport | FailedReport;
  readonly verify: VerifyReport | FailedReport;
  /** The newest first. */
  readonly runs: readonly SiteRun[];
  /** Where records of runs were looked for, and what was wrong there. */
  readonly places: readonly { readonly place: string; readonly problem?: Finding }[];
  /** Waves that begin later. */
  readonly waves: readonly CohortWave[];
  /** The oldest first; the last one is of these pages. */
  readonly samples: readonly SiteSample[];
}

/** How many accounts each side had at a time. */
export interface TrendPoint extends SideCounts {
  /** ISO 8601. */
  readonly at: string;
  /** `counted`: by an audit then; `derived`: from a later count and what runs moved in between. */
  readonly known: 'counted' | 'derived';
}

/** The numbers of accounts over time, the oldest first, and why there are none before. */
export interface AccountTrend {
  readonly points: readonly TrendPoint[];
  /** The run before which nothing is known, although it is in the records. */
  readonly stoppedBy?: { readonly run: string; readonly why: 'moves-not-known' | 'does-not-add-up' };
}

/**
 * Counts as they were taken, and before the first of them what follows backwards from it: before a run, the accounts that it
 * moved were on the other side. Accounts that came, went, or were moved by hand in between are in no record.
 */
export function accountTrend(samples: readonly SiteSample[], runs: readonly SiteRun[]): AccountTrend {
  const counted = samples.flatMap(({ at, accounts }): readonly TrendPoint[] =>
    accounts ? [{ at, ...accounts, known: 'counted' }] : [],
  );
  const [first] = counted;
  if (!first) return { points: [] };
  const { earlier, stoppedBy } = backwards(first, runs);
  return { points: [...earlier, ...counted], ...(stoppedBy && { stoppedBy }) };
}

function backwards(
  first: TrendPoint,
  runs: readonly SiteRun[],
): { readonly earlier: readonly TrendPoint[]; readonly stoppedBy?: AccountTrend['stoppedBy'] } {
  const before = runs
    .filter(({ began, ended = began }) => ended < first.at && !Number.isNaN(Date.parse(began)))
    .toSorted((a, b) => (a.began < b.began ? 1 : -1));
  const earlier: TrendPoint[] = [];
  let { cs6, cs7 } = first;
  const { unknown } = first;
  for (const { name, began, ended = began, moves } of before) {
    if (!moves || moves.unsure > 0) return { earlier, stoppedBy: { run: name, why: 'moves-not-known' } };
    const { there, back } = moves;
    if (there + back === 0) continue;
    if (cs7 - there + back < 0 || cs6 + there - back < 0)
      return { earlier, stoppedBy: { run: name, why: 'does-not-add-up' } };
    const after = { at: ended, cs6, cs7, unknown, known: 'derived' } as const;
    cs6 += there - back;
    cs7 += back - there;
    earlier.unshift({ at: began, cs6, cs7, unknown, known: 'derived' }, after);
  }
  return { earlier };
}

/** The share of the accounts that CS7 has, in percent; nothing where there are none. */
export function shareOnCs7({ cs6, cs7, unknown }: SideCounts): number | undefined {
  const all = cs6 + cs7 + unknown;
  return all === 0 ? undefined : (100 * cs7) / all;
}

/** About how many accounts are still to move in a wave: of its cohort, as an audit counted it. */
export function accountsOfWave(accounts: number, percent: number, onCs7: number): number {
  return Math.max(0, Math.ceil((accounts * percent) / 100) - onCs7);
}
