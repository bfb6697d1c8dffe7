import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { inputVariables, pairs } from './action.ts';
import { actionFolder, commentAction, type WorkflowStep, workflow } from './templates.ts';

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
 * Runs the steps of a job in their order, their scripts in bash and our own actions, as GitHub does it. Of the actions of others
 * the checkout is there already, and the storage of artifacts is a folder.
 */
export async function runJob(file: string, job: string, runner: Runner): Promise<JobRun> {
  const place = mkdtempSync(join(runner.github, 'job-'));
  const files = {
    output: join(place, 'output'),
    env: join(place, 'env'),
    path: join(place, 'path'),
    state: join(place, 'state'),
    summary: join(place, 'summary'),
  };
  for (const path of Object.values(files)) writeFileSync(path, '');
  const own = { 'github.workflow': file, 'github.job': job, 'runner.temp': place };
  const context: Record<string, string> = { ...runner.context, ...own };
  const said: string[] = [];
  const state = { place, files, context, said, runner };
  let failed: string | undefined;
  for (const step of workflow(file).jobs[job]?.steps ?? []) {
    if (!isDue(step.if, context, failed === undefined)) continue;
    if (!(await runStep(step, state))) failed ??= step.name ?? step.uses ?? '';
  }
  return { ...(failed !== undefined && { failed }), ...ended(state) };
}

interface JobState {
  readonly place: string;
  readonly files: Readonly<Record<'output' | 'env' | 'path' | 'state' | 'summary', string>>;
  readonly context: Record<string, string>;
  readonly said: string[];
  readonly runner: Runner;
}

function ended({ said, files }: JobState): Pick<JobRun, 'output' | 'summary'> {
  return { output: said.join(''), summary: readFileSync(files.summary, 'utf8') };
}

async function runStep(step: WorkflowStep, state: JobState): Promise<boolean> {
  if (step.run !== undefined) return runScript(step, state);
  const [action = ''] = (step.uses ?? '').split('@');
  if (action === 'actions/upload-artifact') return upload(step, state);
  if (action === 'actions/download-artifact') return download(step, state);
  if (action === 'example/reconcile/comment') return comment(step, state);
  if (action === 'example/reconcile') return runAction(step, state);
  return action === 'actions/checkout';
}

/** As the runner starts a JavaScript action. */
function runAction(step: WorkflowStep, state: JobState): Promise<boolean> {
  const given = Object.entries(step.with ?? {}).map(([name, value]) => [name, filled(String(value), state.context)]);
  const variables = inputVariables(Object.fromEntries(given));
  return run(process.execPath, [join(actionFolder, 'main.mjs')], { step, state, variables });
}

/** As the runner starts an action that consists of steps: their inputs are known to them by expressions. */
async function comment(step: WorkflowStep, state: JobState): Promise<boolean> {
  const { inputs, runs } = commentAction();
  const values = Object.entries(inputs).map(([name, { default: usual }]) => {
    const value = step.with?.[name] ?? usual;
    return [`inputs.${name}`, filled(String(value), state.context)];
  });
  const context = { ...state.context, ...Object.fromEntries(values) };
  for (const one of runs.steps) if (!(await runScript(one, { ...state, context }))) return false;
  return true;
}

function runScript(step: WorkflowStep, state: JobState): Promise<boolean> {
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run ?? ''];
  return run('bash', words, { step, state, variables: {} });
}

interface Started {
  readonly step: WorkflowStep;
  readonly state: JobState;
  readonly variables: Readonly<Record<string, string>>;
}

/** Without blocking: servers of the test answer meanwhile. */
async function run(program: string, words: readonly string[], { step, state, variables }: Started): Promise<boolean> {
  const { place, files, context, runner } = state;
  const folders = readFileSync(files.path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(files.output, '');
  const child = spawn(program, words, {
    cwd: runner.checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(runner.github, 'bin'), ...folders, process.env['PATH']].join(delimiter),
      HOME: place,
      FAKE_GITHUB: runner.github,
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: context['github.actor'] ?? '',
      GITHUB_REPOSITORY: 'example/estate',
      GITHUB_SHA: context['github.sha'] ?? '',
      GITHUB_OUTPUT: files.output,
      GITHUB_ENV: files.env,
      GITHUB_PATH: files.path,
      GITHUB_STATE: files.state,
      GITHUB_STEP_SUMMARY: files.summary,
      RUNNER_TEMP: place,
      ...pairs(files.env),
      ...variables,
      ...Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value, context)])),
    },
  });
  const ended = once(child, 'close');
  const printed = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  state.said.push(...printed);
  for (const [name, value] of Object.entries(pairs(files.output))) context[`steps.${step.id}.outputs.${name}`] = value;
  return status === 0;
}

function upload(step: WorkflowStep, { context, runner }: JobState): boolean {
  const [name, path] = [
    filled(String(step.with?.['name']), context),
    resolve(runner.checkout, filled(String(step.with?.['path']), context)),
  ];
  const files = filesLike(path);
  if (files.length === 0) return false;
  mkdirSync(join(runner.github, 'artifacts', name), { recursive: true });
  for (const file of files) cpSync(file, join(runner.github, 'artifacts', name, basename(file)), { recursive: true });
  const all = readdirSync(join(runner.github, 'artifacts'));
  const list = all.map(one => ({ name: one, expired: false, workflow_run: { id: 1 } }));
  writeFileSync(join(runner.github, 'artifacts.json'), JSON.stringify(list));
  return true;
}

/** The files of a path, which may end in a star. */
function filesLike(path: string): readonly string[] {
  if (!path.endsWith('*')) return existsSync(path) ? [path] : [];
  const start = basename(path).slice(0, -1);
  return readdirSync(dirname(path)).flatMap(name => (name.startsWith(start) ? [join(dirname(path), name)] : []));
}

/** With `merge-multiple`, all artifacts of a pattern into the checkout. */
function download(step: WorkflowStep, { runner }: JobState): boolean {
  const start = String(step.with?.['pattern']).replace(/\*$/, '');
  const artifacts = join(runner.github, 'artifacts');
  const named = readdirSync(artifacts).filter(name => name.startsWith(start));
  for (const name of named) cpSync(join(artifacts, name), runner.checkout, { recursive: true });
  return step.with?.['merge-multiple'] === true && named.length > 0;
}

/** `${{ secrets.X }}` -> its value; one that is not given is empty, as on GitHub. */
function filled(text: string, context: Context): string {
  return text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => context[name] ?? '');
}

/** A step without a word about the state of the job is left out once one has failed. Comparisons may be joined by `||`. */
function isDue(condition: string | undefined, context: Context, sound: boolean): boolean {
  if (condition === '${{ !cancelled() }}') return true;
  if (condition === '${{ failure() }}') return !sound;
  return (
    sound &&
    (condition?.split(' || ').some(part => {
      const [, name = '', not, value] = /^([\w.-]+) (?:==|(!=)) '(.*)'$/.exec(part) ?? [];
      return ((context[name] ?? '') === value) === (not === undefined);
    }) ??
      true)
  );
}
