import { count } from '../../../core/count.ts';
import type { HostCount } from '../../../core/desired.ts';
import type { Plan } from '../../../core/plan.ts';

/** How many of all accounts a cohort's moves are, against what is allowed; percentages only where all were counted. */
export function moveShare(
  { accounts, desired }: Plan,
  cohort: string,
  moves: number,
): { readonly share?: string; readonly limit: string; readonly percent?: number; readonly most?: number } {
  const allowed = desired.cohorts.find(({ name }) => name === cohort)?.limit ?? desired.limits.moves;
  const limit = `limit ${'accounts' in allowed ? count(allowed.accounts, 'account') : `${allowed.percent} %`}`;
  if (!accounts.all || accounts.counted === 0) return { limit };
  const percent = (100 * moves) / accounts.counted;
  const most = 'accounts' in allowed ? (100 * allowed.accounts) / accounts.counted : allowed.percent;
  return { share: `${percent.toFixed(1)} %`, limit, percent, most };
}

/** `limit 25 %`, `limit 2 hosts`. */
export function hostLimit(limit: HostCount): string {
  return `limit ${'hosts' in limit ? count(limit.hosts, 'host') : `${limit.percent} %`}`;
}
