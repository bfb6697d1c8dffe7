import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../tools/until.ts';
import { firstOf, freezeNamespace, thawNamespace } from './ssh-freeze.ts';

const run = promisify(execFile);

/** A host: a real sshd with its own mount, host name and process namespace. */
export interface SshHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The folder whose etc/opt, opt and var/opt are those of the host. */
  readonly tree: string;
  /** Power off: every process of the host is gone at once. */
  kill(): Promise<void>;
  /** Power on again, same address and host key. */
  restart(): Promise<void>;
  /** Every process stands still; connections stay open and nothing answers. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Runs a command as root of the host, whether or not anybody can log in; what it printed. It throws where the command fails. */
  run(command: string): Promise<string>;
  /** The same while everything here waits. */
  runSync(command: string): string;
}

/** All hosts of a test. */
export interface SshHosts {
  readonly hosts: ReadonlyMap<string, SshHost>;
  /** Path of a known_hosts file that has them all. */
  readonly knownHosts: string;
  /** Path of a private key that root and clerk of every host accept. */
  readonly identity: string;
  stop(): Promise<void>;
}

/** What a test may want otherwise. */
export interface SshHostOptions {
  /** Further lines of sshd_config; the first line that sets something counts, and these come first. */
  readonly sshd?: readonly string[];
  /** Key type of the hosts, as ssh-keygen -t names it. */
  readonly keyType?: 'ed25519' | 'rsa' | 'ecdsa';
  /** Files of /etc, which is a copy of this machine's then: a path below it, and the text. Only root can read them, but passwd and scripts. */
  readonly etc?: ReadonlyMap<string, string>;
  /** The program that is /bin/sh. */
  readonly sh?: string;
}

const PORT = 2222;

/** Where a host's programs are. */
const PATH = '/opt/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Starts one sshd per tree, on loopback addresses chosen at random. Users: root, and clerk (1001) who may little.
 * They end with stop() and with this process, however it ends.
 */
export async function startSshHosts(
  folder: string,
  trees: ReadonlyMap<string, string>,
  options: SshHostOptions = {},
): Promise<SshHosts> {
  await mkdir('/run/sshd', { recursive: true });
  await mkdir(folder, { recursive: true });
  const identity = join(folder, 'id');
  await createKey(identity, 'ed25519');
  const knownHosts = join(folder, 'known_hosts');
  await writeFile(knownHosts, '');
  const network = `127.${randomByte()}.${randomByte()}`;
  const started = await Promise.all(
    [...trees].map(([name, tree], index) => prepare(folder, name, tree, `${network}.${index + 1}`, options)),
  );
  for (const { host, publicKey } of started) {
    await appendFile(knownHosts, `[${host.address}]:${host.port} ${publicKey}\n`);
  }
  await Promise.all(started.map(({ host }) => host.restart()));
  const hosts = new Map(started.map(({ host }) => [host.name, host]));
  const stop = async () => {
    await Promise.all([...hosts.values()].map(host => host.kill()));
  };
  return { hosts, knownHosts, identity, stop };
}

interface Prepared {
  readonly host: SshHost;
  readonly publicKey: string;
}

async function prepare(
  folder: string,
  name: string,
  tree: string,
  address: string,
  options: SshHostOptions,
): Promise<Prepared> {
  const own = join(folder, `host-${name}`);
  const etc = join(own, 'ssh');
  const trees = ['etc/opt', 'opt', 'var/opt'].map(part => join(tree, part));
  await Promise.all([etc, join(own, 'home'), ...trees].map(path => mkdir(path, { recursive: true })));
  const key = join(etc, 'host_key');
  await createKey(key, options.keyType ?? 'ed25519');
  await writeFile(join(etc, 'authorized_keys'), await readFile(join(folder, 'id.pub')));
  await writeFile(join(etc, 'sshd_config'), sshdConfig(address, options));
  await writeFile(join(own, 'passwd'), options.etc?.get('passwd') ?? passwd(join(own, 'home')));
  if (options.etc) await copyEtc(join(own, 'etc'), options.etc);
  if (options.sh !== undefined) await copyFile(options.sh, join(own, 'sh'));
  const [type, encoded] = (await readFile(`${key}.pub`, 'utf8')).split(' ');
  return { host: createHost(name, address, tree, own), publicKey: `${type} ${encoded}` };
}

/** Else sudo, doas and su would have the rules and the users of this machine. */
async function copyEtc(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await run('cp', ['-a', '/etc', folder]);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rm(join(folder, path), { force: true });
    await writeFile(join(folder, path), text, {
      mode: text.startsWith('#!') ? 0o755 : path === 'passwd' ? 0o644 : 0o440,
    });
  }
}

/** The files of sshd are seen in /etc/ssh, because the login user must be able to reach authorized_keys. */
function sshdConfig(address: string, options: SshHostOptions): string {
  const lines = [
    ...(options.sshd ?? []),
    `ListenAddress ${address}:${PORT}`,
    'PidFile none',
    'HostKey /etc/ssh/host_key',
    'AuthorizedKeysFile /etc/ssh/authorized_keys',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'PrintLastLog no',
    'MaxStartups 1000:30:2000',
    'LogLevel ERROR',
    `SetEnv PATH=${PATH}`,
  ];
  return `${lines.join('\n')}\n`;
}

function passwd(home: string): string {
  const lines = [
    `root:x:0:0:root:${home}:/bin/sh`,
    // Without a password, because there is no shadow file that knows it: root may become it.
    'clerk:*:1001:1001:clerk:/:/bin/sh',
    'sshd:x:110:65534::/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  ];
  return `${lines.join('\n')}\n`;
}

const BOOT = `set -e
tree=$1; own=$2; name=$3
if test -f "$own/sh"; then mount --bind "$own/sh" /bin/sh; fi
if test -d "$own/etc"; then mount --bind "$own/etc" /etc; mkdir -p /etc/opt; fi
mount --bind "$tree/etc/opt" /etc/opt
mount --bind "$tree/opt" /opt
mount --bind "$tree/var/opt" /var/opt
mount --bind "$own/ssh" /etc/ssh
mount --bind "$own/passwd" /etc/passwd
hostname "$name"
exec /usr/sbin/sshd -D -e -f /etc/ssh/sshd_config
`;

function createHost(name: string, address: string, tree: string, own: string): SshHost {
  let process: ChildProcess | undefined;
  const restart = async () => {
    await kill();
    process = boot(name, tree, own);
    await listening(process, address);
  };
  const kill = async () => {
    if (process && process.exitCode === null && process.signalCode === null) {
      const exited = once(process, 'exit');
      process.kill('SIGKILL');
      await exited;
      await silent(address);
    }
  };
  const freeze = () => freezeNamespace(process?.pid);
  const thaw = () => thawNamespace(process?.pid);
  const enter = (command: string) => enterWords(firstOf(process?.pid), join(own, 'home'), command);
  const runSync = (command: string) =>
    execFileSync('nsenter', enter(command), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const runIn = async (command: string) => (await run('nsenter', enter(command))).stdout;
  return { name, address, port: PORT, tree, kill, restart, freeze, thaw, run: runIn, runSync };
}

/** The environment and the folder are those of a login over ssh, which would cost thirty times as much. */
function enterWords(pid: number, home: string, command: string): readonly string[] {
  const variables = [`HOME=${home}`, 'USER=root', 'LOGNAME=root', 'SHELL=/bin/sh', `PATH=${PATH}`];
  const shell = ['env', '-i', ...variables, '/bin/sh', '-c', `cd\n${command}`];
  return ['-t', String(pid), '-m', '-u', '-p', ...shell];
}

/** setpriv: the host dies with this process. --kill-child: all that runs on the host dies with its first process. */
function boot(name: string, tree: string, own: string): ChildProcess {
  const namespaces = ['-m', '-u', '-p', '-f', '--mount-proc', '--kill-child=KILL', '--propagation', 'private'];
  const words = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '/bin/sh', '-c', BOOT, 'boot', tree, own, name];
  return spawn('setpriv', words, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

async function listening(process: ChildProcess, address: string): Promise<void> {
  let errors = '';
  process.stderr?.on('data', chunk => {
    errors += String(chunk);
  });
  await until(() => {
    if (process.exitCode !== null || process.signalCode !== null) {
      throw new Error(`sshd on ${address}:${PORT} did not start: ${errors}`);
    }
    return accepts(address);
  }, `sshd on ${address}:${PORT} answers`);
}

/** The first process of a namespace takes a moment to die after the one outside. */
async function silent(address: string): Promise<void> {
  await until(async () => !(await accepts(address)), `sshd on ${address}:${PORT} is dead`);
}

function accepts(address: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: address, port: PORT });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function createKey(path: string, type: string): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', '', '-C', 'test', '-f', path]);
}

/** Above 0, where everybody's services are. */
function randomByte(): number {
  return 1 + Math.floor(Math.random() * 254);
}
