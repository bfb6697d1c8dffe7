import { ChangeList } from '../core/change-list.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { UndoComparison } from '../plan/undo.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { compareList } from './execute-list.ts';
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
        if (step.changes instanceof ChangeList) return await compareListUndo(step, step.changes, targets, ports);
        const changes = [...step.changes];
        const { todo, settled } = await recheckUndo({ changes }, targetOf(step, targets), ports);
        const due = new Set(todo.flatMap(({ changes }) => changes));
        const moved = settled.filter(({ state }) => state === 'refused');
        return {
          step,
          changes: changes.filter(change => due.has(change)),
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

async function compareListUndo(
  step: Step,
  changes: ChangeList,
  targets: readonly BoundTarget[],
  ports: ReadPorts,
): Promise<UndoComparison> {
  const { due, refused } = await compareList(changes, targetOf(step, targets), ports);
  const moved = refused.map(({ change, detail }) => `${change.item} ${change.key}: ${detail}`);
  return { step, changes: due, refused: refused.map(({ change }) => change), moved };
}
