import { canonicalJson, differingKeys } from '../core/canonical.ts';
import {
  connectionsOf,
  type DirectoryConnection,
  plannedState,
  type TargetConnection,
  withConnections,
} from '../core/connection.ts';
import type { Access, DesiredState, SecretReference } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { largestFile } from '../estate/decode.ts';
import type { LoadedEstate } from '../estate/load.ts';
import { finding } from '../findings/catalogue.ts';
import type { FileNow, FileThen, Revision } from '../ports/local-files.ts';
import type { RouteParts } from '../ports/ports.ts';
import type { LocalContext } from './context.ts';
import { type EarlierState, loadRevision, revisionOf } from './earlier-states.ts';
import { loadFiles } from './load-estate.ts';

/** Which revision is trusted about how targets are reached. */
export interface TrustRequest {
  readonly connectionsFrom?: string;
}

/** What may be contacted, and what not. */
export interface Trust {
  /** What is connected to: all of it as the trusted revision has it. */
  readonly reachable: DesiredState;
  /** By target: why it is not contacted. */
  readonly withheld: ReadonlyMap<string, Finding>;
}

/** An estate that was loaded, and where its files are not trusted, what of it may be contacted. */
export interface TrustedEstate extends LoadedEstate {
  readonly trust?: Trust;
}

/**
 * Loads estate files. With `--connections-from` they are a stranger's: they lie in their folder, ask for no variable that
 * the trusted revision does not ask for, and nothing is contacted that they would have contacted in another way.
 */
export async function loadTrusted(
  files: readonly string[],
  { connectionsFrom: name }: TrustRequest,
  context: LocalContext,
): Promise<TrustedEstate> {
  if (name === undefined) return loadFiles(files, context);
  const revision = revisionOf(files, name, context);
  if ('code' in revision) return { findings: [revision] };
  const trusted = loadRevision(revision, files, context);
  if (trusted.unusable) return { findings: [unusable(trusted)] };
  const loaded = await loadFiles(files, context, new Set(trusted.variables ?? []));
  if (!loaded.state) return loaded;
  return { ...loaded, ...(await trustOf(loaded.state, { trusted, revision, context })) };
}

interface Judging {
  readonly trusted: EarlierState;
  readonly revision: Revision;
  readonly context: LocalContext;
}

/** The one address that a message may be sent to is an address like the others. */
async function trustOf(
  state: DesiredState,
  judging: Judging,
): Promise<Pick<TrustedEstate, 'trust'> & { state: DesiredState }> {
  const { state: trusted, name } = judging.trusted;
  const known = trusted ? connectionsOf(trusted) : new Map<string, TargetConnection>();
  const judged = [...connectionsOf(state)].map(async ([target, connection]) => {
    const differing = await differencesOf(target, connection, known.get(target), state, judging);
    return differing.length > 0 ? [[target, changed(target, differing, name, state)] as const] : [];
  });
  const withheld = new Map((await Promise.all(judged)).flat());
  const { mailTo: _, ...verify } = state.verify ?? { probes: [] };
  const mailTo = trusted?.verify?.mailTo;
  const asked = state.verify && { verify: { ...verify, ...(mailTo !== undefined && { mailTo }) } };
  const reachable = trusted ? withConnections(plannedState(state), trusted) : { ...state, cs6: [], cs7: [] };
  return { state: { ...state, ...asked }, trust: { reachable, withheld } };
}

/** What is not as the trusted revision has it; nothing where the target may be contacted. */
async function differencesOf(
  target: string,
  connection: TargetConnection,
  known: TargetConnection | undefined,
  state: DesiredState,
  { revision, context: { files, routes, variables } }: Judging,
): Promise<readonly string[]> {
  if (!known) return ['it is not in that revision'];
  if (canonicalJson(connection) !== canonicalJson(known))
    return [...new Set(differingKeys(connection, known).map(key => keyInFile(target, key, state)))];
  const read = (path: string) => files.readRegular(path, largestFile);
  const parts = 'url' in connection ? directoryParts(connection) : secretsOf(connection.access);
  if ('url' in connection) return changedFiles(parts, revision, read);
  const { unclear, ...way } = await routes.partsOf(connection.access, variables);
  const unknown = unclear === undefined ? [] : [`its way cannot be judged: ${unclear}`];
  return [...unknown, ...changedFiles(join([parts, way]), revision, read)];
}

/** As the estate file calls what the wanted state holds. */
function keyInFile(target: string, path: string, { hosts }: DesiredState): string {
  const key = path.replace(/\.\d+$/, '');
  if (target === 'directory') return `directory.${key === 'otherUrls' ? 'url' : key}`;
  const side = hosts.find(({ name }) => name === target)?.product ?? 'cs7';
  if (/^(davadmin|container)\./.test(key)) return `${side}.${key}`;
  const ofHost = `${side}.hosts.${target}`;
  if (!key.startsWith('access.')) return `${ofHost}.${key}`;
  const own = key.slice('access.'.length);
  return own === 'address' || own === 'port' ? `${ofHost}.${own}` : `ssh.${own}`;
}

function changed(target: string, differing: readonly string[], revision: string, state: DesiredState): Finding {
  const { source } = state.hosts.find(({ name }) => name === target) ?? state.directory;
  const detail =
    `${printable(target)} was not contacted, because its connection differs from ${revision}. Differences:\n` +
    `${differing.map(key => `    ${printable(key)}\n`).join('')}` +
    'With --connections-from, only targets of that revision are contacted, because these files may come from a stranger. First merge the change of connections in a separate pull request.';
  return finding('connections.changed', { detail, target, where: source });
}

function unusable({ name, unusable: why }: EarlierState): Finding {
  return finding('connections.unusable', {
    detail: `Connections come from ${name}, but its files have errors. No target was contacted.\n${why?.detail ?? ''}`,
  });
}

type ReadNow = (path: string) => FileNow;

/**
 * Files of the repository that a connection depends on, and that are not what they are in a revision: authorities, host keys,
 * secrets, the configuration of OpenSSH. A program of the repository is always among them, because what it loads besides cannot
 * be known, and so is a folder whose files are included by a pattern.
 */
function changedFiles({ files, programs, folders }: LocalParts, revision: Revision, read: ReadNow): readonly string[] {
  return [
    ...files.filter(path => revision.holds(path) && !isSame(revision.readFile(path, largestFile), read(path))),
    ...folders
      .filter(folder => revision.holds(folder))
      .map(folder => `${folder}, a folder of the repository that an OpenSSH configuration includes`),
    ...programs
      .filter(word => revision.holds(word) && isThere(read(word)))
      .map(word => `${word}, a program or file of the repository in a command`),
  ];
}

/** What of this machine a connection depends on. */
type LocalParts = Omit<RouteParts, 'unclear'>;

const noParts: LocalParts = { files: [], folders: [], programs: [] };

function directoryParts({ tls, password }: DirectoryConnection): LocalParts {
  const { ca, certificate, key } = tls;
  const keyFile = key && 'path' in key ? key.path : undefined;
  const files = [ca, certificate, keyFile].filter(path => path !== undefined);
  return join([secretParts(password), { ...noParts, files }]);
}

/** Files and programs of the secrets; the rest is part of the way. */
function secretsOf({ identity, passphrase, password, code, privilege }: Access): LocalParts {
  const key = identity && !('path' in identity) ? identity : undefined;
  return join([key, passphrase, password, code, privilege?.password].map(secretParts));
}

function secretParts(reference: SecretReference | undefined): LocalParts {
  if (!reference || 'env' in reference) return noParts;
  return 'file' in reference ? { ...noParts, files: [reference.file] } : { ...noParts, programs: reference.command };
}

function join(parts: readonly LocalParts[]): LocalParts {
  return {
    files: parts.flatMap(({ files }) => files),
    folders: parts.flatMap(({ folders }) => folders),
    programs: parts.flatMap(({ programs }) => programs),
  };
}

function isSame(then: FileThen, now: FileNow): boolean {
  if ('absent' in then) return !isThere(now);
  return then instanceof Uint8Array && now instanceof Uint8Array && Buffer.compare(then, now) === 0;
}

function isThere(now: FileNow): boolean {
  return now instanceof Uint8Array || now.reason !== 'there is no such file or folder';
}
