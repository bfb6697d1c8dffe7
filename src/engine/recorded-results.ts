import type { Change } from '../core/change.ts';
import type { Plan, Step } from '../core/plan.ts';
import { ResultList, type Saying } from '../core/result-list.ts';
import type { ChangeResult, ResultState, Results, StepResult } from '../core/run.ts';
import type { ResultLine } from '../ports/journal.ts';
import type { RunRecord } from './run-record.ts';
import { writtenSteps } from './written-changes.ts';

/** The result of a step as a line of the record: what most of its changes ended in, and the others one by one. */
export function resultLine({ id, results, finding }: StepResult): ResultLine {
  const said = sayingsOf(results);
  const alike = new Map<string, number>();
  for (const one of said) alike.set(saying(one), (alike.get(saying(one)) ?? 0) + 1);
  const [usual = ''] = [...alike].toSorted(([, a], [, b]) => b - a)[0] ?? [];
  let first: Saying | undefined;
  const others: { change: number; state: ResultState; detail?: string }[] = [];
  for (const [change, one] of said.entries()) {
    const { state, detail } = one;
    if (saying(one) === usual) first ??= one;
    else others.push({ change, state, ...(detail !== undefined && { detail }) });
  }
  return {
    line: 'result',
    step: id,
    state: first?.state ?? 'done',
    ...(first?.detail !== undefined && { detail: first.detail }),
    ...(others.length > 0 && { others }),
    ...(finding && { finding }),
  };
}

/** What is said of each, by its place. */
function sayingsOf(results: Results): readonly Saying[] {
  if (!(results instanceof ResultList)) return [...results];
  return Array.from({ length: results.length }, (_, place) => results.sayingAt(place));
}

function saying({ state, detail }: { readonly state: ResultState; readonly detail?: string | undefined }): string {
  return `${state} ${detail ?? ''}`;
}

/**
 * What became of every change of a run, as its record says. Of a step that had not ended when the record breaks off, the writes
 * say it: what was written and has no end is not known. Nor is anything of a step that the record does not reach.
 */
export function recordedResults(plan: Pick<Plan, 'steps'>, record: RunRecord): readonly StepResult[] {
  const written = new Map(writtenSteps(plan, record).map(step => [step.id, step.changes]));
  return plan.steps.map(step => {
    const { id, target, kind, changes } = step;
    const line = record.results.get(id);
    if (record.knownSteps?.has(id) === false)
      return { id, target, kind, results: changes.map(change => ({ change, state: 'unknown' as const })) };
    if (line)
      return { id, target, kind, results: resultsOf(step, line), ...(line.finding && { finding: line.finding }) };
    const state = record.open.some(write => write.step === id) ? 'unknown' : 'done';
    const made = written.get(id) ?? [];
    return {
      id,
      target,
      kind,
      results: changes.map(change => ({ change, state: isAmong(made, change) ? state : 'not-run' })),
    };
  });
}

function isAmong(changes: Step['changes'], { item, key }: Change): boolean {
  return changes.some(one => one.item === item && one.key === key);
}

function resultsOf({ changes }: Step, { state, detail, others = [] }: ResultLine): readonly ChangeResult[] {
  const byPlace = new Map(others.map(one => [one.change, one]));
  return changes.map((change, i) => {
    const said = byPlace.get(i) ?? { state, detail };
    return { change, state: said.state, ...(said.detail !== undefined && { detail: said.detail }) };
  });
}
