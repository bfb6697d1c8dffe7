import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { HostRoutes, type Route } from '../../../src/adapters/ssh/host-route.ts';
import type { Access } from '../../../src/core/desired.ts';

/* What the configuration of OpenSSH says of a host: the installed client and the own reading must agree, to the line. */

const folder = mkdtempSync(join(tmpdir(), 'ssh-config-'));
const config = join(folder, 'config');
const { username: localUser, homedir: home } = userInfo();

afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  put('keys/one', '');
  put('keys/two', '');
  put('keys/agent.pub', '');
});

function put(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const withClient = { PATH: '/usr/bin:/bin', PLACE: '/place', SSH_AUTH_SOCK: '/agent' };
const withoutClient = { ...withClient, PATH: '/nonexistent' };

function routeTo(changes: Partial<Access>, variables: Readonly<Record<string, string>>): Promise<Route> {
  const access = { address: 'web', legacyAlgorithms: false, config: { path: config }, ...changes };
  return new HostRoutes({ agent: '/agent', variables }).to(access);
}

/** The route by both ways of reading, which must be the same one. */
async function agreed(text: string, changes: Partial<Access> = {}): Promise<Route> {
  put('config', text.replaceAll('FOLDER', folder));
  const own = await routeTo(changes, withoutClient);
  expect(await routeTo(changes, withClient)).toEqual(own);
  return own;
}

const lastHop = ({ hops }: Route) => hops.at(-1);

describe('both ways of reading agree on', () => {
  test.each<readonly [string, string, Partial<Access>, object]>([
    [
      'nothing',
      '',
      {},
      { endpoint: { address: 'web', port: 22, user: localUser }, agent: '/agent', identitiesOnly: false },
    ],
    [
      'an alias',
      'Host web\n HostName %h.Example.COM\n Port 2200\n User ops',
      {},
      { endpoint: { address: 'web.example.com', port: 2200, user: 'ops' } },
    ],
    [
      'the first value',
      'Host w*\n Port 1\nHost web\n Port 2\n User a\nHost *\n User b',
      {},
      { endpoint: { port: 1, user: 'a' } },
    ],
    ['a negated pattern', 'Host * !web\n Port 9\nHost !db *\n User x', {}, { endpoint: { port: 22, user: 'x' } }],
    [
      'equals signs, quotes and comments',
      'Host=web # of the shop\n  port = 33\n\tUser="o p" # c\n',
      {},
      { endpoint: { port: 33, user: 'o p' } },
    ],
    ['lower and upper case of keywords', 'hOST web\nPORT 44', {}, { endpoint: { port: 44 } }],
    ['line ends of Windows', 'Host web\r\n Port 45\r\n', {}, { endpoint: { port: 45 } }],
    [
      'Match host after HostName',
      'Host web\n HostName %h.example.com\nMatch host *.example.com\n Port 7\nMatch originalhost web\n User o',
      {},
      { endpoint: { port: 7, user: 'o' } },
    ],
    [
      'Match user of the file',
      'Match user ops\n Port 7\nMatch user other\n Port 8',
      { user: 'ops' },
      { endpoint: { port: 7, user: 'ops' } },
    ],
    [
      'Match user of the configuration',
      'Host web\n User ops\nMatch user a,op?\n Port 8',
      {},
      { endpoint: { port: 8 } },
    ],
    [
      'Match localuser and negation',
      `Match localuser ${localUser} !host db\n Port 8\nMatch !user ${localUser}\n User no`,
      {},
      { endpoint: { port: 8, user: localUser } },
    ],
    ['Match host with equals signs', 'Match host="web" user=ops\n Port 5', { user: 'ops' }, { endpoint: { port: 5 } }],
    ['Match all', 'Match all\n Port 6', {}, { endpoint: { port: 6 } }],
    [
      'Match final',
      'Host web\n HostName web.example.com\nHost web.example.com\n Port 61\nMatch final host web.example.com\n User late\n IdentityFile FOLDER/keys/one',
      {},
      { endpoint: { port: 61, user: 'late' }, identities: [{ path: join(folder, 'keys/one') }] },
    ],
    [
      'an upper-case name',
      'Host WEB\n Port 1\nMatch host web\n User m',
      { address: 'WEB' },
      { endpoint: { port: 1, user: 'm' } },
    ],
    [
      'a stated port and user',
      'Host web\n Port 1\n User a',
      { port: 2222, user: 'b' },
      { endpoint: { port: 2222, user: 'b' } },
    ],
    ['IPv6', 'Host fd00::*\n Port 5', { address: 'fd00::1' }, { endpoint: { address: 'fd00::1', port: 5 } }],
    [
      'several keys',
      'Host web\n IdentityFile FOLDER/keys/%n\n IdentityFile "FOLDER/keys/one"\nHost *\n IdentityFile FOLDER/keys/two\n IdentityFile FOLDER/keys/one\n IdentityFile FOLDER/keys/agent',
      {},
      {
        identities: [
          { path: join(folder, 'keys/one') },
          { path: join(folder, 'keys/two') },
          { path: join(folder, 'keys/agent.pub') },
        ],
      },
    ],
    ['no key', 'IdentityFile none\nIdentityAgent none', {}, { identities: [] }],
    [
      'IdentitiesOnly and an agent',
      'IdentitiesOnly true\nIdentityAgent %d/agent-%r',
      { user: 'ops' },
      { identitiesOnly: true, agent: `${home}/agent-ops` },
    ],
    ['an agent of a variable', 'IdentityAgent ${PLACE}/agent', {}, { agent: '/place/agent' }],
    ['the agent of a variable by its name', 'IdentityAgent $PLACE', {}, { agent: '/place' }],
    ['the usual agent', 'IdentityAgent SSH_AUTH_SOCK', {}, { agent: '/agent' }],
    [
      'certificates',
      'CertificateFile ~/a-cert.pub\nCertificateFile /b%%-%p.pub',
      {},
      { certificates: [`${home}/a-cert.pub`, '/b%-22.pub'] },
    ],
    [
      'files of known hosts',
      'UserKnownHostsFile "/a b/known" ~/.ssh/k2 %d/k3\nGlobalKnownHostsFile /g',
      {},
      { endpoint: { knownHosts: ['/a b/known', `${home}/.ssh/k2`, `${home}/k3`, '/g'] } },
    ],
    ['no known hosts', 'UserKnownHostsFile none\nGlobalKnownHostsFile none', {}, { endpoint: { knownHosts: [] } }],
    ['HostKeyAlias', 'HostKeyAlias old-name', {}, { endpoint: { knownAs: 'old-name' } }],
    ['key algorithms', 'HostKeyAlgorithms ssh-rsa,ssh-ed25519', {}, { hostKeyAlgorithms: ['ssh-rsa', 'ssh-ed25519'] }],
    [
      'more key algorithms',
      'HostKeyAlgorithms +ssh-rsa',
      {},
      { hostKeyAlgorithms: expect.arrayContaining(['ssh-rsa', 'ssh-ed25519']) },
    ],
    [
      'fewer key algorithms',
      'HostKeyAlgorithms -ecdsa*,ssh-ed25519',
      {},
      { hostKeyAlgorithms: ['rsa-sha2-512', 'rsa-sha2-256'] },
    ],
    [
      'key algorithms in another order',
      'HostKeyAlgorithms ^rsa-sha2-512',
      {},
      { hostKeyAlgorithms: expect.arrayContaining(['rsa-sha2-512', 'ssh-ed25519']) },
    ],
    ['a time', 'ConnectTimeout 1m30', {}, { connectTimeout: 90_000 }],
    ['no time', 'ConnectTimeout none', {}, { endpoint: { port: 22 } }],
    [
      'a command',
      'Host web\n HostName 10.0.0.1\n ProxyCommand nc -x "a b" %h %p %%r # %n-%r\n ProxyJump b',
      { user: 'ops' },
      { proxyCommand: 'nc -x "a b" 10.0.0.1 22 %r # web-ops' },
    ],
    [
      'no command',
      'Host web\n ProxyCommand none\nHost *\n ProxyJump b\n ProxyCommand nc',
      {},
      { endpoint: { jump: false } },
    ],
    [
      'keywords that do not count',
      'ForwardAgent yes\nSendEnv LANG LC_*\nSetEnv A=1\nCiphers aes128-ctr\nHost web\n LocalForward 1 localhost:2\n Port 3',
      {},
      { endpoint: { port: 3 } },
    ],
    [
      'a file without an end of line and blank lines',
      '\n\n#\n   # x\nHost web\n\n  Port 3',
      {},
      { endpoint: { port: 3 } },
    ],
  ])('%s', async (_, text, changes, expected) => {
    expect(lastHop(await agreed(text, changes))).toMatchObject(expected);
  });

  test('Include: globs in order, in a block that counts and in one that does not, and what ends with the file', async () => {
    put('inc/10', 'Port 10\nHost other\n Port 11\n');
    put('inc/20', 'Port 20\nUser twenty\nHost web\n IdentityFile FOLDER/keys/one\n'.replaceAll('FOLDER', folder));
    put('inc/.hidden', 'User hidden\n');
    put('deep/a', `Include ${folder}/deep/b\n`);
    put('deep/b', 'HostKeyAlias deep\n');
    put('never', 'Host *\n User never\nMatch all\n Port 99\n');
    const text =
      'Host db\n Include FOLDER/never\nHost web\n Include FOLDER/inc/[12]? FOLDER/deep/a "FOLDER/missing"\n User after\n';
    const route = await agreed(text);
    expect(lastHop(route)).toMatchObject({
      endpoint: { port: 10, user: 'twenty', knownAs: 'deep' },
      identities: [{ path: join(folder, 'keys/one') }],
    });
    const source = (key: string) => route.facts.find(fact => fact.key === key)?.source;
    expect(source('User')).toEqual({ from: 'ssh-config', file: join(folder, 'inc/20'), line: 2 });
    expect(source('HostKeyAlias')).toEqual({ from: 'ssh-config', file: join(folder, 'deep/b'), line: 1 });
    expect(source('HostName')).toEqual({ from: 'estate', key: 'address' });
  });
});

const way = ({ hops }: Route) => hops.map(({ endpoint: { user, address, port } }) => `${user}@${address}:${port}`);

describe('jump hosts', () => {
  test('of the configuration are resolved each on its own; the first one by its own jump hosts', async () => {
    const text =
      'Host web\n ProxyJump ops@inner:2222,last\nHost inner\n HostName 10.0.0.1\n Port 9\n ProxyJump outer\n' +
      'Host last\n HostName 10.0.0.2\n User l\n ProxyJump never\n IdentityFile FOLDER/keys/one\n' +
      'Host outer\n User o\n ProxyCommand nc %h %p\nMatch user ops\n HostKeyAlias as-ops\n';
    const route = await agreed(text);
    expect(way(route)).toEqual(['o@outer:22', 'ops@10.0.0.1:2222', 'l@10.0.0.2:22', `${localUser}@web:22`]);
    expect(route.hops).toMatchObject([
      { proxyCommand: 'nc outer 22', endpoint: { jump: true } },
      { endpoint: { knownAs: 'as-ops', jump: true } },
      { identities: [{ path: join(folder, 'keys/one') }] },
      { endpoint: { jump: false } },
    ]);
    expect(route.hops[3]).not.toHaveProperty('proxyCommand');
  });

  test('of the estate file may be names of the configuration, and win over its own', async () => {
    const text = 'Host web\n ProxyJump other\nHost b1\n HostName 10.0.0.1\n User own\nHost b2\n HostName 10.0.0.2\n';
    const route = await agreed(text, { user: 'ops', jump: ['b1', 'b2', 'x@fd00::1', '[fd00::2]:24'] });
    expect(way(route)).toEqual(['own@10.0.0.1:22', 'ops@10.0.0.2:22', 'x@fd00::1:22', 'ops@fd00::2:24', 'ops@web:22']);
    const direct = await agreed(`${text}Host *\n ProxyCommand nc\n`, { user: 'ops', jump: [] });
    expect(way(direct)).toEqual(['ops@web:22']);
    expect(lastHop(direct)).not.toHaveProperty('proxyCommand');
  });

  test('with tokens, brackets and as an address', async () => {
    const route = await agreed('Host web\n ProxyJump j-%h,ssh://u@b2:33,[fd00::1]:22\n');
    expect(way(route).slice(0, 3)).toEqual([`${localUser}@j-web:22`, 'u@b2:33', `${localUser}@fd00::1:22`]);
  });

  test.each([
    ['itself', 'Host *\n ProxyJump bastion\n'],
    ['one that is reached through it', 'Host web\n ProxyJump a\nHost a\n ProxyJump b\nHost b\n ProxyJump a\n'],
  ])('that lead to %s are refused', async (_, text) => {
    put('config', text);
    for (const variables of [withClient, withoutClient])
      await expect(routeTo({}, variables)).rejects.toMatchObject({
        code: 'host.jump-invalid',
        detail: expect.stringContaining('through itself'),
      });
  });
});

describe('what the estate file states', () => {
  test('wins, and every value says where it comes from', async () => {
    const text =
      'Host web\n HostName 10.0.0.1\n Port 9\n User own\n IdentityFile FOLDER/keys/one\n UserKnownHostsFile /k\n';
    const { facts, hops } = await agreed(text, {
      ...{ user: 'ops', identity: { env: 'KEY' }, knownHosts: '/estate/known', hostKey: 'SHA256:x' },
    });
    expect(hops).toMatchObject([
      {
        endpoint: { address: '10.0.0.1', port: 9, user: 'ops', knownHosts: ['/estate/known'], hostKey: 'SHA256:x' },
        identities: [{ env: 'KEY' }],
        identitiesOnly: true,
      },
    ]);
    const estate = (key: string) => ({ from: 'estate', key });
    const line = (number: number) => ({ from: 'ssh-config', file: config, line: number });
    expect(facts).toEqual([
      { hop: 'web', key: 'HostName', value: '10.0.0.1', source: line(2) },
      { hop: 'web', key: 'Port', value: '9', source: line(3) },
      { hop: 'web', key: 'User', value: 'ops', source: estate('user') },
      { hop: 'web', key: 'IdentityFile', value: 'the key of the environment variable KEY', source: estate('identity') },
      { hop: 'web', key: 'IdentitiesOnly', value: 'yes', source: estate('identity') },
      { hop: 'web', key: 'IdentityAgent', value: '/agent', source: { from: 'default' } },
      { hop: 'web', key: 'UserKnownHostsFile', value: '/estate/known', source: estate('knownHosts') },
      { hop: 'web', key: 'hostKey', value: 'SHA256:x', source: estate('hostKey') },
      { hop: 'web', key: 'config', value: config, source: estate('config') },
    ]);
  });

  test('is the only thing that counts with `config: none`', async () => {
    put('config', 'Port 9\n');
    const { hops } = await routeTo({ config: 'none' }, withClient);
    expect(hops).toMatchObject([{ endpoint: { address: 'web', port: 22, user: localUser }, identitiesOnly: false }]);
  });
});

describe('a configuration that cannot be used', () => {
  const refused = (detail: unknown) => ({ code: 'host.ssh-config-unusable', detail });
  const ran = join(folder, 'it-ran');

  test.each([
    ['in the file', (exec: string) => `Host db\n Port 1\nMatch host web exec "${exec}"\n Port 9\n`, 'config:3'],
    ['that is negated', (exec: string) => `Match !exec "${exec}" user *\n Port 9\n`, 'config:1'],
    ['in an included file', (exec: string) => `Include ${put('in/x', `\nMatch exec "${exec}"\n`)}\n`, 'in/x:2'],
    ['by an equals sign', (exec: string) => `Match exec="${exec}"\n Port 9\n`, 'config:1'],
  ])('Match exec %s is never run, and its line is named', async (_, text, place) => {
    put('config', text(`touch ${ran}`));
    for (const variables of [withClient, withoutClient])
      await expect(routeTo({}, variables)).rejects.toMatchObject(refused(expect.stringContaining(join(folder, place))));
    expect(existsSync(ran)).toBe(false);
  });

  test('a Match exec that is for other hosts only is not run, and stops nobody', async () => {
    const never = put('never', `Match exec "touch ${ran}"\n Port 3\n`);
    put('config', `Match host db exec "touch ${ran}"\n Port 9\nHost db\n Include ${never}\nHost web\n Port 8\n`);
    for (const variables of [withClient, withoutClient])
      expect(lastHop(await routeTo({}, variables))).toMatchObject({ endpoint: { port: 8 } });
    expect(existsSync(ran)).toBe(false);
  });

  test.each([
    ['a missing file', () => rmSync(config, { force: true }), 'no such file'],
    [
      'an included file that others may change',
      () => {
        chmodSync(put('open', 'Port 9\n'), 0o666);
        put('config', `Include ${folder}/open\n`);
      },
      'chmod go-w',
    ],
    ['a file that includes itself', () => put('config', `Include ${config}\n`), 'include each other'],
    ['a token that is not known', () => put('config', 'IdentityFile %Z\n'), '%Z'],
    ['a variable that is not set', () => put('config', 'IdentityFile ${NOT_SET}/x\n'), 'NOT_SET'],
    ['Include of the home of another user', () => put('config', 'Include ~nobody/x\n'), 'config:1'],
    ['Include with a backslash', () => put('config', 'Include /x/a\\*b\n'), 'config:1'],
    ['Include with a class of characters', () => put('config', 'Include /x/[[:alpha:]]\n'), 'config:1'],
    ['Include with a variable', () => put('config', 'Include ${PLACE}/x\n'), 'config:1'],
    ['a port that is none', () => put('config', 'Port many\n'), 'many'],
    ['ProxyUseFdpass', () => put('config', 'ProxyUseFdpass yes\nProxyCommand nc %h %p\n'), 'ProxyUseFdpass'],
  ])('%s', async (_, prepare, detail) => {
    prepare();
    for (const variables of [withClient, withoutClient])
      await expect(routeTo({}, variables)).rejects.toMatchObject(refused(expect.stringContaining(detail)));
  });

  test('what the client refuses is told in its words', async () => {
    put('config', 'Port many\n');
    await expect(routeTo({}, withClient)).rejects.toMatchObject(
      refused(expect.stringMatching(/ssh -G .*\n.*> .*Bad port/)),
    );
  });

  test.each(['Match tagged x', 'Match localnetwork 10.0.0.0/8', 'CanonicalizeHostname yes'])(
    '%s needs a client',
    async text => {
      put('config', `${text}\n Port 9\n`);
      await expect(routeTo({}, withoutClient)).rejects.toMatchObject(refused(expect.stringContaining('config:1')));
    },
  );

  test.each(['a b', 'a;touch x', '$(x)', '-oProxyCommand=x', "a'b", 'a\nb'])(
    'a host named %j runs nothing',
    async name => {
      put('config', 'ProxyCommand nc %h %p\n');
      for (const variables of [withClient, withoutClient])
        await expect(routeTo({ address: name }, variables)).rejects.toThrow(/host\.(ssh-config-unusable|jump-invalid)/);
    },
  );
});
