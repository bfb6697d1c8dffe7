import { movesOf } from '../core/change.ts';
import type { PlannedState } from '../core/connection.ts';
import { count } from '../core/count.ts';
import type { DesiredCohort, MoveLimit } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { AccountCount, Comparison, Step } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';
import { accountsToTellFall, type CountBefore } from './account-fall.ts';

/** Few accounts are a small share nowhere: below this many a share does not count. */
const fewAccounts = 10;

/** Up to here accounts are counted in any case, for people. */
const alwaysCounted = 10_000;

type Limits = Pick<PlannedState, 'cohorts' | 'limits'>;

/**
 * How far accounts have to be counted so that no cohort's share is taken for smaller than the limit although it is over
 * it, and so that it can be told whether they have become fewer.
 */
export function accountsToCount(
  { cohorts, limits }: Limits,
  comparisons: readonly Comparison[],
  before?: CountBefore,
): number {
  const needed = cohorts.map(cohort => {
    const limit = limitOf(cohort, limits.moves);
    const moves = movesOf(comparisons, 'cs6->cs7', cohort.name).length;
    return 'accounts' in limit || moves <= fewAccounts ? 0 : Math.ceil((100 * moves) / limit.percent);
  });
  return Math.max(alwaysCounted, accountsToTellFall(limits.fewerAccounts, before), ...needed);
}

function limitOf(cohort: DesiredCohort, all: MoveLimit): MoveLimit {
  return cohort.limit ?? all;
}

/** What one apply may not do before it is allowed by number, with all the numbers. */
export function limitFindings(
  desired: PlannedState,
  steps: readonly Step[],
  accounts: AccountCount,
): readonly Finding[] {
  return [...moveFindings(desired, steps, accounts), ...restartFindings(desired, steps)];
}

/** Cohorts that more accounts would move for than the file allows. */
function moveFindings(desired: PlannedState, steps: readonly Step[], accounts: AccountCount): readonly Finding[] {
  return desired.cohorts.flatMap((cohort): readonly Finding[] => {
    const limit = limitOf(cohort, desired.limits.moves);
    const moves = movesOf(steps, 'cs6->cs7', cohort.name).length;
    const share = (100 * moves) / Math.max(1, accounts.counted);
    const over = 'accounts' in limit ? moves > limit.accounts : moves > fewAccounts && share > limit.percent;
    if (!over) return [];
    const allowed = 'accounts' in limit ? String(limit.accounts) : `${limit.percent} %`;
    const numbers = `${moves.toLocaleString('en-US')} of ${accounts.all ? count(accounts.counted, 'account') : `${accounts.counted.toLocaleString('en-US')} or more accounts`} (${share.toFixed(1)} %), the limit is ${allowed}`;
    const key = cohort.limit === undefined ? 'limits.moves' : `cohorts.${cohort.name}.limit`;
    const detail =
      `cohort ${cohort.name}: ${numbers}.\n` +
      'A filter that matches too much would cut users off from their calendars.\n' +
      `Narrow it, raise ${key}, or allow it for this run:`;
    return [
      finding('plan.too-many-moves', {
        detail,
        where: cohort.limit === undefined ? desired.limits.source : cohort.source,
        target: 'directory',
        next: [nextCommands.allow('moves', movesOf(steps, 'cs6->cs7').length)],
      }),
    ];
  });
}

/** Hosts that would be restarted, each once. */
export function restartedHosts(steps: readonly Step[]): readonly string[] {
  const restarting = steps.filter(({ changes }) => changes.some(change => change.action === 'restart'));
  return [...new Set(restarting.map(({ target }) => target))];
}

function restartFindings({ cs6, cs7, limits }: PlannedState, steps: readonly Step[]): readonly Finding[] {
  const { restarts: limit, source } = limits;
  const all = cs6.length + cs7.length;
  const restarted = restartedHosts(steps).length;
  const most = 'hosts' in limit ? limit.hosts : hostsOfShare(limit.percent, all);
  if (restarted <= most) return [];
  const allowed = 'hosts' in limit ? String(limit.hosts) : `${limit.percent} % (${most} of them)`;
  const detail =
    `${restarted} of ${count(all, 'host')} would be restarted, the limit is ${allowed}.\n` +
    'While a host starts, its users are cut off, and one that does not start again stops the rest.\n' +
    `Name fewer hosts (--only …), raise limits.restarts, or allow it for this run:`;
  return [
    finding('plan.too-many-restarts', { detail, where: source, next: [nextCommands.allow('restarts', restarted)] }),
  ];
}

/** A share never lets more through than it says, and one host always: a few hosts have no small share. */
function hostsOfShare(percent: number, all: number): number {
  return percent === 0 ? 0 : Math.max(1, Math.floor((percent * all) / 100 + 1e-9));
}
