import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Estate, startEstate } from '../servers/estate.ts';
import { type Ran, reconcile } from './cli.ts';

/**
 * A pull request changes how targets are reached. With `--connections-from` nothing of it is believed: on real sshd and slapd,
 * with real git, and with a listener at every address that the pull request names.
 */
let estate: Estate;
let listener: Listener;
let checkout: string;
let file: string;
const token = 'token-4711-of-the-deploying-job';

beforeAll(async () => {
  estate = await startEstate({ cs6: 2, cs7: 1, users: 20 });
  const applied = await reconcile(['apply', estate.file, '--yes'], estate.environment);
  expect(applied.code, applied.stdout).toBe(0);
  listener = await listen();
  checkout = join(estate.folder, 'checkout');
  file = join(checkout, 'estate.yaml');
  mkdirSync(checkout);
  writeFileSync(file, readFileSync(estate.file));
  writeFileSync(join(checkout, 'known_hosts'), readFileSync(estate.ssh.knownHosts));
  git('init', '--quiet', '--initial-branch', 'main');
  edit(`knownHosts: ${estate.ssh.knownHosts}`, 'knownHosts: known_hosts');
  git('add', 'estate.yaml', 'known_hosts');
  git('commit', '--quiet', '-m', 'the estate as it is');
});
afterAll(async () => {
  listener?.server.close();
  await estate?.stop();
});
afterEach(() => {
  git('checkout', '--quiet', '--', '.');
  listener.heard.length = 0;
});

interface Listener {
  readonly server: Server;
  readonly port: number;
  /** What each connection sent first; an empty text for one that sent nothing. */
  readonly heard: string[];
}

async function listen(): Promise<Listener> {
  const heard: string[] = [];
  const server = createServer(socket => {
    const at = heard.push('') - 1;
    socket.on('data', data => {
      heard[at] += data.toString('latin1');
      socket.end();
    });
    socket.on('error', () => {});
    setTimeout(() => socket.destroy(), 5_000);
  });
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, port: address.port, heard };
}

function git(...words: readonly string[]): string {
  const person = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execFileSync('git', ['-C', checkout, ...person, ...words], { encoding: 'utf8' }).trim();
}

/** A list in which the trusted server is the first. */
function addServer(): void {
  const [, own = ''] = /url: (.*)/.exec(readFileSync(file, 'utf8')) ?? [];
  edit(/url: .*/, `url: [${own}, "${url()}"]`);
}

function edit(before: string | RegExp, after: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.search(before) < 0) throw new Error(`the file has no ${before}`);
  writeFileSync(
    file,
    text.replace(before, () => after),
  );
}

const run = (...words: readonly string[]): Promise<Ran> =>
  reconcile(words, { ...estate.environment, DEPLOY_TOKEN: token });

const trusted = ['--connections-from', 'main'];

/** Every command that connects, each told whom to trust. */
const commands: readonly (readonly string[])[] = [
  ['--check'],
  ['plan'],
  ['plan', '--shard', '1/1'],
  ['plan', '--base', 'main'],
  ['drift'],
  ['audit'],
  ['verify'],
  ['snapshot', '-o', 'strangers.jsonl.gz'],
];

async function expectWithheld(target: string, what: string, ...only: readonly string[]): Promise<void> {
  for (const words of commands.filter(([name = '']) => only.length === 0 || only.includes(name))) {
    const line = words.map(word => (word.endsWith('.gz') ? join(checkout, word) : word));
    const ran = await run(...line, '-f', file, ...trusted);
    const said = ran.stdout + ran.stderr;
    const name = words.join(' ');
    // What may be read can differ besides, where an address is part of what is wanted of another host.
    expect(/http$|revision$/.test(what) ? [2, 4] : [4], `${name} ${said}`).toContain(ran.code);
    expect(said, name).toContain('connections.changed');
    expect(said, name).toContain(`${target} was not contacted`);
    expect(said, name).toContain(what);
    expect(said, name).not.toContain(token);
    expect(listener.heard, name).toEqual([]);
  }
}

const url = () => `ldap://127.0.0.1:${listener.port}`;

describe('a pull request', () => {
  it('is planned as ever where it leaves the connections alone', async () => {
    expect((await run('--check', file, ...trusted)).code).toBe(0);
    edit('  platform: solaris-sparc\n', '  platform: solaris-sparc\n  settings: { service.http.idletimeout: "120" }\n');
    const ran = await run('--check', file, '--base', 'main', ...trusted);
    expect([ran.code, ran.stdout]).toEqual([2, expect.stringContaining('service.http.idletimeout')]);
  });

  it('that names a directory and a secret of its own sends the secret there where it is believed', async () => {
    edit(/url: .*/, `url: ${url()}`);
    edit('{ env: LDAP_PASSWORD }', '{ env: DEPLOY_TOKEN }');
    await run('--check', file);
    expect(listener.heard.join('')).toContain(token);
  });

  it('that names a directory and a secret of its own gets nothing, by any command', async () => {
    edit(/url: .*/, `url: ${url()}`);
    edit('{ env: LDAP_PASSWORD }', '{ env: DEPLOY_TOKEN }');
    await expectWithheld('directory', 'directory.url');
    expect(existsSync(join(checkout, 'strangers.jsonl.gz'))).toBe(false);
  });

  it.each([
    [
      'another secret',
      () => edit('{ env: LDAP_PASSWORD }', '{ env: DEPLOY_TOKEN }'),
      'directory',
      'directory.password.env',
    ],
    ['another identity', () => edit(/bindDn: .*/, 'bindDn: cn=someone,o=isp'), 'directory', 'directory.bindDn'],
    [
      'an authority',
      () => edit('  base: o=isp', '  tls: { ca: own.pem }\n  base: o=isp'),
      'directory',
      'directory.tls.ca',
    ],
    [
      'a certificate and its key',
      () =>
        edit(
          '  base: o=isp',
          '  tls: { certificate: own.pem, key: { env: DEPLOY_TOKEN } }\n  startTls: true\n  base: o=isp',
        ),
      'directory',
      'directory.tls.key',
    ],
    ['a further server', addServer, 'directory', 'directory.url'],
    ['a user', () => edit('ssh:\n', 'ssh:\n  user: somebody\n'), 'cs6-fe1', 'ssh.user'],
    ['a way', () => edit('ssh:\n', `ssh:\n  jump: ["root@127.0.0.1:${listener.port}"]\n`), 'cs7-fe1', 'ssh.jump'],
    [
      'an address',
      () => edit(/cs6-be1: \{ address: [^,]*, port: \d+/, `cs6-be1: { address: 127.0.0.1, port: ${listener.port}`),
      'cs6-be1',
      'cs6.hosts.cs6-be1.port',
    ],
    ['a path', () => edit('passwordFile: ', 'passwordFile: /tmp'), 'cs7-fe1', 'cs7.davadmin.passwordFile'],
    [
      'host keys',
      () => writeFileSync(join(checkout, 'known_hosts'), '[127.0.0.1]:1 ssh-ed25519 AAAA\n'),
      'cs6-fe1',
      'known_hosts',
    ],
  ] as const)('that names %s does not get to use it', async (_, change, target, what) => {
    change();
    await expectWithheld(target, what, '--check');
  });

  it('that moves the calendar server of a host, or refers to a new one, has nobody asked there', async () => {
    const own = `http://127.0.0.1:${listener.port}`;
    edit(/(?<=cs6-fe1: .*http: ")[^"]*/, own);
    await expectWithheld('cs6-fe1', 'cs6.hosts.cs6-fe1.http', '--check', 'verify');
    git('checkout', '--quiet', '--', '.');
    edit(
      'cs7:\n  hosts:\n',
      `cs7:\n  hosts:\n    own: { address: 127.0.0.1, port: ${listener.port}, http: "${own}" }\n`,
    );
    edit('freeBusyRedirect: cs7-fe1', 'freeBusyRedirect: own');
    await expectWithheld('own', 'it is not in that revision', 'verify');
  });

  it('that runs a program of the repository does not get it run', async () => {
    const ran = join(checkout, 'it-ran');
    writeFileSync(join(checkout, 'secret.sh'), '#!/bin/sh\necho nothing\n', { mode: 0o755 });
    edit('{ env: LDAP_PASSWORD }', `{ command: [sh, ${join(checkout, 'secret.sh')}] }`);
    git('add', 'estate.yaml', 'secret.sh');
    git('commit', '--quiet', '-m', 'the secret by a script');
    writeFileSync(join(checkout, 'secret.sh'), `#!/bin/sh\ntouch ${ran}\n`);
    await expectWithheld('directory', 'secret.sh, a program or file of the repository', '--check');
    expect(existsSync(ran)).toBe(false);
    git('reset', '--quiet', '--hard', 'HEAD^');
  });

  describe('that has an OpenSSH configuration', () => {
    const ran = () => join(checkout, 'it-ran');
    const write = (name: string, text: string) => writeFileSync(join(checkout, name), text, { mode: 0o600 });
    const main = (more = '') => `Include ${checkout}/ssh_more\nHost *\n ConnectTimeout 60\n${more}`;

    const commit = () => {
      edit('config: none', 'config: ssh_config');
      write('ssh_config', main());
      write('ssh_more', 'Host nowhere\n Port 1\n');
      git('add', '.');
      git('commit', '--quiet', '-m', 'an OpenSSH configuration');
    };

    it('is planned as ever where it leaves that alone', async () => {
      commit();
      expect((await run('--check', file, ...trusted)).code).toBe(0);
      git('reset', '--quiet', '--hard', 'HEAD^');
    });

    it.each([
      ['adds a command', () => write('ssh_config', main(` ProxyCommand touch ${ran()}\n`)), 'ssh_config'],
      ['adds one to an included file', () => write('ssh_more', `ProxyCommand touch ${ran()}\n`), 'ssh_more'],
      ['takes an included file away', () => rmSync(join(checkout, 'ssh_more')), 'ssh_more'],
      ['empties one', () => write('ssh_more', ''), 'ssh_more'],
      ['has a command in Match', () => write('ssh_config', main(`Match exec "touch ${ran()}"\n`)), 'Match exec'],
      ['includes a folder of its own', () => write('ssh_config', main(`Include ${checkout}/*.conf\n`)), 'ssh_config'],
    ])('that %s does not get to use it', async (_, change, what) => {
      commit();
      change();
      await expectWithheld('cs6-fe1', what, '--check');
      expect(existsSync(ran())).toBe(false);
      git('reset', '--quiet', '--hard', 'HEAD^');
    });

    it('that runs a program of the repository, or includes a folder of it, is not believed', async () => {
      commit();
      write('proxy.sh', 'true');
      write('ssh_config', main(`Include ${checkout}/*.conf\nProxyCommand sh ${checkout}/proxy.sh\n`));
      git('add', '.');
      git('commit', '--quiet', '-m', 'a command of its own');
      write('proxy.sh', `touch ${ran()}`);
      await expectWithheld('cs6-fe1', 'proxy.sh, a program or file of the repository', '--check');
      await expectWithheld('cs6-fe1', 'a folder of the repository that an OpenSSH configuration includes', '--check');
      expect(existsSync(ran())).toBe(false);
      git('reset', '--quiet', '--hard', 'HEAD^^');
    });
  });

  it('shows no variable that the trusted revision does not ask for', async () => {
    edit(/^name: .*$/m, 'name: "${env:DEPLOY_TOKEN}"');
    const ran = await run('--check', file, ...trusted);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('estate.env-untrusted')]);
    expect(ran.stdout + ran.stderr).not.toContain(token);
  });

  it.each([
    ['a key of this machine', () => estate.ssh.identity],
    ['the records of git', () => '.git/config'],
  ])('that puts a link to %s in the place of the estate file shows nothing of it', async (_, target) => {
    rmSync(file);
    symlinkSync(target(), file);
    const ran = await run('--check', file, ...trusted);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining('file.unreadable')]);
    for (const line of ['OPENSSH PRIVATE KEY', 'repositoryformatversion'])
      expect(ran.stdout + ran.stderr).not.toContain(line);
  });

  it('of which the base has errors, or no files, has nothing contacted', async () => {
    mkdirSync(join(checkout, 'new'));
    const fresh = join(checkout, 'new', 'estate.yaml');
    writeFileSync(fresh, readFileSync(file, 'utf8').replace('knownHosts: known_hosts', 'knownHosts: ../known_hosts'));
    const added = await run('--check', fresh, ...trusted);
    expect(added.stdout + added.stderr).toContain('it is not in that revision');
    expect([1, 4]).toContain(added.code);
    edit('version: 1', 'version: 7');
    git('commit', '--quiet', '-a', '-m', 'broken');
    edit('version: 7', 'version: 1');
    const broken = await run('--check', file, '--connections-from', 'HEAD');
    expect([broken.code, broken.stderr]).toEqual([1, expect.stringContaining('connections.unusable')]);
    git('reset', '--quiet', '--hard', 'HEAD^');
  });
});
