import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Timing } from '../../../src/adapters/ldap/endpoint.ts';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { SshLimits } from '../../../src/adapters/ssh/host-endpoint.ts';
import type { LoginDialect } from '../../../src/lab/dialect.ts';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import { type EmbeddedDirectory, startEmbeddedDirectory } from '../../../src/lab/embedded/ldap-server.ts';
import { createSshKeyPair, type EmbeddedHost, startEmbeddedHost } from '../../../src/lab/embedded/ssh-server.ts';
import { compiledProgram } from '../../../src/lab/host-tree.ts';
import { layInstalledCs6, layInstalledCs7 } from '../../../src/lab/lay-rehearsal.ts';
import { endDaemons, freePort } from '../../../src/lab/process-list.ts';
import { connectionForTest } from '../../adapters/ldap/support.ts';
import { openHost } from '../../adapters/ssh/open-host.ts';
import { accessTo, settingsWith } from '../../adapters/ssh/support.ts';

export const icsConf = '/etc/opt/SUNWics5/config/ics.conf';
export const cs6Sbin = '/opt/SUNWics5/cal/sbin';

/** An embedded host for one test, and how to connect to it. */
export interface TestHost {
  readonly server: EmbeddedHost;
  readonly tree: string;
  readonly identity: string;
  readonly knownHosts: string;
  /** Path of a host's file on this machine. */
  pathOf(path: string): string;
  open(limits?: Partial<SshLimits>): HostConnection;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'embedded-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A host with nothing on it, in this folder; its login brings along what is given. */
export async function bareHost(tree = join(temporaryFolder(), 'host'), login?: LoginDialect): Promise<TestHost> {
  mkdirSync(join(tree, 'etc/opt'), { recursive: true });
  return serveTree(tree, login);
}

/** A Calendar Server 6.3 host. */
export async function cs6Host(): Promise<TestHost> {
  const tree = join(temporaryFolder(), 'cs6');
  await layInstalledCs6(tree, tree, { httpPort: await freePort() });
  return serveTree(tree);
}

/** A Calendar Server 7 host. */
export async function cs7Host(): Promise<TestHost> {
  const tree = join(temporaryFolder(), 'cs7');
  await layInstalledCs7(tree, tree, { httpPort: await freePort() });
  return serveTree(tree);
}

async function serveTree(tree: string, login?: LoginDialect): Promise<TestHost> {
  if (!existsSync(compiledProgram('cs6/cscal'))) throw new Error('The stand-ins run from dist: npm run build');
  const folder = temporaryFolder();
  const mine = createSshKeyPair();
  const hostKey = createSshKeyPair().privateKey;
  const options = { name: 'probe', tree, hostKey, authorizedKey: mine.publicKey };
  const server = await startEmbeddedHost({ ...options, ...(login && { login }) });
  const identity = join(folder, 'id');
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(identity, mine.privateKey, { mode: 0o600 });
  writeFileSync(knownHosts, `${server.hostKeyLine}\n`);
  onTestFinished(async () => {
    await server.stop();
    await endDaemons(tree);
  });
  return {
    server,
    tree,
    identity,
    knownHosts,
    pathOf: path => `${tree}${path}`,
    open: limits => {
      const host = openHost('probe', accessTo(server, { identity, knownHosts }), settingsWith(limits));
      onTestFinished(() => host.close());
      return host;
    },
  };
}

export const bindDn = 'cn=reconcile,ou=Services,o=isp';
export const adminDn = 'cn=admin,o=isp';
export const people = 'ou=People,o=example.com,o=isp';
export const jdoe = `uid=jdoe,${people}`;

/** An embedded directory for one test; 20 users unless told. */
export async function directoryForTest(users = 20): Promise<EmbeddedDirectory> {
  const directory = await startEmbeddedDirectory({
    entries: directoryEntries({ suffix: 'o=isp', domain: 'example.com', users, groups: 5, resources: 3 }),
    suffix: 'o=isp',
    bindDn,
    password: 'bind-lab',
    adminDn,
    adminPassword: 'admin-lab',
  });
  onTestFinished(() => directory.stop());
  return directory;
}

/** A connection of the shipped adapter to it. */
export function connectTo(directory: EmbeddedDirectory, timing?: Timing) {
  return connectionForTest({ url: directory.url, bindDn, password: 'bind-lab', ...(timing && { timing }) });
}
