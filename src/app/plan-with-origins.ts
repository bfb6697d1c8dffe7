import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Comparison, Plan, Step } from '../core/plan.ts';
import type { ChangeOrigin } from '../core/report.ts';
import { compareAll } from '../engine/compare.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan, wantedDigest } from '../plan/build.ts';
import { labelOrigins } from '../plan/origins.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { Earlier } from './earlier-states.ts';

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
