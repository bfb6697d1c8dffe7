import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats } from '../../src/report/format.ts';
import { junitErrors, reportErrors, sarifErrors } from '../report/official-schemas.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile, runs } from './cli.ts';

/** One run, every format, on real hosts and a real directory; what is written fits the official schemas. */
let estate: Estate;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1 });
});
afterAll(async () => estate?.stop());

const at = (name: string) => join(estate.folder, name);
const read = (name: string) => readFileSync(at(name), 'utf8');

/** Runs a command that writes every format to files of its own. */
function everyFormat(name: string, ...words: readonly string[]): Promise<Ran> {
  const reports = formats.flatMap(format => ['--report', `${format}:${at(`${name}.${format}`)}`]);
  return reconcile([...words, ...reports], estate.environment);
}

function expectWhole(name: string, command: string): void {
  expect(reportErrors(read(`${name}.json`))).toEqual([]);
  expect(sarifErrors(read(`${name}.sarif`))).toEqual([]);
  expect(junitErrors(read(`${name}.junit`))).toBe('');
  expect(read(`${name}.markdown`).split('\n')[0]).toMatch(new RegExp(`^<!-- reconcile:[^ ]+:${command} -->$`));
  expect(read(`${name}.html`)).toMatch(/^<!doctype html>/i);
  expect(read(`${name}.github`)).toContain(`reconcile ${command} `);
}

describe('one run writes every format', () => {
  it.each([
    ['validate', 0, () => ['validate', estate.file]],
    ['check', 2, () => ['--check', estate.file]],
    ['plan', 2, () => ['plan', estate.file, '-o', at('saved.json')]],
    ['audit', 2, () => ['audit', estate.file]],
    ['verify', 4, () => ['verify', estate.file]],
    ['apply', 0, () => ['apply', at('saved.json'), '-f', estate.file, '--yes']],
    ['drift', 0, () => ['drift', estate.file]],
    ['undo', 0, () => ['undo', JSON.parse(read('apply.json')).run.journal, estate.file, '--yes', '--runs', runs]],
  ] as const)('%s', async (command, code, words) => {
    const ran = await everyFormat(command, ...words());
    expect(ran).toMatchObject({ code, stderr: '' });
    expect(ran.stdout).toBe(read(`${command}.text`).concat(command === 'plan' ? toApply() : ''));
    expectWhole(command, command);
  });

  it('what plan -o saved is the plan that is reported', () => {
    expect(JSON.parse(read('plan.json')).plan).toEqual(JSON.parse(read('saved.json')));
  });
});

/** The end of the text on standard output, which knows where the plan was saved. */
function toApply(): string {
  return `Apply exactly this:\n    reconcile apply ${at('saved.json')} -f ${estate.file}\n`;
}

/** The estate's file with something else in it. */
function variant(name: string, from: RegExp, to: string): string {
  writeFileSync(at(name), readFileSync(estate.file, 'utf8').replace(from, to));
  return at(name);
}

describe('a run that fails writes every format, too', () => {
  it.each([
    [
      'a file that is wrong',
      1,
      'estate.unknown-key',
      () => variant('wrong.yaml', /^directory:/m, 'surprise: 1\ndirectory:'),
    ],
    [
      'a host that does not answer',
      4,
      'host.unreachable',
      () => variant('down.yaml', /(cs6-be1: [^\n]*port: )\d+/, '$11'),
    ],
    [
      'a guard that refuses',
      3,
      'plan.too-many-moves',
      () => variant('many.yaml', /^limits: .*$/m, 'limits: { moves: 1 }'),
    ],
    ['a file that is not there', 1, 'file.unreadable', () => at('nowhere.yaml')],
  ] as const)('%s', async (name, code, finding, file) => {
    const ran = await everyFormat(name, 'plan', file());
    expect(ran.code).toBe(code);
    expectWhole(name, 'plan');
    for (const format of formats) expect(read(`${name}.${format}`)).toContain(finding);
  });

  it('and is told by the same mark, so that the comment is edited', () => {
    expect(read('a file that is wrong.markdown').split('\n')[0]).toBe(read('plan.markdown').split('\n')[0]);
  });
});

describe('where it goes', () => {
  it('an apply that was answered with no writes what it would have done', async () => {
    const words = ['apply', estate.file, '--report', at('no.json')];
    const ran = await reconcile(words, estate.environment, { terminal: { ask: async () => 'no' } });
    expect(ran.code).toBe(2);
    expect(reportErrors(read('no.json'))).toEqual([]);
    expect(JSON.parse(read('no.json'))).not.toHaveProperty('run');
  });

  it('plan -o - has the plan alone on standard output, and the text on standard error', async () => {
    const saved = await reconcile(['plan', estate.file, '-o', at('same.json')], estate.environment);
    const ran = await reconcile(['plan', estate.file, '-o', '-'], estate.environment);
    const { readAt: _, digest: __, expiresAt: ___, ...plan } = JSON.parse(ran.stdout);
    expect(JSON.parse(read('same.json'))).toMatchObject(plan);
    expect(ran.code).toBe(saved.code);
    expect(ran.stderr).toContain('reconcile plan');
    expect(ran.stderr).not.toContain('apply -');
    const json = await reconcile(['check', estate.file, '--format', 'json', '-o', '-'], estate.environment);
    expect([JSON.parse(json.stdout).command, json.stderr]).toEqual([
      'check',
      expect.stringContaining('reconcile check'),
    ]);
    const list = ['audit', estate.file, '--format', 'csv', '--list', 'all', '-o', '-'];
    const csv = await reconcile(list, estate.environment);
    expect([csv.stdout.split('\r\n')[0], csv.stderr]).toEqual([
      expect.stringContaining('dn'),
      expect.stringContaining('reconcile audit'),
    ]);
  });

  it('-q has the end of the text alone', async () => {
    const file = variant('quiet.yaml', /^limits: .*$/m, 'limits: { moves: 1 }');
    const { stdout, stderr } = await reconcile(['plan', file, '-q'], estate.environment);
    const whole = await reconcile(['plan', file], estate.environment);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^error plan\.too-many-moves: [\s\S]*\nPlan [\s\S]*\nRefused: 2 errors above\. Nothing was written\.\n$/,
    );
    // Each planning has a digest of its own.
    const plain = (text: string) => text.replace(/Plan [0-9a-f]{8}/, 'Plan');
    for (const line of plain(stdout).split('\n')) expect(plain(whole.stdout)).toContain(line);
    expect((await reconcile(['validate', file, '-q'], estate.environment)).stdout).toBe(`${file}: valid\n`);
    expect((await reconcile(['audit', file, '-q'], estate.environment)).stdout).toMatch(
      /^\d+ of \d+ accounts good\.\n$/,
    );
  });

  it('-o has what --format says, and standard output has text', async () => {
    const ran = await reconcile(
      ['validate', estate.file, '--format', 'sarif', '-o', at('v.sarif')],
      estate.environment,
    );
    expect(ran.stdout).toMatch(/: valid\n$/);
    expect(sarifErrors(read('v.sarif'))).toEqual([]);
  });

  it('the ending of a name says the format', async () => {
    await reconcile(['validate', estate.file, '--report', at('v.html'), '--report', at('v.json')], estate.environment);
    expect(read('v.html')).toMatch(/^<!doctype html>/i);
    expect(reportErrors(read('v.json'))).toEqual([]);
  });

  it('a name that says none is a mistake of the command line', async () => {
    const ran = await reconcile(['validate', estate.file, '--report', at('v.doc')], estate.environment);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('--report text|json|markdown|sarif|junit|html|github:FILE');
  });

  it('a file that cannot be written is an error, and the others are written', async () => {
    const files = ['--report', at('no/such/folder.html'), '--report', at('written.md')];
    const ran = await reconcile(['validate', estate.file, ...files], estate.environment);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('file.unwritable');
    expect(read('written.md')).toContain('<!-- reconcile:');
  });
});
