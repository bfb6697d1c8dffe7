import type { Change, Move } from './change.ts';
import type { Step } from './plan.ts';

/** Changes that nothing takes back: calendars that are deleted. */
export function deletionsOf(steps: readonly Pick<Step, 'changes'>[]): readonly Change[] {
  return steps.flatMap(step => step.changes).filter(change => change.irreversible !== undefined);
}

/** Changes that put an account on the other side, one way; another store on the same side is none. */
export function movesOf(steps: readonly Pick<Step, 'changes'>[], way: Move, cohort?: string): readonly Change[] {
  return steps
    .flatMap(step => step.changes)
    .filter(change => change.moves === way && (cohort === undefined || change.group === cohort));
}
