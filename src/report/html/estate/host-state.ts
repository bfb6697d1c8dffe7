import { count } from '../../../core/count.ts';
import { groupBy } from '../../../core/group-by.ts';
import type { Plan } from '../../../core/plan.ts';
import type { PlanReport } from '../../../core/report.ts';
import type { ResultState, Run } from '../../../core/run.ts';
import { accountCountsText } from '../../view/plan-counts.ts';
import { resultWords } from '../../view/run-results.ts';
import { runOf } from '../../view/verdict.ts';
import type { Mark } from '../elements.ts';

/** How a target stands: a mark, what a colour is chosen by, and the words that say the same. */
export interface ShownState {
  readonly mark: Mark;
  readonly tone: 'idle' | 'note' | 'good' | 'warn' | 'bad' | 'unsure';
  readonly words: string;
  readonly changes: number;
  readonly restarts: boolean;
}

/** The state of each host, and of `directory`: what a plan does to it, or what became of that. */
export function hostStates(report: PlanReport): (target: string) => ShownState {
  const run = runOf(report);
  const byTarget = groupBy(report.plan.steps, step => step.target);
  const results = run && worstStates(run);
  return target => {
    const planned = plannedState(target, byTarget.get(target) ?? [], report.plan);
    const became = results?.get(target);
    return became === undefined ? planned : { ...planned, ...ranState(became, planned) };
  };
}

function plannedState(target: string, steps: Plan['steps'], plan: Plan): ShownState {
  const all = steps.flatMap(step => step.changes);
  const restarts = all.some(({ action }) => action === 'restart');
  const changes = all.filter(({ action }) => action !== 'restart').length;
  if (plan.unread.includes(target)) return { mark: 'unsure', tone: 'unsure', words: 'not read', changes, restarts };
  if (all.length === 0) return { mark: 'good', tone: 'idle', words: 'in sync', changes, restarts };
  const words = target === 'directory' ? accountCountsText(steps) : hostWords(changes, restarts);
  return restarts
    ? { mark: 'restart', tone: 'warn', words, changes, restarts }
    : { mark: 'update', tone: 'note', words, changes, restarts };
}

function hostWords(changes: number, restarts: boolean): string {
  if (changes === 0) return 'restart';
  return `${count(changes, 'change')}${restarts ? ', restart' : ''}`;
}

/** From the best to the worst: the worst is what a host is shown by. */
const order: readonly ResultState[] = [
  'unchanged',
  'done',
  'held',
  'not-run',
  'taken-back',
  'refused',
  'unknown',
  'failed',
];

function worstStates({ steps }: Run): ReadonlyMap<string, ResultState> {
  const worst = new Map<string, ResultState>();
  for (const { target, results } of steps)
    for (const { state } of results)
      if (order.indexOf(state) > order.indexOf(worst.get(target) ?? 'unchanged') || !worst.has(target))
        worst.set(target, state);
  return worst;
}

function ranState(state: ResultState, { restarts }: ShownState): Pick<ShownState, 'mark' | 'tone' | 'words'> {
  const { word, tone } = resultWords[state];
  return { mark: tone, tone, words: state === 'done' && restarts ? 'done, restarted' : word };
}
