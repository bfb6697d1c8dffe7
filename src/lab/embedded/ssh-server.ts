import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2';
import type { LoginDialect } from '../dialect.ts';
import { LAB_BIN } from '../host-tree.ts';
import { freePort } from '../process-list.ts';
import { createCommandServer, createHostFaults, type EmbeddedHostFault } from './serve-connection.ts';
import { createTreePaths } from './tree-paths.ts';

/** A key pair in OpenSSH's formats. */
interface SshKeyPair {
  /** As it stands in a file that a client names as its identity, or as a host's key. */
  readonly privateKey: string;
  /** As it stands in `authorized_keys`. */
  readonly publicKey: string;
}

/**
 * Makes an Ed25519 pair. ssh2 1.17.0 drops a leading zero byte of a key and so writes one pair in 256 that nobody can
 * read: such a pair is thrown away.
 */
export function createSshKeyPair(): SshKeyPair {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519', {});
    const readable = [pair.private, pair.public].every(text => !(ssh2.utils.parseKey(text) instanceof Error));
    if (readable) return { privateKey: pair.private, publicKey: pair.public };
  }
}

/** The line of a known_hosts file for a host with this private key. */
function knownHostsLine(address: string, port: number, hostKey: string): string {
  const key = parseKey(hostKey);
  const name = port === 22 ? address : `[${address}]:${port}`;
  return `${name} ${key.type} ${key.getPublicSSH().toString('base64')}`;
}

/** Judges a login: whoever holds the one key is let in, under any name. */
function createLoginJudge(authorizedKey: string): (login: AuthContext) => void {
  const allowed = parseKey(authorizedKey);
  return login => {
    if (login.method === 'publickey' && isSameKey(login.key.data, allowed) && isProven(login, allowed)) {
      login.accept();
    } else {
      login.reject(['publickey']);
    }
  };
}

function isSameKey(offered: Buffer, allowed: ParsedKey): boolean {
  const known = allowed.getPublicSSH();
  return offered.length === known.length && timingSafeEqual(offered, known);
}

/** Without a signature the client only asks whether the key would do. */
function isProven(login: Extract<AuthContext, { method: 'publickey' }>, allowed: ParsedKey): boolean {
  const { blob, signature, hashAlgo } = login;
  return !signature || (blob !== undefined && allowed.verify(blob, signature, hashAlgo) === true);
}

function parseKey(text: string): ParsedKey {
  const parsed: unknown = ssh2.utils.parseKey(text);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error || typeof key !== 'object' || key === null || !('getPublicSSH' in key)) {
    throw new Error(`not an SSH key: ${key instanceof Error ? key.message : 'nothing was found in it'}`);
  }
  return key as ParsedKey;
}

/** Commands that stand before the machine's own in PATH. */
interface ToolShims {
  /** Folders for PATH. */
  folders(diskIsFull: boolean): readonly string[];
  remove(): void;
}

/**
 * `ls` of macOS shows full times neither with -E nor with --full-time, which are all that the client asks for; its `stat`
 * can print such a line.
 */
export const bsdListScript = `#!/bin/sh
case $2 in
--full-time)
  case $1 in
  *L*) set -- -L "$3" ;;
  *) set -- "$3" ;;
  esac
  exec /usr/bin/stat -f '%Sp %l %u %g %z %Sm %N' -t '%Y-%m-%d %H:%M:%S' "$@" ;;
esac
case $1 in
-*E) exit 1 ;;
esac
exec /bin/ls "$@"
`;

/** Only a copy from standard input is an upload; \`cat FILE\` reads and does not mind a full disk. */
const FULL_DISK = `#!/bin/sh
if test $# -gt 0; then exec /bin/cat "$@"; fi
dd bs=16 count=1 2>/dev/null
/bin/cat >/dev/null
echo 'cat: write error: No space left on device' >&2
exit 1
`;

/** Lays the commands this machine needs into a folder of their own; most need none, and there is no folder then. */
function createToolShims(platform: NodeJS.Platform): ToolShims {
  let own: string | undefined;
  const laid = new Map<string, string>();
  const lay = (name: string, script: string) => {
    own ??= makeFolder();
    const folder = laid.get(name) ?? layTool(own, name, script);
    laid.set(name, folder);
    return folder;
  };
  return {
    folders: diskIsFull => [
      ...(diskIsFull ? [lay('cat', FULL_DISK)] : []),
      ...(platform === 'darwin' ? [lay('ls', bsdListScript)] : []),
    ],
    remove: () => {
      if (own !== undefined) {
        rmSync(own, { recursive: true, force: true });
      }
    },
  };
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rehearsal-tools-'));
  chmodSync(folder, 0o755);
  return folder;
}

/** Each command has a folder of its own, so that PATH can have some of them. */
function layTool(own: string, name: string, script: string): string {
  const folder = join(own, name);
  mkdirSync(folder);
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return folder;
}

/** A host that is to be served. */
export interface EmbeddedHostOptions {
  readonly name: string;
  /** The folder that is its `/`; the stand-ins were laid with it as their prefix. */
  readonly tree: string;
  /** 127.0.0.1 unless told; macOS has no other loopback address by itself. */
  readonly address?: string;
  /** A free one unless told. */
  readonly port?: number;
  /** Private key of the host. */
  readonly hostKey: string;
  /** Public key of the one who may log in, under any name. */
  readonly authorizedKey: string;
  /** What the login brings along; nothing unless told. */
  readonly login?: LoginDialect;
  readonly faults?: readonly EmbeddedHostFault[];
}

/** A host that is served. */
export interface EmbeddedHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Its line for a known_hosts file. */
  readonly hostKeyLine: string;
  setFault(fault: EmbeddedHostFault): Promise<void>;
  /** Turns every fault off; a host that was down is up again at the same port. */
  clearFaults(): Promise<void>;
  /** Ends it, its connections and what they have left running; servers that were started as such go on. */
  stop(): Promise<void>;
}

/**
 * Serves a folder of this machine as a host over SSH, in this process, for whoever runs it: nothing but Node is needed.
 * The client's commands run with the `/bin/sh` and the tools of this machine. It offers what the client uses and no more:
 * login with one key, commands, and connections on to servers; no shell, no terminal, no SFTP.
 */
export async function startEmbeddedHost(options: EmbeddedHostOptions): Promise<EmbeddedHost> {
  const address = options.address ?? '127.0.0.1';
  const faults = createHostFaults();
  const paths = createTreePaths(options.tree);
  const shims = createToolShims(process.platform);
  const environment = () => commandEnvironment(options, shims.folders(faults.get('full-disk') !== undefined));
  const commands = createCommandServer({ paths, faults, environment, profile: options.login?.profile ?? '' });
  // ssh2 tells of a connection by its port only.
  const sockets = new Map<number | undefined, Socket>();
  const doors = openDoors(options, (connection, port) => commands.serve(connection, sockets.get(port)));
  const server = createServer(socket => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => sockets.delete(remotePort));
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    doors(faults.get('changed-key') !== undefined).injectSocket(socket);
  });
  const port = options.port ?? (await freePort(address));
  await listen(server, port, address);
  const down = async () => {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const socket of sockets.values()) {
      socket.destroy();
    }
    await closed;
  };
  const setFault = async (fault: EmbeddedHostFault) => {
    faults.set(fault);
    if (fault.fault === 'refuse') {
      await down();
    }
  };
  for (const fault of options.faults ?? []) {
    await setFault(fault);
  }
  return {
    name: options.name,
    address,
    port,
    hostKeyLine: knownHostsLine(address, port, options.hostKey),
    setFault,
    clearFaults: async () => {
      faults.clear();
      if (!server.listening) {
        await listen(server, port, address);
      }
    },
    stop: async () => {
      await down();
      await commands.stop();
      shims.remove();
    },
  };
}

/** The SSH side of a connection, with the host's key or with another one. */
function openDoors(
  options: EmbeddedHostOptions,
  serve: (connection: Connection, port: number) => void,
): (changed: boolean) => ssh2.Server {
  const judge = createLoginJudge(options.authorizedKey);
  const door = (key: string) =>
    new ssh2.Server({ hostKeys: [key] }, (connection: Connection, { port }) => {
      connection.on('error', () => undefined);
      connection.on('authentication', judge);
      serve(connection, port);
    });
  const usual = door(options.hostKey);
  let other: ssh2.Server | undefined;
  return changed => {
    if (!changed) {
      return usual;
    }
    other ??= door(createSshKeyPair().privateKey);
    return other;
  };
}

/** Nothing of this process's own environment: it may hold secrets, and a host has none of it. */
function commandEnvironment(options: EmbeddedHostOptions, shims: readonly string[]): Readonly<Record<string, string>> {
  const libraries = process.env['LD_LIBRARY_PATH'];
  return {
    HOME: options.tree,
    HOSTNAME: options.name,
    PATH: [...shims, `${options.tree}${LAB_BIN}`, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(':'),
    ...options.login?.variables,
    // Some builds of Node, which the stand-ins run on, do not start without it.
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
}

async function listen(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address);
  await once(server, 'listening');
}
