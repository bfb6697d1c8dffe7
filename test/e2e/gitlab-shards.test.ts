import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Estate, startEstate } from '../servers/estate.ts';
import { reconcile } from './cli.ts';

/** The pipeline of GitLab with its plan in four parts, run by gitlab-ci-local, with the built program, on real sshd and slapd. */
let estate: Estate;
let checkout: string;
let programs: string;
const templates = ['reconcile.gitlab-ci.yml', 'reconcile-sharded.gitlab-ci.yml'];

beforeAll(async () => {
  estate = await startEstate({ cs6: 3, cs7: 2, users: 40 });
  checkout = join(estate.folder, 'checkout');
  programs = join(estate.folder, 'bin');
  for (const folder of [checkout, programs]) mkdirSync(folder);
  const program = `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/reconcile.cjs')}' "$@"\n`;
  writeFileSync(join(programs, 'reconcile'), program, { mode: 0o755 });
  const text = readFileSync(estate.file, 'utf8');
  writeFileSync(
    join(checkout, 'estate.yaml'),
    text.replace(`identity: ${estate.ssh.identity}`, 'identity: { env: SSH_KEY_FILE }'),
  );
  for (const file of templates) cpSync(join('examples/ci/gitlab', file), join(checkout, file));
  writeFileSync(join(checkout, '.gitlab-ci.yml'), `include: [${templates.join(', ')}]\n`);
  const git = (...words: readonly string[]) => execFileSync('git', ['-C', checkout, ...words]);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'git@gitlab.com:example/estate.git');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first');
});
afterAll(async () => estate?.stop());

const environment = () => ({ ...estate.environment, SSH_KEY_FILE: estate.ssh.identity });

/** A pipeline of a push to the default branch, in a shell: no registry has the image. */
function pipeline(...words: readonly string[]) {
  const variables = {
    ...environment(),
    ...{ CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main', CI_DEFAULT_BRANCH: 'main' },
  };
  const given = Object.entries(variables).flatMap(([name, value]) => ['--variable', `${name}=${value}`]);
  const own = ['--force-shell-executor', '--shell-isolation', '--no-color', ...given, ...words];
  const ran = spawnSync(resolve('node_modules/.bin/gitlab-ci-local'), own, {
    cwd: checkout,
    encoding: 'utf8',
    env: { HOME: estate.folder, PATH: `${programs}:${process.env['PATH']}` },
  });
  return { status: ran.status, said: ran.stdout + ran.stderr };
}

it('a push makes the plan that one job would make, in four that run side by side, and applies it', async () => {
  const file = join(checkout, 'estate.yaml');
  const whole = await reconcile(['plan', file, '--format', 'json'], environment());
  const ran = pipeline('--manual', 'reconcile apply');
  expect(ran.status, ran.said).toBe(0);
  for (const part of [1, 2, 3, 4]) expect(ran.said).toContain(`Part ${part} of 4: `);
  expect(ran.said).toMatch(/^ WARN {2}reconcile plan/m);
  expect(ran.said).toMatch(/^ PASS {2}reconcile apply/m);
  const { steps } = JSON.parse(readFileSync(join(checkout, 'plan.json'), 'utf8'));
  expect(steps).toEqual(JSON.parse(whole.stdout.replaceAll(`${checkout}/`, '')).plan.steps);
  const check = await reconcile(['check', file], environment());
  expect(check.code, check.stdout).toBe(0);
});
