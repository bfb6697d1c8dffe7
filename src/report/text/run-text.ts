import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import { type ChangeResult, countStates, type ResultState, type Run, type StepResult } from '../../core/run.ts';
import { renderFindings } from './finding-lines.ts';
import type { Style } from './style.ts';

const words: Readonly<Record<ResultState, string>> = {
  done: 'done',
  unchanged: 'unchanged',
  refused: 'refused',
  failed: 'FAILED',
  'not-run': 'not run',
  held: 'held back',
  'taken-back': 'taken back',
  unknown: 'NOT KNOWN',
};

/** What an apply did: a line for each step, what went wrong in full, and whether it converged. */
export function renderRun(run: Run, style: Style, verbose: boolean): readonly string[] {
  const width = Math.max(...run.steps.map(step => step.id.length));
  return [
    '',
    `${style.strong('apply')}  ${style.dim(printable(`run ${run.journal}`))}`,
    ...run.steps.flatMap(step => stepLines(step, width, style, verbose)),
    ...renderFindings(run.unread, style, verbose),
    verdict(run, style),
  ];
}

function stepLines(step: StepResult, width: number, style: Style, verbose: boolean): readonly string[] {
  const states = new Map<ResultState, ChangeResult[]>();
  for (const result of step.results) states.set(result.state, [...(states.get(result.state) ?? []), result]);
  const text = [...states]
    .map(([state, results]) => paint(state, style)(`${results.length} ${words[state]}`))
    .join(', ');
  const details = [...states].flatMap(([state, results]) => detailLines(state, results, style, verbose));
  return [
    `  ${printable(step.id).padEnd(width)}  ${text}`,
    ...details,
    ...renderFindings(step.finding ? [step.finding] : [], style, verbose),
  ];
}

function paint(state: ResultState, style: Style): (text: string) => string {
  if (state === 'failed' || state === 'refused' || state === 'unknown') return style.bad;
  return ['not-run', 'held', 'taken-back'].includes(state) ? style.warn : style.good;
}

/** Each different explanation once, with how many it explains and an example. */
function detailLines(
  state: ResultState,
  results: readonly ChangeResult[],
  style: Style,
  verbose: boolean,
): readonly string[] {
  if (state === 'unchanged' && !verbose) return [];
  const byDetail = new Map<string, ChangeResult[]>();
  for (const result of results)
    if (result.detail !== undefined) byDetail.set(result.detail, [...(byDetail.get(result.detail) ?? []), result]);
  return [...byDetail].flatMap(([detail, same]) => {
    const example =
      same.length < results.length || state === 'failed' || state === 'refused'
        ? ` ${printable(same[0]?.change.item ?? '')} ${printable(same[0]?.change.key ?? '')}`
        : '';
    const lines = printable(detail).split('\n');
    return [
      `      ${style.dim(`${words[state]}${example}: ${lines[0]}`)}`,
      ...lines.slice(1).map(line => `      ${line}`),
    ];
  });
}

function verdict(run: Run, style: Style): string {
  const counts = countStates(run);
  const text = Object.entries(counts)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n.toLocaleString('en-US')} ${words[state as ResultState]}`)
    .join(', ');
  if (run.lost) return style.bad(`${text}. Stopped: the lock was taken away from this run. It was not read again.`);
  if (run.interrupted) return style.warn(`${text}. Interrupted: run it again to finish.`);
  const left = run.remaining.reduce((sum, r) => sum + r.changes.length, 0);
  if (run.unread.length > 0)
    return style.bad(
      `${text}. Whether it converged is not known: ${count(run.unread.length, 'target')} could not be read again.`,
    );
  if (left === 0) return style.good(`${text}. Read again: in sync.`);
  return style.bad(
    `${text}. Read again: ${count(left, 'difference')} left on ${printable([...new Set(run.remaining.map(r => r.target))].join(', '))}.`,
  );
}
