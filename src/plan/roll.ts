import type { HostCount } from '../core/desired.ts';

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
