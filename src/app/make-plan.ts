import { countAccounts } from '../accounts/read-accounts.ts';
import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { type AccountCount, type Comparison, isNarrowed, type Narrowing, type Plan, type Step } from '../core/plan.ts';
import type { ChangeOrigin } from '../core/report.ts';
import { compareAll } from '../engine/compare.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/cs6-calendar.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan, wantedDigest } from '../plan/build.ts';

import { accountsToCount, type CountBefore } from '../plan/limits.ts';
import { narrowPlan } from '../plan/narrowing.ts';
import { labelOrigins } from '../plan/origins.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { recordedBefore } from './applied-before.ts';
import type { ReadContext } from './context.ts';
import type { Earlier } from './earlier-states.ts';
import type { RunRecords } from './known-runs.ts';

/** What a plan is narrowed to and compared with. */
export interface MakePlanRequest extends Narrowing {
  /** The estate files. */
  readonly files: readonly string[];
  /** The time to plan for, where that is another than now, ISO 8601. */
  readonly at?: string;
  readonly base?: string;
  readonly applied?: string;
}

/** What is wanted, with warnings about it, and what is known of earlier runs, asked for in the same turn as the hosts: nothing before there is a file. */
export interface Wanted {
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  readonly records?: Promise<RunRecords>;
}

/** Reads the estate over open connections and plans. */
export async function makePlan(
  { state, warnings, records: asked }: Wanted,
  { files, base, applied, at, only, except }: MakePlanRequest,
  ports: ReadPorts,
  context: ReadContext,
): Promise<Plan> {
  const targets = targetsOf(state);
  const readAt = context.clock.now();
  const guards = await lookForWatchdogs(hostsAmong(targets), ports);
  const compared = await compareAll(targets, ports, context.progress.show, context.spans);
  const { comparisons: read, remarks } = heedWatchdogs(compared, guards);
  const records = await asked;
  const wanted = { state, base, applied, hosts: state.records.hosts };
  const { before, findings = [] } = records ? await recordedBefore(records, wanted, readAt) : {};
  const counted = await accountsOf(state, read, before, ports);
  const accounts = 'code' in counted ? { counted: 0, all: false } : counted;
  const comparisons = 'code' in counted ? unreadDirectory(read, counted) : await tellLimbo(state, read, ports);
  context.progress.end();
  const said = [...warnings, ...findings, ...remarks];
  const facts = {
    tool: context.version,
    by: context.readProvenance(files),
    readAt,
    accounts,
    warnings: said,
    ...(before && { before }),
    ...(at !== undefined && { at }),
  };
  const plan = buildPlan(state, comparisons, facts);
  const narrowing = { ...(only && { only }), ...(except && { except }) };
  return isNarrowed(narrowing) ? narrowPlan(plan, narrowing, comparisons) : plan;
}

/** How many accounts there are; a directory that could not be read has none to count. */
async function accountsOf(
  state: DesiredState,
  comparisons: readonly Comparison[],
  before: CountBefore | undefined,
  ports: ReadPorts,
): Promise<AccountCount | Finding> {
  if (isDirectoryUnread(comparisons)) return { counted: 0, all: false };
  return countOrProblem(state, accountsToCount(state, comparisons, before), ports);
}

/** Whether something of the directory could not be read. */
export function isDirectoryUnread(comparisons: readonly Comparison[]): boolean {
  return comparisons.some(({ target, unread }) => target === 'directory' && unread);
}

/** Counts the accounts, as far as `most`; or says why they cannot be counted. */
export async function countOrProblem(
  { directory }: DesiredState,
  most: number,
  ports: ReadPorts,
): Promise<AccountCount | Finding> {
  try {
    return await countAccounts(directory, ports.directory(), most);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

/** Where counting the accounts shows that the directory cannot be read whole, nothing that was read of it counts. */
export function unreadDirectory(comparisons: readonly Comparison[], unread: Finding): readonly Comparison[] {
  return comparisons.map(one => (one.target === 'directory' ? { ...one, changes: [], findings: [], unread } : one));
}

/**
 * A plan, and where each of its changes comes from. All wanted states are compared in the same turn: what they ask a host
 * alike goes there once, in one trip. A target of which the same is wanted is not asked again.
 */
export async function planWithOrigins(
  makePlan: () => Promise<Plan>,
  earlier: Earlier | undefined,
  desired: DesiredState,
  ports: ReadPorts,
): Promise<{ readonly plan: Plan; readonly origins?: readonly (readonly ChangeOrigin[])[] }> {
  if (!earlier) return { plan: await makePlan() };
  const [first, second] = [earlier.base.state, earlier.applied.state];
  const making = makePlan();
  const comparing = compareBeside(first, desired, ports);
  const same = first !== undefined && second !== undefined && wantedDigest(first) === wantedDigest(second);
  const [plan, base, applied] = await Promise.all([
    making,
    comparing,
    same ? comparing : compareBeside(second, desired, ports),
  ]);
  return { plan, origins: labelOrigins(plan.steps, { base: base(plan), applied: applied(plan) }) };
}

/** What another wanted state would do, once the plan beside it is known. */
async function compareBeside(
  state: DesiredState | undefined,
  desired: DesiredState,
  ports: ReadPorts,
): Promise<(plan: Plan) => readonly Step[]> {
  if (!state) return () => [];
  const planned = new Map(targetsOf(desired).map(target => [targetId(target), wantedDigest(target.wanted)]));
  // Of a host that is not in the planned state any more nothing is planned, and nobody has to be asked.
  const targets = targetsOf(state).filter(target => planned.has(targetId(target)));
  const alike = targets.filter(target => planned.get(targetId(target)) === wantedDigest(target.wanted));
  const comparisons = await compareAll(
    targets.filter(target => !alike.includes(target)),
    ports,
  );
  return plan => {
    const facts = { tool: plan.tool, readAt: plan.readAt, accounts: plan.accounts };
    return buildPlan(state, [...comparisons, ...alike.map(target => sameAs(plan, target))], facts).steps;
  };
}

/** The comparison of a target of which both want the same. */
function sameAs(plan: Plan, target: BoundTarget): Comparison {
  const { kind, stage, activates, target: name } = target;
  const changes = plan.steps.find(({ id }) => id === targetId(target))?.changes ?? [];
  return { kind, stage, target: name, ...(activates && { activates }), changes, findings: [] };
}
