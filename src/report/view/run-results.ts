import { groupBy } from '../../core/collections.ts';
import { countStates, ResultList } from '../../core/result-list.ts';
import type { ChangeResult, ResultState, Results, Run, StepResult } from '../../core/run.ts';
import { type ChangeNumbers, changeNumbersText, countChanges, sumNumbers } from './plan-counts.ts';
import type { Tone } from './verdict.ts';

/** The states of a result in the order they are shown, in words, and how each is to be taken. */
export const resultWords: Readonly<Record<ResultState, { readonly word: string; readonly tone: Tone }>> = {
  done: { word: 'done', tone: 'good' },
  unchanged: { word: 'unchanged', tone: 'note' },
  failed: { word: 'failed', tone: 'bad' },
  refused: { word: 'refused', tone: 'bad' },
  unknown: { word: 'not known', tone: 'bad' },
  'not-run': { word: 'not run', tone: 'warn' },
  'taken-back': { word: 'taken back', tone: 'warn' },
  held: { word: 'held back', tone: 'warn' },
};

/** The states there are any results in, in the order they are shown, with how many. */
export function statesIn(
  counts: Readonly<Record<ResultState, number>>,
): readonly { readonly state: ResultState; readonly n: number; readonly word: string; readonly tone: Tone }[] {
  return (Object.keys(resultWords) as readonly ResultState[])
    .map(state => ({ state, n: counts[state], ...resultWords[state] }))
    .filter(({ n }) => n > 0);
}

/** `142 changes, 6 restarts`: what a run was to do. The numbers of its states add up to both together. */
export function runTotalText({ steps }: Pick<Run, 'steps'>): string {
  return changeNumbersText(sumNumbers(steps.flatMap(({ results }) => foldResults(results).map(numbersOfFold))));
}

/** `140 done, 2 held back`: what became of a run's changes and restarts. */
export function runStatesText(run: Pick<Run, 'steps'>): string {
  return statesIn(countStates(run))
    .map(({ n, word }) => `${n.toLocaleString('en-US')} ${word}`)
    .join(', ');
}

/** Whether a result is as it should be. */
export function endedWell({ state }: Pick<ChangeResult, 'state'>): boolean {
  return state === 'done' || state === 'unchanged';
}

/** Results of a step about which the same is said. */
export interface FoldedResults {
  readonly first: ChangeResult;
  /** All of them, or the first of a long list. */
  readonly all: readonly ChangeResult[];
  /** How many they are. */
  readonly n: number;
}

/** How many results of a long list are named of those about which the same is said. */
const mostNamed = 100;

/** Results by their state and what they say; `apart` keeps those asunder that a format shows one by one. */
export function foldResults(
  results: Results,
  apart: (result: ChangeResult) => readonly (string | undefined)[] = () => [],
): readonly FoldedResults[] {
  const keyOf = (one: ChangeResult) => JSON.stringify([one.state, one.detail, ...apart(one)]);
  if (results instanceof ResultList) return foldList(results, keyOf);
  return [...groupBy([...results], keyOf).values()].flatMap(all =>
    all[0] ? [{ first: all[0], all, n: all.length }] : [],
  );
}

function foldList(results: ResultList, keyOf: (result: ChangeResult) => string): readonly FoldedResults[] {
  const folds = new Map<string, { first: ChangeResult; all: ChangeResult[]; n: number }>();
  for (const result of results) {
    const key = keyOf(result);
    const fold = folds.get(key) ?? { first: result, all: [], n: 0 };
    folds.set(key, fold);
    if (fold.n++ < mostNamed) fold.all.push(result);
  }
  return [...folds.values()];
}

/** How many changes and restarts are folded; a long list has no restarts. */
export function numbersOfFold({ all, n }: FoldedResults): ChangeNumbers {
  return all.length === n ? countChanges(all.map(({ change }) => change)) : { changes: n, restarts: 0 };
}

/** Whether something in a step went wrong. */
export function wentWrong({ finding, results }: StepResult): boolean {
  return finding !== undefined || statesIn(countStates({ steps: [{ results }] })).some(({ tone }) => tone === 'bad');
}
