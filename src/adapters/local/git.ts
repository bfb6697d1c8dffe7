import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Commit, Finding } from '../../core/finding.ts';
import { printable, webAddress } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileThen, OpenRevision, ReadCommit, Revision } from '../../ports/local-files.ts';
import { plainVariables } from './secret-source.ts';

/** The finding that git cannot be started. */
function noGit(reason: string): Finding {
  return finding('base.no-git', {
    detail: `A revision is read with git, and ${reason}.\nInstall git, or name a file: --base earlier.yaml`,
  });
}

/** The finding that a file is in no repository that git opens. */
function noRepository(file: string, said: string): Finding {
  return finding('base.no-repository', {
    detail: `${printable(file)}: git says: ${said}\nRun it in a checkout, or name a file: --base earlier.yaml`,
  });
}

/** The finding that a repository has no such revision. */
function unknownRevision(name: string): Finding {
  return finding('base.unknown-revision', {
    detail: `The repository has no commit "${printable(name)}".\nName a branch, a tag or a commit that git log shows; a branch of the server as origin/NAME.`,
  });
}

/** The finding that a clone without its history does not have a revision. */
function notInShallowClone(name: string): Finding {
  return finding('base.shallow-clone', {
    detail: `"${printable(name)}" is not among the commits of this shallow clone, so its wanted state is not known.\nFetch the history: fetch-depth: 0 of actions/checkout, GIT_DEPTH: "0" of GitLab, or git fetch --unshallow.`,
  });
}

/** Reads a file of this machine as it is now. */
type ReadNow = (path: string, limit: number, below?: string) => Exclude<FileThen, { readonly absent: true }>;

/** No object takes longer to read, also where git has to fetch it first. */
const timeout = 60_000;

/** Bytes of what git prints besides files. */
const mostOutput = 1_000_000;

/**
 * Reads files of earlier revisions with the system's git, as words and without a shell. A revision is resolved to the id
 * of a commit first, so that no name of one is ever taken for an option; files are read as they are stored, without filters.
 */
export function makeOpenRevision(environment: Environment, readNow: ReadNow): OpenRevision {
  const git = runGit(environment);
  return (name, beside) => {
    const top = git(dirname(beside), ['rev-parse', '--show-toplevel']);
    if (top.error) return noGit(reasonOf(top.error));
    if (top.status !== 0) return noRepository(beside, said(top));
    const root = lineOf(top);
    const commit = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (commit.status === 0) return revision({ git, root, readNow }, lineOf(commit));
    return isShallow(git, root) ? notInShallowClone(name) : unknownRevision(name);
  };
}

function runGit(environment: Environment): Git {
  return (folder, words, limit = mostOutput) =>
    spawnSync('git', ['-C', folder, ...words], {
      env: {
        ...plainVariables(environment),
        ...ofGit(environment),
        LC_ALL: 'C',
        GIT_TERMINAL_PROMPT: '0',
        GIT_OPTIONAL_LOCKS: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: limit,
      timeout,
      killSignal: 'SIGKILL',
    });
}

/** What git itself looks at, such as GIT_DIR; a token that is called after it is nothing that it knows. */
function ofGit(environment: Environment): Environment {
  const names = Object.keys(environment).filter(name => /^GIT_/.test(name) && !/TOKEN|PASSW|SECRET/.test(name));
  return Object.fromEntries(names.map(name => [name, environment[name]]));
}

/** Makes what finds the commit of a file: CI names it, or else the git of the file's folder. */
export function makeReadCommit(environment: Environment): ReadCommit {
  const git = runGit(environment);
  return file => ciCommit(environment, file) ?? gitCommit(git, file);
}

/** The variables that GitHub and GitLab set: https://docs.github.com/actions and https://docs.gitlab.com/ci/variables. */
function ciCommit(environment: Environment, file: string): Commit | undefined {
  const of = (name: string) => environment[name] ?? '';
  const root = of('GITHUB_WORKSPACE') || of('CI_PROJECT_DIR');
  if (root !== '' && placeIn(root, file) === undefined) return undefined;
  if (of('GITHUB_SHA') !== '') {
    const pages = `${of('GITHUB_SERVER_URL')}/${of('GITHUB_REPOSITORY')}`;
    const [, number = ''] = /^refs\/pull\/(\d+)\//.exec(of('GITHUB_REF')) ?? [];
    const request = { name: `pull request ${number}`, link: `${pages}/pull/${number}` };
    return commit(of('GITHUB_SHA'), of('GITHUB_ACTOR'), `${pages}/commit/`, number === '' ? undefined : request);
  }
  const pages = `${of('CI_PROJECT_URL')}/-`;
  const [number = ''] = /^\d+$/.exec(of('CI_MERGE_REQUEST_IID')) ?? [];
  const request = { name: `merge request ${number}`, link: `${pages}/merge_requests/${number}` };
  return commit(of('CI_COMMIT_SHA'), of('CI_COMMIT_AUTHOR'), `${pages}/commit/`, number === '' ? undefined : request);
}

/** The commit that is checked out around a file that belongs to it. */
function gitCommit(git: Git, file: string): Commit | undefined {
  const [folder, path] = [dirname(file), basename(file)];
  const literally = (...words: readonly string[]) =>
    git(folder, ['-c', 'core.fsmonitor=false', '--literal-pathspecs', ...words, '--', path]);
  if (literally('ls-files', '--error-unmatch').status !== 0) return undefined;
  const shown = git(folder, ['log', '-1', '--no-show-signature', '--no-color', '--format=%H%x00%an', 'HEAD']);
  if (shown.status !== 0) return undefined;
  const [id = '', author = ''] = lineOf(shown).split('\0');
  const known = commit(id, author);
  const changed = literally('diff', '--quiet', '--no-ext-diff', '--no-textconv', 'HEAD').status !== 0;
  return known && { ...known, ...(changed && { changed }) };
}

/** Longest name of an author. */
const longestName = 200;

/** The facts that have a form that may be shown; nothing where the id has none. `page`: the address before the id. */
function commit(id: string, author: string, page = '', request?: Commit['pullRequest']): Commit | undefined {
  if (!/^[0-9a-f]{7,64}$/.test(id)) return undefined;
  const link = webAddress(`${page}${id}`);
  // CI has the address of the author with the name, and a report goes to more people than a repository.
  const name = printable(author.replace(/\s*<[^>]*>\s*$/, ''))
    .replaceAll('\n', ' ')
    .slice(0, longestName);
  return {
    id,
    ...(name !== '' && { author: name }),
    ...(link !== undefined && { link }),
    ...(request && webAddress(request.link) !== undefined && { pullRequest: request }),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

type Git = (folder: string, words: readonly string[], limit?: number) => SpawnSyncReturns<Buffer>;

interface Repository {
  readonly git: Git;
  readonly root: string;
  readonly readNow: ReadNow;
}

function revision(repository: Repository, id: string): Revision {
  const header = headerOf(repository, id);
  return {
    id,
    day: dayOf(header),
    readFile: (path, limit, below) => readFileThen(repository, id, { path, limit, below }),
    holds: path => placeIn(repository.root, path) !== undefined,
    parent: () => parentOf(repository, header),
  };
}

/** The commit as it is stored: its parents are named also where a shallow clone does not have them. */
function headerOf({ git, root }: Repository, id: string): string {
  return git(root, ['cat-file', 'commit', id]).stdout.toString('utf8').split('\n\n', 1)[0] ?? '';
}

function dayOf(header: string): string {
  const seconds = Number(/^committer .* (\d+) [+-]\d{4}$/m.exec(header)?.[1] ?? 0);
  return new Date(seconds * 1000).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

function parentOf(repository: Repository, header: string): Revision | Finding | undefined {
  const { git, root } = repository;
  const parent = /^parent ([0-9a-f]+)$/m.exec(header)?.[1];
  if (parent === undefined) return undefined;
  const there = git(root, ['cat-file', '-e', `${parent}^{commit}`]).status === 0;
  return there ? revision(repository, parent) : notInShallowClone(parent.slice(0, 12));
}

interface Wanted {
  readonly path: string;
  readonly limit: number;
  readonly below: string | undefined;
}

function readFileThen({ git, root, readNow }: Repository, id: string, { path, limit, below }: Wanted): FileThen {
  const within = placeIn(root, path);
  if (within === undefined) return readNow(path, limit, below);
  const listed = git(root, ['--literal-pathspecs', 'ls-tree', '-z', '--full-tree', id, '--', within]);
  if (listed.status !== 0) return { reason: `git says: ${said(listed)}` };
  const [mode = ''] = listed.stdout.toString('utf8').split(' ');
  if (mode === '') return { reason: `${id.slice(0, 12)} has no such file`, absent: true };
  if (!mode.startsWith('100')) return { reason: `it is no regular file in ${id.slice(0, 12)}` };
  // Somewhat more than the limit, so that the reader can say that it is too large; much more is an error here.
  const content = git(root, ['cat-file', 'blob', `${id}:${within}`], limit + mostOutput);
  if (content.error || content.status !== 0) return { reason: `git says: ${said(content)}` };
  return content.stdout;
}

/** The place of a file in its repository; nothing where it lies elsewhere. */
function placeIn(root: string, path: string): string | undefined {
  const within = relative(root, realPathOf(path));
  return /^\.\.(\/|$)/.test(within) || isAbsolute(within) ? undefined : within;
}

/** Of the folder only, through its links: the file itself may not be there any more. */
function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}

function isShallow(git: Git, root: string): boolean {
  return lineOf(git(root, ['rev-parse', '--is-shallow-repository'])) === 'true';
}

function lineOf({ stdout }: SpawnSyncReturns<Buffer>): string {
  return stdout.toString('utf8').replace(/\n$/, '');
}

function said({ stderr, error }: SpawnSyncReturns<Buffer>): string {
  if (error) return reasonOf(error);
  return printable(stderr.toString('utf8').trim().slice(0, 1000)) || 'nothing';
}

function reasonOf(error: Error): string {
  const code = 'code' in error ? String(error.code) : error.message;
  return code === 'ENOENT' ? 'there is no git in the PATH' : `the system says ${code}`;
}
