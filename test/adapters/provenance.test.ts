import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { userAtMachine } from '../../src/adapters/local/lock-claim.ts';
import { makeReadProvenance } from '../../src/adapters/local/provenance.ts';

/** Who runs a command, and the commit of the checkout that the estate files lie in, with the system's git. */
const folder = mkdtempSync(join(tmpdir(), 'reconcile-provenance-'));
afterAll(() => rmSync(folder, { recursive: true }));

const own = { PATH: process.env['PATH'] };
const author = ['-c', 'user.name=Ana & Admin', '-c', 'user.email=ana@example.com'];

function git(root: string, ...words: readonly string[]): string {
  return execFileSync('git', ['-C', root, ...author, ...words], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A repository with an estate file, a list beside it, and one commit. */
function checkout(name: string): { readonly root: string; readonly file: string; readonly head: string } {
  const root = join(mkdtempSync(join(folder, 'in-')), name);
  mkdirSync(join(root, 'estates'), { recursive: true });
  const file = join(root, 'estates', 'estate.yaml');
  writeFileSync(file, 'version: 1\n');
  writeFileSync(join(root, 'README.md'), 'read me\n');
  git(root, 'init', '-q');
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'first');
  return { root, file, head: git(root, 'rev-parse', 'HEAD') };
}

let estate = checkout('estate');
beforeEach(() => {
  estate = checkout('estate');
});

describe('the actor', () => {
  const actor = (environment: Readonly<Record<string, string>>) => makeReadProvenance(environment)([]).actor;

  it.each([
    ['GitHub', { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'ana' }, 'ana'],
    ['GitLab', { GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'ben' }, 'ben'],
    ['Jenkins', { JENKINS_URL: 'https://ci.example.com/', BUILD_USER_ID: 'cem' }, 'cem'],
    [
      'a name with an order to the terminal',
      { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'a\u001b[2Jb\nc' },
      'a\\u001b[2Jb c',
    ],
    ['a name with its address', { GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'Ben <ben@example.com>' }, 'Ben'],
  ])('is the login of %s', (_, environment, expected) => {
    expect(actor(environment)).toBe(expected);
  });

  it.each([
    ['there is no CI', {}],
    ['variables of GitHub are left over', { GITHUB_ACTOR: 'ana', GITHUB_SHA: 'a1b2c3d' }],
    ['GitLab is only played', { GITLAB_CI: 'false', GITLAB_USER_LOGIN: 'ben' }],
    ['variables of Jenkins are left over', { BUILD_USER_ID: 'cem' }],
    ['a timer of Jenkins started it', { JENKINS_URL: 'https://ci.example.com/' }],
    ['CI has no name', { GITHUB_ACTIONS: 'true', GITHUB_ACTOR: ' ' }],
  ])('is the user where %s', (_, environment) => {
    expect(actor(environment)).toBe(userAtMachine());
    expect(userAtMachine()).toMatch(/^[^@\s]+@[^@\s]+$/);
  });

  it('is not longer than a line', () => {
    expect(actor({ GITHUB_ACTIONS: 'true', GITHUB_ACTOR: 'a'.repeat(10_000) })).toHaveLength(200);
  });
});

describe('the job', () => {
  const job = (environment: Readonly<Record<string, string>>) => makeReadProvenance(environment)([]).job;
  const github = {
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'ops/estate',
    GITHUB_RUN_ID: '4711',
  };

  it('has the address that CI gives it', () => {
    expect(job(github)).toBe('https://github.com/ops/estate/actions/runs/4711');
    expect(job({ ...github, GITHUB_RUN_ATTEMPT: '2' })).toBe(
      'https://github.com/ops/estate/actions/runs/4711/attempts/2',
    );
    const gitlab = 'https://gitlab.example.com/ops/estate/-/jobs/12';
    expect(job({ GITLAB_CI: 'true', CI_JOB_URL: gitlab })).toBe(gitlab);
    const jenkins = 'https://ci.example.com/job/estate/7/';
    expect(job({ JENKINS_URL: 'https://ci.example.com/', BUILD_URL: jenkins })).toBe(jenkins);
  });

  it('has none that a reader must not follow', () => {
    expect(job({ ...github, GITHUB_SERVER_URL: 'javascript:alert(1)//' })).toBeUndefined();
    expect(job({ GITLAB_CI: 'true', CI_JOB_URL: 'https://u:p@example.com/' })).toBeUndefined();
    expect(job({ CI_JOB_URL: 'https://gitlab.example.com/1' })).toBeUndefined();
  });
});

describe('the commit', () => {
  const read = (...files: readonly string[]) => makeReadProvenance(own)(files);

  it('is that of the checkout which the file lies in, with its author', () => {
    expect(read(estate.file)).toMatchObject({ commit: { id: estate.head }, clean: true });
    expect(read(estate.file).commit).toEqual({ id: estate.head, author: 'Ana & Admin' });
  });

  it('is none outside of any checkout, before the first commit, and for standard input', () => {
    const alone = join(mkdtempSync(join(folder, 'alone-')), 'estate.yaml');
    writeFileSync(alone, 'version: 1\n');
    for (const file of [alone, '-', join(folder, 'missing', 'estate.yaml')])
      expect(read(file)).toEqual({ actor: userAtMachine() });
    git(join(alone, '..'), 'init', '-q');
    expect(read(alone)).toEqual({ actor: userAtMachine() });
    expect(read()).toEqual({ actor: userAtMachine() });
  });

  it('is found through links, and by the file that a link leads to', () => {
    const link = join(mkdtempSync(join(folder, 'links-')), 'estate.yaml');
    symlinkSync(estate.file, link);
    expect(read(link)).toMatchObject({ commit: { id: estate.head }, clean: true });
    const other = checkout('other');
    rmSync(other.file);
    symlinkSync(estate.file, other.file);
    expect(read(other.file)).toMatchObject({ commit: { id: estate.head }, clean: true });
  });

  const spoil: Readonly<Record<string, () => unknown>> = {
    'the file differs': () => writeFileSync(estate.file, 'version: 2\n'),
    'the file is only in the index': () => {
      writeFileSync(estate.file, 'version: 2\n');
      git(estate.root, 'add', '.');
    },
    'another file differs': () => writeFileSync(join(estate.root, 'README.md'), 'other\n'),
    'another file is gone': () => rmSync(join(estate.root, 'README.md')),
    'git is to overlook changes of the file': () => {
      git(estate.root, 'update-index', '--assume-unchanged', 'estates/estate.yaml');
      writeFileSync(estate.file, 'version: 2\n');
    },
    'git is to skip the file': () => {
      git(estate.root, 'update-index', '--skip-worktree', 'estates/estate.yaml');
      writeFileSync(estate.file, 'version: 2\n');
    },
    'the file is in no commit yet': () => {
      git(estate.root, 'rm', '-q', '--cached', 'estates/estate.yaml');
      git(estate.root, 'commit', '-qm', 'without');
    },
  };

  it.each(Object.keys(spoil))('is not clean where %s', what => {
    spoil[what]?.();
    expect(read(estate.file)).toMatchObject({ commit: { id: git(estate.root, 'rev-parse', 'HEAD') }, clean: false });
  });

  it('is clean with files that are in no commit, such as a saved plan', () => {
    writeFileSync(join(estate.root, 'plan.json'), '{}\n');
    expect(read(estate.file)).toMatchObject({ clean: true });
  });

  it('is clean with line ends that git changes', () => {
    git(estate.root, 'config', 'core.autocrlf', 'true');
    writeFileSync(estate.file, 'version: 1\r\n');
    expect(read(estate.file)).toMatchObject({ clean: true });
  });

  it('is not clean where one of several files is not of it', () => {
    const more = join(estate.root, 'prod.yaml');
    writeFileSync(more, 'version: 1\n');
    expect(read(estate.file, more)).toMatchObject({ commit: { id: estate.head }, clean: false });
    expect(read(estate.file, checkout('other').file)).toMatchObject({ commit: { id: estate.head }, clean: false });
  });

  it('starts no program that the repository names', () => {
    const seen = join(folder, 'started');
    for (const key of ['core.fsmonitor', 'diff.external', 'core.pager'])
      git(estate.root, 'config', key, `/bin/sh -c 'echo x >> ${seen}'`);
    expect(read(estate.file)).toMatchObject({ clean: true });
    writeFileSync(join(estate.root, 'README.md'), 'other\n');
    expect(read(estate.file)).toMatchObject({ clean: false });
    expect(() => readFileSync(seen)).toThrow();
  });
});

describe('the variables of a hook of git', () => {
  it('do not count against the checkout that the file lies in', () => {
    const other = checkout('other');
    writeFileSync(other.file, 'version: 2\n');
    git(other.root, 'commit', '-qam', 'second');
    const trap = { ...own, GIT_DIR: join(other.root, '.git'), GIT_WORK_TREE: other.root, GIT_INDEX_FILE: '/nowhere' };
    expect(makeReadProvenance(trap)([estate.file])).toMatchObject({ commit: { id: estate.head }, clean: true });
  });

  it('make no checkout of a folder that is none', () => {
    const alone = join(mkdtempSync(join(folder, 'alone-')), 'README.md');
    writeFileSync(alone, 'read me\n');
    expect(makeReadProvenance({ ...own, GIT_DIR: join(estate.root, '.git') })([alone])).not.toHaveProperty('commit');
  });

  it('count for a file of the folder that GIT_WORK_TREE names', () => {
    const site = mkdtempSync(join(folder, 'site-'));
    const file = join(site, 'estate.yaml');
    writeFileSync(file, 'version: 1\n');
    const repository = join(folder, 'site.git');
    execFileSync('git', ['init', '-q', '--bare', repository]);
    const there = (...words: readonly string[]) =>
      execFileSync('git', [`--git-dir=${repository}`, `--work-tree=${site}`, ...author, ...words], {
        encoding: 'utf8',
      });
    there('add', '.');
    there('commit', '-qm', 'first');
    const named = { ...own, GIT_DIR: repository, GIT_WORK_TREE: site };
    expect(makeReadProvenance(named)([file])).toMatchObject({
      commit: { id: there('rev-parse', 'HEAD').trim() },
      clean: true,
    });
    writeFileSync(file, 'version: 2\n');
    expect(makeReadProvenance(named)([file])).toMatchObject({ clean: false });
  });
});

describe('in CI', () => {
  const id = 'a1b2c3d4e5f60718293a4b5c6d7e8f9012345678';
  const github = {
    ...own,
    GITHUB_ACTIONS: 'true',
    GITHUB_SHA: id,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'ops/estate',
    GITHUB_REF: 'refs/pull/17/merge',
    GITHUB_ACTOR: 'ana',
  };
  const gitlab = {
    ...own,
    GITLAB_CI: 'true',
    CI_COMMIT_SHA: id,
    CI_COMMIT_AUTHOR: 'Ana Admin <ana@example.com>',
    CI_PROJECT_URL: 'https://gitlab.example.com/ops/estate',
    CI_PROJECT_PATH: 'ops/estate',
    CI_MERGE_REQUEST_IID: '17',
  };
  const pull = { name: 'pull request 17', link: 'https://github.com/ops/estate/pull/17' };

  /** As CI calls it where the sources came without git. */
  const alone = (environment: Readonly<Record<string, string | undefined>>, file = join(folder, 'estate.yaml')) =>
    makeReadProvenance(environment)([file]);

  it('is what git says of the checkout, with the links of CI', () => {
    const here = { ...github, GITHUB_SHA: estate.head };
    expect(makeReadProvenance(here)([estate.file])).toEqual({
      actor: 'ana',
      commit: {
        id: estate.head,
        author: 'Ana & Admin',
        link: `https://github.com/ops/estate/commit/${estate.head}`,
        pullRequest: pull,
      },
      clean: true,
    });
    writeFileSync(estate.file, 'version: 2\n');
    expect(makeReadProvenance(here)([estate.file])).toMatchObject({ commit: { id: estate.head }, clean: false });
  });

  it.each([
    'https://github.com/ops/estate',
    'https://x-token:secret@github.com/ops/estate.git',
    'git@github.com:ops/estate.git',
  ])('is another commit than that of the job where the checkout has it, with links where it is from %s', origin => {
    git(estate.root, 'remote', 'add', 'origin', origin);
    expect(makeReadProvenance(github)([estate.file]).commit).toMatchObject({
      id: estate.head,
      link: `https://github.com/ops/estate/commit/${estate.head}`,
      pullRequest: pull,
    });
  });

  it.each(['https://github.com/ops/other', 'https://github.com/my-ops/estate', 'file:///srv/ops-estate'])(
    'has no links of the job where the checkout is from %s',
    origin => {
      git(estate.root, 'remote', 'add', 'origin', origin);
      expect(makeReadProvenance(github)([estate.file]).commit).toEqual({ id: estate.head, author: 'Ana & Admin' });
    },
  );

  it('is what CI says where git says nothing, and then it is not known whether it is clean', () => {
    expect(alone(github)).toEqual({
      actor: 'ana',
      commit: { id, link: `https://github.com/ops/estate/commit/${id}`, pullRequest: pull },
    });
    expect(alone({ ...github, GITHUB_REF: 'refs/heads/main' }).commit).not.toHaveProperty('pullRequest');
    expect(alone(gitlab).commit).toEqual({
      id,
      author: 'Ana Admin',
      link: `https://gitlab.example.com/ops/estate/-/commit/${id}`,
      pullRequest: { name: 'merge request 17', link: 'https://gitlab.example.com/ops/estate/-/merge_requests/17' },
    });
    const jenkins = {
      ...own,
      JENKINS_URL: 'https://ci.example.com/',
      GIT_COMMIT: id,
      CHANGE_ID: '17',
      CHANGE_URL: pull.link,
    };
    expect(alone(jenkins).commit).toEqual({ id, pullRequest: pull });
    expect(makeReadProvenance({ ...github, PATH: folder })([estate.file]).commit).toMatchObject({ id });
  });

  it('is none that CI names where the file is not in its folder', () => {
    expect(alone({ ...github, GITHUB_WORKSPACE: '/srv/work' })).toEqual({ actor: 'ana' });
    expect(alone({ ...github, GITHUB_WORKSPACE: folder })).toMatchObject({ commit: { id } });
  });

  it.each([
    ['another scheme', { GITHUB_SERVER_URL: 'javascript:alert(1)//' }, { id }],
    ['no server', { GITHUB_SERVER_URL: '' }, { id }],
    ['a repository that is none', { GITHUB_REPOSITORY: 'x"><script>' }, { id }],
  ])('has no links with %s', (_, variables, expected) => {
    expect(alone({ ...github, ...variables }).commit).toEqual(expected);
  });

  it.each(['', 'main', '--help', `${id}\n`, 'A1B2C3D'])('is none where CI says %j', sha => {
    expect(alone({ ...github, GITHUB_SHA: sha })).not.toHaveProperty('commit');
  });
});

it('git is given what it looks at, and no secret', () => {
  const programs = mkdtempSync(join(folder, 'programs-'));
  const seen = join(programs, 'seen');
  writeFileSync(join(programs, 'git'), `#!/bin/sh\n/usr/bin/env >> ${seen}\nexit 1\n`, { mode: 0o755 });
  const secrets = { LDAP_PASSWORD: 'canary', GIT_TOKEN: 'canary', https_proxy: 'http://u:canary@proxy:80' };
  const environment = { PATH: programs, HOME: '/home/x', GIT_CONFIG_GLOBAL: '/srv/gitconfig', ...secrets };
  makeReadProvenance(environment)([join(programs, 'estate.yaml')]);
  const text = readFileSync(seen, 'utf8');
  expect(text).toContain('HOME=/home/x\n');
  expect(text).toContain('GIT_CONFIG_GLOBAL=/srv/gitconfig\n');
  expect(text).not.toContain('canary');
});
