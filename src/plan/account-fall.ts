import { count } from '../core/count.ts';
import type { DesiredLimits } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { AccountCount } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';

/** How many accounts there were at least when an earlier run was planned. */
export interface CountBefore extends AccountCount {
  /** The name of that run. */
  readonly run: string;
}

/** How far accounts have to be counted to tell whether they have become fewer by more than a share, in percent. */
export function accountsToTellFall(percent: number, before: CountBefore | undefined): number {
  return before === undefined ? 0 : Math.ceil((before.counted * (100 - percent)) / 100);
}

/**
 * Accounts that have become fewer than the file allows. Only a count to the end tells that: one that was ended early found
 * enough. An earlier count that was ended early counts as it is, because there were no fewer.
 */
export function fallFindings(
  { fewerAccounts, source }: DesiredLimits,
  now: AccountCount,
  before: CountBefore | undefined,
): readonly Finding[] {
  if (before === undefined || !now.all) return [];
  const gone = before.counted - now.counted;
  if (!(100 * gone > fewerAccounts * before.counted)) return [];
  const share = ((100 * gone) / before.counted).toFixed(1);
  const detail =
    `The directory shows ${count(now.counted, 'account')}; run ${before.run} saw ${number(before.counted)}${before.all ? '' : ' or more'}. That is ${share} % fewer, the limit is ${fewerAccounts} %.\n` +
    'A directory that hides accounts (rights that were taken away, a replica that is not filled yet) is not told from one that has no more: the rest would be planned without them.\n' +
    'Look for them, raise limits.fewerAccounts, or allow the number that is there now:';
  return [
    finding('plan.accounts-fell', {
      detail,
      where: source,
      target: 'directory',
      next: [nextCommands.allow('accounts', now.counted)],
    }),
  ];
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
