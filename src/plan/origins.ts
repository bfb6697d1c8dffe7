import { canonicalJson } from '../core/canonical.ts';
import type { Change, Value } from '../core/change.ts';
import type { Step } from '../core/plan.ts';
import type { ChangeOrigin } from '../core/report.ts';

type AskedFor = Pick<Step, 'id' | 'changes'>;

/** What other wanted states than the planned one ask for, over the same live state. */
export interface EarlierPlans {
  /** Of the revision that the planned one is compared with. */
  readonly base: readonly AskedFor[];
  /** Of what was carried out last. */
  readonly applied: readonly AskedFor[];
}

/**
 * Where each change of some steps comes from, in their order. Two plans ask for the same change where they would bring
 * about the same; with which explanation, and for which cohort, does not matter.
 *
 * | the base asks for it | what was applied last asks for it |               |
 * |----------------------|-----------------------------------|---------------|
 * | no                   |                                   | `planned`     |
 * | yes                  | no                                | `not-applied` |
 * | yes                  | yes                               | `drift`       |
 */
export function labelOrigins(
  steps: readonly AskedFor[],
  { base, applied }: EarlierPlans,
): readonly (readonly ChangeOrigin[])[] {
  const [inBase, inApplied] = [changesOf(base), changesOf(applied)];
  const originOf = (name: string): ChangeOrigin => {
    if (!inBase.has(name)) return 'planned';
    return inApplied.has(name) ? 'drift' : 'not-applied';
  };
  return steps.map(({ id, changes }) => changes.map(change => originOf(nameOf(id, change))));
}

function changesOf(steps: readonly AskedFor[]): ReadonlySet<string> {
  return new Set(steps.flatMap(({ id, changes }) => changes.map(change => nameOf(id, change))));
}

function nameOf(step: string, { action, item, key, after }: Change): string {
  return canonicalJson([step, action, item, key, after === undefined ? null : asSet(after)]);
}

function asSet(value: Value): Value {
  return typeof value === 'string' ? value : value.toSorted();
}
