import { pick, without } from './collections.ts';
import type { Access, DesiredCs6Host, DesiredCs7Host, DesiredDirectory, DesiredState, Host } from './desired.ts';

/**
 * The parts of the wanted state that say how a target is reached: where, as whom, with which secret, and what is read, run
 * and written to on the way. They come from files that this machine trusts, and never from a saved plan; a pull request is
 * not believed about them.
 */
const parts = {
  directory: ['url', 'otherUrls', 'startTls', 'tls', 'bindDn', 'password'],
  cs6: ['access', 'platform', 'config', 'sbin', 'http', 'restart', 'hotBackup'],
  cs7: ['access', 'home', 'http', 'davadmin', 'container', 'restart'],
} as const;

type Parts = typeof parts;
/** How the directory is reached. */
export type DirectoryConnection = Pick<DesiredDirectory, Parts['directory'][number]>;
type Cs6Connection = Pick<DesiredCs6Host, Parts['cs6'][number]>;
type Cs7Connection = Pick<DesiredCs7Host, Parts['cs7'][number]>;

/** How one target is reached. */
export type TargetConnection = DirectoryConnection | Cs6Connection | Cs7Connection;

/** Where a host is, for people to read; too little to connect. */
interface Place {
  readonly access: Pick<Access, 'address' | 'port'>;
}

/** Where a value of the way to a host comes from. */
export type RouteSource =
  /** The estate file: `ssh.user`, or `address` and `port` of the host. */
  | { readonly from: 'estate'; readonly key: string }
  /** A file of the OpenSSH client. `line` is absent where only the client itself knows it. */
  | { readonly from: 'ssh-config'; readonly file?: string; readonly line?: number }
  | { readonly from: 'default' };

/** A value of the way to a host. */
export interface RouteFact {
  /** The host that it is about, as it is written: a jump host, or the host itself, which is the last. */
  readonly hop: string;
  /** As OpenSSH calls it: `HostName`, `Port`, `User`, `IdentityFile`. A key with several values has several facts. */
  readonly key: string;
  readonly value: string;
  readonly source: RouteSource;
}

/** The host of a URL as names and addresses are written elsewhere: an address of IPv6 has no brackets there. */
export function plainHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether a host of a URL, with or without the brackets of IPv6, is this machine: what is sent there crosses no network. */
export function isLoopback(host: string): boolean {
  return /^(localhost|\[?::1\]?|127(\.\d{1,3}){3})$/i.test(host);
}

/** Whether the password for a directory would cross a network in readable form. */
export function sendsClearText({ protocol, hostname }: URL, startTls: boolean): boolean {
  return protocol === 'ldap:' && !startTls && !isLoopback(hostname || 'localhost');
}

/** Whom messages name as the one who logs in to the directory. */
export function loginName({ bindDn }: Pick<DesiredDirectory, 'bindDn'>): string {
  return bindDn ?? 'the identity of SASL EXTERNAL';
}

/** The directory as a plan tells of it. */
export type PlannedDirectory = Omit<DesiredDirectory, keyof DirectoryConnection> & Pick<DesiredDirectory, 'url'>;
/** A Calendar Server 6.3 host as a plan tells of it. */
export type PlannedCs6Host = Omit<DesiredCs6Host, keyof Cs6Connection> &
  Pick<DesiredCs6Host, 'platform' | 'http'> &
  Place;
/** A Calendar Server 7 host as a plan tells of it. */
export type PlannedCs7Host = Omit<DesiredCs7Host, keyof Cs7Connection> & Pick<DesiredCs7Host, 'http'> & Place;

/** A host as a plan tells of it. */
export type PlannedHost = PlannedCs6Host | PlannedCs7Host;

/**
 * The wanted state without what is needed to connect. Addresses stay in it, because they are what a person agrees to; who
 * carries a plan out connects with what the files here say.
 */
export interface PlannedState extends Omit<DesiredState, 'directory' | 'hosts' | 'policy' | 'records'> {
  readonly directory: PlannedDirectory;
  readonly hosts: readonly PlannedHost[];
  readonly policy: Omit<DesiredState['policy'], 'signatures'> & { readonly signatures?: { readonly required: number } };
}

/** What a plan keeps of the wanted state. */
export function plannedState(state: DesiredState | PlannedState): PlannedState {
  const { signatures, ...policy } = state.policy;
  return {
    ...without(state, ['records']),
    directory: { ...without(state.directory, parts.directory), url: state.directory.url },
    hosts: state.hosts.map(plannedHost),
    policy: { ...policy, ...(signatures && { signatures: { required: signatures.required } }) },
  };
}

function plannedHost(host: Host | PlannedHost): PlannedHost {
  const place = { ...(host.http !== undefined && { http: host.http }), access: placeOf(host.access) };
  return host.product === 'cs6'
    ? { ...without(host, parts.cs6), ...place, platform: host.platform }
    : { ...without(host, parts.cs7), ...place };
}

function placeOf({ address, port }: Place['access']): Place['access'] {
  return { address, ...(port !== undefined && { port }) };
}

/** What a plan asks for, connected as `local` says. A host that is not in `local` cannot be reached, and is left out. */
export function withConnections(planned: PlannedState, local: DesiredState): DesiredState {
  const { signatures: _, ...policy } = planned.policy;
  const { signatures } = local.policy;
  return {
    ...planned,
    directory: { ...planned.directory, ...pick(local.directory, parts.directory) },
    hosts: planned.hosts.flatMap(host => local.hosts.flatMap(known => connected(host, known))),
    policy: { ...policy, ...(signatures && { signatures }) },
    records: local.records,
  };
}

/** A host as a plan asks for it, reached as the same host of the files here. */
function connected(host: PlannedHost, known: Host): readonly Host[] {
  if (host.name !== known.name) return [];
  if (host.product === 'cs6' && known.product === 'cs6') return [{ ...host, ...pick(known, parts.cs6) }];
  if (host.product === 'cs7' && known.product === 'cs7') return [{ ...host, ...pick(known, parts.cs7) }];
  return [];
}

const nowhere: Access = { address: '', legacyAlgorithms: false };

/** What a plan asks for, with connections that lead nowhere: enough to know which targets there are. */
export function withoutConnections(planned: PlannedState): DesiredState {
  const { signatures: _, ...policy } = planned.policy;
  return {
    ...planned,
    directory: { ...planned.directory, otherUrls: [], startTls: false, tls: {} },
    hosts: planned.hosts.map(unreachable),
    policy,
    records: { hosts: [], keep: 0 },
  };
}

function unreachable(host: PlannedHost): Host {
  if (host.product === 'cs6') return { ...host, access: nowhere, restart: 'after-change', config: [], sbin: [] };
  return {
    ...host,
    ...{ access: nowhere, restart: 'after-change', home: [], davadmin: { user: '', passwordFile: '' } },
    container: { bin: [], domain: '', pidFile: [] },
  };
}

/** How each target is reached, by its name: a host's, or `directory`. */
export function connectionsOf({ directory, hosts }: DesiredState): ReadonlyMap<string, TargetConnection> {
  return new Map<string, TargetConnection>([
    ['directory', pick(directory, parts.directory)],
    ...hosts.map(host => [host.name, connectionOf(host)] as const),
  ]);
}

function connectionOf(host: Host): TargetConnection {
  return host.product === 'cs6' ? pick(host, parts.cs6) : pick(host, parts.cs7);
}
