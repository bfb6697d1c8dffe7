import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostPool, type SshSettings } from '../../../src/adapters/ssh/host-pool.ts';
import type { Access } from '../../../src/core/desired.ts';
import { createSshKeyPair } from '../../../src/lab/embedded/ssh-server.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { startSshServer } from '../../servers/ssh-server.ts';
import { openHost } from './open-host.ts';
import { accessTo, entryOf, findingOf, settingsWith, settingsWithSecret } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'ssh-routes-'));
const names = ['bastion', 'inner', 'one', 'two', 'three'];
let estate: SshHosts;

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map(names.map(name => [name, join(folder, 'trees', name)])));
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

function place(name: string): SshHost {
  return entryOf(estate.hosts, name);
}

function hop(name: string, user = 'root'): string {
  return `${user}@${place(name).address}:${place(name).port}`;
}

async function hostname(access: Access, settings: SshSettings): Promise<string> {
  const host = openHost('probe', access, settings);
  try {
    const result = await host.query({ words: ['hostname'] });
    return result.state === 'ran' ? result.output.trim() : result.state;
  } finally {
    await host.close();
  }
}

describe('jump hosts', () => {
  test('hosts behind the same jump hosts share the connection to them', async () => {
    const pool = new HostPool(settingsWith());
    const hosts = ['one', 'two', 'three'].map(name =>
      pool.open(name, accessTo(place(name), estate, { jump: [hop('bastion', 'clerk'), hop('inner')] })),
    );
    const results = await Promise.all(hosts.map(host => host.query({ words: ['hostname'] })));
    expect(results).toMatchObject([{ output: 'one\n' }, { output: 'two\n' }, { output: 'three\n' }]);
    const watch = pool.open('bastion', accessTo(place('bastion'), estate));
    const table = await watch.query({ words: ['ps', '-eo', 'args'] });
    await pool.close();
    expect(table.state === 'ran' && table.output.match(/^sshd: clerk$/gm)).toHaveLength(1);
  });

  test('the loss of a jump host is told, and it is reached again', async () => {
    const pool = new HostPool(settingsWith());
    const hosts = ['one', 'two'].map(name =>
      pool.open(name, accessTo(place(name), estate, { jump: [hop('bastion')] })),
    );
    await Promise.all(hosts.map(host => host.clock()));
    const waiting = Promise.all(hosts.map(host => findingOf(host.query({ words: ['sleep', '604'] }))));
    setTimeout(() => void place('bastion').kill(), 200);
    const findings = await waiting;
    expect(findings.map(finding => [finding.code, finding.target])).toEqual([
      ['host.connection-lost', 'one'],
      ['host.connection-lost', 'two'],
    ]);
    expect(findings[0]?.detail).toContain('the jump host');
    await place('bastion').restart();
    expect(await Promise.all(hosts.map(host => host.clock()))).toHaveLength(2);
    await pool.close();
  });

  test('every hop has its own host key, and a failure names the hop', async () => {
    const bastion = place('bastion').address;
    const knownHosts = join(folder, 'without bastion');
    const lines = readFileSync(estate.knownHosts, 'utf8').split('\n');
    writeFileSync(knownHosts, lines.filter(line => !line.includes(`[${bastion}]`)).join('\n'));
    const access = accessTo(place('one'), { ...estate, knownHosts }, { jump: [hop('bastion')] });
    const finding = await findingOf(openHost('one', access, settingsWith()).clock());
    expect(finding).toMatchObject({ code: 'host.key-unknown', target: 'one' });
    expect(finding.detail).toContain(`the jump host ${hop('bastion')}`);
  });

  test('the jump host cannot reach the host', async () => {
    const access = accessTo({ address: place('one').address, port: 9 }, estate, { jump: [hop('bastion')] });
    const finding = await findingOf(openHost('one', access, settingsWith()).clock());
    expect(finding).toMatchObject({
      code: 'host.unreachable',
      detail: expect.stringContaining('through the jump host'),
    });
    const bad = openHost('one', { ...access, jump: ['a b'] }, settingsWith());
    expect((await findingOf(bad.clock())).code).toBe('host.jump-invalid');
  });
});

describe('a host key that the file states', () => {
  const keyOf = () => {
    const line =
      readFileSync(estate.knownHosts, 'utf8')
        .split('\n')
        .find(one => one.includes(place('one').address)) ?? '';
    writeFileSync(join(folder, 'one.pub'), `${line.split(' ').slice(1, 3).join(' ')}\n`);
    return execFileSync('ssh-keygen', ['-lf', join(folder, 'one.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
  };

  test('alone counts: known_hosts is not even read', async () => {
    const stated = { knownHosts: join(folder, 'nowhere'), hostKey: keyOf() };
    expect(await hostname(accessTo(place('one'), estate, stated), settingsWith())).toBe('one');
  });

  test('refuses another one, with both fingerprints', async () => {
    const hostKey = `SHA256:${'A'.repeat(43)}`;
    const finding = await findingOf(hostname(accessTo(place('one'), estate, { hostKey }), settingsWith()));
    expect(finding.code).toBe('host.key-mismatch');
    expect(finding.detail).toContain(hostKey);
    expect(finding.detail).toContain(keyOf());
  });
});

test('a login that is the user of the privilege already becomes nobody', async () => {
  const privilege = { by: 'sudo', as: 'root' } as const;
  expect(await hostname(accessTo(place('one'), estate, { privilege }), settingsWith())).toBe('one');
});

describe('login', () => {
  const access = (changes: Partial<Access> = {}) => accessTo(place('one'), estate, changes);

  test('a variable holds the path of the key, or the key', async () => {
    const identity = { env: 'SSH_KEY_FILE' };
    const key = readFileSync(estate.identity, 'utf8');
    expect(await hostname(access({ identity }), settingsWithSecret(estate.identity))).toBe('one');
    expect(await hostname(access({ identity }), settingsWithSecret(`${estate.identity}\n`))).toBe('one');
    expect(await hostname(access({ identity }), settingsWithSecret(key))).toBe('one');
  });

  test('an encrypted key', async () => {
    const path = join(folder, 'encrypted');
    writeFileSync(path, readFileSync(estate.identity), { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path]);
    const passphrase = { file: 'x' };
    expect(await hostname(access({ identity: { path }, passphrase }), settingsWithSecret('open sesame\n'))).toBe('one');
    for (const changes of [{ identity: { path }, passphrase }, { identity: { path } }]) {
      const finding = await findingOf(hostname(access(changes), settingsWithSecret('wrong')));
      expect(finding).toMatchObject({ code: 'host.identity-unusable', detail: expect.stringContaining(path) });
      expect(JSON.stringify(finding)).not.toContain('wrong');
    }
  });

  test.each([
    ['missing', '/no/such/key'],
    ['no key', '/etc/hostname'],
    ['a public key', () => `${estate.identity}.pub`],
  ])('a key file that is %s', async (_, path) => {
    const identity = { path: typeof path === 'string' ? path : path() };
    const finding = await findingOf(hostname(access({ identity }), settingsWith()));
    expect(finding).toMatchObject({ code: 'host.identity-unusable', detail: expect.stringContaining(identity.path) });
  });

  test('a key that the host does not know', async () => {
    const path = join(folder, 'stranger');
    writeFileSync(path, createSshKeyPair().privateKey, { mode: 0o600 });
    const finding = await findingOf(hostname(access({ identity: { path } }), settingsWith()));
    expect(finding).toMatchObject({ code: 'host.login-refused', detail: expect.stringContaining('root@') });
  });

  test('the agent, when no key is named', async () => {
    const { identity: _identity, ...bare } = access();
    expect((await findingOf(hostname(bare, settingsWith()))).code).toBe('host.identity-unusable');
    const socket = join(folder, 'agent');
    const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' });
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
    try {
      const empty = await findingOf(hostname(bare, settingsWith({}, { agent: socket })));
      expect(empty).toMatchObject({ code: 'host.identity-unusable', detail: expect.stringContaining('holds no key') });
      execFileSync('ssh-add', ['-q', estate.identity], { env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket } });
      expect(await hostname(bare, settingsWith({}, { agent: socket }))).toBe('one');
    } finally {
      process.kill(pid);
    }
    const gone = await findingOf(hostname(bare, settingsWith({}, { agent: '/no/such/socket' })));
    expect(gone).toMatchObject({ code: 'host.identity-unusable', detail: expect.stringContaining('/no/such/socket') });
  });
});

describe('old servers', () => {
  const old = [
    'KexAlgorithms diffie-hellman-group14-sha1,diffie-hellman-group1-sha1',
    'Ciphers aes128-cbc,3des-cbc',
    'MACs hmac-md5,hmac-sha1-96',
    'HostKeyAlgorithms ssh-rsa',
    'PubkeyAcceptedAlgorithms +ssh-rsa',
  ];

  test('an sshd with old algorithms is reached when they are allowed, and only then', async () => {
    const own = join(folder, 'old');
    const trees = new Map([['old', join(own, 'tree')]]);
    const hosts = await startSshHosts(own, trees, { sshd: old, keyType: 'rsa' });
    const access = accessTo(entryOf(hosts.hosts, 'old'), hosts);
    const refused = await findingOf(hostname(access, settingsWith()));
    const allowed = await hostname({ ...access, legacyAlgorithms: true }, settingsWith());
    await hosts.stop();
    expect(refused).toMatchObject({
      code: 'host.no-common-algorithm',
      detail: expect.stringContaining('legacyAlgorithms: true'),
    });
    expect(allowed).toBe('old');
  });

  test('one that calls itself SunSSH, with the oldest algorithms', async () => {
    const path = join(folder, 'rsa-host');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', '', '-f', path]);
    const server = await startSshServer(folder, {
      ident: 'Sun_SSH_1.1.5',
      hostKey: readFileSync(path, 'utf8'),
      algorithms: {
        kex: ['diffie-hellman-group1-sha1'],
        cipher: ['3des-cbc'],
        hmac: ['hmac-md5-96'],
        serverHostKey: ['ssh-rsa'],
      },
    });
    const access = accessTo(server, server);
    const refused = await findingOf(hostname(access, settingsWith()));
    const allowed = await hostname({ ...access, legacyAlgorithms: true }, settingsWith());
    await server.stop();
    expect(refused.code).toBe('host.no-common-algorithm');
    expect(allowed).not.toBe('');
  });

  test('a host that is known by one key type only is asked for that type', async () => {
    const own = join(folder, 'rsa');
    const hosts = await startSshHosts(own, new Map([['rsa', join(own, 'tree')]]), {
      keyType: 'rsa',
      sshd: [`HostKey ${join(folder, 'host-one/ssh/host_key')}`],
    });
    const access = accessTo(entryOf(hosts.hosts, 'rsa'), hosts);
    const name = await hostname(access, settingsWith());
    await hosts.stop();
    expect(name).toBe('rsa');
  });
});
