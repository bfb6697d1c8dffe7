import { setTimeout as pause } from 'node:timers/promises';
import type { DesiredState } from '../core/desired.ts';
import type { FreeBusyReader, MailClient } from '../ports/free-busy.ts';
import type { Command, HostExaminer, HostReader } from '../ports/host.ts';
import type { MailPorts, ReadPorts, Variables, WritePorts } from '../ports/ports.ts';
import { anyWord, processQueries, type QueryForm } from '../products/product.ts';
import { productQueries } from '../products/products.ts';
import { type DirectoryConnection as DirectoryClient, openDirectory } from './ldap/directory-client.ts';
import { ORDINARY_TIMING } from './ldap/endpoint.ts';
import type { Use } from './ldap/server-choice.ts';
import type { Session } from './ldap/session.ts';
import { makeSecretSource } from './local/secret-source.ts';
import type { MailHost } from './mail-client.ts';
import type { HostConnection } from './ssh/host-connection.ts';
import { HostPool } from './ssh/host-pool.ts';
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
  return { ports: readingWithMail(ports, desired), close };
}

/** Ports that read, and the client for mail. */
export function readingWithMail(ports: MailPorts, desired: Pick<DesiredState, 'hosts'>): MailPorts {
  return { ...onlyReading(ports, desired), mail: () => ports.mail() };
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
    records: name => {
      const records = ports.records(name);
      return {
        runs: estate => records.runs(estate),
        runPart: (estate, run, part) => records.runPart(estate, run, part),
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

/** An estate that is connected. */
export interface EstateConnection {
  readonly ports: WritePorts & { examine(host: string): HostExaminer };
  readonly pool: HostPool;
  close(): Promise<void>;
  /** Ports over the same connections that know nothing of what was read before: each has to answer before it is used. */
  again(): Promise<EstateConnection>;
}

/** The ports of an estate over SSH and LDAP: one connection a host and one to the directory, opened when first used. */
export function connect(
  desired: DesiredState,
  environment: Readonly<Record<string, string | undefined>>,
  { use = 'write', ask }: ConnectOptions = {},
): EstateConnection {
  const secret = makeSecretSource(environment);
  const agent = environment['SSH_AUTH_SOCK'];
  const pool = new HostPool({
    secret,
    variables: environment,
    ...(agent && { agent }),
    ...(ask && { ask }),
    shellsAhead: use === 'write',
  });
  const hosts = new Map<string, HostConnection>(
    desired.hosts.map(({ name, access }) => [name, pool.open(name, access)]),
  );
  const connection = (kept?: Session): EstateConnection => {
    const directory = openDirectory(desired.directory, secret, ORDINARY_TIMING, use, kept);
    return {
      pool,
      ports: portsOver(desired, hosts, directory, environment),
      close: async () => {
        await Promise.all([pool.close(), directory.close()]);
      },
      again: async () => {
        pool.rest();
        return connection(await directory.leave());
      },
    };
  };
  return connection();
}

function portsOver(
  desired: DesiredState,
  hosts: ReadonlyMap<string, HostConnection>,
  directory: DirectoryClient,
  variables: Variables,
): EstateConnection['ports'] {
  const freeBusy = lateFreeBusy(Date.now(), variables);
  const host = (name: string): HostConnection => {
    const found = hosts.get(name);
    if (!found) throw new Error(`no such host: ${name}`);
    return found;
  };
  const addresses = new Map(desired.hosts.map(({ name, access }) => [name, access.address]));
  const mail = lateMail(name => ({
    address: addresses.get(name) ?? name,
    dial: (server, port, wait) => host(name).dial(server, port, wait),
  }));
  return {
    host,
    records: host,
    examine: host,
    directory: () => directory,
    freeBusy: () => freeBusy,
    mail: () => mail,
    pause: milliseconds => pause(milliseconds),
    elapsed: () => performance.now(),
    stopping: () => false,
  };
}

/** The client for free/busy; loaded at the first question, because few commands have one. */
function lateFreeBusy(now: number, variables: Variables): FreeBusyReader {
  let reader: Promise<FreeBusyReader> | undefined;
  const load = () => {
    reader ??= import('./free-busy/reader.ts').then(({ openFreeBusy }) => openFreeBusy(now, { variables }));
    return reader;
  };
  return {
    reach: async question => (await load()).reach(question),
    ask: async question => (await load()).ask(question),
    lookUp: async question => (await load()).lookUp(question),
    schedule: async question => (await load()).schedule(question),
  };
}

/** The client for mail; loaded like that for free/busy. */
function lateMail(host: (name: string) => MailHost): MailClient {
  let client: Promise<MailClient> | undefined;
  const load = () => {
    client ??= import('./mail-client.ts').then(({ openMail }) => openMail(host));
    return client;
  };
  return {
    greet: async server => (await load()).greet(server),
    send: async (server, message) => (await load()).send(server, message),
  };
}
