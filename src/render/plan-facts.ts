import { count } from '../core/count.ts';
import type { Finding } from '../core/finding.ts';
import { deletionsOf, movesOf } from '../core/moves.ts';
import type { AccountCount, Plan } from '../core/plan.ts';
import type { PlanReport } from '../core/report.ts';
import { originWords, type PlacedChange } from './placed-changes.ts';

/** Of the plan, and of this command what keeps it from being carried out, which says more than a note of the plan about the same. */
export function toldFindings({ plan, refusals }: PlanReport): readonly Finding[] {
  const here = refusals.filter(finding => !plan.findings.includes(finding));
  const codes = new Set(here.map(({ code }) => code));
  return [...plan.findings.filter(({ code }) => !codes.has(code)), ...here];
}

/** `cohort finance  59 of 320 accounts move cs6 -> cs7 (18.4 %, limit 25 %)` */
export function cohortTitle(name: string, plan: Plan): string {
  const onCs6 = plan.desired.cohorts.find(c => c.name === name)?.store === undefined;
  const to = onCs6 === (plan.direction === 'forward') ? 'cs7 -> cs6' : 'cs6 -> cs7';
  const moves = movesOf(plan.steps, name).length;
  return `cohort ${name}  ${moves.toLocaleString('en-US')} of ${accountsText(plan.accounts)} move ${to} (${shareText(plan, name, moves)})`;
}

function shareText({ accounts, desired }: Plan, cohort: string, moves: number): string {
  const limit = desired.cohorts.find(({ name }) => name === cohort)?.limit ?? desired.limits.moves;
  const allowed = `limit ${'accounts' in limit ? limit.accounts : `${limit.percent} %`}`;
  return accounts.all ? `${((100 * moves) / Math.max(1, accounts.counted)).toFixed(1)} %, ${allowed}` : allowed;
}

/** `320 accounts`, or that there are more than were counted, or that nobody could count them. */
export function accountsText(accounts: AccountCount): string {
  if (!wasCounted(accounts)) return 'accounts not counted';
  const { counted, all } = accounts;
  return all ? count(counted, 'account') : `${count(counted, 'account')} or more`;
}

/** Whether anybody could count at all: none, and not to the end, is no count. */
export function wasCounted({ counted, all }: AccountCount): boolean {
  return counted > 0 || all;
}

/** The origins there are, in words, with how many changes each has. */
export function countOrigins(placed: readonly PlacedChange[]): readonly (readonly [string, number])[] {
  return (['planned', 'drift', 'not-applied'] as const)
    .map(origin => [originWords[origin], placed.filter(one => one.origin === origin).length] as const)
    .filter(([, n]) => n > 0);
}

/** `Plan 5e232563: 3 hosts change, 278 unique ids, …` */
export function planSummary(plan: Plan): string {
  return `Plan ${plan.digest.slice(0, 8)}: ${planCounts(plan)
    .map(({ n, one, many }) => count(n, one, many))
    .join(', ')}`;
}

/** What a plan is counted by. */
export function planCounts({
  steps,
}: Pick<Plan, 'steps'>): readonly { readonly n: number; readonly one: string; readonly many?: string }[] {
  const ids = steps.filter(({ stage }) => stage === 'identity').flatMap(({ changes }) => changes);
  return [
    {
      n: new Set(steps.map(s => s.target).filter(t => t !== 'directory')).size,
      one: 'host changes',
      many: 'hosts change',
    },
    { n: ids.length, one: 'unique id' },
    { n: movesOf(steps).length, one: 'move' },
    { n: deletionsOf(steps).length, one: 'deletion' },
    { n: steps.flatMap(s => s.changes).filter(c => c.action === 'restart').length, one: 'restart' },
  ];
}
