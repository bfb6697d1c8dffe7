import { deletionsOf } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import type { Plan } from '../../../core/plan.ts';
import type { PlanReport } from '../../../core/report.ts';
import { countStates, type Run } from '../../../core/run.ts';
import { planNumbers } from '../../view/plan-counts.ts';
import type { Verdict } from '../page.ts';
import { listed } from '../texts.ts';

/** What a report with a plan comes to. */
export function planVerdict(report: PlanReport): Verdict {
  const { plan, refusals } = report;
  if ('run' in report && report.run) return runVerdict(report.run, report.exitCode);
  if (plan.nothingRead) return { tone: 'bad', word: 'Not read', sentence: 'Nothing could be read.' };
  const guards = refusals.filter(({ unread }) => !unread).length;
  if (guards > 0)
    return {
      tone: 'bad',
      word: 'Refused',
      sentence: `${count(guards, 'finding keeps', 'findings keep')} this from being applied. Nothing was written.`,
    };
  if (plan.unread.length > 0)
    return {
      tone: 'unsure',
      word: 'Incomplete',
      sentence: `${plan.steps.length === 0 ? 'What was read is in sync' : pending(report)}; ${listed(plan.unread)} could not be read.`,
    };
  if (plan.steps.length === 0 && plan.waiting)
    return {
      tone: 'unsure',
      word: 'Waiting',
      sentence: `${count(plan.waiting, 'change')} ${plan.waiting === 1 ? 'waits' : 'wait'} for hosts that are away.`,
    };
  if (plan.steps.length === 0)
    return plan.direction === 'undo'
      ? { tone: 'good', word: 'Nothing to take back', sentence: 'Nothing of that run is left.' }
      : { tone: 'good', word: 'In sync', sentence: 'What is live is what the file asks for.' };
  return { tone: 'warn', word: differences(plan), sentence: `${pending(report)}.` };
}

function differences(plan: Plan): string {
  const { restarts } = planNumbers(plan);
  const changes = plan.steps.reduce((sum, step) => sum + step.changes.length, 0) - restarts;
  return changes > 0 ? count(changes, 'change') : count(restarts, 'restart');
}

function pending({ command, plan }: PlanReport): string {
  const { restarts } = planNumbers(plan);
  const deletions = deletionsOf(plan.steps).length;
  const begun = command === 'apply' || command === 'undo' ? 'Nothing was begun. ' : '';
  const cost = restarts > 0 ? `${count(restarts, 'host restarts', 'hosts restart')}` : 'No host restarts';
  const held = deletions > 0 ? `; ${count(deletions, 'deletion')} held back until allowed by number` : '';
  return `${begun}${cost}${held}`;
}

function runVerdict(run: Run, exitCode: number): Verdict {
  const counts = countStates(run);
  const left = run.remaining.reduce((sum, { changes }) => sum + changes.length, 0);
  if (run.lost)
    return {
      tone: 'bad',
      word: 'Stopped',
      sentence: 'The lock was taken away from this run, and nothing was read again. Run it again to finish.',
    };
  if (run.interrupted)
    return { tone: 'warn', word: 'Interrupted', sentence: 'What was in hand was ended. Run it again to finish.' };
  if (run.unread.length > 0)
    return {
      tone: 'unsure',
      word: 'Not known',
      sentence: `${count(run.unread.length, 'target')} could not be read again: whether it converged is not known.`,
    };
  const failed = counts.failed + counts.refused + counts.unknown;
  if (left > 0 || failed > 0 || exitCode === 1) {
    const read = left > 0 ? `Read again: ${count(left, 'difference')} left.` : 'Read again: in sync.';
    return {
      tone: 'bad',
      word: 'Not finished',
      sentence: `${count(counts.done, 'change')} done, ${failed} failed or refused. ${read}`,
    };
  }
  const held = counts.held > 0 ? ` ${count(counts.held, 'change')} held back until allowed by number.` : '';
  return { tone: counts.held > 0 ? 'warn' : 'good', word: 'Done', sentence: `Read again: in sync.${held}` };
}
