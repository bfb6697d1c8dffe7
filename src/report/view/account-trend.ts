import type { SideCounts, SiteRun, SiteSample } from '../../core/site.ts';

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
    .filter(({ began, ended = began }) => ended < first.at)
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
