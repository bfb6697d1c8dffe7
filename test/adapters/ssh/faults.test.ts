import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { utils } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HostPool } from '../../../src/adapters/ssh/host-pool.ts';
import type { Access } from '../../../src/core/desired.ts';
import type { Finding } from '../../../src/core/finding.ts';
import { startBlackHole, startMute } from '../../servers/ssh-black-hole.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { publicHalf, type SshServer, type SshServerOptions, startSshServer } from '../../servers/ssh-server.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, findingOf, type Keys, type Place, probe, settingsWith } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh-faults-'));
const unhandled: unknown[] = [];
const servers: SshServer[] = [];
let estate: SshHosts;
let host: SshHost;

beforeAll(async () => {
  process.on('unhandledRejection', reason => unhandled.push(reason));
  estate = await startSshHosts(folder, new Map([['host', join(folder, 'tree')]]));
  host = entryOf(estate.hosts, 'host');
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.stop()));
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
  expect(unhandled).toEqual([]);
});

async function odd(options: SshServerOptions = {}): Promise<SshServer> {
  const server = await startSshServer(folder, options);
  servers.push(server);
  return server;
}

/** Asks one thing; the problem must be the error of host `probe` and name the place. */
async function failure(place: Place, keys: Keys, changes: Partial<Access> = {}, limits = {}): Promise<Finding> {
  const connection = openHost('probe', accessTo(place, keys, changes), settingsWith(limits));
  const [finding, other] = await Promise.all([findingOf(connection.clock()), findingOf(connection.files(['/etc/x']))]);
  await connection.close();
  expect(other).toBe(finding);
  expect(finding).toMatchObject({ severity: 'error', target: 'probe' });
  expect(finding.detail).toContain(`@${changes.address ?? place.address}:`);
  expect(finding.detail.startsWith('probe: ')).toBe(true);
  return finding;
}

test('of many hosts, a limited number is logged in to at the same time', async () => {
  let now = 0;
  let most = 0;
  const server = await odd({
    authenticate: attempt => {
      if (attempt.method !== 'publickey') return attempt.reject(['publickey']);
      if (attempt.signature === undefined) return attempt.accept();
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        attempt.accept();
      }, 20);
    },
  });
  const pool = new HostPool(settingsWith({ logins: 3 }));
  const hosts = Array.from({ length: 12 }, (_, i) => pool.open(`host-${i}`, accessTo(server, server)));
  await Promise.all(hosts.map(one => one.clock()));
  await pool.close();
  expect([server.connections(), most]).toEqual([12, 3]);
});

describe('no connection', () => {
  test('refused', async () => {
    const finding = await failure({ address: host.address, port: 9 }, estate);
    expect(finding).toMatchObject({ code: 'host.unreachable', detail: expect.stringContaining('ECONNREFUSED') });
  });

  test('no such name', async () => {
    const finding = await failure(host, estate, { address: 'no-such-host.invalid' });
    expect(finding.code).toBe('host.unreachable');
    expect(finding.detail).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('black hole', async () => {
    const hole = await startBlackHole();
    const finding = await failure(hole, estate, {}, { connect: 700 });
    await hole.stop();
    expect(finding).toMatchObject({ code: 'host.unreachable', detail: expect.stringContaining('0.7 s') });
  });

  test.each([
    ['nothing', '', 'host.no-answer', 700],
    ['only its name', 'SSH-2.0-mute\r\n', 'host.no-answer', 700],
    ['what is no SSH', 'HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(1500), 'host.unreachable', 60_000],
  ])('a server that says %s', async (_, greeting, code, connect) => {
    const mute = await startMute(greeting);
    const finding = await failure(mute, estate, {}, { connect });
    await mute.stop();
    expect(finding.code).toBe(code);
  });

  test('a failure is remembered for a while, then tried again', async () => {
    const server = await odd({ refuseLogin: true });
    const connection = probe(server, server, { failureMemory: 5_000 });
    const first = await findingOf(connection.clock());
    expect(await findingOf(connection.clock())).toBe(first);
    expect(server.connections()).toBe(1);
    await pause(5_050);
    expect(await findingOf(connection.clock())).not.toBe(first);
    expect(server.connections()).toBe(2);
    await connection.close();
    expect((await findingOf(connection.clock())).code).toBe('host.closed');
  });
});

describe('host keys', () => {
  const withKnownHosts = (text: string): Keys => {
    const knownHosts = join(folder, 'own known hosts');
    writeFileSync(knownHosts, text);
    return { knownHosts, identity: estate.identity };
  };
  const fields = () => readFileSync(estate.knownHosts, 'utf8').trim().split(' ');

  test('unknown: fingerprint and the line to copy', async () => {
    const keys = withKnownHosts('');
    const finding = await failure(host, keys);
    expect(finding.code).toBe('host.key-unknown');
    expect(finding.detail).toMatch(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}/);
    expect(finding.next).toMatchObject([{ verb: 'doctor', words: ['--trust', 'probe'] }]);
  });

  test('unknown: only an authority, or a key of another type', async () => {
    const [address, kind, encoded] = fields();
    const authority = await failure(host, withKnownHosts(`@cert-authority * ${kind} ${encoded}\n`));
    expect(authority).toMatchObject({
      code: 'host.key-unknown',
      detail: expect.stringContaining('shows no certificate'),
    });
    const rsa = publicHalf(utils.generateKeyPairSync('rsa', { bits: 2048 }).private);
    const other = await failure(host, withKnownHosts(`${address} ${rsa}\n`));
    expect(other).toMatchObject({ code: 'host.key-unknown', detail: expect.stringContaining('only ssh-rsa') });
  });

  test('mismatch names the line', async () => {
    const [address] = fields();
    const clientKey = readFileSync(`${estate.identity}.pub`, 'utf8');
    const keys = withKnownHosts(`# one\n${address} ${clientKey}`);
    const finding = await failure(host, keys);
    expect(finding).toMatchObject({
      code: 'host.key-mismatch',
      detail: expect.stringContaining(`${keys.knownHosts}:2`),
    });
  });

  test('revoked', async () => {
    const text = readFileSync(estate.knownHosts, 'utf8');
    const finding = await failure(host, withKnownHosts(`${text}@revoked ${text}`));
    expect(finding.code).toBe('host.key-revoked');
  });

  test('no file', async () => {
    const connection = probe(host, { ...estate, knownHosts: '/no/such/file' });
    const finding = await findingOf(connection.clock());
    expect(finding).toMatchObject({
      code: 'host.known-hosts-unreadable',
      detail: expect.stringContaining('/no/such/file'),
    });
  });
});

describe('a connection that ends', () => {
  test('power off in the middle of a command; afterwards the host is reached again', async () => {
    const connection = probe(host, estate);
    await connection.clock();
    const waiting = Promise.all([
      findingOf(connection.query({ words: ['sleep', '602'] })),
      findingOf(connection.run({ words: ['sleep', '602'] })),
      findingOf(connection.query({ words: ['sleep', '602'], patience: 60_000 })),
    ]);
    await pause(200);
    await host.kill();
    const [read, ...others] = await waiting;
    expect(read.code).toBe('host.connection-lost');
    for (const other of others) expect(other).toBe(read);
    await host.restart();
    expect(await connection.clock()).toBeGreaterThan(0);
    await connection.close();
  });

  test('a host that freezes', async () => {
    const connection = probe(host, estate, { keepaliveInterval: 500, keepaliveCount: 6 });
    await connection.clock();
    await host.freeze();
    const finding = await findingOf(connection.clock());
    await host.thaw();
    await connection.close();
    expect(finding.code).toBe('host.no-answer');
  });

  test('a session that is killed while the connection stays', async () => {
    const connection = probe(host, estate);
    const finding = await findingOf(connection.query({ words: ['sh', '-c', 'kill -9 `ps -o ppid= -p $PPID` $PPID'] }));
    expect(['host.connection-lost', 'host.unexpected-output']).toContain(finding.code);
    expect(await connection.clock()).toBeGreaterThan(0);
    await connection.close();
  });

  test('dropped by the server between two trips, or with a command under way', async () => {
    const server = await odd({
      handle: ({ count, connection }) => {
        if (count === 2) {
          connection.end();
        }
        return count === 2;
      },
    });
    const connection = probe(server, server);
    await connection.clock();
    expect((await findingOf(connection.clock())).code).toBe('host.connection-lost');
    expect(await connection.clock()).toBeGreaterThan(0);
    expect(server.connections()).toBe(2);
    await connection.close();
  });

  test('lost while a file is being replaced: it says that the outcome is not known', async () => {
    const path = join(folder, 'replaced');
    writeFileSync(path, 'old');
    const server = await odd({
      handle: ({ command, connection }) => {
        const commits = command.includes('dd bs=1 ');
        if (commits) {
          connection.end();
        }
        return commits;
      },
    });
    const connection = probe(server, server);
    const finding = await findingOf(
      connection.replace({ path, expected: Buffer.from('old'), content: Buffer.from('new') }),
    );
    await connection.close();
    expect(finding).toMatchObject({ code: 'host.connection-lost', detail: expect.stringContaining('plan again') });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  test('closed by this side while something waits', async () => {
    const connection = probe(host, estate);
    const waiting = findingOf(connection.query({ words: ['sleep', '603'] }));
    await pause(300);
    await connection.close();
    expect((await waiting).code).toBe('host.closed');
  });
});

describe('servers that are odd', () => {
  test('all that is asked for in one turn is one trip', async () => {
    const server = await odd();
    const connection = probe(server, server);
    const path = join(folder, 'known_hosts');
    const answers = await Promise.all([
      connection.files([path, '/no/such/file']),
      Promise.resolve().then(() => connection.clock()),
      connection.query({ words: ['echo', 'x'] }),
    ]);
    expect(answers).toEqual([
      [expect.objectContaining({ path })],
      expect.any(Number),
      { state: 'ran', code: 0, output: 'x\n' },
    ]);
    expect(server.commands).toEqual(['/bin/sh']);
    await connection.clock();
    expect(server.commands).toHaveLength(2);
    expect(server.connections()).toBe(1);
    await connection.close();
  });

  test('no session', async () => {
    const server = await odd({ refuseSessions: true });
    expect((await failure(server, server)).code).toBe('host.session-refused');
  });

  test('a forced command, shown without its control characters', async () => {
    const server = await odd({
      handle: ({ channel }) => {
        channel.write('\u001b[31mThis account is not available.\n');
        channel.exit(1);
        channel.end();
        return true;
      },
    });
    const finding = await failure(server, server);
    expect(finding.code).toBe('host.unexpected-output');
    expect(finding.detail).toContain('  > \\u001b[31mThis account is not available.');
  });

  test('a login that is greeted with text', async () => {
    const server = await odd({ shell: 'echo Welcome; echo "quota exceeded" >&2; exec /bin/sh' });
    const connection = probe(server, server);
    const result = await connection.query({ words: ['echo', 'x'] });
    await connection.close();
    expect(result).toEqual({ state: 'ran', code: 0, output: 'x\n' });
  });
});
