import type { Plan } from '../../core/plan.ts';
import { rowOf, type StageRow, stages } from '../../core/stages.ts';
import type { PlacedChange } from './placed-changes.ts';
import { cohortTitle } from './plan-facts.ts';

/** Changes of accounts under one heading. */
export interface AccountBlock {
  readonly heading: string;
  /** The cohort; absent where the stage is not drawn by cohort. */
  readonly cohort?: string;
  readonly placed: readonly PlacedChange[];
}

/** Whether a change is drawn under the host that it is made on. */
export function isOfHost({ stage }: Pick<PlacedChange, 'stage'>): boolean {
  return rowOf(stage).view.by === 'host';
}

/** All changes that are not drawn under a host, stage by stage; every one of them is in a block. */
export function accountBlocks(plan: Plan, placed: readonly PlacedChange[]): readonly AccountBlock[] {
  return stages.flatMap(row =>
    blocksOf(
      row,
      plan,
      placed.filter(({ stage }) => stage === row.stage),
    ),
  );
}

function blocksOf({ view, counted }: StageRow, plan: Plan, placed: readonly PlacedChange[]): readonly AccountBlock[] {
  if (placed.length === 0) return [];
  switch (view.by) {
    case 'host':
      return [];
    case 'cohort':
      return cohortsOf(plan, placed).map(cohort => ({
        heading: cohortTitle(cohort, plan),
        cohort,
        placed: placed.filter(({ change }) => (change.group ?? '') === cohort),
      }));
    case 'account':
      return [{ heading: plan.direction === 'undo' ? counted.many : view.heading, placed }];
    case 'host-account':
      return [...new Set(placed.map(({ target }) => target))].map(target => ({
        heading: view.heading.replace('{host}', () => target),
        placed: placed.filter(one => one.target === target),
      }));
  }
}

/** Those of the file in its order, then any other; nobody knows the cohort of ''. */
function cohortsOf({ desired }: Plan, placed: readonly PlacedChange[]): readonly string[] {
  const groups = new Set(placed.map(({ change }) => change.group ?? ''));
  const named = desired.cohorts.map(({ name }) => name).filter(name => groups.has(name));
  return [...new Set([...named, ...groups])];
}
