import { count } from '../../../core/count.ts';
import type { DesiredCohort, HostCount } from '../../../core/desired.ts';
import { deletionsOf, movesOf } from '../../../core/moves.ts';
import type { Plan } from '../../../core/plan.ts';

/** What a plan comes to. */
export interface PlanCounts {
  /** Hosts that are restarted. */
  readonly restarts: number;
  /** Hosts with any change, and all hosts of the file. */
  readonly hosts: number;
  readonly allHosts: number;
  readonly uniqueIds: number;
  readonly moves: number;
  readonly logins: number;
  readonly deletions: number;
  /** All changes besides restarts. */
  readonly changes: number;
}

/** Counts what is in a plan. */
export function planCounts(plan: Plan): PlanCounts {
  const { steps, desired } = plan;
  const changes = steps.flatMap(step => step.changes);
  const at = (stage: string) =>
    steps.filter(step => step.stage === stage).reduce((sum, step) => sum + step.changes.length, 0);
  const restarts = changes.filter(change => change.action === 'restart').length;
  return {
    restarts,
    hosts: new Set(steps.map(step => step.target).filter(target => target !== 'directory')).size,
    allHosts: desired.cs6.length + desired.cs7.length,
    uniqueIds: at('identity'),
    moves: movesOf(steps).length,
    logins: at('cs6-logins'),
    deletions: deletionsOf(steps).length,
    changes: changes.length - restarts,
  };
}

/** How many of all accounts a cohort's moves are, against what is allowed; percentages only where all were counted. */
export function moveShare(
  { accounts, desired }: Plan,
  cohort: Pick<DesiredCohort, 'limit'>,
  moves: number,
): { readonly share?: string; readonly limit: string; readonly percent?: number; readonly most?: number } {
  const allowed = cohort.limit ?? desired.limits.moves;
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
