import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ciFolder } from './templates.ts';

/** The templates of GitLab, by gitlab-ci-local, which has GitLab's own schema and works out which jobs a pipeline has. */
const templates = ['reconcile.gitlab-ci.yml', 'reconcile-sharded.gitlab-ci.yml'];
const program = resolve('node_modules/.bin/gitlab-ci-local');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-gitlab-'));
  for (const file of templates) cpSync(join(ciFolder, 'gitlab', file), join(folder, file));
  include('reconcile.gitlab-ci.yml');
  const git = (...words: readonly string[]) => execFileSync('git', ['-C', folder, ...words]);
  git('init', '--quiet', '--initial-branch', 'main');
  git('remote', 'add', 'origin', 'git@gitlab.com:example/estate.git');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'first');
});
afterAll(() => rmSync(folder, { recursive: true }));

function include(...files: readonly string[]): void {
  writeFileSync(join(folder, '.gitlab-ci.yml'), `include: [${files.join(', ')}]\n`);
}

function list(...variables: readonly string[]) {
  const words = ['--list-csv', ...variables.flatMap(variable => ['--variable', variable])];
  const { status, stdout, stderr } = spawnSync(program, words, {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, HOME: folder },
  });
  const jobs = [...stdout.matchAll(/^(reconcile \w+)(?:: \[\d\/4\])?;/gm)].map(match => match[1]);
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

it('the plan of a large estate is made in four parts', () => {
  include(...templates);
  const { status, jobs, stderr } = list('CI_PIPELINE_SOURCE=push', ...branch);
  const parts = Array(4).fill('reconcile part');
  expect([status, jobs.toSorted()], stderr).toEqual([0, ['reconcile apply', ...parts, 'reconcile plan']]);
});

it('the linter finds mistakes', () => {
  writeFileSync(join(folder, '.gitlab-ci.yml'), 'include: reconcile.gitlab-ci.yml\nwrong:\n  scripts: [date]\n');
  const { status, stderr } = list('CI_PIPELINE_SOURCE=push');
  expect([status, stderr]).toEqual([1, expect.stringContaining('wrong')]);
});
