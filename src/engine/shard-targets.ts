import type { PlannedState } from '../core/connection.ts';
import type { Comparison } from '../core/plan.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { hostsOfShard, isInShard, type Shard } from '../plan/shard.ts';
import { foldAlike, inOrder } from './compare.ts';

const directory = 'directory';

/**
 * What one part looks at: some of the hosts, each with all that concerns it, and of the directory some of the accounts. The
 * server still answers each search in every part, because no filter tells the parts apart; a part keeps its own.
 */
export function shardTargets(
  targets: readonly BoundTarget[],
  state: Pick<PlannedState, 'cs6' | 'cs7'>,
  shard: Shard,
): readonly BoundTarget[] {
  const hosts = hostsOfShard(state, shard);
  return targets
    .filter(({ target }) => target === directory || hosts.has(target))
    .map(target => (target.target === directory ? someAccounts(target, shard) : target));
}

/** What concerns the directory as a whole is the first part's. */
function someAccounts(target: BoundTarget, shard: Shard): BoundTarget {
  return {
    ...target,
    inspect: async ports => (shard.number === 1 ? target.inspect(ports) : []),
    async *items(ports) {
      for await (const item of target.items(ports)) if (isInShard(item.name, shard)) yield item;
    },
  };
}

/** What several parts found of one target, as if one had looked at all of it. */
export function joinShards(comparisons: readonly Comparison[]): Pick<Comparison, 'changes' | 'findings'> {
  const folded = foldAlike();
  for (const finding of comparisons.flatMap(({ findings }) => findings)) folded.add(finding);
  return inOrder({ changes: comparisons.flatMap(({ changes }) => changes), findings: folded.all() });
}
