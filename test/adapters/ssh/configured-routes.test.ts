import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HostPool, type SshSettings } from '../../../src/adapters/ssh/host-pool.ts';
import type { Access } from '../../../src/core/desired.ts';
import { type SshHost, type SshHosts, startSshHosts } from '../../servers/ssh-hosts.ts';
import { until } from '../../tools/until.ts';
import { accessTo, entryOf, findingOf, settingsWith } from './support.ts';

/* Hosts behind bastions, where only the configuration of OpenSSH knows the way. */

const folder = mkdtempSync(join(tmpdir(), 'configured-'));
const names = ['bastion', 'inner', 'one', 'two', 'three'];
let estate: SshHosts;

beforeAll(async () => {
  estate = await startSshHosts(folder, new Map(names.map(name => [name, join(folder, 'trees', name)])));
  mkdirSync(join(folder, 'conf.d'));
  writeFileSync(join(folder, 'conf.d/bastion'), block('bastion', 'User clerk'), { mode: 0o600 });
  writeFileSync(join(folder, 'conf.d/inner'), block('inner', 'ProxyJump bastion'), { mode: 0o600 });
});

afterAll(async () => {
  await estate.stop();
  rmSync(folder, { recursive: true, force: true });
});

function place(name: string): SshHost {
  return entryOf(estate.hosts, name);
}

/** The lines of a configuration for one host. */
function block(name: string, ...lines: readonly string[]): string {
  const { address, port } = place(name);
  return [`Host ${name}`, ` HostName ${address}`, ` Port ${port}`, ...lines.map(line => ` ${line}`), ''].join('\n');
}

/** A configuration file with these lines, and with what it needs to log in. */
function configuration(...lines: readonly string[]): { readonly path: string } {
  const path = join(mkdtempSync(join(folder, 'config-')), 'config');
  const login = [
    'Host *',
    ' User root',
    ` IdentityFile ${estate.identity}`,
    ` UserKnownHostsFile ${estate.knownHosts}`,
  ];
  writeFileSync(path, [`Include ${folder}/conf.d/*`, ...lines, ...login, ''].join('\n'), { mode: 0o600 });
  return { path };
}

const variables = { PATH: process.env['PATH'], HOME: '/root', LDAP_PASSWORD: 'the-canary' };
const settings = settingsWith({}, { variables });

function access(address: string, config: Access['config']): Access {
  return { address, legacyAlgorithms: false, ...(config && { config }) };
}

async function hostname(to: Access, by: SshSettings = settings): Promise<string> {
  const pool = new HostPool(by);
  try {
    const result = await pool.open('probe', to).query({ words: ['hostname'] });
    return result.state === 'ran' ? result.output.trim() : result.state;
  } finally {
    await pool.close();
  }
}

describe.each([
  ['with an OpenSSH client', settings],
  ['without one', settingsWith({}, { variables: { ...variables, PATH: '/nonexistent' } })],
])('%s', (_, by) => {
  test('a bare name is enough: alias, Include, ProxyJump over two bastions, keys and known hosts', async () => {
    const config = configuration(block('one', 'ProxyJump inner'));
    expect(await hostname(access('one', config), by)).toBe('one');
  });

  test('hosts behind the same jump hosts share one connection to them', async () => {
    const hops = ['one', 'two', 'three'].map(name => block(name, 'ProxyJump inner'));
    const config = configuration(...hops);
    const pool = new HostPool(by);
    const hosts = ['one', 'two', 'three'].map(name => pool.open(name, access(name, config)));
    const results = await Promise.all(hosts.map(host => host.query({ words: ['hostname'] })));
    expect(results).toMatchObject([{ output: 'one\n' }, { output: 'two\n' }, { output: 'three\n' }]);
    const watch = pool.open('bastion', accessTo(place('bastion'), estate));
    const table = await watch.query({ words: ['ps', '-eo', 'args'] });
    await pool.close();
    expect(table.state === 'ran' && table.output.match(/^sshd: clerk$/gm)).toHaveLength(1);
  });

  test('jump hosts of the estate file may be aliases', async () => {
    const config = configuration(block('one'));
    expect(await hostname({ ...access('one', config), jump: ['bastion', 'inner'] }, by)).toBe('one');
  });
});

describe('the usual files', () => {
  const own = join(folder, 'usual');
  const estateFile = join(own, 'estate.yaml');

  beforeAll(() => {
    mkdirSync(join(own, 'home/.ssh'), { recursive: true });
    mkdirSync(join(own, 'etc'), { recursive: true });
    const put = (name: string, ...lines: readonly string[]) =>
      writeFileSync(join(own, name), `${lines.join('\n')}\n`, { mode: 0o600 });
    put('passwd', `someone:x:0:0::${own}/home:/bin/sh`);
    put('home/.ssh/config', 'Include more', 'Host cs6', '  HostName 10.0.0.1');
    put('home/.ssh/more', 'Host cs6', '  User fromhome');
    mkdirSync(join(own, 'elsewhere/.ssh'), { recursive: true });
    put('elsewhere/.ssh/more', `Match exec "touch ${own}/it-ran"`, '  Port 1');
    put('home/.ssh/id_ed25519');
    put('home/.ssh/id_rsa');
    put('etc/ssh_config', 'Host cs6', '  User late', '  Port 2200', '  Include also');
    put('etc/also', 'HostKeyAlias alias');
    const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8').replace(/^ssh:\n(?: .*\n)+/m, '');
    writeFileSync(estateFile, chapter.replace(/cs6: \{ address: [^,]+,/, 'cs6: {'));
  });

  /** `why` in a mount namespace with another password database and another /etc/ssh. */
  function why(path: string): string {
    const script = `mount --bind ${own}/passwd /etc/passwd && mount --bind ${own}/etc /etc/ssh && exec "$@"`;
    const program = [process.execPath, 'dist/reconcile.cjs', 'why', 'cs6', 'ssh', '-f', estateFile];
    const words = ['-m', '--propagation', 'private', 'sh', '-c', script, 'sh', ...program];
    return execFileSync('unshare', words, {
      encoding: 'utf8',
      env: { PATH: path, HOME: `${own}/elsewhere`, COLUMNS: '500', PASSWORD: 'x' },
    });
  }

  test('are those of the home of the password database and of the system, for both ways of reading', () => {
    const withClient = why('/usr/sbin:/usr/bin:/sbin:/bin');
    const lines = withClient.split('\n').map(line => line.trim().replace(/ {2,}/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining([
        `HostName 10.0.0.1 ${own}/home/.ssh/config:3`,
        'Port 2200 /etc/ssh/ssh_config:3',
        `User fromhome ${own}/home/.ssh/more:2`,
        'HostKeyAlias alias /etc/ssh/also:1',
        'IdentityFile ~/.ssh/id_rsa default',
        'IdentityFile ~/.ssh/id_ed25519 default',
        'UserKnownHostsFile ~/.ssh/known_hosts default',
      ]),
    );
    // Everything that the test itself needs, but no ssh.
    const tools = join(own, 'tools');
    mkdirSync(tools);
    for (const name of ['sh', 'mount', 'unshare']) symlinkSync(`/usr/bin/${name}`, join(tools, name));
    expect(why(tools)).toBe(withClient);
    expect(existsSync(join(own, 'it-ran'))).toBe(false);
  });
});

describe('ProxyCommand', () => {
  test('is the connection, without a secret in its environment, and ends with it', async () => {
    const script = join(folder, 'through.mjs');
    const seen = join(folder, 'environment');
    const lines = [
      "import { connect } from 'node:net'; import { writeFileSync } from 'node:fs';",
      'const [host, port, file] = process.argv.slice(2);',
      'writeFileSync(file, JSON.stringify({ environment: process.env, pid: process.pid }));',
      'const socket = connect(Number(port), host); process.stdin.pipe(socket).pipe(process.stdout);',
    ];
    writeFileSync(script, lines.join('\n'));
    const config = configuration(block('one', `ProxyCommand ${process.execPath} ${script} %h %p ${seen}`));
    expect(await hostname(access('one', config))).toBe('one');
    const { environment, pid } = JSON.parse(readFileSync(seen, 'utf8'));
    expect(environment).toMatchObject({ HOME: '/root' });
    expect(JSON.stringify(environment)).not.toContain('canary');
    await until(() => !isRunning(pid), 'the command has ended');
  });

  test('`ssh -W` over a bastion', async () => {
    const outer = join(folder, 'outer');
    writeFileSync(
      outer,
      `${block('bastion', 'User root')}Host *\n IdentityFile ${estate.identity}\n UserKnownHostsFile ${estate.knownHosts}\n`,
    );
    const config = configuration(block('one', `ProxyCommand ssh -F ${outer} -W [%h]:%p bastion`));
    expect(await hostname(access('one', config))).toBe('one');
  });

  test('of a jump host leads to what is behind it', async () => {
    const way = `ProxyCommand ${process.execPath} -e "s=require('net').connect(%p,'%h');process.stdin.pipe(s).pipe(process.stdout)"`;
    const config = configuration(block('two', way), block('one', 'ProxyJump two'));
    expect(await hostname(access('one', config))).toBe('one');
  });

  test('that fails is quoted in the message', async () => {
    const config = configuration(block('one', 'ProxyCommand sh -c "echo no way to %n >&2; exit 3"'));
    const finding = await findingOf(hostname(access('one', config)));
    expect(finding).toMatchObject({ code: 'host.unreachable' });
    expect(finding.detail).toContain('ended with status 3, and printed:\n  > no way to one');
  });

  test('that says nothing for too long is given up, and ended', async () => {
    const mark = `sleep 3600.${process.pid}`;
    const config = configuration(block('one', `ConnectTimeout 1`, `ProxyCommand ${mark} | cat`));
    const finding = await findingOf(hostname(access('one', config)));
    expect(finding).toMatchObject({ code: 'host.no-answer', detail: expect.stringContaining('was still running') });
    expect(finding.detail).toContain('after 1 s');
    const table = () => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    await until(() => !table().split('\n').includes(mark), 'the command has ended');
  });

  test('that cannot be started', async () => {
    const config = configuration(block('one', 'ProxyCommand /nonexistent/program %h'));
    const finding = await findingOf(hostname(access('one', config)));
    expect(finding.detail).toMatch(/ended with status 12[67]/);
    const by = settingsWith({}, { variables: { ...variables, SHELL: '/nonexistent/shell' } });
    expect((await findingOf(hostname(access('one', config), by))).detail).toContain('ENOENT');
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
