import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import { freePort } from '../free-port.ts';
import { LAB_BIN } from '../place.ts';
import { createCommandServer } from './serve-connection.ts';
import { createHostFaults, type EmbeddedHostFault } from './ssh-fault.ts';
import { createLoginJudge, createSshKeyPair, knownHostsLine } from './ssh-keys.ts';
import { createToolShims } from './tool-shims.ts';
import { createTreePaths } from './tree-paths.ts';

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
  const commands = createCommandServer({ paths, faults, environment });
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
    // Some builds of Node, which the stand-ins run on, do not start without it.
    ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }),
  };
}

async function listen(server: Server, port: number, address: string): Promise<void> {
  server.listen(port, address);
  await once(server, 'listening');
}
