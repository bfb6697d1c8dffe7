import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Algorithms, type AuthContext, type Connection, Server, type ServerChannel, utils } from 'ssh2';
import { createSshKeyPair } from '../../src/lab/embedded/ssh-server.ts';

/** What a client asks to be run. `count` numbers the commands of the server from 1. */
export interface ServerCommand {
  readonly command: string;
  readonly count: number;
  readonly channel: ServerChannel;
  readonly connection: Connection;
}

/** How a server is to be odd. */
export interface SshServerOptions {
  /** Stands for /bin/sh; words for a shell. */
  readonly shell?: string;
  /** The environment of the commands, PATH first of all. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly algorithms?: Algorithms;
  readonly ident?: string;
  /** Private key in PEM. */
  readonly hostKey?: string;
  /** No key is good enough. */
  readonly refuseLogin?: boolean;
  /** Decides about each attempt to log in. */
  readonly authenticate?: (attempt: AuthContext) => void;
  /** No session may be opened. */
  readonly refuseSessions?: boolean;
  /** Deals with a command itself, when it returns true. */
  readonly handle?: (command: ServerCommand) => boolean;
}

/** A server inside this process: it runs commands on this machine with any shell, or misbehaves as told. */
export interface SshServer {
  readonly address: string;
  readonly port: number;
  readonly knownHosts: string;
  readonly identity: string;
  /** Every command that was asked for. */
  readonly commands: readonly string[];
  /** Connections that were accepted. */
  connections(): number;
  stop(): Promise<void>;
}

/** Starts one on a free port of the loopback interface; its files go to `folder`. */
export async function startSshServer(folder: string, options: SshServerOptions = {}): Promise<SshServer> {
  const hostKey = options.hostKey ?? createSshKeyPair().privateKey;
  const identity = join(folder, 'client-key');
  await writeFile(identity, createSshKeyPair().privateKey, { mode: 0o600 });
  const commands: string[] = [];
  const open = new Set<Connection>();
  let connections = 0;
  const { algorithms, ident } = options;
  const server = new Server(
    { hostKeys: [hostKey], ...(algorithms && { algorithms }), ...(ident && { ident }) },
    client => {
      connections += 1;
      open.add(client);
      serve(client, options, commands);
      client.on('close', () => open.delete(client));
    },
  );
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { address, port } = server.address() as AddressInfo;
  const knownHosts = join(folder, 'server-known-hosts');
  await writeFile(knownHosts, `[${address}]:${port} ${publicHalf(hostKey)}\n`);
  const stop = async () => {
    for (const client of open) {
      client.end();
    }
    await new Promise<void>(resolve => server.close(() => resolve()));
  };
  return { address, port, knownHosts, identity, commands, connections: () => connections, stop };
}

/** The public key of a private one, as it stands in known_hosts. */
export function publicHalf(privateKey: string): string {
  const parsed: unknown = utils.parseKey(privateKey);
  const key = (Array.isArray(parsed) ? parsed[0] : parsed) as { type: string; getPublicSSH(): Buffer };
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}

function serve(client: Connection, options: SshServerOptions, commands: string[]): void {
  // Missing in the types; without it every trip waits for delayed acknowledgements.
  (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
  client.on('error', () => undefined);
  const accept = (attempt: AuthContext) => (options.refuseLogin ? attempt.reject(['publickey']) : attempt.accept());
  client.on('authentication', options.authenticate ?? accept);
  client.on('session', (acceptSession, rejectSession) => {
    if (options.refuseSessions) {
      rejectSession();
      return;
    }
    acceptSession().on('exec', (acceptExec, _reject, info) => {
      const channel = acceptExec();
      const count = commands.push(info.command);
      if (!options.handle?.({ command: info.command, count, channel, connection: client })) {
        execute(info.command, channel, options);
      }
    });
  });
}

function execute(command: string, channel: ServerChannel, options: SshServerOptions): void {
  const words = command.replace(/^\/bin\/sh/, options.shell ?? '/bin/sh');
  // Without HOME: bash takes a socket as standard input for a remote login and reads ~/.bashrc.
  const env = { HOME: '/nonexistent', PATH: '/usr/bin:/bin', ...options.environment };
  const child = spawn('/bin/sh', ['-c', words], { cwd: '/', env, detached: true });
  child.stdin.on('error', () => undefined);
  channel.on('error', () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr as NodeJS.WritableStream, { end: false });
  child.on('close', code => {
    channel.exit(code ?? 255);
    channel.end();
  });
}
