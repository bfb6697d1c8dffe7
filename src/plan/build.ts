import { canonicalJson, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { rowOf } from '../core/order.ts';
import type { AccountCount, Comparison, Plan, Step } from '../core/plan.ts';
import { expiryFindings, setAside } from './ignore.ts';
import { limitFindings } from './limits.ts';

/** What a plan says of itself besides its steps. */
export interface PlanFacts {
  readonly tool: string;
  readonly readAt: string;
  readonly accounts: AccountCount;
  /** What is remarkable about the file itself. */
  readonly warnings?: readonly Finding[];
}

/** Comparisons -> plan. Pure; equal comparisons give an equal plan. */
export function buildPlan(desired: DesiredState, all: readonly Comparison[], facts: PlanFacts): Plan {
  const day = facts.readAt.slice(0, 10);
  const { comparisons, ignored } = setAside(all, desired.ignore, day);
  const owed = comparisons.map(comparison => withOwedRestart(comparison, comparisons));
  const unread = comparisons.filter(c => c.unread);
  const names = [...desired.cs6, ...desired.cs7].map(host => host.name);
  const steps = orderSteps(
    owed.filter(c => c.changes.length > 0),
    names,
  );
  return sealPlan({
    formatVersion: 1,
    tool: facts.tool,
    readAt: facts.readAt,
    direction: 'forward',
    desired,
    desiredSha256: desiredDigest(desired),
    hosts:
      desired.cs6.length + desired.cs7.length - new Set(unread.map(c => c.target).filter(t => t !== 'directory')).size,
    accounts: facts.accounts,
    steps,
    findings: [
      ...(facts.warnings ?? []),
      ...unreadFindings(unread),
      ...comparisons.flatMap(c => c.findings),
      ...expiryFindings(desired.ignore, day),
      ...limitFindings(desired, steps, facts.accounts),
    ],
    ignored,
    unread: [...new Set(unread.map(c => c.target))],
  });
}

/** Puts the digest on a plan. */
export function sealPlan(plan: Omit<Plan, 'digest'>): Plan {
  return { ...plan, digest: sha256(canonicalJson(plan)) };
}

const forPeople: ReadonlySet<string> = new Set(['source', 'because', 'listed']);

/** Over what is wanted only: a line that moved in the file, or another explanation, is not another wish. */
export function desiredDigest(desired: DesiredState): string {
  return sha256(
    canonicalJson(
      JSON.parse(JSON.stringify(desired, (key, value: unknown) => (forPeople.has(key) ? undefined : value))),
    ),
  );
}

/** A host that is down gives the same problem to every kind that asks it. */
function unreadFindings(unread: readonly Comparison[]): readonly Finding[] {
  const distinct = new Map(
    unread.flatMap(c => (c.unread ? [[`${c.unread.code} ${c.unread.detail}`, c.unread] as const] : [])),
  );
  return [...distinct.values()];
}

/** A change of a service's configuration owes a restart, which is then a step like any other. */
function withOwedRestart(comparison: Comparison, all: readonly Comparison[]): Comparison {
  const { activates, target } = comparison;
  if (!activates || comparison.changes.length > 0 || comparison.unread) return comparison;
  const changed = all.some(c => c.target === target && c.stage === activates.stage && c.changes.length > 0);
  if (!changed) return comparison;
  const restart: Change = {
    action: 'restart',
    item: activates.service,
    key: 'service',
    reason: 'its configuration changes',
  };
  return { ...comparison, changes: [restart] };
}

/** Hosts come in the order of the file: the first is the canary. */
function orderSteps(comparisons: readonly Comparison[], hosts: readonly string[]): readonly Step[] {
  const place = (c: Comparison): readonly number[] => {
    const row = rowOf(c.stage);
    return [row.tier, hosts.indexOf(c.target), row.position];
  };
  const ordered = [...comparisons].sort((a, b) => compareLists(place(a), place(b)));
  const steps: Step[] = [];
  for (const comparison of ordered) steps.push(stepOf(comparison, steps));
  return steps;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** Within a tier each step waits for the one before it: host by host, and a failure stops the roll. */
function stepOf(comparison: Comparison, earlier: readonly Step[]): Step {
  const { kind, target, stage, changes, basis } = comparison;
  const { tier, requires } = rowOf(stage);
  const previous = earlier.filter(step => rowOf(step.stage).tier === tier).slice(-1);
  const required = earlier.filter(step => requires.includes(step.stage));
  const after = [...new Set([...required, ...previous].map(step => step.id))];
  return { id: `${target}/${kind}`, kind, target, stage, after, changes, ...(basis !== undefined && { basis }) };
}
