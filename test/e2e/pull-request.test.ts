import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type JobRun, makeGithub, type Runner, runJob } from '../ci/run-workflow.ts';
import { junitErrors, reportErrors, sarifErrors } from '../report/official-schemas.ts';
import { type Estate, icsConf, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/**
 * A repository with a base and a change goes through check, comment, apply and drift, by the scripts of the shipped
 * workflows, on real sshd and slapd, with the built program. Of GitHub only a stand-in for its gh is there.
 */
let estate: Estate;
let runner: Runner;
let checkout: string;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 30 });
  checkout = join(estate.folder, 'checkout');
  mkdirSync(checkout);
  const text = readFileSync(estate.file, 'utf8');
  writeFileSync(
    join(checkout, 'estate.yaml'),
    text.replace(`identity: ${estate.ssh.identity}`, 'identity: { env: SSH_KEY_FILE }'),
  );
  git('init', '--quiet', '--initial-branch', 'main');
  commit('the estate as it is to be');
  commit('and nothing more', '--allow-empty');
  runner = {
    checkout,
    github: makeGithub(estate.folder),
    context: {
      'secrets.SSH_KEY': readFileSync(estate.ssh.identity, 'utf8').trimEnd(),
      'secrets.LDAP_PASSWORD': estate.directory.password,
      'github.token': 'a token',
      'github.repository': 'example/estate',
      'github.sha': 'a commit',
      'github.actor': 'alice',
      'github.event.pull_request.number': '7',
    },
  };
  const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(applied.code, applied.stdout).toBe(0);
});
afterAll(async () => estate?.stop());

function git(...words: readonly string[]): string {
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execFileSync('git', ['-C', checkout, ...person, ...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

function commit(message: string, ...words: readonly string[]): void {
  git('add', 'estate.yaml');
  git('commit', '--quiet', '-m', message, ...words);
}

function ran(file: string, job: string): Promise<JobRun> {
  const { checkout: at } = runner;
  for (const left of readdirSync(at).filter(name => !['.git', 'estate.yaml'].includes(name)))
    rmSync(join(at, left), { recursive: true });
  return runJob(file, job, runner);
}

const made = (name: string) => readFileSync(join(checkout, name), 'utf8');
const stored = (name: string) => JSON.parse(readFileSync(join(runner.github, `${name}.json`), 'utf8'));
const conf = (host: string) => readFileSync(estate.pathOf(host, icsConf), 'utf8');
const meddle = (host: string) => appendFileSync(estate.pathOf(host, icsConf), '\nlocal.autoprovision = "yes"\n');

/** As GitHub makes it: the merge that would be made is checked out. */
function openPullRequest(): void {
  git('switch', '--quiet', '-c', 'change');
  const text = made('estate.yaml');
  const platform = '  platform: solaris-sparc\n';
  writeFileSync(
    join(checkout, 'estate.yaml'),
    text.replace(platform, `${platform}  settings: { service.http.idletimeout: "120" }\n`),
  );
  commit('a longer time');
  git('switch', '--quiet', '--detach', 'main');
  git('merge', '--quiet', '--no-ff', '-m', 'merge', 'change');
}

describe('a pull request', () => {
  let first: JobRun;

  beforeAll(async () => {
    openPullRequest();
    meddle('cs6-be1');
    first = await ran('reconcile-check.yml', 'plan');
  });

  it('gets a comment that tells what it plans from drift, and annotations on its lines', () => {
    expect(first.failed, first.output).toBeUndefined();
    const [comment, ...others] = stored('comments');
    expect(others).toEqual([]);
    expect(comment.body).toMatch(/^<!-- reconcile:example\.com%20rehearsal:plan -->\n/);
    for (const word of ['service.http.idletimeout', 'local.autoprovision', 'planned', 'drift'])
      expect(comment.body).toContain(word);
    expect(first.output).toMatch(/^::\w+ file=estate\.yaml,line=\d+/m);
    expect(sarifErrors(made('report.sarif'))).toEqual([]);
  });

  it('shows no secret', () => {
    const all = [first.output, JSON.stringify(stored('comments')), made('plan.json'), made('report.sarif')].join('\n');
    expect(all).not.toContain(estate.directory.password);
    expect(all).not.toContain('PRIVATE KEY');
  });

  it('has its comment edited in place by the next check', async () => {
    meddle('cs6-fe1');
    expect((await ran('reconcile-check.yml', 'plan')).failed).toBeUndefined();
    expect(stored('comments').map(({ id }: { id: number }) => id)).toEqual([1]);
  });

  it('with a mistake in it fails, and says so in the same comment', async () => {
    const right = made('estate.yaml');
    writeFileSync(join(checkout, 'estate.yaml'), right.replace('version: 1', 'version: 7'));
    const wrong = await ran('reconcile-check.yml', 'plan');
    writeFileSync(join(checkout, 'estate.yaml'), right);
    expect(wrong.failed).toBe('Plan');
    expect(stored('comments')).toHaveLength(1);
    expect(stored('comments')[0].body).toContain('estate.yaml');
  });
});

describe('its merge', () => {
  it('is not applied where nobody made a plan of it', async () => {
    git('switch', '--quiet', 'main');
    const other = await ran('reconcile-apply.yml', 'apply');
    expect([other.failed, other.output]).toEqual(['Get the plan', expect.stringContaining('No plan of these files')]);
  });

  it('is not applied by a plan that asks for something else', async () => {
    git('merge', '--quiet', '--no-ff', '-m', 'merged', 'change');
    const before = conf('cs6-be1');
    const artifacts = join(runner.github, 'artifacts');
    cpSync(artifacts, `${artifacts}-kept`, { recursive: true });
    for (const name of readdirSync(artifacts).filter(one => one.startsWith('plan-'))) {
      const plan = join(artifacts, name, 'plan.json');
      writeFileSync(plan, readFileSync(plan, 'utf8').replaceAll('"120"', '"999"'));
    }
    const forged = await ran('reconcile-apply.yml', 'apply');
    expect([forged.failed, forged.output]).toEqual(['Compare', expect.stringMatching(/^< .*999/m)]);
    expect(conf('cs6-be1')).toBe(before);
    const [, comment] = stored('comments');
    expect(comment.body).toMatch(/^\*\*Not applied\.\*\* .*"120"/s);
    cpSync(`${artifacts}-kept`, artifacts, { recursive: true });
  });

  it('is applied as it was reviewed, drift and all', async () => {
    const applied = await ran('reconcile-apply.yml', 'apply');
    expect(applied.failed, applied.output).toBeUndefined();
    expect(applied.summary).toContain('reconcile apply');
    const comments: readonly { body: string }[] = stored('comments');
    const [planned, done] = comments.map(({ body }) => body);
    expect(comments).toHaveLength(2);
    expect(planned).toContain('### reconcile plan');
    expect(done).toMatch(/^<!-- reconcile:example\.com%20rehearsal:apply -->\n### reconcile apply .*: .* done\n/);
    expect(done).not.toContain('Not applied');
    const check = await reconcile(['--check', join(checkout, 'estate.yaml'), '--format', 'json'], environment());
    expect(check.code, check.stdout).toBe(0);
    expect(reportErrors(check.stdout)).toEqual([]);
  });
});

/** What a machine that nobody has used before writes as pages. */
async function pagesFrom(machine: string): Promise<(name: string) => string> {
  const [home, site] = [join(estate.folder, machine), join(estate.folder, `${machine}-site`)];
  mkdirSync(home);
  const words = ['page', '-f', join(checkout, 'estate.yaml'), '-o', site];
  const child = spawn(process.execPath, [join(process.cwd(), 'dist/reconcile.cjs'), ...words], {
    env: { PATH: process.env['PATH'], HOME: home, ...environment() },
    stdio: 'ignore',
  });
  // With drift, look-ups that could do harm are left out: 4.
  expect([0, 4]).toContain((await once(child, 'close'))[0]);
  return name =>
    readFileSync(join(site, name), 'utf8')
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
}

const environment = () => ({ ...estate.environment, SSH_KEY_FILE: estate.ssh.identity });

describe('the history', () => {
  it('on a page from another machine has the run before and that of the merge, with who and from which commit', async () => {
    const page = await pagesFrom('another');
    const runs = page('runs.html');
    const names = readdirSync(join(estate.folder, 'another-site')).filter(name => name.startsWith('run-'));
    expect(names).toHaveLength(2);
    expect(runs).toContain('alice');
    expect(runs).toContain(git('rev-parse', 'HEAD').slice(0, 7));
    const [, merged = ''] = names.toSorted();
    expect(page(merged)).toContain('service.http.idletimeout');
    expect(page('index.html')).toMatch(/in sync/i);
  });
});

describe('on a schedule', () => {
  it('an estate in sync opens no issue, and leaves a snapshot and pages', async () => {
    const quiet = await ran('reconcile-drift.yml', 'drift');
    expect(quiet.failed, quiet.output).toBeUndefined();
    expect(() => stored('issues')).toThrow('ENOENT');
    expect(readdirSync(join(runner.github, 'artifacts', 'snapshot'))).toEqual(['live.jsonl.gz']);
    expect(readdirSync(join(runner.github, 'artifacts', 'pages', 'site'))).toContain('index.html');
  });

  it('drift opens one issue, keeps it up to date, and closes it', async () => {
    meddle('cs6-fe1');
    expect((await ran('reconcile-drift.yml', 'drift')).failed).toBeUndefined();
    meddle('cs6-be1');
    expect((await ran('reconcile-drift.yml', 'drift')).failed).toBeUndefined();
    expect(stored('issues')).toMatchObject([
      { state: 'open', label: 'reconcile-drift', body: expect.stringContaining('cs6-be1') },
    ]);
    const drift = (await pagesFrom('a-third'))('drift.html');
    expect(drift).toMatch(/local\.autoprovision.*expected .*no.* found .*yes/i);
    const healed = await reconcile(
      ['apply', join(checkout, 'estate.yaml'), '--origin', 'drift', '--yes'],
      environment(),
    );
    expect(healed.code, healed.stdout + healed.stderr).toBe(0);
    expect((await ran('reconcile-drift.yml', 'drift')).failed).toBeUndefined();
    expect(stored('issues')).toMatchObject([{ state: 'closed' }]);
  });
});

it('a fork is checked without any secret, from the snapshot', async () => {
  git('switch', '--quiet', '--detach', 'main');
  const text = made('estate.yaml');
  writeFileSync(join(checkout, 'estate.yaml'), text.replace('idletimeout: "120"', 'idletimeout: "240"'));
  commit('longer still');
  runner = { ...runner, context: { 'github.token': 'a token', 'github.repository': 'example/estate' } };
  const fork = await ran('reconcile-check.yml', 'fork');
  expect(fork.failed, fork.output).toBeUndefined();
  for (const word of ['service.http.idletimeout', 'planned', 'live.jsonl.gz']) expect(fork.summary).toContain(word);
});

it('a merge request of GitLab gets test results', () => {
  const template = parse(readFileSync('examples/ci/gitlab/reconcile.gitlab-ci.yml', 'utf8'));
  const script: readonly string[] = template['reconcile check'].script;
  const place = join(estate.folder, 'bin');
  mkdirSync(place);
  writeFileSync(join(place, 'reconcile'), `#!/bin/sh\nexec node '${process.cwd()}/dist/reconcile.cjs' "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    ...process.env,
    ...environment(),
    PATH: `${place}:${process.env['PATH']}`,
    CI_MERGE_REQUEST_DIFF_BASE_SHA: 'HEAD^1',
  };
  const code = '|| test $? -eq 2';
  execFileSync('bash', ['-ec', `${script.join('\n')} ${code}`], { cwd: checkout, env });
  expect(junitErrors(made('report.xml'))).toBe('');
  expect(made('report.xml')).toContain('service.http.idletimeout');
  expect(made('report.html')).toContain('<!doctype html>');
});
