import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { movesOf } from '../core/moves.ts';
import type { AccountCount, Comparison, Step } from '../core/plan.ts';

/** Few accounts are a small share nowhere: below this many a share does not count. */
const fewAccounts = 10;

/** Up to here accounts are counted in any case, for people. */
const alwaysCounted = 10_000;

/** How far accounts have to be counted so that no cohort's share is taken for smaller than the limit although it is over it. */
export function accountsToCount({ cohorts, limits }: DesiredState, comparisons: readonly Comparison[]): number {
  const { moves: limit } = limits;
  if ('accounts' in limit) return alwaysCounted;
  const most = Math.max(0, ...cohorts.map(({ name }) => movesOf(comparisons, name).length));
  return most <= fewAccounts ? alwaysCounted : Math.max(alwaysCounted, Math.ceil((100 * most) / limit.percent));
}

/** Cohorts that more accounts would move for than the file allows, with all the numbers. */
export function limitFindings(
  desired: DesiredState,
  steps: readonly Step[],
  accounts: AccountCount,
): readonly Finding[] {
  const { moves: limit, source } = desired.limits;
  return desired.cohorts.flatMap((cohort): readonly Finding[] => {
    const moves = movesOf(steps, cohort.name).length;
    const share = (100 * moves) / Math.max(1, accounts.counted);
    const over = 'accounts' in limit ? moves > limit.accounts : moves > fewAccounts && share > limit.percent;
    if (!over) return [];
    const allowed = 'accounts' in limit ? String(limit.accounts) : `${limit.percent} %`;
    const numbers = `${moves.toLocaleString('en-US')} of ${accounts.counted.toLocaleString('en-US')}${accounts.all ? '' : ' or more'} accounts (${share.toFixed(1)} %), the limit is ${allowed}`;
    const detail =
      `cohort ${cohort.name}: ${numbers}.\n` +
      'A filter that matches too much would cut users off from their calendars.\n' +
      `Narrow it, raise limits.moves, or allow it for this run:\n    reconcile apply --allow-moves ${movesOf(steps).length}`;
    return [
      {
        severity: 'error',
        code: 'plan.too-many-moves',
        summary: 'Too many accounts would change sides',
        detail,
        where: source,
        target: 'directory',
      },
    ];
  });
}
