import { count } from '../../core/count.ts';
import { groupBy } from '../../core/group-by.ts';
import { printable } from '../../core/printable.ts';
import { type ChangeResult, countStates, type ResultState, type Run, type StepResult } from '../../core/run.ts';
import { type FoldedResults, foldResults, resultWords, statesIn } from '../view/run-results.ts';
import { differencesLeft, type RunVerdict, runVerdict } from '../view/verdict.ts';
import { renderFindings } from './finding-lines.ts';
import type { Style } from './style.ts';

/** What an apply did: a line for each step, what went wrong in full, and whether it converged. */
export function renderRun(run: Run, style: Style, verbose: boolean): readonly string[] {
  const width = Math.max(...run.steps.map(step => step.id.length));
  return [
    '',
    `${style.strong('apply')}  ${style.dim(printable(`run ${run.journal}`))}`,
    ...run.steps.flatMap(step => stepLines(step, width, style, verbose)),
    ...renderFindings(run.unread, style, verbose),
    closing(run, style),
  ];
}

function stepLines(step: StepResult, width: number, style: Style, verbose: boolean): readonly string[] {
  const states = [...groupBy(step.results, ({ state }) => state).values()];
  const text = states.flatMap(([first, ...others]) =>
    first ? [paint(first.state, style)(`${others.length + 1} ${wordOf(first.state)}`)] : [],
  );
  return [
    `  ${printable(step.id).padEnd(width)}  ${text.join(', ')}`,
    ...states.flatMap(same => detailLines(same, style, verbose)),
    ...renderFindings(step.finding ? [step.finding] : [], style, verbose),
  ];
}

/** Without colours and pictures, what must not be overlooked has capitals. */
function wordOf(state: ResultState): string {
  const { word } = resultWords[state];
  return state === 'failed' || state === 'unknown' ? word.toUpperCase() : word;
}

function paint(state: ResultState, style: Style): (text: string) => string {
  const { tone } = resultWords[state];
  return tone === 'bad' ? style.bad : tone === 'warn' ? style.warn : style.good;
}

/** Each different explanation once, with an example unless it explains all of them. */
function detailLines(sameState: readonly ChangeResult[], style: Style, verbose: boolean): readonly string[] {
  return foldResults(sameState).flatMap(({ first, all }: FoldedResults) => {
    const { state, detail, change } = first;
    if (detail === undefined || (state === 'unchanged' && !verbose)) return [];
    const named = all.length < sameState.length || state === 'failed' || state === 'refused';
    const example = named ? ` ${printable(change.item)} ${printable(change.key)}` : '';
    const [line, ...more] = printable(detail).split('\n');
    return [`      ${style.dim(`${wordOf(state)}${example}: ${line}`)}`, ...more.map(text => `      ${text}`)];
  });
}

const paints: Readonly<Record<RunVerdict, keyof Style>> = {
  lost: 'bad',
  interrupted: 'warn',
  'not-known': 'bad',
  unfinished: 'bad',
  held: 'warn',
  done: 'good',
};

function closing(run: Run, style: Style): string {
  const verdict = runVerdict(run);
  const counts = statesIn(countStates(run)).map(({ state, n }) => `${n.toLocaleString('en-US')} ${wordOf(state)}`);
  return style[paints[verdict]](`${counts.join(', ')}. ${endText(verdict, run)}`);
}

function endText(verdict: RunVerdict, run: Run): string {
  const left = differencesLeft(run);
  switch (verdict) {
    case 'lost':
      return 'Stopped: the lock was taken away from this run. It was not read again.';
    case 'interrupted':
      return 'Interrupted: run it again to finish.';
    case 'not-known':
      return `Whether it converged is not known: ${count(run.unread.length, 'target')} could not be read again.`;
    default:
      return left === 0
        ? 'Read again: in sync.'
        : `Read again: ${count(left, 'difference')} left on ${printable([...new Set(run.remaining.map(r => r.target))].join(', '))}.`;
  }
}
