import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { Step } from '../../src/core/plan.ts';
import type { ResultState, StepResult } from '../../src/core/run.ts';
import { recordedResults, resultLine } from '../../src/engine/recorded-results.ts';
import { readRunRecord } from '../../src/engine/run-record.ts';

/** What became of each change, from a record. */
const at = '2026-11-22T10:00:00.000Z';
const changes: readonly Change[] = ['a', 'b', 'c', 'd'].map(key => ({ action: 'update', item: '/f', key, after: 'x' }));
const step: Step = { id: 'h/k', kind: 'k', target: 'h', stage: 'cs6-config', after: [], changes };

const schema: object = JSON.parse(readFileSync('schemas/record.schema.json', 'utf8'));
const text = (...lines: readonly object[]) => lines.map(line => `${JSON.stringify({ at, ...line })}\n`).join('');

function statesOf(record: string): readonly ResultState[] {
  const read = readRunRecord('r', record, schema);
  if (!read) throw new Error('it is no record');
  return recordedResults({ steps: [step] }, read).flatMap(({ results }) => results.map(({ state }) => state));
}

function resultOf(states: readonly (readonly [ResultState, string?])[]): StepResult {
  const results = states.map(([state, detail], i) => ({
    change: changes[i] ?? { action: 'update' as const, item: '', key: '' },
    state,
    ...(detail !== undefined && { detail }),
  }));
  return { id: step.id, target: 'h', kind: 'k', results };
}

it.each([
  ['all alike', resultOf([['done'], ['done'], ['done'], ['done']])],
  ['most alike', resultOf([['failed', 'no'], ['done'], ['done'], ['unchanged']])],
  ['none alike', resultOf([['done'], ['failed', 'a'], ['failed', 'b'], ['held']])],
])('a result comes back as it was, with %s', (_, result) => {
  const read = readRunRecord('r', text(resultLine(result)), schema);
  expect(read && recordedResults({ steps: [step] }, read)).toEqual([result]);
});

it('keeps only what is unlike the rest', () => {
  expect(resultLine(resultOf([['done'], ['done'], ['failed', 'no'], ['done']]))).toEqual({
    line: 'result',
    step: 'h/k',
    state: 'done',
    others: [{ change: 2, state: 'failed', detail: 'no' }],
  });
});

it('the last line of a step counts', () => {
  const [done, back] = [resultOf([['done'], ['done'], ['done'], ['done']]), 'taken-back' as const];
  const taken = resultOf([[back], [back], [back], [back]]);
  expect(statesOf(text(resultLine(done), resultLine(taken)))).toEqual([back, back, back, back]);
});

const write = { step: 'h/k', target: 'h', operation: 'replace', path: '/f', before: 'absent', after: 'x' };
const begin = { line: 'begin', write: 1, ...write, keys: ['a', 'b'] };

it('of a step that had not ended, the writes say it', () => {
  expect(statesOf(text(begin, { line: 'end', write: 1, state: 'done' }))).toEqual([
    'done',
    'done',
    'not-run',
    'not-run',
  ]);
  expect(statesOf(text(begin))).toEqual(['unknown', 'unknown', 'not-run', 'not-run']);
});

it('nothing is known of a step where a line of the record is none', () => {
  expect(statesOf(`${text(begin)}nonsense\n${text({ line: 'end', write: 1, state: 'done' })}`)).toEqual(
    Array.from({ length: 4 }, () => 'unknown'),
  );
});
