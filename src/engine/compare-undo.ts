import { TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { UndoComparison } from '../plan/undo.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { recheckUndo } from './recheck.ts';
import { targetOf } from './running.ts';

/** Reads what inverse steps would take back. */
export function compareUndo(
  steps: readonly Step[],
  targets: readonly BoundTarget[],
  ports: ReadPorts,
): Promise<readonly UndoComparison[]> {
  return Promise.all(
    steps.map(async (step): Promise<UndoComparison> => {
      try {
        const { todo, settled } = await recheckUndo(step, targetOf(step, targets), ports);
        const due = new Set(todo.flatMap(({ changes }) => changes));
        const moved = settled.filter(({ state }) => state === 'refused');
        return {
          step,
          changes: step.changes.filter(change => due.has(change)),
          refused: moved.map(({ change }) => change),
          moved: moved.map(({ change, detail }) => `${change.item} ${change.key}: ${detail}`),
        };
      } catch (problem) {
        if (!(problem instanceof TargetProblem)) throw problem;
        return { step, changes: [], refused: [], moved: [], unread: problem.finding };
      }
    }),
  );
}
