import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type JobRun, makeGithub, type Runner, runJob } from '../ci/run-workflow.ts';
import { type Estate, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/** Large estates and signed plans on GitHub: the jobs of the workflows, with the built program, on real sshd and slapd. */
let estate: Estate;
let runner: Runner;

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 20 });
  const checkout = join(estate.folder, 'checkout');
  mkdirSync(checkout);
  const text = readFileSync(estate.file, 'utf8');
  const key = `identity: ${estate.ssh.identity}`;
  writeFileSync(join(checkout, 'estate.yaml'), text.replace(key, 'identity: { env: SSH_KEY_FILE }'));
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', checkout, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words]);
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', 'estate.yaml');
  for (const message of ['first', 'second']) git('commit', '--quiet', '--allow-empty', '-m', message);
  const signer = newKey('ci');
  const context = {
    'secrets.SSH_KEY': readFileSync(estate.ssh.identity, 'utf8').trimEnd(),
    'secrets.LDAP_PASSWORD': estate.directory.password,
    'secrets.SIGNING_KEY': readFileSync(signer, 'utf8').trimEnd(),
    'vars.ALLOWED_SIGNERS': `ci ${readFileSync(`${signer}.pub`, 'utf8').trimEnd()}`,
    'github.token': 'a token',
    'github.sha': 'a commit',
    'github.event.pull_request.number': '7',
  };
  runner = { checkout, github: makeGithub(estate.folder), context };
});
afterAll(async () => estate?.stop());

function newKey(name: string): string {
  const file = join(estate.folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
  return file;
}

/** Runs a job on a checkout of its own. */
function ran(file: string, job: string, more: Readonly<Record<string, string>> = {}): Promise<JobRun> {
  const { checkout, context } = runner;
  for (const left of readdirSync(checkout).filter(name => !['.git', 'estate.yaml'].includes(name)))
    rmSync(join(checkout, left));
  return runJob(file, job, { ...runner, context: { ...context, ...more } });
}

const stored = (name: string) => JSON.parse(readFileSync(join(runner.github, `${name}.json`), 'utf8'));

it('four jobs make the plan of a pull request, and one joins it and comments', async () => {
  for (const part of ['1', '2', '3', '4']) {
    const one = await ran('reconcile-check-sharded.yml', 'part', { 'matrix.part': part });
    expect(one.failed, one.output).toBeUndefined();
    expect(one.output).toContain(`Part ${part} of 4: `);
  }
  const joined = await ran('reconcile-check-sharded.yml', 'plan');
  expect(joined.failed, joined.output).toBeUndefined();
  expect(joined.output).toMatch(/^::\w+ file=estate\.yaml,line=\d+/m);
  expect(stored('comments')).toEqual([
    expect.objectContaining({ body: expect.stringContaining('| hosts change | 3 |') }),
  ]);
});

it('a job signs what it planned itself, and what is forged after it is refused before anything is read', async () => {
  const signed = await ran('reconcile-apply-signed.yml', 'sign');
  expect(signed.failed, signed.output).toBeUndefined();
  expect(signed.output).not.toContain('PRIVATE KEY');
  const stranger = `ci ${readFileSync(`${newKey('stranger')}.pub`, 'utf8')}`;
  const refused = await ran('reconcile-apply-signed.yml', 'apply', { 'vars.ALLOWED_SIGNERS': stranger });
  expect([refused.failed, refused.output]).toEqual(['Apply', expect.stringContaining('ended with 3')]);
  const plan = join(runner.github, 'artifacts', 'signed-plan', 'now.json');
  const kept = readFileSync(plan, 'utf8');
  writeFileSync(plan, kept.replaceAll('"defaultbackend"', '"otherbackend"'));
  expect((await ran('reconcile-apply-signed.yml', 'apply')).failed).toBe('Apply');
  writeFileSync(plan, kept);
});

it('what is signed is applied, and the comment says so', async () => {
  const applied = await ran('reconcile-apply-signed.yml', 'apply');
  expect(applied.failed, applied.output).toBeUndefined();
  const comments: readonly { readonly body: string }[] = stored('comments');
  expect(comments).toHaveLength(2);
  expect(comments[1]?.body).toContain('### reconcile apply');
  const environment = { ...estate.environment, SSH_KEY_FILE: estate.ssh.identity };
  const check = await reconcile(['check', join(runner.checkout, 'estate.yaml')], environment);
  expect(check.code, check.stdout).toBe(0);
});
