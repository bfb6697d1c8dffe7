import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, releasedAction, runAction } from './action.ts';
import { actionFolder } from './templates.ts';

/** A program that writes down how it was called, writes the report and the plan that it was asked for, and ends with 2. */
const program = `
const { writeFileSync } = require('node:fs');
const words = process.argv.slice(2);
writeFileSync('called.json', JSON.stringify({ words, env: process.env }));
const report = words.find(word => word.startsWith('json:'));
const counts = { hosts: 2, movesToCs7: 3, movesBackToCs6: 1, restarts: 1, stages: { 'cs6-config': 4, cohort: 4, 'cs6-activate': 1 } };
if (report) writeFileSync(report.slice(5), JSON.stringify({ command: 'plan', exitCode: 2, counts }));
if (words.includes('-o')) writeFileSync(words[words.indexOf('-o') + 1], '{}');
process.exit(2);
`;

/** The words and the environment that the program was called with. */
function calledIn(folder: string): { readonly words: readonly string[]; readonly env: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'called.json'), 'utf8'));
}

describe('the action with a command', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reconcile-checkout-'));
  const args = `--base "HEAD^1" -o plan.json\n--report 'a file.md' --only "x; touch $(id)"`;
  const ran = runAction(
    releasedAction(program),
    { command: 'plan', files: 'base.yaml\nprod estate.yaml\n', args, 'ssh-key': 'a key' },
    { cwd },
  );

  it('runs it without a shell, with what a report needs', () => {
    const { words } = calledIn(cwd);
    const given = ['--base', 'HEAD^1', '-o', 'plan.json', '--report', 'a file.md', '--only', 'x; touch $(id)'];
    const files = ['--file', 'base.yaml', '--file', 'prod estate.yaml'];
    expect(words.slice(0, 13)).toEqual(['plan', ...files, ...given]);
    expect(words.slice(13, 15)).toEqual(['--format', 'github']);
    expect(words.filter(word => /^(markdown|json):/.test(word))).toHaveLength(2);
  });

  it('gives the numbers of the plan, and where it is', () => {
    expect(ran.outputs).toEqual({
      'exit-code': '2',
      changes: '9',
      moves: '3',
      'moves-back': '1',
      plan: join(cwd, 'plan.json'),
    });
    expect(ran.code).toBe(0);
  });

  it('shows neither the key nor the token of the runner to the program, or to the log', () => {
    const { env, words } = calledIn(cwd);
    expect(JSON.stringify(words) + ran.output).not.toContain('a key');
    expect(Object.values(env)).not.toContain('a key');
    expect(Object.keys(env).filter(name => /^(INPUT_|ACTIONS_RUNTIME)/.test(name))).toEqual([]);
    expect(env['SSH_KEY_FILE']).toBe(ran.env['SSH_KEY_FILE']);
  });

  it('keeps the key in a file of its own until the job ends', () => {
    const file = ran.env['SSH_KEY_FILE'] ?? '';
    expect(readFileSync(file, 'utf8')).toBe('a key\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const env = { ...process.env, STATE_key: ran.state['key'] };
    expect(spawnSync(process.execPath, [join(releasedAction(''), 'post.mjs')], { env }).status).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('leaves the command on the PATH of later steps', () => {
    const [, version = ''] = spawnSync(join(ran.path, 'reconcile'), ['--version', 'a b'], { cwd }).output.map(String);
    expect(version).toBe('');
    expect(calledIn(cwd).words).toEqual(['--version', 'a b']);
  });
});

it('the action asks for no report where the command has none, and gives no numbers then', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reconcile-checkout-'));
  const ran = runAction(releasedAction(program), { command: 'runs', args: '--format=json' }, { cwd });
  expect(calledIn(cwd).words).toEqual(['runs', '--format=json']);
  expect(ran.outputs).toEqual({ 'exit-code': '2' });
});

it.each([
  ['-o plan.json', 'plan.json'],
  ['-oplan.json', 'plan.json'],
  ['-C north --output=plan.json', 'north/plan.json'],
  ['--chdir north --only other -o north.json', 'north/north.json'],
])('the action finds the plan of merge %s, from the folder it works in', (args, plan) => {
  const cwd = mkdtempSync(join(tmpdir(), 'reconcile-checkout-'));
  const folder = join(cwd, 'sites');
  mkdirSync(join(folder, 'north'), { recursive: true });
  writeFileSync(join(folder, plan), '{}');
  const ran = runAction(
    releasedAction(program.replace('words.includes', '!words.includes')),
    {
      command: 'merge',
      args,
      'working-directory': 'sites',
    },
    { cwd },
  );
  expect(ran.outputs).toMatchObject({ changes: '9', plan: join(folder, plan) });
  expect(calledIn(folder).words).toContain('github');
});

it('the action asks for no report of a part, which the program would refuse', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reconcile-checkout-'));
  const ran = runAction(releasedAction(program), { command: 'plan', args: '--shard 2/4 -o part-2.json' }, { cwd });
  expect(calledIn(cwd).words).toEqual(['plan', '--shard', '2/4', '-o', 'part-2.json']);
  expect(ran.outputs).toEqual({ 'exit-code': '2', plan: join(cwd, 'part-2.json') });
});

it('the action gives the name of a run', () => {
  const ran = runAction(releasedAction(program.replace('counts })', "counts, run: { journal: 'a run' } })")), {
    command: 'apply',
    args: 'plan.json --yes',
  });
  expect(ran.outputs).toMatchObject({ run: 'a run' });
});

it('the real program annotates files from the root of the repository, wherever it works', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'reconcile-checkout-'));
  execFileSync('git', ['-C', cwd, 'init', '--quiet']);
  const folder = join(cwd, 'sites', 'north');
  mkdirSync(folder, { recursive: true });
  const right = readFileSync('examples/chapter.yaml', 'utf8');
  writeFileSync(join(folder, 'estate.yaml'), right.replace('version: 1', 'version: 7'));
  const sarif = '--report report.sarif';
  for (const inputs of [
    { args: sarif, 'working-directory': 'sites/north' },
    { args: `-C sites/north ${sarif}` },
    { args: `${sarif} -C north`, 'working-directory': 'sites' },
    { args: sarif.replace(' report', ' sites/north/report'), files: 'sites/north/estate.yaml' },
  ]) {
    const ran = runAction(actionFolder, { command: 'validate', ...inputs }, { cwd });
    expect(ran.output).toMatch(/^::error file=sites\/north\/estate\.yaml,line=3,/m);
    const { runs } = JSON.parse(readFileSync(join(folder, 'report.sarif'), 'utf8'));
    const [{ locations }] = runs[0].results;
    expect(locations[0].physicalLocation.artifactLocation.uri).toBe('sites/north/estate.yaml');
    rmSync(join(folder, 'report.sarif'));
  }
});

it('the action runs a stated version of the package, which npm installs without its scripts', () => {
  const npm = `#!/bin/sh
printf '%s\\n' "$@" >"$HOME/npm"
mkdir -p "$3/node_modules/calendar-reconcile"
cd "$3/node_modules/calendar-reconcile" && echo '{ "bin": { "reconcile": "p.cjs" } }' >package.json && echo 'console.log("1.2.3")' >p.cjs
`;
  const ran = runAction(releasedAction(program), { version: '1.2.3' }, { bin: folderWith({ npm }) });
  expect([ran.code, ran.output]).toEqual([0, '']);
  expect(execFileSync(join(ran.path, 'reconcile'), { encoding: 'utf8' })).toBe('1.2.3\n');
  const words = readFileSync(join(ran.path, '../../npm'), 'utf8').split('\n');
  expect(words).toEqual(expect.arrayContaining(['--ignore-scripts', 'calendar-reconcile@1.2.3']));
});

describe('the action refuses', () => {
  it.each([
    ['a version that is none', { version: 'https://example.com/x.tgz' }, 'no version'],
    ['a command that is none', { command: 'plan; id' }, 'no command'],
    ['a quote without its end', { command: 'plan', args: '--only "x' }, 'without its end'],
  ])('%s', (_, inputs, why) => {
    const ran = runAction(releasedAction(program), inputs);
    expect([ran.code, ran.output]).toEqual([1, expect.stringMatching(/^::error title=reconcile::/)]);
    expect(ran.output).toContain(why);
  });

  it('to run where no program belongs to it', () => {
    const action = releasedAction(program);
    writeFileSync(join(action, 'package.json'), '{}');
    expect(runAction(action, {})).toMatchObject({ code: 1, output: expect.stringContaining('the tag v1') });
  });
});
