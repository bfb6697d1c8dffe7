import type { Change } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import type { BoundTarget, Item, Named } from '../kinds/managed-kind.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { identity } from './recheck.ts';

/** A target as one of several runs wanted it, and the changes that are held against that. */
export interface TargetOfRun {
  readonly target: BoundTarget;
  readonly owns: (change: Named) => boolean;
}

/** What was found of an item under the wishes of other runs. */
interface Found {
  readonly changes: readonly Change[];
  readonly unclear: readonly string[];
  /** Changes of which that was found. */
  readonly known: ReadonlySet<string>;
}

/**
 * One target for changes that several runs left: each is held against what the run wanted that left it, and all are carried out
 * by the newest of them, so that a file is written once. What is not found for one is not known.
 */
export function jointTarget(newest: TargetOfRun, others: readonly TargetOfRun[]): BoundTarget {
  const items = new WeakMap<Item, Item>();
  const all = [newest, ...others];
  return {
    ...newest.target,
    manages: change => (all.find(({ owns }) => owns(change)) ?? newest).target.manages(change),
    async *find(changes, ports) {
      const found = await findIn(others, changes, ports);
      const byItem = groupBy(changes, change => change.item);
      for await (const item of newest.target.find(changes, ports)) {
        const own = (byItem.get(item.name) ?? []).filter(change => !newest.owns(change));
        const beside = found.get(item.name);
        const made: Item = {
          ...item,
          changes: [...item.changes.filter(newest.owns), ...(beside?.changes ?? [])],
          unclear: [
            ...(item.unclear ?? []),
            ...(beside?.unclear ?? []),
            ...own.flatMap(change => (beside?.known.has(identity(change)) ? [] : [change.key])),
          ],
        };
        items.set(made, item);
        yield made;
      }
    },
    apply: (work, ports) =>
      newest.target.apply(
        work.map(({ item, changes }) => ({ item: items.get(item) ?? item, changes })),
        ports,
      ),
  };
}

async function findIn(
  others: readonly TargetOfRun[],
  changes: readonly Change[],
  ports: ReadPorts,
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const { target, owns } of others) {
    const own = changes.filter(owns);
    const byItem = groupBy(own, change => change.item);
    if (own.length === 0) continue;
    for await (const item of target.find(own, ports)) {
      const before = found.get(item.name) ?? { changes: [], unclear: [], known: new Set<string>() };
      const here = byItem.get(item.name) ?? [];
      found.set(item.name, {
        changes: [...before.changes, ...item.changes.filter(owns)],
        unclear: [...before.unclear, ...(item.unclear ?? []).filter(key => here.some(change => change.key === key))],
        known: new Set([...before.known, ...here.map(identity)]),
      });
    }
  }
  return found;
}
