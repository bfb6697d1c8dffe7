import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionFolder, actionInputs } from './templates.ts';

/** What a step with the action did. */
export interface ActionRun {
  readonly code: number | null;
  /** What it printed, standard error too. */
  readonly output: string;
  /** Each of the files by which a step tells the runner something: lines `name=value` -> values by names. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  /** The folder that was put on the PATH. */
  readonly path: string;
}

/** Where the action is as it is released: beside a program, which here is `program`, a script of Node. */
export function releasedAction(program: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-action-'));
  for (const name of ['main.mjs', 'post.mjs']) copyFileSync(join(actionFolder, name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{ "bin": { "reconcile": "./program.cjs" } }');
  writeFileSync(join(folder, 'program.cjs'), program);
  return folder;
}

/** Runs it as GitHub's runner runs a JavaScript action, in a folder of its own; `bin` is a folder that comes first on the PATH. */
export function runAction(
  action: string,
  inputs: Readonly<Record<string, string>>,
  { cwd = action, bin = '/usr/bin' } = {},
): ActionRun {
  const temp = mkdtempSync(join(tmpdir(), "runner's temp "));
  const place = (name: string) => {
    writeFileSync(join(temp, name), '');
    return join(temp, name);
  };
  const files = { output: place('output'), env: place('env'), state: place('state'), path: place('path') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(action, 'main.mjs')], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: temp,
      RUNNER_TEMP: temp,
      GITHUB_OUTPUT: files.output,
      GITHUB_ENV: files.env,
      GITHUB_STATE: files.state,
      GITHUB_PATH: files.path,
      GITHUB_STEP_SUMMARY: place('summary'),
      ACTIONS_RUNTIME_TOKEN: 'a token of the runner',
      ...inputVariables(inputs),
    },
  });
  return {
    code: status,
    output: stdout + stderr,
    outputs: pairs(files.output),
    env: pairs(files.env),
    state: pairs(files.state),
    path: readFileSync(files.path, 'utf8').trimEnd(),
  };
}

/** The variables by which the runner hands over every input of the action, also one that is left to its default. */
export function inputVariables(inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const all = Object.entries({ ...actionInputs(), ...inputs });
  return Object.fromEntries(all.map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]));
}

/** The lines `name=value` of a file by which a step tells the runner something. */
export function pairs(file: string): Readonly<Record<string, string>> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return Object.fromEntries(lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** A folder with programs of these names, shell scripts. */
export function folderWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-bin-'));
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}
