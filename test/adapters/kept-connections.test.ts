import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { keepConnections } from '../../src/adapters/kept-connections.ts';
import { type DesiredState, hostsOf } from '../../src/core/desired.ts';
import type { KeptConnections } from '../../src/ports/ports.ts';
import { desiredOf } from '../kinds/cases.ts';
import { endServer, launchServer } from '../servers/directory-server.ts';
import { type LdapRelay, startLdapRelay } from '../servers/ldap-relay.ts';
import { type Slapd, startSlapd } from '../servers/slapd.ts';
import { type SshHosts, startSshHosts } from '../servers/ssh-hosts.ts';
import { type SshServer, startSshServer } from '../servers/ssh-server.ts';

/* What `--every` keeps between two looks: the connections, and nothing that was read over them. */

let folder: string;
let server: SshServer;
let slapd: Slapd;
let sshd: SshHosts;
let host: Relay & { readonly port: number };
let directory: LdapRelay;
let kept: KeptConnections;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reconcile-kept-'));
  const tree = join(folder, 'tree');
  for (const name of ['tree/etc/opt', 'tree/opt', 'tree/var/opt', 'slapd', 'server'])
    mkdirSync(join(folder, name), { recursive: true });
  [server, slapd, sshd] = await Promise.all([
    startSshServer(join(folder, 'server')),
    startSlapd(join(folder, 'slapd')),
    startSshHosts(join(folder, 'sshd'), new Map([['cs6', tree]])),
  ]);
});

beforeEach(async () => {
  host = await startRelay(server.port);
  directory = await startLdapRelay(slapd.port);
  const { port } = host;
  writeFileSync(
    join(folder, 'relay_hosts'),
    readFileSync(server.knownHosts, 'utf8').replace(`:${server.port}`, `:${port}`),
  );
  writeFileSync(join(folder, 'password'), slapd.password, { mode: 0o600 });
  writeFileSync(join(folder, 'live'), 'first\n');
  kept = keepConnections(1_000);
});

afterEach(async () => {
  await kept.close();
  host.stop();
  directory.stop();
});

afterAll(async () => {
  await Promise.all([server?.stop(), slapd?.kill(), sshd?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What stands between this program and a host: a firewall. */
interface Relay {
  connections(): number;
  cut(): void;
  /** Nothing passes any more, and neither side gets a sign of it. */
  forget(): void;
  stop(): void;
}

async function startRelay(target: number): Promise<Relay & { readonly port: number }> {
  const open = new Set<Socket>();
  let connections = 0;
  const listener = createServer(near => {
    connections += 1;
    const far = connect({ host: '127.0.0.1', port: target });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    near.pipe(far).pipe(near);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  return {
    port: address.port,
    connections: () => connections,
    cut,
    forget: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    stop: () => {
      cut();
      listener.close();
    },
  };
}

interface Place {
  readonly address: string;
  readonly port: number;
  readonly knownHosts: string;
  readonly identity: string;
}

function behindRelay(): Place {
  const { port } = host;
  return { address: '127.0.0.1', port, knownHosts: join(folder, 'relay_hosts'), identity: server.identity };
}

function stateOf({ identity, ...place }: Place = behindRelay(), user = 'root'): DesiredState {
  const base = desiredOf({ name: '', live: {}, changes: [] });
  const access = {
    ...{ ...place, identity: { path: identity }, config: 'none' as const },
    ...{ user, jump: [], legacyAlgorithms: false },
  };
  const password = { file: join(folder, 'password') };
  const { bindDn } = slapd;
  return {
    ...base,
    directory: { ...base.directory, url: directory.url, otherUrls: [], startTls: false, tls: {}, bindDn, password },
    hosts: hostsOf(base, 'cs6')
      .slice(0, 1)
      .map(one => ({ ...one, access })),
  };
}

/** Reads one file of the host, and asks the directory who it is: what a look does, in short. */
async function look(state = stateOf()): Promise<string> {
  const [{ name = '' } = {}] = state.hosts;
  const { ports, close } = await kept.toRead(state, {});
  try {
    const found = ports.directory().server();
    found.catch(() => {});
    const [file] = await ports.host(name).files([join(folder, 'live')]);
    expect((await found)?.url).toBe(state.directory.url);
    return file?.content.toString() ?? '(none)';
  } finally {
    await close();
  }
}

const counts = () => [host.connections(), directory.connections(), directory.binds()];

describe('over several looks', () => {
  it('one connection a host and one to the directory, which takes the login at each', async () => {
    for (const text of ['first\n', 'second\n', 'third\n', 'third\n']) {
      writeFileSync(join(folder, 'live'), text);
      expect(await look()).toBe(text);
    }
    expect(counts()).toEqual([1, 1, 4]);
  });

  it.each([
    ['cut', (relay: Relay) => relay.cut()],
    ['forgotten, without a sign', (relay: Relay) => relay.forget()],
  ] as const)('a connection that was %s costs no look', async (_, harm) => {
    await look();
    harm(host);
    harm(directory);
    expect(await look()).toBe('first\n');
    expect(await look()).toBe('first\n');
    expect(counts().slice(0, 2)).toEqual([2, 2]);
  });

  it('real sshd that was killed and started again costs no look', async () => {
    const one = sshd.hosts.get('cs6');
    if (!one) throw new Error('no such host');
    const state = stateOf({ ...one, knownHosts: sshd.knownHosts, identity: sshd.identity });
    await look(state);
    await one.kill();
    await one.restart();
    expect(await look(state)).toBe('first\n');
  });

  it('a host that is down is told so, and found again when it is up', async () => {
    const one = sshd.hosts.get('cs6');
    if (!one) throw new Error('no such host');
    const state = stateOf({ ...one, knownHosts: sshd.knownHosts, identity: sshd.identity });
    await look(state);
    await one.kill();
    await expect(look(state)).rejects.toMatchObject({ finding: { code: 'host.unreachable' } });
    await one.restart();
    expect(await look(state)).toBe('first\n');
  });
});

describe('they are opened anew', () => {
  it.each([
    ['the known host keys', 'relay_hosts'],
    ['the password', 'password'],
  ])('when a file with %s was written', async (_, name) => {
    await look();
    writeFileSync(join(folder, name), readFileSync(join(folder, name)));
    await look();
    expect(counts()).toEqual([2, 2, 2]);
  });

  it('when the file says something else of a host', async () => {
    await look();
    await look(stateOf(behindRelay(), 'clerk'));
    expect(counts().slice(0, 2)).toEqual([2, 2]);
  });

  it('where the next look comes too late', async () => {
    await kept.close();
    kept = keepConnections(3_600_000);
    await look();
    await look();
    expect(counts()).toEqual([2, 2, 2]);
  });
});

it('a host key that is known no more is refused at the next look', async () => {
  await look();
  writeFileSync(join(folder, 'relay_hosts'), '');
  await expect(look()).rejects.toMatchObject({ finding: { code: expect.stringMatching(/^host\./) } });
});

it('a wrong password is refused at the next look', async () => {
  await look();
  writeFileSync(join(folder, 'password'), 'wrong');
  await expect(look()).rejects.toMatchObject({ finding: { code: 'directory.login-refused' } });
});

it('a directory that was started again costs no look', async () => {
  await look();
  await slapd.stop();
  const words = ['/usr/sbin/slapd', '-f', join(slapd.folder, 'slapd.conf'), '-h', `${slapd.url}/`, '-d', '0'];
  const child = await launchServer(words, slapd.port);
  onTestFinished(() => endServer(child, 'SIGKILL'));
  expect(await look()).toBe('first\n');
});
