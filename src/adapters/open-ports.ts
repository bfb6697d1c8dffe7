import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RouteFact } from '../core/connection.ts';
import type { Access, DesiredState, Host } from '../core/desired.ts';
import type { Command, HostExaminer, HostReader } from '../ports/host.ts';
import type { MailPorts, ReadPorts, RouteParts, Variables, WritePorts } from '../ports/ports.ts';
import { anyWord, processQueries, type QueryForm } from '../products/product.ts';
import { productQueries } from '../products/products.ts';
import { openFreeBusy } from './free-busy/reader.ts';
import { openDirectory } from './ldap/directory-client.ts';
import { ORDINARY_TIMING } from './ldap/endpoint.ts';
import type { Use } from './ldap/server-choice.ts';
import { makeSecretSource } from './local/secret-source.ts';
import { openMail } from './mail-client.ts';
import type { HostConnection } from './ssh/host-connection.ts';
import { localPath } from './ssh/host-endpoint.ts';
import { HostFault, toProblem } from './ssh/host-fault.ts';
import { HostPool } from './ssh/host-pool.ts';
import { HostRoutes } from './ssh/host-route.ts';
import { linesOf, readSshConfig } from './ssh/ssh-config.ts';
import { hasWildcard } from './ssh/ssh-config-file.ts';
import type { AskPerson } from './ssh/ssh-login.ts';

/**
 * The ports of an estate with nothing in them that writes: each is a new object with the reading functions and no others, so
 * that whoever holds it has nothing to call that could change something.
 */
export function connectToRead(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
  asking: Pick<ConnectOptions, 'ask'> = {},
): { readonly ports: ReadPorts; close(): Promise<void> } {
  const { ports, close } = connect(desired, environment, { use: 'read', ...asking });
  return { ports: onlyReading(ports, desired), close };
}

/** The same, with a client for mail. */
export function connectToMail(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly ports: MailPorts; close(): Promise<void> } {
  const { ports, close } = connect(desired, environment, { use: 'read' });
  return { ports: { ...onlyReading(ports, desired), mail: () => ports.mail() }, close };
}

/** The same of ports that there are. What the file states as the status command of a host reads by its word. */
export function onlyReading(ports: ReadPorts, { hosts }: Pick<DesiredState, 'hosts'>): ReadPorts {
  return {
    host: name => {
      const host = ports.host(name);
      const statuses = hosts.flatMap(({ name: own, restart }) =>
        own === name && typeof restart === 'object' && restart.status ? [restart.status] : [],
      );
      const query: HostReader['query'] = command => {
        if (!command.find && !readsOnly(command, statuses))
          throw new Error(`not known to change nothing: ${command.words.join(' ')}`);
        return host.query(command);
      };
      return {
        files: candidates => host.files(candidates),
        query,
        clock: () => host.clock(),
        guard: () => host.guard(),
        startRecord: service => host.startRecord(service),
      };
    },
    directory: () => {
      const directory = ports.directory();
      return {
        server: () => directory.server(),
        password: () => directory.password(),
        schema: () => directory.schema(),
        search: query => directory.search(query),
      };
    },
    freeBusy: () => {
      const freeBusy = ports.freeBusy();
      return {
        reach: question => freeBusy.reach(question),
        ask: question => freeBusy.ask(question),
        lookUp: question => freeBusy.lookUp(question),
        schedule: question => freeBusy.schedule(question),
      };
    },
  };
}

/** A query is a command that some kind says changes nothing. Here its words must be among those that are known not to. */
const readers: readonly QueryForm[] = [
  ...Object.values(processQueries).map(({ words }) => words),
  ['ls', '-1', anyWord],
  ...productQueries,
];

function readsOnly({ words }: Command, further: readonly QueryForm[]): boolean {
  return [...readers, ...further].some(
    known => known.length === words.length && known.every((part, at) => part === anyWord || part === words[at]),
  );
}

/** How an estate is connected besides what its file states. */
export interface ConnectOptions {
  /** Which server of several the directory is. */
  readonly use?: Use;
  /** Asks the person at the terminal what a login asks. */
  readonly ask?: AskPerson;
}

/** The ports of an estate over SSH and LDAP: one connection a host and one to the directory, opened when first used. */
export function connect(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
  { use = 'write', ask }: ConnectOptions = {},
): {
  readonly ports: WritePorts & { examine(host: string): HostExaminer };
  readonly pool: HostPool;
  close(): Promise<void>;
} {
  const secret = makeSecretSource(environment);
  const agent = environment['SSH_AUTH_SOCK'];
  const pool = new HostPool({ secret, variables: environment, ...(agent && { agent }), ...(ask && { ask }) });
  const directory = openDirectory(desired.directory, secret, ORDINARY_TIMING, use);
  const freeBusy = openFreeBusy(Date.now(), { variables: environment });
  const hosts = new Map<string, HostConnection>(
    desired.hosts.map(({ name, access }) => [name, pool.open(name, access)]),
  );
  const host = (name: string): HostConnection => {
    const found = hosts.get(name);
    if (!found) throw new Error(`no such host: ${name}`);
    return found;
  };
  const addresses = new Map(desired.hosts.map(({ name, access }) => [name, access.address]));
  const mail = openMail(name => ({
    address: addresses.get(name) ?? name,
    dial: (server, port, wait) => host(name).dial(server, port, wait),
  }));
  return {
    pool,
    ports: {
      host,
      examine: host,
      directory: () => directory,
      freeBusy: () => freeBusy,
      mail: () => mail,
      pause: milliseconds => pause(milliseconds),
      elapsed: () => performance.now(),
      stopping: () => false,
    },
    close: async () => {
      await Promise.all([pool.close(), directory.close()]);
    },
  };
}

/** Every value of the way to a host, with where it comes from. Opens no connection. Throws a TargetProblem. */
export async function factsOf(
  { name, access }: Pick<Host, 'name' | 'access'>,
  variables: Variables,
): Promise<readonly RouteFact[]> {
  try {
    return (await new HostRoutes(settingsOf(variables)).to(access)).facts;
  } catch (fault) {
    throw fault instanceof HostFault ? toProblem(name, fault) : fault;
  }
}

function settingsOf(variables: Variables) {
  const agent = variables['SSH_AUTH_SOCK'];
  return { variables, ...(agent && { agent }) };
}

/** What of this machine the way to a host depends on. Runs nothing: not even an OpenSSH client. */
export async function partsOf(access: Access, variables: Variables): Promise<RouteParts> {
  try {
    const { files, folders } = configParts(access);
    const { hops } = await new HostRoutes({ ...settingsOf(variables), isAlone: true }).to(access);
    const ofHops = hops.flatMap(({ identities, certificates, endpoint: { knownHosts } }) => [
      ...identities.flatMap(identity => ('path' in identity ? [identity.path, `${identity.path}-cert.pub`] : [])),
      ...certificates,
      ...knownHosts,
    ]);
    const programs = hops.flatMap(({ proxyCommand = '' }) => proxyCommand.split(/[\s"'`=;|&()<>,]+/).filter(Boolean));
    return { files: [...new Set([...files, ...ofHops].map(localPath))], folders, programs };
  } catch (fault) {
    if (!(fault instanceof HostFault)) throw fault;
    return { files: [], folders: [], programs: [], unclear: fault.detail.split('\n')[0] ?? '' };
  }
}

/** The files of the configuration of OpenSSH, and the folders that it includes files of. */
function configParts({ config }: Access): Pick<RouteParts, 'files' | 'folders'> {
  if (config === 'none') return { files: [], folders: [] };
  const files = readSshConfig(config && localPath(config.path), userInfo().homedir);
  const lines = linesOf(files);
  const patterns = lines.flatMap(line => line.patterns);
  const included = lines.flatMap(line => line.included);
  return {
    files: [...[...files, ...included].map(({ path }) => path), ...patterns.filter(path => !hasWildcard(path))],
    folders: patterns.filter(hasWildcard).map(folderOf),
  };
}

/** The last folder of a pattern that has no wildcard in its path. */
function folderOf(pattern: string): string {
  const folder = dirname(pattern);
  return hasWildcard(folder) ? folderOf(folder) : folder;
}
