import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Commands that write a report. Of the others the exit code is the only output. */
const reporting = ['validate', 'check', 'plan', 'merge', 'apply', 'undo', 'drift', 'verify', 'audit'];

const meaning = {
  1: 'an error, or nothing could be read',
  3: 'a guard refused it',
  4: 'incomplete: a target could not be read',
};

const here = dirname(fileURLToPath(import.meta.url));
const place = join(needed('RUNNER_TEMP'), 'reconcile');

try {
  mkdirSync(join(place, 'bin'), { recursive: true });
  const launcher = findLauncher(input('version'));
  putOnPath(launcher);
  keepKey(input('ssh-key'));
  const command = input('command');
  if (command !== '') process.exitCode = run(launcher, command);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

/** The program of an npm package: the one this action was published with, or a stated version of it. */
function findLauncher(version) {
  const folders = version === '' ? [here, resolve(here, '../../../dist')] : [install(version)];
  for (const folder of folders) {
    const manifest = join(folder, 'package.json');
    const { bin } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
    if (bin?.reconcile !== undefined) return join(folder, bin.reconcile);
  }
  throw new Error(
    'This revision of the action has no program in it. Use a released one, such as the tag v1, or run `npm ci && npm run build` in its folder first.',
  );
}

function install(version) {
  if (!/^[\w.-]+$/.test(version)) throw new Error('The input version is no version of an npm package, such as 1.2.3.');
  const prefix = join(place, 'npm');
  mkdirSync(prefix, { recursive: true });
  const words = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const { status, error } = spawnSync('npm', [...words, `calendar-reconcile@${version}`], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm could not install calendar-reconcile@${version}${error ? `: ${error}` : ''}.`);
  return join(prefix, 'node_modules/calendar-reconcile');
}

/** Later steps have the command too. It runs on the Node of this action, whatever the job has. */
function putOnPath(launcher) {
  const quoted = word => `'${word.replaceAll("'", "'\\''")}'`;
  const script = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(launcher)} "$@"\n`;
  writeFileSync(join(place, 'bin/reconcile'), script, { mode: 0o755 });
  appendFileSync(needed('GITHUB_PATH'), `${join(place, 'bin')}\n`);
}

/** post.mjs removes it when the job ends. */
function keepKey(key) {
  if (key === '') return;
  const file = join(place, 'key');
  writeFileSync(file, `${key.trimEnd()}\n`, { mode: 0o600 });
  process.env.SSH_KEY_FILE = file;
  give('GITHUB_ENV', 'SSH_KEY_FILE', file);
  give('GITHUB_STATE', 'key', file);
}

function run(launcher, command) {
  if (!/^[a-z]+$/.test(command)) throw new Error('The input command is no command, such as check.');
  const args = wordsOf(input('args'));
  const report = join(place, 'report.json');
  const files = input('files')
    .split(/\n/)
    .flatMap(line => (line.trim() === '' ? [] : ['--file', line.trim()]));
  // A part of a plan has no report; that of the whole is made by merge.
  const reports = reporting.includes(command) && !isGiven(args, '--shard');
  const words = [command, ...files, ...args, ...(reports ? reportsTo(report, args) : [])];
  process.stdout.write(`[command]reconcile ${words.map(word => JSON.stringify(word)).join(' ')}\n`);
  const { status, error } = spawnSync(process.execPath, [launcher, ...words], {
    cwd: folder(),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment(),
  });
  if (status === null) throw new Error(`reconcile ${command} did not end by itself${error ? `: ${error}` : ''}.`);
  giveOutputs(command, status, args, report);
  if (status === 0 || status === 2) return 0;
  fail(`reconcile ${command} ended with ${status}: ${meaning[status] ?? 'unknown'}.`);
  return status;
}

/** Annotations on the lines of the files, the summary of the job, and the numbers for the outputs. */
function reportsTo(report, args) {
  const summary = process.env.GITHUB_STEP_SUMMARY;
  return [
    ...(isGiven(args, '--format') ? [] : ['--format', 'github']),
    ...(summary ? ['--report', `markdown:${summary}`] : []),
    ...['--report', `json:${report}`],
  ];
}

function giveOutputs(command, status, args, report) {
  give('GITHUB_OUTPUT', 'exit-code', String(status));
  const { counts, run } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : {};
  if (counts) {
    const changes = Object.values(counts.stages).reduce((sum, n) => sum + n, 0);
    give('GITHUB_OUTPUT', 'changes', String(changes));
    give('GITHUB_OUTPUT', 'moves', String(counts.movesToCs7));
    give('GITHUB_OUTPUT', 'moves-back', String(counts.movesBackToCs6));
  }
  if (run) give('GITHUB_OUTPUT', 'run', run.journal);
  const saved = command === 'plan' || command === 'merge' ? savedPlan(args) : undefined;
  if (saved !== undefined && existsSync(saved)) give('GITHUB_OUTPUT', 'plan', saved);
}

/** Relative to the folder that -C names, as for the program. */
function savedPlan(args) {
  const saved = option(args, '-o', '--output');
  return saved === undefined || saved === '-'
    ? undefined
    : resolve(folder(), option(args, '-C', '--chdir') ?? '.', saved);
}

/** The folder in which the program is started. */
function folder() {
  return resolve(input('working-directory') || '.');
}

function isGiven(args, name) {
  return args.some(word => word === name || word.startsWith(`${name}=`));
}

/** The value of an option, in each way to write it: `-o plan.json`, `-oplan.json`, `--output plan.json`, `--output=plan.json`. */
function option(args, short, long) {
  const at = args.findIndex(word => word.startsWith(short) || word === long || word.startsWith(`${long}=`));
  const word = args[at];
  if (word === undefined) return undefined;
  if (word === short || word === long) return args[at + 1];
  return word.startsWith(long) ? word.slice(long.length + 1) : word.slice(short.length);
}

/** What a step with a script would have: the inputs hold a secret, and the runner's own token is for actions only. */
function environment() {
  const own = /^(INPUT_|STATE_|ACTIONS_RUNTIME_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

/** `a "b c" 'd e'` -> a, b c, d e. */
function wordsOf(text) {
  if (/["']/.test(text.replace(/"[^"]*"|'[^']*'/g, ''))) throw new Error('The input args has a quote without its end.');
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single),
  );
}

function input(name) {
  return (process.env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
}

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: this program runs as a step of GitHub Actions.`);
  return value;
}

/** One line of one of the files by which a step tells the runner something. */
function give(file, name, value) {
  if (/[\r\n]/.test(value)) throw new Error(`${name} has a line break in it.`);
  appendFileSync(needed(file), `${name}=${value}\n`);
}

/** GitHub shows it as an error of the step; escaped as its workflow commands ask for. */
function fail(message) {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::error title=reconcile::${escaped}\n`);
  process.exitCode ||= 1;
}
