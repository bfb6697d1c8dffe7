import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadLastApplied } from '../../src/app/earlier-states.ts';
import { openLocalRecords } from '../../src/app/local-records.ts';
import type { Environment } from '../../src/cli/environment.ts';
import type { Plan } from '../../src/core/plan.ts';
import { buildPlan, sealPlan } from '../../src/plan/build.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { offline, replacing } from '../estate/offline.ts';
import { desiredOf } from '../kinds/cases.ts';

/** Which run of the records counts as what was applied last. */
const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 1, all: true } };
const desired = desiredOf({ name: '', live: {}, changes: [] });
const whole = buildPlan(desired, [], facts);
const narrow = narrowPlan(whole, { only: ['directory'] }, []);
const { digest: _, expiresAt: __, ...rest } = whole;
const undo = sealPlan({ ...rest, direction: 'undo', undoes: 'a' });

const line = (value: object) => `${JSON.stringify({ at: '2026-11-22T10:00:00.000Z', ...value })}\n`;
const about = { estate: 'e', plan: 'p', desired: 'd', tool: '0', changes: 0, accounts: facts.accounts };
const head = { line: 'run', formatVersion: 1, ...about };
const begun = line(head);
const ended = (converged: boolean, facts = {}) =>
  line({ ...head, ...facts }) + line({ line: 'finished', counts: {}, converged });

function environmentWith(
  runs: Readonly<Record<string, { readonly record: string; readonly plan?: Plan | string }>>,
): Environment {
  const textOf = (path: string) => {
    const [, name = '', plan] = /^runs\/(\w+)(\.plan)?\.jsonl?$/.exec(path) ?? [];
    const text = plan ? runs[name]?.plan : runs[name]?.record;
    if (text === undefined) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' });
    return Buffer.from(typeof text === 'string' ? text : JSON.stringify(text));
  };
  return replacing(offline({}), {
    schemas: { plan: JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8')) },
    files: {
      list: async () => Object.keys(runs).flatMap(name => [`${name}.jsonl`, `${name}.plan.json`]),
      read: async path => textOf(path),
      readPieces: async function* (path) {
        yield textOf(path);
      },
      readEnd: async path => textOf(path),
    },
  });
}

const recordsOf = (runs: Parameters<typeof environmentWith>[0]) => openLocalRecords('runs', environmentWith(runs));

const first = { a: { record: ended(true), plan: whole } };

it.each([
  ['the newest', { b: { record: ended(true), plan: whole } }, 'run b'],
  ['none that was interrupted', { b: { record: begun, plan: whole } }, 'run a'],
  ['none that left something undone', { b: { record: ended(false), plan: whole } }, 'run a'],
  ['none that was narrowed', { b: { record: ended(true, { only: ['directory'] }), plan: narrow } }, 'run a'],
  ['none that took another back', { b: { record: ended(true, { direction: 'undo' }), plan: undo } }, 'run a'],
  ['nor of an earlier version, which only its plan says', { b: { record: ended(true), plan: undo } }, 'run a'],
  ['none whose plan is lost', { b: { record: ended(true) } }, 'run a'],
  ['none whose plan was changed', { b: { record: ended(true), plan: { ...whole, hosts: 9 } } }, 'run a'],
])('%s', async (_name, runs, name) => {
  const applied = await loadLastApplied(await recordsOf({ ...first, ...runs }), desired);
  expect(applied).toEqual({ name, state: JSON.parse(JSON.stringify(desired)) });
});

it('without records nothing is known', async () => {
  expect(await loadLastApplied(await recordsOf({}), desired)).toBeUndefined();
});

it('what a run asked for is not read where the same is asked for today', async () => {
  const runs = { b: { record: ended(true, { desired: whole.desiredSha256 }) } };
  const applied = await loadLastApplied(await recordsOf({ ...first, ...runs }), desired);
  expect(applied?.name).toBe('run b');
});
