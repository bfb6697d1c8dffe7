import { targetId } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
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

/**
 * Hosts come in the order of the file, so that the first is the canary. Within a tier a host's steps follow each other, and its
 * first waits for every host of the batch before: a failure there stops the roll. Stages and batches are named and their steps
 * are not listed: a plan grows as its hosts do.
 */
export function orderSteps(comparisons: readonly Comparison[], desired: PlannedState): readonly Step[] {
  const places = new Map(desired.hosts.map(({ name }, i) => [name, i]));
  const place = ({ stage, target }: Comparison): readonly number[] => {
    const { tier, position } = rowOf(stage);
    return [tier, places.get(target) ?? -1, position];
  };
  const ordered = comparisons
    .map(comparison => ({ comparison, at: place(comparison) }))
    .sort((a, b) => compareLists(a.at, b.at));
  const batches = batchNumbers(comparisons, desired);
  const begun = new Set<string>();
  let previous: Step | undefined;
  return ordered.map(({ comparison }) => {
    previous = stepOf(comparison, previous, begun, batches);
    begun.add(comparison.stage);
    return previous;
  });
}

/** Which batch each host is in, from 1, among those of its side that change. */
function batchNumbers(comparisons: readonly Comparison[], desired: PlannedState): ReadonlyMap<string, number> {
  const changing = new Set(comparisons.map(({ target }) => target));
  return new Map(
    (['cs6', 'cs7'] as const).flatMap(product => {
      const hosts = hostsOf(desired, product).flatMap(({ name }) => (changing.has(name) ? [name] : []));
      return batchesOf(hosts, desired.roll[product]).flatMap((batch, i) => batch.map(host => [host, i + 1] as const));
    }),
  );
}

/** `previous`: the step before it, of whatever tier; `begun`: the stages that have steps before it. */
function stepOf(
  comparison: Comparison,
  previous: Step | undefined,
  begun: ReadonlySet<string>,
  batches: ReadonlyMap<string, number>,
): Step {
  const { kind, target, stage, changes, basis } = comparison;
  const { tier, requires } = rowOf(stage);
  const batch = batches.get(target);
  const sameTier = previous !== undefined && rowOf(previous.stage).tier === tier;
  const follows = sameTier && (previous.target === target || batch === undefined) ? [previous.id] : [];
  return {
    ...{ id: targetId(comparison), kind, target, stage },
    after: [...requires.filter(required => begun.has(required)), ...follows],
    ...(batch !== undefined && { batch }),
    changes,
    ...(basis !== undefined && { basis }),
  };
}

/** Compares lists of numbers by the first that differs. */
export function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/**
 * What each step of a plan waits for: the ids of steps, in the order of the plan. A name that is neither a step's nor a stage's
 * stays in the list, so that a step which waits for something unknown never begins.
 */
export function waitsOf(steps: readonly Step[]): (step: Step) => readonly string[] {
  const ids = new Set(steps.map(({ id }) => id));
  const stages = idsBy(steps, ({ stage }) => stage);
  const batched = steps.filter(({ batch }) => batch !== undefined);
  const batches = idsBy(batched, batchName);
  const before = batchesBefore(batched);
  return step => {
    const named = step.after.flatMap(name => (ids.has(name) ? [name] : (stages.get(name) ?? [name])));
    const earlier = batches.get(before.get(batchName(step)) ?? '');
    return earlier ? [...named, ...earlier] : named;
  };
}

function idsBy(steps: readonly Step[], nameOf: (step: Step) => string): ReadonlyMap<string, readonly string[]> {
  return new Map([...groupBy(steps, nameOf)].map(([name, own]) => [name, own.map(({ id }) => id)]));
}

function batchName({ stage, batch }: Step): string {
  return `${rowOf(stage).tier} ${batch}`;
}

/** Of each batch the one before it in its tier; a part of a plan may lack some. */
function batchesBefore(batched: readonly Step[]): ReadonlyMap<string, string> {
  const tiers = groupBy(batched, ({ stage }) => `${rowOf(stage).tier}`);
  const pairs = [...tiers].flatMap(([tier, own]) => {
    const numbers = [...new Set(own.map(({ batch = 0 }) => batch))].sort((a, b) => a - b);
    return numbers.slice(1).map((number, i) => [`${tier} ${number}`, `${tier} ${numbers[i]}`] as const);
  });
  return new Map(pairs);
}
