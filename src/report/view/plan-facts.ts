import { movesOf } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { Finding } from '../../core/finding.ts';
import type { AccountCount, Plan } from '../../core/plan.ts';
import type { PlanReport } from '../../core/report.ts';
import { originWords, type PlacedChange } from './placed-changes.ts';
import { planCounts } from './plan-counts.ts';

/** Of the plan, and of this command what keeps it from being carried out, which says more than a note of the plan about the same. */
export function toldFindings({ plan, refusals }: PlanReport): readonly Finding[] {
  const here = refusals.filter(finding => !plan.findings.includes(finding));
  const codes = new Set(here.map(({ code }) => code));
  return [...plan.findings.filter(({ code }) => !codes.has(code)), ...here];
}

/** `cohort finance  59 of 320 accounts move cs6 -> cs7 (18.4 %, limit 25 %), 24 move back cs7 -> cs6` */
export function cohortTitle(name: string, plan: Plan): string {
  const title = name === '' ? 'other accounts' : `cohort ${name}`;
  const [there, back] = [movesOf(plan.steps, 'cs6->cs7', name).length, movesOf(plan.steps, 'cs7->cs6', name).length];
  const number = (n: number) =>
    `${n.toLocaleString('en-US')} of ${accountsText(plan.accounts)} ${n === 1 ? 'moves' : 'move'}`;
  const moves = [
    ...(there > 0 ? [`${number(there)} cs6 -> cs7 (${shareText(plan, name, there)})`] : []),
    ...(back > 0 ? [`${number(back)} back cs7 -> cs6`] : []),
  ];
  return `${title}  ${moves.length === 0 ? 'no account changes sides' : moves.join(', ')}`;
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
