import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Access, SecretReference } from '../../core/desired.ts';
import { HostFault } from './host-fault.ts';

/** How long and how much; times in milliseconds. */
export interface SshLimits {
  /** From the first packet until the login has succeeded, per hop. */
  readonly connect: number;
  /** Between two questions whether the host is still there; it is given up after `keepaliveCount` without an answer. */
  readonly keepaliveInterval: number;
  readonly keepaliveCount: number;
  /** From the start of sudo, doas, su or pfexec until it asks, and from the answer until the command starts. */
  readonly privilege: number;
  /** For one trip that reads; what still runs on the host then is killed. */
  readonly read: number;
  /** For one trip that writes; what still runs on the host then is left to itself. */
  readonly write: number;
  /** Bytes of one answer. */
  readonly answer: number;
  /** Hosts that are logged in to at the same time, so that the time for a login does not run out while others compute. */
  readonly logins: number;
  /** Trips at the same time; sshd allows 10 by default. */
  readonly sessions: number;
  /** Further readings of a file that changed while it was read. */
  readonly tornRetries: number;
  /** Age at which the lock of another run counts as left behind. */
  readonly lockAge: number;
  /** How long a failed attempt to connect answers for further ones, so that a dead host costs one wait and not many. */
  readonly failureMemory: number;
  /** For the answer of a connection that was kept from an earlier look; after it, another one is opened. */
  readonly proof: number;
  /** Pauses before what calls a watchdog off, takes the lock or gives it back is sent again, when its answer was lost. */
  readonly sendAgain: readonly number[];
}

/** The limits that count unless others are given. */
export const DEFAULT_LIMITS: SshLimits = {
  connect: 15_000,
  keepaliveInterval: 5_000,
  keepaliveCount: 3,
  privilege: 30_000,
  read: 120_000,
  write: 600_000,
  // 64 MiB of records, and what is around them.
  answer: 65 * 1024 * 1024,
  logins: 32,
  sessions: 8,
  tornRetries: 3,
  lockAge: 600_000,
  failureMemory: 10_000,
  proof: 5_000,
  sendAgain: [1_000, 5_000, 15_000],
};

/** One sshd on the way to a host, or the host's own. */
export interface Endpoint {
  readonly user: string;
  readonly address: string;
  readonly port: number;
  /** The files that say which keys hosts have. */
  readonly knownHosts: readonly string[];
  /** The estate file states them: a missing one is an error. */
  readonly knownHostsStated?: boolean;
  /** The name that those files have for it, instead of its address and port (HostKeyAlias). */
  readonly knownAs?: string;
  /** The fingerprint that alone counts. */
  readonly hostKey?: string;
  readonly legacyAlgorithms: boolean;
  /** Only passed through on the way to another host. */
  readonly jump: boolean;
}

/** All that it takes to log in to one sshd. */
export interface Hop {
  readonly endpoint: Endpoint;
  /** Private keys in the order in which they are offered; a public one selects a key of the agent. */
  readonly identities: readonly NonNullable<Access['identity']>[];
  /** Keys of the agent that `identities` does not name are not offered. */
  readonly identitiesOnly: boolean;
  /** The socket of an SSH agent. */
  readonly agent?: string;
  /** Files of OpenSSH certificates for these keys; `KEY-cert.pub` beside a key counts as well. */
  readonly certificates: readonly string[];
  /** The command whose input and output are the connection (ProxyCommand), its tokens expanded; of the first hop only. */
  readonly proxyCommand?: string;
  /** Milliseconds from the first packet until the login has succeeded, where the configuration of OpenSSH says so. */
  readonly connectTimeout?: number;
  /** The key algorithms to ask the host for, in this order, as OpenSSH names them; absent: the usual ones. */
  readonly hostKeyAlgorithms?: readonly string[];
  readonly passphrase?: SecretReference;
  readonly password?: SecretReference;
  readonly code?: SecretReference;
}

/** A jump host as it is written. */
export interface JumpHost {
  readonly user?: string;
  readonly address: string;
  readonly port?: number;
}

/**
 * `user@host:port`, where the user and the port may be left out; IPv6 needs its brackets only before a port. As in
 * ssh_config(5), it may be an address `ssh://…`. Throws a HostFault.
 */
export function parseJump(text: string): JumpHost {
  const match =
    /^(?:(?<user>[\w.+\\](?:[\w.@+\\-]*[\w.+\\-])?)@)?(?:\[(?<bracketed>[\da-f:.%\w]+)\](?::(?<port1>\d{1,5}))?|(?<bare>[\da-f]*:[\da-f]*:[\da-f:.]*)|(?<name>\w[\w.-]*)(?::(?<port2>\d{1,5}))?)$/i.exec(
      text.replace(/^ssh:\/\/([^/]*)\/?$/, '$1'),
    );
  const { user, bracketed, bare, name, port1, port2 } = match?.groups ?? {};
  const address = bracketed ?? bare ?? name;
  const port = port1 ?? port2;
  if (address === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) {
    throw new HostFault(
      'host.jump-invalid',
      `the jump host ${JSON.stringify(text)} is not of the form user@host:port.`,
    );
  }
  return { ...(user !== undefined && { user }), address, ...(port !== undefined && { port: Number(port) }) };
}

/** A path on this machine; `~/` is the home folder of the password database, as for OpenSSH. */
export function localPath(path: string): string {
  return path.startsWith('~/') ? join(userInfo().homedir, path.slice(2)) : path;
}

/** For messages: `root@cs6.example.com:22`, `the jump host ops@bastion.example.com:22`. */
export function describeEndpoint(endpoint: Endpoint): string {
  const address = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${endpoint.jump ? 'the jump host ' : ''}${endpoint.user}@${address}:${endpoint.port}`;
}
