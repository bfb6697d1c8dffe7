import { groupBy } from '../../../core/collections.ts';
import type { PlannedState } from '../../../core/connection.ts';
import { hostsOf } from '../../../core/desired.ts';
import type { Plan } from '../../../core/plan.ts';
import type { PlanReport } from '../../../core/report.ts';
import { countStates } from '../../../core/result-list.ts';
import type { ResultState, Run } from '../../../core/run.ts';
import { count } from '../../../core/units.ts';
import type { Side } from '../../../core/verification.ts';
import { sidesOf } from '../../view/placed-changes.ts';
import { accountCountsText, changeNumbersText, countChanges, sumNumbers } from '../../view/plan-counts.ts';
import { endedWell, resultWords, statesIn } from '../../view/run-results.ts';
import { openFindings, runOf } from '../../view/verdict.ts';
import type { Mark } from '../elements.ts';
import { listed } from '../elements.ts';

/** A host as the picture shows it. */
export interface ShownHost {
  readonly name: string;
  readonly side: Side;
  readonly state: ShownState;
  /** CS6: the domains it answers for. */
  readonly domains: readonly string[];
  /** CS7: CS6 refers to it. */
  readonly redirectTarget: boolean;
}

/** An arrow between the sides: who is asked about what. */
export interface Route {
  /** The host that is asked. */
  readonly to: string;
  readonly kind: 'domains' | 'redirect';
  /** What it is asked about: domains, or nothing for everybody whom CS6 has no calendar of. */
  readonly domains: readonly string[];
  /** The plan changes what makes this arrow. */
  readonly changes: boolean;
}

/** The estate as a picture needs it. */
export interface ShownEstate {
  readonly cs6: readonly ShownHost[];
  readonly cs7: readonly ShownHost[];
  readonly routes: readonly Route[];
  readonly directory: { readonly address: string; readonly state: ShownState };
}

/** What coexistence is to be, with what the plan does to it, or did. */
export function shownEstate(report: PlanReport): ShownEstate {
  const { desired } = report.plan;
  const states = hostStates(report);
  const routes = [...domainRoutes(report), ...redirectRoutes(report)];
  const asked = new Map(routes.map(route => [route.to, route]));
  const shown = (side: Side) => (host: { readonly name: string }) => ({
    name: host.name,
    side,
    state: states(host.name),
    domains: asked.get(host.name)?.domains ?? [],
    redirectTarget: asked.get(host.name)?.kind === 'redirect',
  });
  return {
    cs6: hostsOf(desired, 'cs6').map(shown('cs6')),
    cs7: hostsOf(desired, 'cs7').map(shown('cs7')),
    routes,
    directory: { address: directoryAddress(desired), state: states('directory') },
  };
}

function directoryAddress({ directory }: PlannedState): string {
  return directory.url.replace(/^ldap[is]?:\/\//, '').replace(/\/$/, '');
}

/** The domain map, by the CS6 host that answers; all CS7 hosts have the same. */
function domainRoutes(report: PlanReport): readonly Route[] {
  const { desired } = report.plan;
  const urls = new Map(
    hostsOf(desired, 'cs7').flatMap(({ domains }) => domains.map(({ domain, url }) => [domain, url] as const)),
  );
  const changed = pendingKeys(report, 'cs7');
  return hostsOf(desired, 'cs6').flatMap(({ name, http }): readonly Route[] => {
    const domains = [...urls].filter(([, url]) => url.startsWith(`${http}/`)).map(([domain]) => domain);
    const changes = domains.some(domain => changed.has(domain));
    return domains.length === 0 ? [] : [{ to: name, kind: 'domains', domains, changes }];
  });
}

const redirectKey = 'service.wcap.freebusy.redirecturl';

function redirectRoutes(report: PlanReport): readonly Route[] {
  const { desired } = report.plan;
  const all = hostsOf(desired, 'cs6').flatMap(({ settings }) =>
    settings.flatMap(({ key, value }) => (key === redirectKey && value ? [value] : [])),
  );
  const urls = [...new Set(all)];
  const changes = pendingKeys(report, 'cs6').has(redirectKey);
  return hostsOf(desired, 'cs7').flatMap(({ name, http }): readonly Route[] =>
    urls.some(url => url.startsWith(`${http}/`)) ? [{ to: name, kind: 'redirect', domains: [], changes }] : [],
  );
}

/** What is still to change on the hosts of a side: all of a plan, and of a run what did not come into effect. */
function pendingKeys(report: PlanReport, side: Side): ReadonlySet<string> {
  const run = runOf(report);
  const sides = sidesOf(report.plan.desired);
  const own = (step: { readonly target: string }) => sides.get(step.target) === side;
  if (!run) return new Set(report.plan.steps.filter(own).flatMap(({ changes }) => changes.map(({ key }) => key)));
  const open = run.steps.filter(own).flatMap(({ results }) => results.filter(result => !endedWell(result)));
  return new Set(open.map(({ change }) => change.key));
}

/** How a target stands: a mark, what a colour is chosen by, and the words that say the same. */
interface ShownState {
  readonly mark: Mark;
  readonly tone: 'idle' | 'note' | 'good' | 'warn' | 'bad' | 'unsure';
  readonly words: string;
  readonly changes: number;
  readonly restarts: boolean;
}

/** The state of each host, and of `directory`: what a plan does to it, or what became of that. */
function hostStates(report: PlanReport): (target: string) => ShownState {
  const run = runOf(report);
  const byTarget = groupBy(report.plan.steps, step => step.target);
  const unsure = unsureTargets(report.plan);
  const results = run && worstStates(run);
  return target => {
    const planned = plannedState(target, byTarget.get(target) ?? [], unsure);
    const became = results?.get(target);
    return became === undefined ? planned : { ...planned, ...ranState(became, planned) };
  };
}

/** Targets of which not all is known, or not all is in the plan. */
interface UnsureTargets {
  readonly unread: ReadonlySet<string>;
  readonly open: ReadonlySet<string | undefined>;
  readonly left: ReadonlySet<string>;
}

function unsureTargets(plan: Plan): UnsureTargets {
  return {
    unread: new Set(plan.unread),
    open: new Set(openFindings(plan).map(({ target }) => target)),
    left: new Set(plan.leftOut?.map(({ target }) => target)),
  };
}

function plannedState(target: string, steps: Plan['steps'], { unread, open, left }: UnsureTargets): ShownState {
  const numbers = sumNumbers(steps.map(step => countChanges(step.changes)));
  const none = steps.every(step => step.changes.length === 0);
  const { changes } = numbers;
  const restarts = numbers.restarts > 0;
  if (unread.has(target)) return { mark: 'unsure', tone: 'unsure', words: 'not read', changes, restarts };
  if (none && open.has(target)) return { mark: 'unsure', tone: 'unsure', words: 'not all known', changes, restarts };
  if (none && left.has(target)) return { mark: 'unsure', tone: 'unsure', words: 'left out', changes, restarts };
  if (none) return { mark: 'good', tone: 'idle', words: 'in sync', changes, restarts };
  const words = target === 'directory' ? accountCountsText(steps) : changeNumbersText(numbers);
  return restarts
    ? { mark: 'restart', tone: 'warn', words, changes, restarts }
    : { mark: 'update', tone: 'note', words, changes, restarts };
}

/** From the best to the worst: the worst is what a host is shown by. */
const order: readonly ResultState[] = [
  'unchanged',
  'done',
  'held',
  'not-run',
  'taken-back',
  'refused',
  'unknown',
  'failed',
];

function worstStates({ steps }: Run): ReadonlyMap<string, ResultState> {
  const worst = new Map<string, ResultState>();
  for (const { target, results } of steps)
    for (const { state } of statesIn(countStates({ steps: [{ results }] })))
      if (order.indexOf(state) > order.indexOf(worst.get(target) ?? 'unchanged') || !worst.has(target))
        worst.set(target, state);
  return worst;
}

function ranState(state: ResultState, { restarts }: ShownState): Pick<ShownState, 'mark' | 'tone' | 'words'> {
  const { word, tone } = resultWords[state];
  return { mark: tone, tone, words: state === 'done' && restarts ? 'done, restarted' : word };
}

type Drawn = Pick<ShownHost, 'name' | 'state'>;

/** From so many hosts of a side on, those with nothing to say are drawn as one. */
const manyHosts = 12;

/** How many boxes a side has at most. */
const mostBoxes = 24;

/** The hosts that get a box of their own, those in `ends` first to stay; the others are counted in one box. */
export function fold(all: readonly ShownHost[], ends: ReadonlySet<string>): readonly Drawn[] {
  if (all.length <= manyHosts) return all;
  const idle = (host: ShownHost) => host.state.tone === 'idle' && !ends.has(host.name);
  const speaking = all.filter(host => !idle(host));
  const ranked = [...speaking.filter(({ name }) => ends.has(name)), ...speaking.filter(({ name }) => !ends.has(name))];
  const drawn = new Set(ranked.slice(0, mostBoxes - 2).map(({ name }) => name));
  const silent = all.filter(idle);
  const left = speaking.length - drawn.size;
  return [
    ...all.filter(({ name }) => drawn.has(name)),
    ...(left > 0 ? [counted(left, 'to do as well', 'update', 'note')] : []),
    ...(silent.length > 0 ? [counted(silent.length, 'in sync', 'good', 'idle')] : []),
  ];
}

function counted(n: number, words: string, mark: 'update' | 'good', tone: 'note' | 'idle'): Drawn {
  return { name: count(n, 'more host'), state: { mark, tone, words, changes: 0, restarts: false } };
}

/** `5 hosts: 4 to change, 4 to restart`. */
export function sideNote(hosts: readonly ShownHost[]): string {
  const changing = hosts.filter(({ state }) => state.changes > 0).length;
  const restarting = hosts.filter(({ state }) => state.restarts).length;
  const unread = hosts.filter(({ state }) => state.tone === 'unsure').length;
  const parts = [
    ...(changing > 0 ? [`${changing} to change`] : []),
    ...(restarting > 0 ? [`${restarting} to restart`] : []),
    ...(unread > 0 ? [`${unread} not read`] : []),
  ];
  return `${count(hosts.length, 'host')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

/** The picture in sentences, for readers who do not see it; the table beside it has every host. */
export function pictureInWords({ cs6, cs7, routes, directory }: ShownEstate, accounts: string): string {
  const domains = routes.filter(({ kind }) => kind === 'domains');
  const redirects = routes.filter(({ kind }) => kind === 'redirect').map(({ to }) => to);
  const mapped = domains.slice(0, 5).map(route => `${route.to} about ${listed(route.domains.slice(0, 3))}`);
  const more = domains.length > 5 ? ` and ${count(domains.length - 5, 'more host')}` : '';
  return [
    `Calendar Server 6.3, ${sideNote(cs6)}.`,
    `Calendar Server 7, ${sideNote(cs7)}.`,
    ...(mapped.length > 0 ? [`CS7 asks ${mapped.join('; ')}${more}.`] : []),
    ...(redirects.length > 0
      ? [`CS6 refers to ${listed(redirects)} for the free/busy times of all other accounts.`]
      : []),
    `Both read the directory at ${directory.address}, ${accounts}: ${directory.state.words}.`,
  ].join(' ');
}
