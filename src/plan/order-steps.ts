import { targetId } from '../core/change.ts';
import type { PlannedState } from '../core/connection.ts';
import { type HostCount, hostsOf } from '../core/desired.ts';
import type { Comparison, Step } from '../core/plan.ts';
import { rowOf } from '../core/stages.ts';

/**
 * The hosts of one side in the batches of a roll: each size says how many hosts are done by the end of its batch, as a
 * number or a share of all, at least one more than before. What the last size leaves goes one by one. Without sizes
 * everything goes one by one.
 */
export function batchesOf(hosts: readonly string[], sizes: readonly HostCount[]): readonly (readonly string[])[] {
  const batches: (readonly string[])[] = [];
  let done = 0;
  for (const size of sizes) {
    const until = 'hosts' in size ? size.hosts : Math.ceil((size.percent / 100) * hosts.length);
    const end = Math.min(hosts.length, Math.max(done + 1, until));
    if (end > done) batches.push(hosts.slice(done, end));
    done = end;
  }
  return [...batches, ...hosts.slice(done).map(host => [host])];
}

/** Hosts come in the order of the file, so that the first is the canary. */
export function orderSteps(comparisons: readonly Comparison[], desired: PlannedState): readonly Step[] {
  const hosts = desired.hosts.map(host => host.name);
  const place = (c: Comparison): readonly number[] => {
    const row = rowOf(c.stage);
    return [row.tier, hosts.indexOf(c.target), row.position];
  };
  const ordered = [...comparisons].sort((a, b) => compareLists(place(a), place(b)));
  const batches = batchNumbers(comparisons, desired);
  const steps: Step[] = [];
  for (const comparison of ordered) steps.push(stepOf(comparison, steps, batches));
  return steps;
}

/** Which batch each host is in, among those of its side that change. */
function batchNumbers(comparisons: readonly Comparison[], desired: PlannedState): ReadonlyMap<string, number> {
  const changing = new Set(comparisons.map(({ target }) => target));
  return new Map(
    (['cs6', 'cs7'] as const).flatMap(product => {
      const hosts = hostsOf(desired, product).flatMap(({ name }) => (changing.has(name) ? [name] : []));
      return batchesOf(hosts, desired.roll[product]).flatMap((batch, i) => batch.map(host => [host, i] as const));
    }),
  );
}

function stepOf(comparison: Comparison, earlier: readonly Step[], batches: ReadonlyMap<string, number>): Step {
  const { kind, target, stage, changes, basis } = comparison;
  const required = earlier.filter(step => rowOf(stage).requires.includes(step.stage));
  const after = [...new Set([...required, ...previousSteps(comparison, earlier, batches)].map(step => step.id))];
  return { id: targetId(comparison), kind, target, stage, after, changes, ...(basis !== undefined && { basis }) };
}

/** Within a tier a host's steps follow each other, and its first waits for every host of the batch before: a failure there stops the roll. */
function previousSteps(
  { stage, target }: Comparison,
  earlier: readonly Step[],
  batches: ReadonlyMap<string, number>,
): readonly Step[] {
  const tier = earlier.filter(step => rowOf(step.stage).tier === rowOf(stage).tier);
  const own = tier.filter(step => step.target === target).slice(-1);
  const batch = batches.get(target);
  if (own.length > 0 || batch === undefined) return own.length > 0 ? own : tier.slice(-1);
  return tier.filter(
    (step, i) =>
      batches.get(step.target) === batch - 1 && !tier.slice(i + 1).some(later => later.target === step.target),
  );
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
