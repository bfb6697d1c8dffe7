import { type Change, targetId } from '../core/change.ts';
import { ChangeList, type Changes, withFacts } from '../core/change-list.ts';
import { groupBy } from '../core/collections.ts';
import { type ChangeOrigin, type Comparison, leftOutBy, type Narrowing, type Step } from '../core/plan.ts';
import { rowOf } from '../core/stages.ts';
import type { Origins } from './origins.ts';

/** The changes of a step that names and origins tell apart: of accounts, those of one cohort. */
export interface Unit extends Pick<Step, 'id' | 'kind' | 'target' | 'stage'> {
  readonly cohort: string | undefined;
  readonly origin: ChangeOrigin | undefined;
  /** Whether live is as was applied last, there where the changes are made. */
  readonly asApplied: boolean;
  readonly changes: Changes;
}

/** The units of some steps, in their order. */
export function unitsOf(steps: readonly Step[], origins?: Origins): readonly Unit[] {
  return steps.flatMap(({ id, kind, target, stage, changes }) => {
    const about = { id, kind, target, stage };
    const byHost = rowOf(stage).view.by === 'host';
    return alikeUnits(
      changes,
      change => `${origins?.of(id, change)} ${byHost ? '' : (change.group ?? '')}`,
      origins,
    ).map((own): Unit => {
      const first = own.at(0);
      const origin = first && origins?.of(id, first);
      const asApplied = origins !== undefined && own.every(change => origins.isAsApplied(id, change));
      return { ...about, cohort: byHost ? undefined : first?.group, origin, asApplied, changes: own };
    });
  });
}

/** Changes by a name. Those of a list stay one as long as only their groups tell them apart. */
function alikeUnits(
  changes: Changes,
  nameOf: (change: Change) => string,
  origins: Origins | undefined,
): readonly Changes[] {
  if (origins || !(changes instanceof ChangeList)) return [...groupBy([...changes], nameOf).values()];
  const groups = [...new Set(changes.counts.map(({ facts }) => facts.group))];
  return groups.map(group => withFacts(changes, one => one.group === group));
}

/** All units of a plan, and what was compared, by the ids of steps. */
export interface Whole {
  readonly units: readonly Unit[];
  readonly looked: ReadonlyMap<string, Comparison>;
}

/** A plan and what was compared for it, as they are looked at to part the plan. */
export function wholeOf(steps: readonly Step[], looked: readonly Comparison[], origins?: Origins): Whole {
  return { units: unitsOf(steps, origins), looked: new Map(looked.map(one => [targetId(one), one])) };
}

export interface Parts {
  readonly kept: readonly Unit[];
  readonly left: readonly Unit[];
}

/**
 * A restart that only the changes of this plan would owe is not due without them. One that chosen changes owe is chosen with
 * them, wherever it comes from.
 */
export function partUnits({ units, looked }: Whole, narrowing: Narrowing): Parts {
  const chosen = units.filter(unit => leftOutBy(narrowing, unit) === undefined);
  const owing = new Set(chosen.flatMap(unit => owedBy(unit, looked) ?? []));
  const isOwed = (unit: Unit) => owing.has(restartName(unit) ?? '');
  const kept = units.filter(unit => {
    const by = leftOutBy(narrowing, unit);
    return by === undefined ? isDue(unit, looked) || isOwed(unit) : by === 'origin' && isOwed(unit);
  });
  const isKept = new Set(kept);
  return { kept, left: units.filter(unit => leftOutBy(narrowing, unit) !== undefined && !isKept.has(unit)) };
}

/** Whether it is a difference by itself: the restart of a service that runs with its configuration is not. */
function isDue(unit: Unit, looked: Whole['looked']): boolean {
  return rowOf(unit.stage).brings === undefined || looked.get(unit.id)?.changes.length !== 0;
}

/** The name of the restart that a change takes effect with, if it does with a restart only. */
export function owedBy({ id, stage, target }: Unit, looked: Whole['looked']): string | undefined {
  return looked.get(id)?.takenUp === undefined ? `${stage} ${target}` : undefined;
}

/** The name of a restart: what it brings into effect, and where; nothing of what is no restart. */
export function restartName({ stage, target }: Unit): string | undefined {
  const { brings } = rowOf(stage);
  return brings === undefined ? undefined : `${brings} ${target}`;
}
