import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Finding } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileThen, OpenRevision, Revision } from '../../ports/local-files.ts';
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
  return (name, beside) => {
    const checkout = openCheckout(beside, environment);
    if (!('git' in checkout))
      return checkout.error ? noGit(reasonOf(checkout.error)) : noRepository(beside, said(checkout));
    const { git, root } = checkout;
    const commit = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
    if (commit.status === 0) return revision({ git, root, readNow }, lineOf(commit));
    return isShallow(git, root) ? notInShallowClone(name) : unknownRevision(name);
  };
}

/** Variables that name the repository itself. A hook of git sets some of them. */
const ofRepository = new Set([
  'GIT_DIR',
  'GIT_COMMON_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_PREFIX',
  'GIT_NAMESPACE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
]);

/**
 * The checkout that a file lies in, and git for it; or what git said instead. Variables do not count against the checkout that
 * is found there: with GIT_DIR alone, any folder passes for one. They count for a file in GIT_WORK_TREE that lies in no other.
 */
export function openCheckout(file: string, environment: Environment): Checkout | SpawnSyncReturns<Buffer> {
  const folder = dirname(file);
  const askTop = (git: Git) => git(folder, ['rev-parse', '--show-toplevel']);
  const git = runGit(Object.fromEntries(Object.entries(environment).filter(([name]) => !ofRepository.has(name))));
  const top = askTop(git);
  if (top.status === 0) return { git, root: lineOf(top) };
  const { GIT_DIR: repository, GIT_WORK_TREE: tree } = environment;
  if (!repository || !tree || placeIn(realPathOf(tree), file) === undefined) return top;
  const named = runGit({ ...environment, GIT_DIR: resolve(repository), GIT_WORK_TREE: resolve(tree) });
  const other = askTop(named);
  return other.status === 0 ? { git: named, root: lineOf(other) } : top;
}

/** Git of this system, as words and without a shell. */
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

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs git in a folder; `limit` is the most bytes that it may print. */
export type Git = (folder: string, words: readonly string[], limit?: number) => SpawnSyncReturns<Buffer>;

/** The top folder of a checkout, and git that looks at its repository. */
export interface Checkout {
  readonly git: Git;
  readonly root: string;
}

interface Repository extends Checkout {
  readonly readNow: ReadNow;
}

function revision(repository: Repository, id: string): Revision | Finding {
  const header = headerOf(repository, id);
  const { day, parent } = readCommitHeader(header);
  if (day === undefined) return noCommitTime(id);
  return {
    id,
    day,
    readFile: (path, limit, below) => readFileThen(repository, id, { path, limit, below }),
    holds: path => placeIn(repository.root, path) !== undefined,
    parent: () => parentOf(repository, parent),
  };
}

/** The commit as it is stored: its parents are named also where a shallow clone does not have them. */
function headerOf({ git, root }: Repository, id: string): string {
  return git(root, ['cat-file', 'commit', id]).stdout.toString('utf8').split('\n\n', 1)[0] ?? '';
}

/** The day that a commit was made on, in UTC, and its first parent. A time beyond what a calendar has is no day: git itself keeps any number. */
export function readCommitHeader(header: string): { readonly day?: string; readonly parent?: string } {
  const [, seconds] = /^committer .* (\d{1,11}) [+-]\d{4}$/m.exec(header) ?? [];
  const [, parent] = /^parent ([0-9a-f]+)$/m.exec(header) ?? [];
  const day = seconds === undefined ? undefined : new Date(Number(seconds) * 1000).toISOString().split('T')[0];
  return { ...(day !== undefined && { day }), ...(parent !== undefined && { parent }) };
}

/** The finding that a commit does not say when it was made. */
function noCommitTime(id: string): Finding {
  return finding('base.unknown-revision', {
    detail: `The commit ${id.slice(0, 12)} has no usable time, and the waves of its day are not known without it.\nName another commit.`,
  });
}

function parentOf(repository: Repository, parent: string | undefined): Revision | Finding | undefined {
  const { git, root } = repository;
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

/** The place of a file in a folder, given by its real path; nothing where it lies elsewhere. */
export function placeIn(root: string, path: string): string | undefined {
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

/** What git printed, without the line end. */
export function lineOf({ stdout }: SpawnSyncReturns<Buffer>): string {
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
