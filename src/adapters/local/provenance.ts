import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Commit, Provenance } from '../../core/finding.ts';
import { webAddress } from '../../core/printable.ts';
import { type ReadProvenance, standardInput } from '../../ports/local-files.ts';
import { type CiJob, ciJob, commitId, oneLine } from './ci-job.ts';
import { type Checkout, lineOf, openCheckout, placeIn } from './git.ts';
import { userAtMachine } from './lock-claim.ts';

/**
 * Makes what says who runs a command, on what. The commit is that of the checkout which the files lie in, whatever CI or
 * variables say; where git does not answer, the one that CI names.
 */
export function makeReadProvenance(environment: Readonly<Record<string, string | undefined>>): ReadProvenance {
  const job = ciJob(environment);
  return given => {
    const files = given.filter(file => file !== standardInput).map(realPathOf);
    const [first] = files;
    const checkout = first === undefined ? undefined : openCheckout(first, environment);
    const known = checkout && 'git' in checkout ? ofCheckout(checkout, files, job) : ofJob(first, job);
    return { actor: job?.actor ?? userAtMachine(), ...known, ...(job?.link !== undefined && { job: job.link }) };
  };
}

/** The file itself, through all links; where it is missing, its folder with its name. */
function realPathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return resolve(file);
  }
}

function ofCheckout(checkout: Checkout, files: readonly string[], job: CiJob | undefined): Provenance {
  const { git, root } = checkout;
  const shown = git(root, ['log', '-1', '--no-show-signature', '--no-color', '--format=%H%x00%an', 'HEAD']);
  const [id = '', author = ''] = lineOf(shown).split('\0');
  if (shown.status !== 0 || commitId(id) === undefined) return {};
  const links = job && isOfJob(id, checkout, job) ? linksTo(id, job) : {};
  const clean = isClean(files, checkout);
  return { commit: withAuthor(id, oneLine(author), links), ...(clean !== undefined && { clean }) };
}

/** Where there is no git, or it does not answer: CI names a commit for the files in its folder. */
function ofJob(file: string | undefined, job: CiJob | undefined): Provenance {
  if (file === undefined || job?.commit === undefined) return {};
  if (job.folder !== undefined && placeIn(realPathOf(job.folder), file) === undefined) return {};
  return { commit: withAuthor(job.commit, job.author ?? '', linksTo(job.commit, job)) };
}

function withAuthor(id: string, author: string, links: Pick<Commit, 'link' | 'pullRequest'>): Commit {
  return { id, ...(author !== '' && { author }), ...links };
}

/** Whether a checkout is of the repository that the job is about: a job may check out others, and other commits than its own. */
function isOfJob(id: string, { git, root }: Checkout, { commit, repository }: CiJob): boolean {
  if (commit === id) return true;
  const origin = lineOf(git(root, ['config', '--get', 'remote.origin.url'])).replace(/(?:\.git)?\/?$/, '');
  const wanted = repository?.replace(/(?:\.git)?\/?$/, '');
  return wanted !== undefined && (origin === wanted || origin.endsWith(`/${wanted}`) || origin.endsWith(`:${wanted}`));
}

function linksTo(id: string, { commitPages, request }: CiJob): Pick<Commit, 'link' | 'pullRequest'> {
  const link = commitPages === undefined ? undefined : webAddress(`${commitPages}${id}`);
  return { ...(link !== undefined && { link }), ...(request && { pullRequest: request }) };
}

/**
 * Whether the files are as they are in the commit, and nothing else of it differs. The files are compared by themselves,
 * because git can be set to overlook changes of a file. Nothing where git does not say.
 */
function isClean(files: readonly string[], { git, root }: Checkout): boolean | undefined {
  for (const file of files) {
    const place = placeIn(root, file);
    if (place === undefined) return false;
    const stored = git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `HEAD:${place}`]);
    if (stored.status === 1) return false;
    const present = git(root, ['hash-object', '--', place]);
    if (stored.status !== 0 || present.status !== 0) return undefined;
    if (lineOf(stored) !== lineOf(present)) return false;
  }
  const others = git(root, ['-c', 'core.fsmonitor=false', 'diff', '--quiet', '--no-ext-diff', '--no-textconv', 'HEAD']);
  return others.status === 0 ? true : others.status === 1 ? false : undefined;
}
