import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ciFolder } from './templates.ts';

/** The template of GitLab, by gitlab-ci-local, which has GitLab's own schema and works out which jobs a pipeline has. */
const template = join(ciFolder, 'gitlab', 'reconcile.gitlab-ci.yml');
const program = resolve('node_modules/.bin/gitlab-ci-local');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-gitlab-'));
  cpSync(template, join(folder, 'reconcile.gitlab-ci.yml'));
  writeFileSync(join(folder, '.gitlab-ci.yml'), 'include: reconcile.gitlab-ci.yml\n');
  const git = (...words: readonly string[]) => execFileSync('git', ['-C', folder, ...words]);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'git@gitlab.com:example/estate.git');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first');
});
afterAll(() => rmSync(folder, { recursive: true }));

function list(...variables: readonly string[]) {
  const words = ['--list-csv', ...variables.flatMap(variable => ['--variable', variable])];
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  const jobs = [...stdout.matchAll(/^(reconcile \w+);/gm)].map(match => match[1]);
  return { status, jobs, stderr };
}

const branch = ['CI_COMMIT_BRANCH=main', 'CI_DEFAULT_BRANCH=main'];
const merge = ['CI_PIPELINE_SOURCE=merge_request_event', 'CI_COMMIT_BRANCH=', 'CI_PROJECT_ID=1'];

it.each([
  ['a push', ['CI_PIPELINE_SOURCE=push', ...branch], ['reconcile plan', 'reconcile apply']],
  ['a schedule', ['CI_PIPELINE_SOURCE=schedule', ...branch], ['reconcile drift']],
  ['a merge request', [...merge, 'CI_MERGE_REQUEST_SOURCE_PROJECT_ID=1'], ['reconcile check']],
  ['a merge request of a fork', [...merge, 'CI_MERGE_REQUEST_SOURCE_PROJECT_ID=2'], []],
])('%s has the jobs it should', (_, variables, jobs) => {
  const listed = list(...variables);
  expect([listed.status, listed.jobs], listed.stderr).toEqual([0, jobs]);
});

it('the linter finds mistakes', () => {
  writeFileSync(join(folder, '.gitlab-ci.yml'), 'include: reconcile.gitlab-ci.yml\nwrong:\n  scripts: [date]\n');
  const { status, stderr } = list('CI_PIPELINE_SOURCE=push');
  expect([status, stderr]).toEqual([1, expect.stringContaining('wrong')]);
});
