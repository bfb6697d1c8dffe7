import { count } from '../../core/count.ts';
import type { Plan } from '../../core/plan.ts';

/** When an apply asks for free/busy on its way, in one line; nothing where the file does not want it, or the plan gives no occasion. */
export function gateLines({ desired, direction, steps }: Plan): readonly string[] {
  const gates = desired.verify?.gates;
  if (!gates || direction === 'undo') return [];
  const restarts = steps.flatMap(step => step.changes).filter(({ action }) => action === 'restart').length;
  const moves = steps.flatMap(step => step.changes).filter(change => change.moves !== undefined).length;
  const occasions = [
    ...(moves > 0 ? [`every ${count(gates.moves, 'move')}`] : []),
    ...(gates.restarts && restarts > 0 ? [restarts === 1 ? 'the restart' : `each of ${restarts} restarts`] : []),
  ];
  if (occasions.length === 0) return [];
  const failure = gates.onFailure === 'stop' ? 'stops the run' : 'takes back what came last, and stops the run';
  return [`Gate: free/busy is asked before and after ${occasions.join(' and ')}; a failure ${failure}.`];
}
