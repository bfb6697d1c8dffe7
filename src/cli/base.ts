import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison, Plan, Step } from '../core/plan.ts';
import type { ChangeOrigin } from '../core/report.ts';
import { compareAll } from '../engine/compare.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan, wantedDigest } from '../plan/build.ts';
import { letGoFindings } from '../plan/no-longer-wanted.ts';
import { labelOrigins } from '../plan/origins.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { type Asking, loadAsking, loadLastApplied, loadRevision } from './base-states.ts';
import type { ReadOutside } from './outside.ts';
import { runsFolder } from './run-records.ts';

/** The options that say what changes are told apart by. */
export interface BaseOptions {
  readonly base?: string;
  readonly applied?: string;
  readonly runs?: string;
}

/** What is planned besides, to tell where changes come from. */
export interface Earlier {
  readonly base: Asking;
  readonly applied: Asking;
}

/** The earlier wanted states that the options ask for, with what is remarkable about them; or why there are none. */
export async function loadEarlier(
  files: readonly string[],
  options: BaseOptions,
  desired: DesiredState,
  outside: ReadOutside,
): Promise<{ readonly earlier?: Earlier; readonly warnings: readonly Finding[] } | Finding> {
  if (options.base === undefined) return options.applied === undefined ? { warnings: [] } : appliedAlone();
  const base = await loadAsking(options.base, files, outside);
  if ('code' in base) return base;
  const applied = await loadApplied(base, files, { ...options, desired }, outside);
  if ('code' in applied) return applied;
  const unusable = [base, applied].flatMap(one => one.unusable ?? []);
  if (unusable.length > 0) return { warnings: unusable };
  outside.stderr(`Compared with ${base.name}; applied last: ${applied.name}.\n`);
  const warnings = base.state ? letGoFindings(targetsOf(base.state), targetsOf(desired)) : [absent(base.name)];
  return { earlier: { base, applied }, warnings };
}

/** Of a revision that was applied in its time: waves that have come since were not. */
async function loadApplied(
  base: Asking,
  files: readonly string[],
  { applied, runs, desired }: BaseOptions & { readonly desired: DesiredState },
  outside: ReadOutside,
): Promise<Asking | Finding> {
  if (applied !== undefined) return loadAsking(applied, files, outside, revision => revision.day);
  const last = await loadLastApplied(runsFolder(runs, desired.name, outside), desired, outside);
  if (last) return last;
  const parent = base.revision?.parent();
  if (parent === undefined) return { name: 'nothing that is known' };
  return 'code' in parent ? parent : loadRevision(parent, files, outside, parent.day);
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

function absent(base: string): Finding {
  return {
    severity: 'note',
    code: 'base.absent',
    summary: 'The base does not have the file',
    detail: `${base} has no estate file yet: everything is planned by this revision.`,
  };
}

function appliedAlone(): Finding {
  return {
    severity: 'error',
    code: 'base.applied-alone',
    summary: '--applied needs --base',
    detail:
      'What was applied last tells drift from what was never applied, among the changes that a base asks for.\nName the base too: --base origin/main',
  };
}
