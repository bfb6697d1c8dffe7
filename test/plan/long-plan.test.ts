import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { ChangeList, longList, packChanges } from '../../src/core/change-list.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { buildPlan, sealPlan } from '../../src/plan/build.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { parsePlanFile, readPlanFile, renderPlanFile } from '../../src/plan/plan-file.ts';
import { renderText } from '../../src/report/text/render-text.ts';
import { estateSchema } from '../kinds/cases.ts';

const schema = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');
const { state } = loadEstate('estate.yaml', text, estateSchema);
if (!state) throw new Error('no estate');

const n = longList + 7;
const [cohort] = state.cohorts.map(({ name }) => name);
const create = (number: number): Change => ({
  ...{ action: 'create', item: `uid=u${number},ou=People,o=isp`, key: 'davUniqueId', after: `id\u2028-${number}` },
  group: number < 3 ? (cohort ?? '') : 'rest',
});
const long = packChanges(Array.from({ length: n }, (_, number) => create(number)));
const comparison = (changes: Comparison['changes']): Comparison => ({
  ...{ kind: 'ldap-unique-id', stage: 'identity', target: 'directory', changes, findings: [] },
});
const facts = { tool: '1', readAt: '2026-11-30T10:00:00.000Z', accounts: { counted: n, all: true } };
const plan = buildPlan(state, [comparison(long)], facts);
const file = [...renderPlanFile(plan)].join('');

const listOf = (read: { readonly plan?: Plan }) => read.plan?.steps[0]?.changes;

it('comes back as it was, at once and in pieces', async () => {
  const lines = file.split('\n');
  expect(lines).toHaveLength(1 + n + 1);
  expect(JSON.parse(lines[0] ?? '').steps[0]).toMatchObject({ changes: [], list: { count: n, sha256: long.sha256 } });
  async function* pieces() {
    for (let at = 0; at < file.length; at += 4_097) yield Buffer.from(file.slice(at, at + 4_097));
  }
  for (const read of [parsePlanFile('p', file, schema), await readPlanFile('p', pieces(), schema)]) {
    expect(read.findings).toEqual([]);
    expect(listOf(read)).toBeInstanceOf(ChangeList);
    expect([...(listOf(read) ?? [])]).toEqual([...long]);
    expect(read.plan?.digest).toBe(plan.digest);
  }
});

const changed = (change: (lines: string[]) => void) => {
  const lines = file.split('\n');
  change(lines);
  return lines.join('\n');
};
const other = [
  ...renderPlanFile(sealPlan({ ...plan, steps: [{ ...step(), changes: packChanges([...long].toReversed()) }] })),
].join('');

function step(): Plan['steps'][number] {
  const [first] = plan.steps;
  if (!first) throw new Error('no step');
  return first;
}

it.each([
  ['is cut off behind the plan', file.slice(0, file.indexOf('\n')), 'plan.not-json'],
  ['is cut off between two lines', changed(lines => lines.splice(900)), 'plan.not-json'],
  ['is cut off in a line', file.slice(0, -20), 'plan.not-json'],
  ['lacks a line', changed(lines => lines.splice(5, 1)), 'plan.not-json'],
  ['has a line twice', changed(lines => lines.splice(5, 0, lines[5] ?? '')), 'plan.tampered'],
  [
    'has two lines in another order',
    changed(lines => lines.splice(5, 2, lines[6] ?? '', lines[5] ?? '')),
    'plan.tampered',
  ],
  ['has another value', file.replace('-77"', '-78"'), 'plan.tampered'],
  [
    'has the list of another plan',
    changed(lines => lines.splice(1, n, ...other.split('\n').slice(1, -1))),
    'plan.tampered',
  ],
  ['has another digest of the list', file.replace(long.sha256, '0'.repeat(64)), 'plan.tampered'],
  ['has another count', file.replace(`"count":${n}`, `"count":${n - 1}`), 'plan.tampered'],
  ['has more lines', `${file}${JSON.stringify(create(1))}\n`, 'plan.tampered'],
  [
    'has a line with an unknown key',
    file.replace('"key":"davUniqueId"', '"key":"davUniqueId","x":1'),
    'plan.unknown-format',
  ],
  [
    'has a line with a list in place of a name',
    file.replace('"item":"uid=u9,', '"item":["uid=u9"],"key":"uid=u9,'),
    'plan.unknown-format',
  ],
  ['has a number for a line', changed(lines => lines.splice(9, 1, '1')), 'plan.unknown-format'],
  [
    'has a text behind the plan',
    `${[...renderPlanFile(sealPlan({ ...plan, steps: [] }))].join('')}{}\n`,
    'plan.not-json',
  ],
])('a file that %s is refused', (_, broken, code) => {
  expect(broken).not.toBe(file);
  const { plan: read, findings } = parsePlanFile('plan.json', broken, schema);
  expect(read).toBeUndefined();
  expect(findings).toMatchObject([{ severity: 'error', code, where: { file: 'plan.json' } }]);
});

it('a report counts all of it and names the first', () => {
  const said = renderText({ command: 'plan', exitCode: 2, plan, refusals: [] }, { color: false, verbose: false });
  expect(said).toContain(`${n.toLocaleString('en-US')} accounts`);
  expect(said).toContain('u0');
});

it('a cohort is chosen from it, and the rest counted as left out', () => {
  const narrowed = narrowPlan(plan, { only: [cohort ?? ''] }, [comparison(long)]);
  expect(narrowed.steps[0]?.changes.map(({ item }) => item)).toHaveLength(3);
  expect(narrowed.leftOut).toMatchObject([{ cohort: 'rest', changes: n - 3 }]);
});
