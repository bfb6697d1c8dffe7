import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeOpenRevision } from '../../src/adapters/local/git.ts';
import type { Revision } from '../../src/ports/local-files.ts';

/** Reading earlier revisions, with the system's git. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-git-'));
const repository = join(folder, 'repository');
const file = join(repository, 'estates', 'estate.yaml');

const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'c' };
const environment = { ...process.env, ...identity, GIT_COMMITTER_EMAIL: 'c@example.com' };

function git(...words: readonly string[]): string {
  const when = { GIT_COMMITTER_DATE: '2026-11-01T23:30:00-0500' };
  return execFileSync('git', ['-C', repository, ...words], {
    env: { ...environment, ...when },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

const open = makeOpenRevision(environment, path => readFileSync(path));

function revision(name: string, beside = file): Revision {
  const found = open(name, beside);
  if ('code' in found) throw new Error(found.detail);
  return found;
}

const code = (name: string, beside = file) => {
  const found = open(name, beside);
  return 'code' in found ? found.code : found.id;
};

const text = (found: ReturnType<Revision['readFile']>) =>
  found instanceof Uint8Array ? new TextDecoder().decode(found) : found;

beforeAll(() => {
  mkdirSync(join(repository, 'estates'), { recursive: true });
  git('init', '--quiet', '--initial-branch', 'main');
  writeFileSync(file, 'first\n');
  writeFileSync(join(repository, 'estates', 'a:b *.csv'), 'uid\njdoe\n');
  symlinkSync('estate.yaml', join(repository, 'estates', 'link.yaml'));
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
  writeFileSync(file, 'second\n');
  git('commit', '--quiet', '-am', 'second');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('reads a file as it was, whatever it is called, and as it is stored', () => {
  git('config', 'core.autocrlf', 'true');
  expect(text(revision('HEAD').readFile(file, 100))).toBe('second\n');
  expect(text(revision('HEAD~1').readFile(file, 100))).toBe('first\n');
  expect(text(revision('main').readFile(join(repository, 'estates', 'a:b *.csv'), 100))).toBe('uid\njdoe\n');
  expect(revision('main')).toMatchObject({ id: git('rev-parse', 'HEAD'), day: '2026-11-02' });
});

it('tells a file that was not there from one that cannot be had, and reads what is in no repository as it is', () => {
  expect(revision('HEAD').readFile(join(repository, 'other.yaml'), 100)).toMatchObject({ absent: true });
  expect(revision('HEAD').readFile(join(repository, 'gone', 'other.yaml'), 100)).toMatchObject({ absent: true });
  for (const name of ['estates', 'estates/link.yaml'])
    expect(revision('HEAD').readFile(join(repository, name), 100)).toEqual({
      reason: expect.stringContaining('no regular file'),
    });
  writeFileSync(join(folder, 'outside.csv'), 'now\n');
  expect(text(revision('HEAD').readFile(join(folder, 'outside.csv'), 100))).toBe('now\n');
});

it('finds the parent, and nothing before the first commit', () => {
  const first = revision('HEAD').parent();
  if (!first || 'code' in first) throw new Error('no parent');
  expect(first.id).toBe(git('rev-parse', 'HEAD~1'));
  expect(first.parent()).toBeUndefined();
});

describe('what cannot be opened', () => {
  it.each(['nowhere', '--help', '--output=x', '-n1', 'HEAD..HEAD~1', 'HEAD:estates', '', 'HEAD; id', '$(id)'])(
    '%s is no revision',
    name => {
      expect(code(name)).toBe('base.unknown-revision');
    },
  );

  it('a folder without a repository, and a system without git', () => {
    expect(code('HEAD', join(folder, 'estate.yaml'))).toBe('base.no-repository');
    const without = makeOpenRevision({ PATH: folder }, path => readFileSync(path))('HEAD', file);
    expect(without).toMatchObject({ code: 'base.no-git' });
  });

  it('what a shallow clone does not have', () => {
    const shallow = join(folder, 'shallow');
    execFileSync('git', ['clone', '--quiet', '--depth', '1', `file://${repository}`, shallow]);
    const beside = join(shallow, 'estates', 'estate.yaml');
    expect(text(revision('HEAD', beside).readFile(beside, 100))).toBe('second\n');
    expect(code('HEAD~1', beside)).toBe('base.shallow-clone');
    expect(revision('HEAD', beside).parent()).toMatchObject({ code: 'base.shallow-clone' });
  });
});
