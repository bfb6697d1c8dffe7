import { canonicalJson, isForPeople, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { type PlannedState, plannedState } from '../core/connection.ts';
import type { DesiredPolicy, DesiredState } from '../core/desired.ts';
import { distinctFindings, type Finding, type Provenance } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type AccountCount, type Comparison, type Plan, planDocument, type Step } from '../core/plan.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { expiryFindings, leaveOutAway, setAside } from './ignore.ts';
import { type CountBefore, fallFindings, limitFindings, moveBackFindings } from './limits.ts';
import { orderSteps } from './step-order.ts';
import { dateNote, windowNotes } from './windows.ts';

/**
 * A server that is down cannot be asked for its settings, so that nothing could ever be planned for its host: it is started
 * first, with what is on its disk, as an administrator would. Returns the plan that does this and nothing else; nothing where
 * no host needs it.
 */
export function planToStart(plan: Plan): Plan | undefined {
  const refused = new Set(plan.findings.filter(againstRestart).map(({ target }) => target));
  const unread = new Set(plan.unread);
  const steps = plan.steps
    .filter(({ target, changes }) => unread.has(target) && changes.some(isStart) && !refused.has(target))
    .map(({ batch: _, ...step }) => ({ ...step, after: [] }));
  if (steps.length === 0) return undefined;
  const { digest: _, expiresAt: __, except: ___, origin: ____, leftOut: _____, ...rest } = plan;
  return sealPlan({ ...rest, only: steps.map(({ id }) => id), steps, findings: [], ignored: [], unread: [] });
}

/** Whether a plan does nothing but start servers that are down. */
export function startsOnly({ steps }: Pick<Plan, 'steps'>): boolean {
  return steps.every(({ changes }) => changes.every(isStart));
}

function isStart({ action, before }: Change): boolean {
  return action === 'restart' && before === 'stopped';
}

/** Until when a plan may be carried out. */
export function expiryOf(readAt: string, { planExpiry }: Pick<DesiredPolicy, 'planExpiry'>): string {
  return new Date(Date.parse(readAt) + planExpiry).toISOString();
}

/** By how much clocks of two machines may differ. */
const clockSkew = 5 * 60_000;

/** Why a saved plan may not be carried out at a time: it is too old, or of a time that has not come. */
export function timeRefusals(file: string, plan: Plan, at: string): readonly Finding[] {
  const early = Date.parse(plan.readAt) - clockSkew > Date.parse(at);
  return [...(early ? [fromFuture(file, plan, at)] : []), ...expiryRefusals(file, plan, at)];
}

function fromFuture(file: string, { readAt }: Plan, at: string): Finding {
  const detail = `${file} was read at ${readAt}, but the present time is ${at}. The clocks may differ by up to 5 minutes.\nSet the clock of this machine, or make a new plan:`;
  return finding('plan.from-the-future', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] });
}

/** Why a saved plan is too old at a time; a time that cannot be read is over, and so is one that no reading leads to. */
function expiryRefusals(file: string, { readAt, expiresAt, desired }: Plan, at: string): readonly Finding[] {
  const known = Number.isFinite(Date.parse(readAt)) && expiresAt === expiryOf(readAt, desired.policy);
  if (known && Date.parse(at) <= Date.parse(expiresAt)) return [];
  const detail =
    `${file} was read at ${readAt} and expired at ${expiresAt}; now it is ${at}.\n` +
    'The review is old, and the estate may have changed since.\n' +
    `Make a new plan, or raise policy.planExpiry in a reviewed change:`;
  return [finding('plan.expired', { detail, where: { file, line: 1 }, next: [nextCommands.plan(file)] })];
}

/** What a plan says of itself besides its steps. */
export interface PlanFacts {
  readonly tool: string;
  readonly readAt: string;
  /** The time to plan for, where that is another than now, ISO 8601. */
  readonly at?: string;
  readonly accounts: AccountCount;
  /** How many accounts there were before. */
  readonly before?: CountBefore;
  /** What is remarkable about the file itself. */
  readonly warnings?: readonly Finding[];
  /** Who makes it, and from what. */
  readonly by?: Provenance;
}

/** Comparisons -> plan. Pure; equal comparisons give an equal plan. */
export function buildPlan(desired: DesiredState | PlannedState, all: readonly Comparison[], facts: PlanFacts): Plan {
  const { at } = facts;
  const day = (at ?? facts.readAt).slice(0, 10);
  const { away, waiting, ...present } = leaveOutAway(all, desired.ignore, day);
  const { comparisons: owed, ignored } = owedOf(desired, present.comparisons, day);
  const unread = owed.filter(c => c.unread);
  const steps = orderSteps(
    owed.filter(c => c.changes.length > 0),
    desired,
  );
  return sealPlan({
    formatVersion: 2,
    tool: facts.tool,
    ...facts.by,
    readAt: facts.readAt,
    direction: 'forward',
    ...(at !== undefined && { at }),
    desired,
    desiredSha256: wantedDigest(plannedState(desired)),
    hosts: desired.hosts.length - away.length - numberOfHosts(unread),
    accounts: facts.accounts,
    steps,
    findings: [
      ...(facts.warnings ?? []),
      ...distinctFindings(unread.flatMap(({ target, unread: why }) => (why ? [{ target, ...why, unread: true }] : []))),
      ...present.findings,
      ...weighOwed(distinctFindings(owed.flatMap(findingsOf)), steps, desired),
      ...expiryFindings(desired.ignore, day),
      ...fallFindings(desired.limits, facts.accounts, facts.before),
      ...guardFindings(desired, steps, facts),
    ],
    ignored,
    unread: [...new Set(unread.map(c => c.target))],
    ...(all.length > 0 && all.every(c => c.unread) && { nothingRead: true }),
    ...(away.length > 0 && { away }),
    ...(waiting > 0 && { waiting }),
  });
}

/** Comparisons without what the file says to leave alone, and with the restarts that the rest owes. */
export function owedOf(
  { ignore }: Pick<PlannedState, 'ignore'>,
  all: readonly Comparison[],
  day: string,
): ReturnType<typeof setAside> {
  const { comparisons, ignored } = setAside(all, ignore, day);
  const owing = new Set(
    comparisons.filter(({ takenUp, changes }) => !takenUp && changes.length > 0).map(one => stageName(one, one.stage)),
  );
  return { comparisons: comparisons.map(one => withOwedRestart(one, owing)), ignored };
}

function stageName({ target }: Pick<Comparison, 'target'>, stage: Stage): string {
  return `${stage} ${target}`;
}

function numberOfHosts(comparisons: readonly Comparison[]): number {
  return new Set(comparisons.map(({ target }) => target).filter(target => target !== 'directory')).size;
}

/** What follows from the steps alone, and has to be found anew when there are fewer of them. */
export function guardFindings(
  desired: PlannedState,
  steps: readonly Step[],
  { accounts, readAt, at }: Pick<PlanFacts, 'accounts' | 'readAt' | 'at'>,
): readonly Finding[] {
  return [
    ...limitFindings(desired, steps, accounts),
    ...moveBackFindings(steps),
    ...(at === undefined ? windowNotes(desired, steps, readAt) : [dateNote(desired, steps, { at, readAt })]),
  ];
}

/** Puts the time until which it holds and the digest on a plan, and takes away what is needed to connect. */
export function sealPlan(
  plan: Omit<Plan, 'digest' | 'expiresAt' | 'desired'> & { readonly desired: DesiredState | PlannedState },
): Plan {
  const dated = { ...plan, desired: plannedState(plan.desired), expiresAt: expiryOf(plan.readAt, plan.desired.policy) };
  return { ...dated, digest: sha256(canonicalJson(planDocument(dated))) };
}

/** Over what is wanted, of an estate or of one target, only: a line that moved in the file, or another explanation, is not another wish. */
export function wantedDigest(wanted: unknown): string {
  return sha256(
    canonicalJson(JSON.parse(JSON.stringify(wanted, (key, value: unknown) => (isForPeople(key) ? undefined : value)))),
  );
}

/**
 * A restart that is left to a person and owed holds up what needs its settings in effect: such a plan is refused until only the
 * host is changed, and restarted.
 */
export function weighOwed(
  findings: readonly Finding[],
  steps: readonly Step[],
  { hosts }: Pick<PlannedState, 'hosts'>,
): readonly Finding[] {
  const needed = new Set(steps.flatMap(({ stage }) => rowOf(stage).requires));
  const byName = new Map(hosts.map(host => [host.name, host]));
  return findings.map(one => {
    const host = hasCode(one, 'plan.restart-owed') && byName.get(one.target ?? '');
    if (!host) return one;
    const holdsUp = needed.has(`${host.product}-activate`);
    const next = holdsUp ? { next: [nextCommands.only([host.name])] } : {};
    const { next: _, ...rest } = one;
    return { ...rest, severity: holdsUp ? 'error' : 'warning', ...next };
  });
}

/** What stands against a restart refuses the plan once there is one. */
function findingsOf({ changes, findings }: Comparison): readonly Finding[] {
  if (!changes.some(({ action }) => action === 'restart')) return findings;
  return findings.map(one => (againstRestart(one) ? { ...one, severity: 'error' } : one));
}

/** Whether a finding says that the product's own commands must not restart the server. */
export function againstRestart(one: Finding): boolean {
  return hasCode(one, 'cs6.cluster-restart');
}

/** The file leaves it to a person to make the changed configuration effective. */
function owedByHand({ target, activates }: Comparison): Finding {
  return finding('plan.restart-owed', {
    severity: 'warning',
    detail: `${target}: the configuration of ${activates?.service} changes, and the file says restart: never.\nRestart it yourself after the apply. Until then the changes are only on disk, and no step that needs them can start.`,
    target,
  });
}

/**
 * A change of a service's configuration that it does not take up by itself owes a restart, which is then a step like any other.
 * `owing`: where such changes are.
 */
function withOwedRestart(comparison: Comparison, owing: ReadonlySet<string>): Comparison {
  const { activates } = comparison;
  if (!activates || comparison.changes.length > 0 || comparison.unread) return comparison;
  if (!owing.has(stageName(comparison, activates.stage))) return comparison;
  if (activates.byHand) return { ...comparison, findings: [...comparison.findings, owedByHand(comparison)] };
  const restart: Change = {
    action: 'restart',
    item: activates.service,
    key: 'service',
    reason: 'its configuration changes',
    ...(activates.because !== undefined && { because: activates.because }),
  };
  return { ...comparison, changes: [restart] };
}
