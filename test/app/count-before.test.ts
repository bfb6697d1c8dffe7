import { expect, it } from 'vitest';
import { countBefore } from '../../src/app/applied-before.ts';
import { openLocalRecords } from '../../src/app/local-records.ts';
import type { LocalFiles } from '../../src/ports/local-files.ts';
import { offline } from '../estate/offline.ts';

const line = (value: object) => JSON.stringify({ at: '2026-11-22T10:00:00.000Z', ...value });
const head = (counted: number, all = true) =>
  line({
    ...{ line: 'run', formatVersion: 1, estate: 'e', plan: 'p', desired: 'd', tool: '0', changes: 1 },
    accounts: { counted, all },
  });
const finished = line({ line: 'finished', counts: {}, converged: true });
const record = (...lines: readonly string[]) => lines.map(text => `${text}\n`).join('');

/** More than both ends that are read. */
const writes = Array.from({ length: 2000 }, (_, write) =>
  line({
    ...{ line: 'begin', write: write + 1, step: 's', target: 't', operation: 'modify', modifications: [] },
    dn: `uid=${write},ou=People,o=isp`,
  }),
);

/** A folder of records; how many bytes were asked for is counted. */
function folderWith(files: Readonly<Record<string, string>>): LocalFiles & { readonly asked: readonly number[] } {
  const asked: number[] = [];
  const bytes = (path: string, limit: number) => {
    asked.push(limit);
    const text = files[path.replace('runs/', '')];
    if (text === undefined) throw new Error('there is no such file');
    return Buffer.from(text);
  };
  return {
    ...offline({}).files,
    asked,
    list: async () => Object.keys(files),
    read: async (path, limit = Number.POSITIVE_INFINITY) => bytes(path, limit).subarray(0, limit),
    readEnd: async (path, limit) => bytes(path, limit).subarray(-limit),
  };
}

const recordsIn = (files: LocalFiles) => openLocalRecords('runs', { ...offline({}), files });

it.each([
  ['the newest', { 'b.jsonl': record(head(20), finished), 'a.jsonl': record(head(10), finished) }, 20, 'b'],
  ['one that was finished', { 'b.jsonl': record(head(20)), 'a.jsonl': record(head(10), finished) }, 10, 'a'],
  ['one that saw any', { 'b.jsonl': record(head(0), finished), 'a.jsonl': record(head(10), finished) }, 10, 'a'],
  ['a long one', { 'b.jsonl': record(head(20), ...writes, finished) }, 20, 'b'],
  [
    'a long one that was finished',
    { 'b.jsonl': record(head(20), ...writes), 'a.jsonl': record(head(1), finished) },
    1,
    'a',
  ],
  [
    'one that is a record',
    { 'b.jsonl': 'nonsense', 'b.plan.json': '{}', 'a.jsonl': record(head(10), finished) },
    10,
    'a',
  ],
  [
    'one that was no undo, which has the number of another run',
    {
      'b.jsonl': record(head(99), finished),
      'b.plan.json': '{"formatVersion":2,"direction":"undo","desired":{}}',
      'a.jsonl': record(head(10), finished),
      'a.plan.json': '{"formatVersion":2,"direction":"forward","desired":{"name":"\\"direction\\":\\"undo\\""}}',
    },
    10,
    'a',
  ],
])('the record that counts is %s', async (_, files, counted, run) => {
  const folder = folderWith(files);
  expect(countBefore(await recordsIn(folder))).toEqual({ counted, all: true, run });
  expect(Math.max(...folder.asked)).toBeLessThan(100_000);
});

it('no records tell nothing', async () => {
  expect(countBefore(await recordsIn(folderWith({})))).toBeUndefined();
  expect(countBefore(await recordsIn(folderWith({ 'a.jsonl': record(head(10)) })))).toBeUndefined();
});
