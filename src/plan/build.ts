import { canonicalJson, isForPeople, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { type PlannedState, plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { distinctFindings } from '../core/finding.ts';
import type { AccountCount, Comparison, Plan, Step } from '../core/plan.ts';
import { expiryOf } from './expiry.ts';
import { expiryFindings, leaveOutAway, setAside } from './ignore.ts';
import { type CountBefore, fallFindings, limitFindings, moveBackFindings } from './limits.ts';
import { orderSteps } from './order-steps.ts';
import { windowNotes } from './windows.ts';

/** What a plan says of itself besides its steps. */
export interface PlanFacts {
  readonly tool: string;
  readonly readAt: string;
  readonly accounts: AccountCount;
  /** How many accounts there were before. */
  readonly before?: CountBefore;
  /** What is remarkable about the file itself. */
  readonly warnings?: readonly Finding[];
}

/** Comparisons -> plan. Pure; equal comparisons give an equal plan. */
export function buildPlan(desired: DesiredState | PlannedState, all: readonly Comparison[], facts: PlanFacts): Plan {
  const day = facts.readAt.slice(0, 10);
  const { away, waiting, ...present } = leaveOutAway(all, desired.ignore, day);
  const { comparisons, ignored } = setAside(present.comparisons, desired.ignore, day);
  const owed = comparisons.map(comparison => withOwedRestart(comparison, comparisons));
  const unread = comparisons.filter(c => c.unread);
  const steps = orderSteps(
    owed.filter(c => c.changes.length > 0),
    desired,
  );
  return sealPlan({
    formatVersion: 2,
    tool: facts.tool,
    readAt: facts.readAt,
    direction: 'forward',
    desired,
    desiredSha256: wantedDigest(plannedState(desired)),
    hosts: desired.hosts.length - away.length - numberOfHosts(unread),
    accounts: facts.accounts,
    steps,
    findings: [
      ...(facts.warnings ?? []),
      ...distinctFindings(unread.flatMap(({ target, unread: why }) => (why ? [{ target, ...why, unread: true }] : []))),
      ...present.findings,
      ...distinctFindings(comparisons.flatMap(c => c.findings)),
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

function numberOfHosts(comparisons: readonly Comparison[]): number {
  return new Set(comparisons.map(({ target }) => target).filter(target => target !== 'directory')).size;
}

/** What follows from the steps alone, and has to be found anew when there are fewer of them. */
export function guardFindings(
  desired: PlannedState,
  steps: readonly Step[],
  { accounts, readAt }: Pick<PlanFacts, 'accounts' | 'readAt'>,
): readonly Finding[] {
  return [
    ...limitFindings(desired, steps, accounts),
    ...moveBackFindings(steps),
    ...windowNotes(desired, steps, readAt),
  ];
}

/** Puts the time until which it holds and the digest on a plan, and takes away what is needed to connect. */
export function sealPlan(
  plan: Omit<Plan, 'digest' | 'expiresAt' | 'desired'> & { readonly desired: DesiredState | PlannedState },
): Plan {
  const dated = { ...plan, desired: plannedState(plan.desired), expiresAt: expiryOf(plan.readAt, plan.desired.policy) };
  return { ...dated, digest: sha256(canonicalJson(dated)) };
}

/** Over what is wanted, of an estate or of one target, only: a line that moved in the file, or another explanation, is not another wish. */
export function wantedDigest(wanted: unknown): string {
  return sha256(
    canonicalJson(JSON.parse(JSON.stringify(wanted, (key, value: unknown) => (isForPeople(key) ? undefined : value)))),
  );
}

/** A change of a service's configuration that it does not take up by itself owes a restart, which is then a step like any other. */
function withOwedRestart(comparison: Comparison, all: readonly Comparison[]): Comparison {
  const { activates, target } = comparison;
  if (!activates || comparison.changes.length > 0 || comparison.unread) return comparison;
  const changed = all.some(
    one => one.target === target && one.stage === activates.stage && !one.takenUp && one.changes.length > 0,
  );
  if (!changed) return comparison;
  const restart: Change = {
    action: 'restart',
    item: activates.service,
    key: 'service',
    reason: 'its configuration changes',
    ...(activates.because !== undefined && { because: activates.because }),
  };
  return { ...comparison, changes: [restart] };
}
