import { movesOf } from '../core/change-list.ts';
import { countBy, groupBy } from '../core/collections.ts';
import type { PlannedState } from '../core/connection.ts';
import type { DesiredCohort, DesiredLimits, MoveLimit } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { AccountCount, Comparison, Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';

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
  const moving = countBy(movesOf(comparisons, 'cs6->cs7'), ({ group }) => group);
  const needed = cohorts.map(cohort => {
    const limit = limitOf(cohort, limits.moves);
    const moves = moving.get(cohort.name) ?? 0;
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
  const all = movesOf(steps, 'cs6->cs7');
  const moving = countBy(all, ({ group }) => group);
  return desired.cohorts.flatMap((cohort): readonly Finding[] => {
    const limit = limitOf(cohort, desired.limits.moves);
    const moves = moving.get(cohort.name) ?? 0;
    const share = (100 * moves) / Math.max(1, accounts.counted);
    const over = 'accounts' in limit ? moves > limit.accounts : moves > fewAccounts && share > limit.percent;
    if (!over) return [];
    const allowed = 'accounts' in limit ? String(limit.accounts) : `${limit.percent} %`;
    const numbers = `${moves.toLocaleString('en-US')} of ${accounts.all ? count(accounts.counted, 'account') : `${accounts.counted.toLocaleString('en-US')} or more accounts`} (${share.toFixed(1)} %), the limit is ${allowed}`;
    const key = cohort.limit === undefined ? 'limits.moves' : `cohorts.${cohort.name}.limit`;
    const detail =
      `cohort ${cohort.name}: ${numbers}.\n` +
      'A filter that matches too much would separate users from their calendars.\n' +
      `Narrow it, raise ${key}, or allow it for this run:`;
    return [
      finding('plan.too-many-moves', {
        detail,
        where: cohort.limit === undefined ? desired.limits.source : cohort.source,
        target: 'directory',
        next: [nextCommands.allow('moves', all.length)],
      }),
    ];
  });
}

/** Hosts that would be restarted, each once. */
export function restartedHosts(steps: readonly Step[]): readonly string[] {
  const restarting = steps.filter(({ changes }) => changes.some(change => change.action === 'restart'));
  return [...new Set(restarting.map(({ target }) => target))];
}

function restartFindings({ hosts, limits }: PlannedState, steps: readonly Step[]): readonly Finding[] {
  const { restarts: limit, source } = limits;
  const restarted = restartedHosts(steps).length;
  const most = 'hosts' in limit ? limit.hosts : hostsOfShare(limit.percent, hosts.length);
  if (restarted <= most) return [];
  const allowed = 'hosts' in limit ? String(limit.hosts) : `${limit.percent} % (${most} of them)`;
  const detail =
    `${restarted} of ${count(hosts.length, 'host')} would be restarted, the limit is ${allowed}.\n` +
    'While a host restarts, its users cannot work. If a host does not start again, the run stops.\n' +
    `Name fewer hosts (--only …), raise limits.restarts, or allow it for this run:`;
  return [
    finding('plan.too-many-restarts', { detail, where: source, next: [nextCommands.allow('restarts', restarted)] }),
  ];
}

/** A share never lets more through than it says, and one host always: a few hosts have no small share. */
function hostsOfShare(percent: number, all: number): number {
  return percent === 0 ? 0 : Math.max(1, Math.floor((percent * all) / 100 + 1e-9));
}

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
    'A directory that hides accounts (rights that were taken away, a replica that is not filled yet) looks the same as one that has fewer: the plan would leave the hidden accounts out.\n' +
    'Look for them, raise limits.fewerAccounts, or allow the present number:';
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

/** How many accounts of a group are named. */
const named = 5;

/**
 * Accounts that would go back to CS6. No limit covers them, however few they are: a smaller wave, a line that was deleted or a
 * filter that was changed moves them back as a side effect, and CS6 has no more of them than it had when they left.
 */
export function moveBackFindings(steps: readonly Pick<Step, 'changes'>[]): readonly Finding[] {
  const back = movesOf(steps, 'cs7->cs6');
  if (back.length === 0) return [];
  const groups = groupBy(back, ({ group, reason }) => `${group ?? ''}\0${reason ?? ''}`);
  const lines = [...groups.values()].map(same => {
    const [first] = same;
    const cohort = first?.group === undefined ? '' : ` of cohort ${first.group}`;
    const reason = first?.reason === undefined ? '' : `, ${first.reason}`;
    const names = same.slice(0, named).map(({ item }) => `\n    ${item}`);
    const more = same.length > named ? `\n    and ${count(same.length - named, 'more', 'more')}` : '';
    return printable(`${count(same.length, 'account')}${cohort}${reason}:${names.join('')}${more}`);
  });
  const detail = [
    ...lines,
    'CS6 shows these users what it had before they left, or nothing. Everything that they entered on CS7 stays there and is not copied back.',
    'A smaller wave, a removed cohort or a changed filter can cause this.',
    'Change the file so that they stay, or allow it for this run:',
  ];
  return [
    finding('plan.moves-back', {
      detail: detail.join('\n'),
      where: back[0]?.source,
      target: 'directory',
      next: [nextCommands.allow('moves-back', back.length)],
    }),
  ];
}
