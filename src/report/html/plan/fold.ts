import { groupBy } from '../../../core/group-by.ts';
import type { PlacedChange } from '../../view/placed-changes.ts';

/** Changes that are told as one, because they differ in host or account only. */
export interface Folded {
  readonly first: PlacedChange;
  readonly all: readonly PlacedChange[];
}

/** Equal changes as one. A value that is copied for each account, or lost by each, does not tell them apart. */
export function foldEqual(placed: readonly PlacedChange[]): readonly Folded[] {
  return [...groupBy(placed, likeness).values()].flatMap(all => (all[0] ? [{ first: all[0], all }] : []));
}

function likeness({ target, change, origin }: PlacedChange): string {
  const { action, key, before, after, reason, group, irreversible } = change;
  const copied = target === 'directory' && action === 'create' && group === undefined;
  return JSON.stringify([
    action,
    key,
    irreversible === undefined ? before : '',
    copied ? '' : after,
    reason,
    origin,
    action === 'restart' && before,
  ]);
}

/** Whether not all of them have the same value there. */
export function differs({ first, all }: Folded, side: 'before' | 'after'): boolean {
  const value = JSON.stringify(first.change[side]);
  return all.some(({ change }) => JSON.stringify(change[side]) !== value);
}
