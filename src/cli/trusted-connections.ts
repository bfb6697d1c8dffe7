import { type Command, Option } from 'commander';
import { canonicalJson, differingKeys } from '../core/canonical.ts';
import { connectionsOf, plannedState, type TargetConnection, withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { largestFile } from '../estate/decode.ts';
import type { LoadedEstate } from '../estate/load.ts';
import type { Revision } from '../ports/revision.ts';
import { type Asking, loadRevision } from './base-states.ts';
import { changedFiles } from './connection-files.ts';
import { loadFiles } from './files.ts';
import type { ReadOutside } from './outside.ts';

/** The option that says which revision is believed about how targets are reached. */
export interface TrustOptions {
  readonly connectionsFrom?: string;
}

/** Gives a command `--connections-from`. */
export function addTrustOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--connections-from <rev>',
      'for pull requests: connect only where and as this trusted revision says; what differs is not contacted',
    ),
  );
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
  { connectionsFrom: name }: TrustOptions,
  outside: ReadOutside,
): Promise<TrustedEstate> {
  if (name === undefined) return loadFiles(files, outside);
  const revision = outside.openRevision(name, files[0] ?? '.');
  if ('code' in revision) return { findings: [revision] };
  const trusted = loadRevision(revision, files, outside);
  if (trusted.unusable) return { findings: [unusable(trusted)] };
  const loaded = await loadFiles(files, outside, new Set(trusted.variables ?? []));
  if (!loaded.state) return loaded;
  return { ...loaded, ...trustOf(loaded.state, { trusted, revision, outside }) };
}

interface Judging {
  readonly trusted: Asking;
  readonly revision: Revision;
  readonly outside: ReadOutside;
}

/** The one address that a message may be sent to is an address like the others. */
function trustOf(state: DesiredState, judging: Judging): Pick<TrustedEstate, 'trust'> & { state: DesiredState } {
  const { state: trusted, name } = judging.trusted;
  const known = trusted ? connectionsOf(trusted) : new Map<string, TargetConnection>();
  const withheld = new Map(
    [...connectionsOf(state)].flatMap(([target, connection]) => {
      const differing = differencesOf(target, connection, known.get(target), state, judging);
      return differing.length > 0 ? [[target, changed(target, differing, name, state)] as const] : [];
    }),
  );
  const { mailTo: _, ...verify } = state.verify ?? { probes: [] };
  const mailTo = trusted?.verify?.mailTo;
  const asked = state.verify && { verify: { ...verify, ...(mailTo !== undefined && { mailTo }) } };
  const reachable = trusted ? withConnections(plannedState(state), trusted) : { ...state, cs6: [], cs7: [] };
  return { state: { ...state, ...asked }, trust: { reachable, withheld } };
}

/** What is not as the trusted revision has it; nothing where the target may be contacted. */
function differencesOf(
  target: string,
  connection: TargetConnection,
  known: TargetConnection | undefined,
  state: DesiredState,
  { revision, outside }: Judging,
): readonly string[] {
  if (!known) return ['it is not in that revision'];
  if (canonicalJson(connection) !== canonicalJson(known))
    return [...new Set(differingKeys(connection, known).map(key => keyInFile(target, key, state)))];
  const read = (path: string) => outside.readRegularFile(path, largestFile);
  return changedFiles(connection, revision, read);
}

/** As the estate file calls what the wanted state holds. */
function keyInFile(target: string, path: string, { cs6 }: DesiredState): string {
  const key = path.replace(/\.\d+$/, '');
  if (target === 'directory') return `directory.${key === 'ca' ? 'tls.ca' : key}`;
  const side = cs6.some(({ name }) => name === target) ? 'cs6' : 'cs7';
  if (/^(davadmin|container)\./.test(key)) return `${side}.${key}`;
  const ofHost = `${side}.hosts.${target}`;
  if (!key.startsWith('access.')) return `${ofHost}.${key}`;
  const own = key.slice('access.'.length);
  return own === 'address' || own === 'port' ? `${ofHost}.${own}` : `ssh.${own}`;
}

function changed(target: string, differing: readonly string[], revision: string, state: DesiredState): Finding {
  const { source } = [...state.cs6, ...state.cs7].find(({ name }) => name === target) ?? state.directory;
  const detail =
    `${printable(target)} was not contacted: how it is reached is not as ${revision} has it. What differs:\n` +
    `${differing.map(key => `    ${printable(key)}\n`).join('')}` +
    'With --connections-from only what that revision names is contacted, because these files may be a stranger’s. Merge the change of connections first, alone.';
  return {
    severity: 'error',
    code: 'connections.changed',
    summary: 'A target is not contacted, because its connection was changed',
    detail,
    target,
    where: source,
  };
}

function unusable({ name, unusable: why }: Asking): Finding {
  return {
    severity: 'error',
    code: 'connections.unusable',
    summary: 'The trusted revision has errors',
    detail: `How targets are reached is taken from ${name}, and its files have errors. Nothing was contacted.\n${why?.detail ?? ''}`,
  };
}
