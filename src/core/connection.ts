import type { Access, DesiredCs6Host, DesiredCs7Host, DesiredDirectory, DesiredState } from './desired.ts';

/**
 * The parts of the wanted state that say how a target is reached: where, as whom, with which secret, and what is read, run
 * and written to on the way. They come from files that this machine trusts, and never from a saved plan; a pull request is
 * not believed about them.
 */
const parts = {
  directory: ['url', 'startTls', 'ca', 'bindDn', 'password'],
  cs6: ['access', 'platform', 'config', 'sbin', 'http'],
  cs7: ['access', 'home', 'http', 'davadmin', 'container'],
} as const;

type Parts = typeof parts;
type DirectoryConnection = Pick<DesiredDirectory, Parts['directory'][number]>;
type Cs6Connection = Pick<DesiredCs6Host, Parts['cs6'][number]>;
type Cs7Connection = Pick<DesiredCs7Host, Parts['cs7'][number]>;

/** How one target is reached. */
export type TargetConnection = DirectoryConnection | Cs6Connection | Cs7Connection;

/** Where a host is, for people to read; too little to connect. */
interface Place {
  readonly access: Pick<Access, 'address' | 'port'>;
}

/** The directory as a plan tells of it. */
export type PlannedDirectory = Omit<DesiredDirectory, keyof DirectoryConnection> & Pick<DesiredDirectory, 'url'>;
/** A Calendar Server 6.3 host as a plan tells of it. */
export type PlannedCs6Host = Omit<DesiredCs6Host, keyof Cs6Connection> &
  Pick<DesiredCs6Host, 'platform' | 'http'> &
  Place;
/** A Calendar Server 7 host as a plan tells of it. */
export type PlannedCs7Host = Omit<DesiredCs7Host, keyof Cs7Connection> & Pick<DesiredCs7Host, 'http'> & Place;

/**
 * The wanted state without what is needed to connect. Addresses stay in it, because they are what a person agrees to; who
 * carries a plan out connects with what the files here say.
 */
export interface PlannedState extends Omit<DesiredState, 'directory' | 'cs6' | 'cs7' | 'policy'> {
  readonly directory: PlannedDirectory;
  readonly cs6: readonly PlannedCs6Host[];
  readonly cs7: readonly PlannedCs7Host[];
  readonly policy: Omit<DesiredState['policy'], 'signatures'> & { readonly signatures?: { readonly required: number } };
}

/** What a plan keeps of the wanted state. */
export function plannedState(state: DesiredState | PlannedState): PlannedState {
  const { signatures, ...policy } = state.policy;
  return {
    ...state,
    directory: { ...without(state.directory, parts.directory), url: state.directory.url },
    cs6: state.cs6.map(host => ({
      ...without(host, parts.cs6),
      ...{ platform: host.platform, http: host.http },
      access: placeOf(host.access),
    })),
    cs7: state.cs7.map(host => ({ ...without(host, parts.cs7), http: host.http, access: placeOf(host.access) })),
    policy: { ...policy, ...(signatures && { signatures: { required: signatures.required } }) },
  };
}

function placeOf({ address, port }: Place['access']): Place['access'] {
  return { address, port };
}

/** What a plan asks for, connected as `local` says. A host that is not in `local` cannot be reached, and is left out. */
export function withConnections(planned: PlannedState, local: DesiredState): DesiredState {
  const { signatures: _, ...policy } = planned.policy;
  const { signatures } = local.policy;
  return {
    ...planned,
    directory: { ...planned.directory, ...only(local.directory, parts.directory) },
    cs6: planned.cs6.flatMap(host =>
      local.cs6.filter(({ name }) => name === host.name).map(known => ({ ...host, ...only(known, parts.cs6) })),
    ),
    cs7: planned.cs7.flatMap(host =>
      local.cs7.filter(({ name }) => name === host.name).map(known => ({ ...host, ...only(known, parts.cs7) })),
    ),
    policy: { ...policy, ...(signatures && { signatures }) },
  };
}

const nowhere: Access = { address: '', port: 0, user: '', knownHosts: '', jump: [], legacyAlgorithms: false };

/** What a plan asks for, with connections that lead nowhere: enough to know which targets there are. */
export function withoutConnections(planned: PlannedState): DesiredState {
  const { signatures: _, ...policy } = planned.policy;
  return {
    ...planned,
    directory: { ...planned.directory, startTls: false, bindDn: '', password: { command: [] } },
    cs6: planned.cs6.map(host => ({ ...host, access: nowhere, config: [], sbin: [] })),
    cs7: planned.cs7.map(host => ({
      ...host,
      ...{ access: nowhere, home: [], davadmin: { user: '', passwordFile: '' } },
      container: { bin: [], domain: '', pidFile: [] },
    })),
    policy,
  };
}

/** How each target is reached, by its name: a host's, or `directory`. */
export function connectionsOf({ directory, cs6, cs7 }: DesiredState): ReadonlyMap<string, TargetConnection> {
  return new Map<string, TargetConnection>([
    ['directory', only(directory, parts.directory)],
    ...cs6.map(host => [host.name, only(host, parts.cs6)] as const),
    ...cs7.map(host => [host.name, only(host, parts.cs7)] as const),
  ]);
}

function only<T extends object, K extends keyof T>(whole: T, keys: readonly K[]): Pick<T, K> {
  const names: ReadonlySet<unknown> = new Set(keys);
  return Object.fromEntries(Object.entries(whole).filter(([key]) => names.has(key))) as Pick<T, K>;
}

function without<T extends object, K extends PropertyKey>(whole: T, keys: readonly K[]): Omit<T, K> {
  const names: ReadonlySet<unknown> = new Set(keys);
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !names.has(key))) as Omit<T, K>;
}
