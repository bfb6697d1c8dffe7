import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { nextCommands } from '../../src/core/next-command.ts';
import { offline, type Replaced, replacing } from '../estate/offline.ts';
import { parseOnly } from './parse-only.ts';

const example = readFileSync('examples/chapter.yaml', 'utf8');

async function run(
  words: readonly string[],
  {
    files = {},
    variables = {},
    more = {},
  }: { files?: Record<string, string>; variables?: Record<string, string>; more?: Replaced } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const environment = offline(files, variables);
  const code = await runCommandLine(words, replacing(environment, more));
  return { code, ...environment.said() };
}

describe('variables', () => {
  const files = { 'a.yaml': example, 'estate.yaml': 'version: 2\n' };

  it.each([
    [['validate'], { RECONCILE_FILE: 'a.yaml' }, 0, 'a.yaml: valid'],
    [['validate'], {}, 1, 'estate.yaml: '],
    [['validate', 'estate.yaml'], { RECONCILE_FILE: 'a.yaml' }, 1, 'estate.yaml: '],
    [['validate', '-f', 'estate.yaml'], { RECONCILE_FILE: 'a.yaml' }, 1, 'estate.yaml: '],
    [['-f', 'estate.yaml', 'validate'], { RECONCILE_FILE: 'a.yaml' }, 1, 'estate.yaml: '],
    [['validate', 'a.yaml'], { RECONCILE_FILE: '' }, 0, 'a.yaml: valid'],
    [['validate', 'a.yaml'], { RECONCILE_FORMAT: 'json' }, 0, '"command": "validate"'],
    [['validate', 'a.yaml', '--format', 'text'], { RECONCILE_FORMAT: 'json' }, 0, 'a.yaml: valid'],
  ] as const)('%j with %j', async (words, variables, code, said) => {
    const ran = await run(words, { files, variables });
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(said)]);
  });

  it('several files are separated by a colon', async () => {
    const ran = await run(['validate'], {
      files: { 'b.yaml': 'version: 1\n', ...files },
      variables: { RECONCILE_FILE: 'a.yaml:b.yaml' },
    });
    expect(ran.stdout).toContain('a.yaml, b.yaml: valid');
  });

  it('a folder of records counts unless one is named', async () => {
    const listed: string[] = [];
    const more = { files: { list: async (folder: string) => (listed.push(folder) === 0 ? ['one'] : []) } };
    await run(['runs'], { variables: { RECONCILE_RUNS: 'kept' }, more });
    await run(['runs', '--runs', 'own'], { variables: { RECONCILE_RUNS: 'kept' }, more });
    expect(listed).toEqual(['kept', 'own']);
  });

  it('a format of other commands is none of this one, and a slip is an error', async () => {
    const more = { files: { list: async () => [] } };
    expect((await run(['runs', '--runs', 'r'], { variables: { RECONCILE_FORMAT: 'github' }, more })).stdout).toBe(
      'r has no records of runs.\n',
    );
    const slip = await run(['validate'], { variables: { RECONCILE_FORMAT: 'jsno' } });
    expect([slip.code, slip.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^error: RECONCILE_FORMAT is "jsno"\. Allowed are text, json,.*\n {4}reconcile help validate\n$/,
      ),
    ]);
  });

  it('what they set is in the commands that messages name', async () => {
    const draw = await parseOnly(['plan', '-C', 'site'], { RECONCILE_FILE: 'a.yaml:b.yaml', RECONCILE_RUNS: 'r' });
    expect(draw(nextCommands.applySaved('p.json'))).toBe(
      'reconcile apply p.json --chdir site -f a.yaml -f b.yaml --runs r',
    );
  });
});

describe('colour', () => {
  const painted = async (words: readonly string[], variables: Record<string, string>, isTerminal: boolean) =>
    (
      await run(words, {
        files: { 'estate.yaml': example },
        variables,
        more: { terminal: { stdoutIsTerminal: isTerminal } },
      })
    ).stdout.includes('\u001b[');

  it.each([
    [['validate'], {}, true, true],
    [['validate'], {}, false, false],
    [['validate'], { FORCE_COLOR: '1' }, false, true],
    [['validate'], { FORCE_COLOR: '0' }, true, false],
    [['validate'], { FORCE_COLOR: '' }, false, false],
    [['validate'], { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
    [['validate'], { NO_COLOR: '' }, true, true],
    [['validate', '--no-color'], { FORCE_COLOR: '1' }, true, false],
    [['help'], { FORCE_COLOR: '1' }, false, true],
    [['help'], { NO_COLOR: '1' }, true, false],
  ] as const)('%j with %j, terminal %s: %s', async (words, variables, isTerminal, expected) => {
    expect(await painted(words, variables, isTerminal)).toBe(expected);
  });

  it('of what goes to standard error is decided by standard error', async () => {
    const ran = await run(['explain', 'nothing.at-all'], { more: { terminal: { stdoutIsTerminal: true } } });
    expect(ran.stderr).not.toContain('\u001b[');
  });
});

describe('the built program', () => {
  let folder: string;
  const program = (words: readonly string[], input = '', cwd = folder) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['dist/reconcile.cjs', ...words].map((word, i) => (i === 0 ? join(process.cwd(), word) : word)),
      { cwd, input, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } },
    );
    return { code: status, stdout, stderr };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'reconcile-options-'));
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'estate.yaml'), example);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('-C works as if it was started there', () => {
    expect(program(['validate', '-C', 'site', '--report', 'out.json'])).toEqual({
      code: 0,
      stdout: 'estate.yaml: valid\n',
      stderr: '',
    });
    expect(readFileSync(join(folder, 'site', 'out.json'), 'utf8')).toContain('"validate"');
    expect(program(['-C', 'site', 'validate']).code).toBe(0);
    expect(program(['-C', 'nowhere', 'validate'])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nowhere: there is no such file or folder'),
    });
  });

  it('-f - is the file from standard input, with paths from the current folder', () => {
    const members = example.replace('members: { filter: (departmentNumber=Finance) }', 'members: { file: pilot.csv }');
    writeFileSync(join(folder, 'pilot.csv'), 'uid\njdoe\n');
    for (const words of [['-f', '-'], ['-']])
      expect(program(['validate', ...words], members)).toEqual({ code: 0, stdout: '-: valid\n', stderr: '' });
    expect(
      program(['validate', '-f', '-'], members.replace('pilot.csv', 'other.csv')).stdout +
        program(['validate', '-f', '-'], 'x: [').stdout,
    ).toContain('-:1:');
    expect(program(['check', '-f', '-', '--base', 'HEAD'], example)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('file.no-revision'),
    });
    expect(program(['check', '-f', '-', '--connections-from', 'HEAD'], example).stderr).toContain('file.no-revision');
  });

  it('-o - is the result on standard output, and the text on standard error', () => {
    const { code, stdout, stderr } = program(['validate', 'site/estate.yaml', '--format', 'json', '-o', '-']);
    expect([code, JSON.parse(stdout).command, stderr]).toEqual([0, 'validate', 'site/estate.yaml: valid\n']);
    expect(program(['validate', '--report', '-'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('-o - writes it'),
    });
  });

  it('without an estate file an example is named, and the command works as printed', () => {
    const { code, stderr } = program(['check']);
    const line = /\n {6}(.*)\n$/.exec(stderr)?.[1] ?? '';
    expect([code, line]).toEqual([1, expect.stringMatching(/ example > estate\.yaml$/)]);
    const fresh = mkdtempSync(join(folder, 'fresh-'));
    execFileSync('sh', ['-c', line], { cwd: fresh });
    expect(program(['validate'], '', fresh)).toMatchObject({ code: 0, stdout: 'estate.yaml: valid\n' });
  });

  it('demo --fault list starts nothing', () => {
    const { code, stdout, stderr } = program(['demo', '--fault', 'list']);
    expect([code, stderr, stdout.trim().split('\n').length]).toEqual([0, '', 9]);
    expect(program(['demo', '--fault', 'slow'])).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('There is no fault "slow".'),
    });
  });
});
