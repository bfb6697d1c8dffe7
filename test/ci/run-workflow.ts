import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { actionSteps, type WorkflowStep, workflow } from './templates.ts';

/** What a job sees of GitHub: values of expressions such as `secrets.SSH_KEY`, by their names. */
export type Context = Readonly<Record<string, string>>;

/** Where jobs run: a checkout, and a folder that stands for GitHub's own storage. */
export interface Runner {
  readonly checkout: string;
  readonly github: string;
  readonly context: Context;
}

/** What became of a job. */
export interface JobRun {
  /** The first step that failed. */
  readonly failed?: string;
  /** What all steps printed, standard error too. */
  readonly output: string;
  /** What the summary of the job shows. */
  readonly summary: string;
}

/** Makes the storage, with the stand-in for gh in it. */
export function makeGithub(folder: string): string {
  const github = mkdtempSync(join(folder, 'github-'));
  mkdirSync(join(github, 'bin'));
  mkdirSync(join(github, 'artifacts'));
  symlinkSync(resolve('test/ci/fake-gh.mjs'), join(github, 'bin', 'gh'));
  return github;
}

/**
 * Runs the steps of a job in their order, their scripts in bash as GitHub does it. Of the actions of others the checkout
 * and Node are there already, and the storage of artifacts is a folder; of our own the part after the build is run.
 */
export function runJob(file: string, job: string, runner: Runner): JobRun {
  const place = mkdtempSync(join(runner.github, 'job-'));
  const files = {
    output: join(place, 'output'),
    env: join(place, 'env'),
    path: join(place, 'path'),
    summary: join(place, 'summary'),
  };
  for (const path of Object.values(files)) writeFileSync(path, '');
  const context: Record<string, string> = { ...runner.context };
  const said: string[] = [];
  const state = { place, files, context, said, runner };
  for (const step of workflow(file).jobs[job]?.steps ?? []) {
    if (step.if !== undefined && !holds(step.if, context)) continue;
    if (!runStep(step, state)) return { failed: step.name ?? step.uses ?? '', ...ended(state) };
  }
  return ended(state);
}

interface JobState {
  readonly place: string;
  readonly files: Readonly<Record<'output' | 'env' | 'path' | 'summary', string>>;
  readonly context: Record<string, string>;
  readonly said: string[];
  readonly runner: Runner;
}

function ended({ said, files }: JobState): Pick<JobRun, 'output' | 'summary'> {
  return { output: said.join(''), summary: readFileSync(files.summary, 'utf8') };
}

function runStep(step: WorkflowStep, state: JobState): boolean {
  if (step.run !== undefined) return runScript(step, state);
  const [action = ''] = (step.uses ?? '').split('@');
  if (action === 'actions/upload-artifact') return upload(step, state);
  if (action.endsWith('/.github/actions/reconcile')) {
    const install = actionSteps().find(({ name }) => name === 'Install');
    const inputs = Object.entries(step.with ?? {}).map(([name, value]) => [
      `inputs.${name}`,
      filled(String(value), state.context),
    ]);
    return (
      install !== undefined &&
      runScript(install, { ...state, context: { ...state.context, ...Object.fromEntries(inputs) } })
    );
  }
  return action === 'actions/checkout';
}

function runScript({ id, run = '', env = {} }: WorkflowStep, state: JobState): boolean {
  const { place, files, context, runner } = state;
  const lines = (path: string) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter(line => line !== '');
  const pairs = (path: string) =>
    lines(path).map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  writeFileSync(files.output, '');
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    cwd: runner.checkout,
    encoding: 'utf8',
    env: {
      PATH: [join(runner.github, 'bin'), ...lines(files.path), process.env['PATH']].join(delimiter),
      HOME: place,
      FAKE_GITHUB: runner.github,
      GITHUB_ACTION_PATH: resolve('.github/actions/reconcile'),
      GITHUB_REPOSITORY: 'example/estate',
      GITHUB_OUTPUT: files.output,
      GITHUB_ENV: files.env,
      GITHUB_PATH: files.path,
      GITHUB_STEP_SUMMARY: files.summary,
      RUNNER_TEMP: place,
      ...Object.fromEntries(pairs(files.env)),
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filled(value, context)])),
    },
  });
  state.said.push(stdout, stderr);
  for (const [name, value] of pairs(files.output)) context[`steps.${id}.outputs.${name}`] = value ?? '';
  return status === 0;
}

function upload(step: WorkflowStep, { context, runner }: JobState): boolean {
  const [name, path] = [
    filled(String(step.with?.['name']), context),
    join(runner.checkout, String(step.with?.['path'])),
  ];
  if (!existsSync(path)) return false;
  mkdirSync(join(runner.github, 'artifacts', name), { recursive: true });
  cpSync(path, join(runner.github, 'artifacts', name, basename(path)));
  writeFileSync(
    join(runner.github, 'artifacts.json'),
    JSON.stringify([{ name, expired: false, workflow_run: { id: 1 } }]),
  );
  return true;
}

/** `${{ secrets.X }}` -> its value; one that is not given is empty, as on GitHub. */
function filled(text: string, context: Context): string {
  return text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => context[name] ?? '');
}

/** Comparisons with `==`, joined by `||`. */
function holds(condition: string, context: Context): boolean {
  return condition.split(' || ').some(part => {
    const [, name = '', value] = /^([\w.-]+) == '(.*)'$/.exec(part) ?? [];
    return (context[name] ?? '') === value;
  });
}
