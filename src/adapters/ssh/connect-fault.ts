import { shellLine, shellWord } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import { fingerprint, type KeyVerdict, type KnownHostLine, keyType } from './known-hosts.ts';

/** How far an attempt to connect came: it decides what a failure means. */
export interface ConnectProgress {
  /** The TCP connection stands. */
  connected: boolean;
  /** The host has said who it is. */
  greeted: boolean;
  /** The key that was refused, and why. */
  refusedKey?: { readonly key: Buffer; readonly verdict: KeyVerdict };
}

/** What ssh2 gives with an error; its own types leave `code` out. */
export interface ClientError extends Error {
  readonly level?: string;
  readonly code?: string | number;
}

/** What a failed attempt to connect means, and what to do. */
export function connectFault(
  endpoint: Endpoint,
  error: ClientError,
  progress: ConnectProgress,
  wait: number,
): HostFault {
  const who = describeEndpoint(endpoint);
  if (progress.refusedKey) {
    return keyFault(endpoint, progress.refusedKey.key, progress.refusedKey.verdict);
  }
  if (error.level === 'client-timeout') {
    return timeoutFault(who, progress, wait);
  }
  if (error.level === 'client-authentication' || error.level === 'agent' || /authentication/i.test(error.message)) {
    return loginFault(endpoint, error);
  }
  if (error.level === 'handshake' && /no matching/i.test(error.message)) {
    return algorithmFault(endpoint, error);
  }
  return new HostFault('host.unreachable', `${who}: ${reason(error)}\n${remedy(error, progress)}`);
}

/** What the loss of a connection that stood means. */
export function lossFault(endpoint: Endpoint, error: ClientError | undefined): HostFault {
  const who = describeEndpoint(endpoint);
  if (error?.level === 'client-timeout') {
    return new HostFault(
      'host.no-answer',
      `${who} stopped answering while the connection stood.\nThe host is overloaded or frozen, or a firewall forgot the connection.`,
    );
  }
  return new HostFault(
    'host.connection-lost',
    `${who}: ${error ? reason(error) : 'the connection ended.'}\nThe host, its sshd or the network went down. Run the command again when the host is back.`,
  );
}

function timeoutFault(who: string, progress: ConnectProgress, wait: number): HostFault {
  const seconds = `${wait / 1000} s`;
  if (!progress.connected) {
    const hint = 'The host is down, or a firewall drops the packets: check address, port and rules.';
    return new HostFault('host.unreachable', `${who}: no answer to the connection request in ${seconds}.\n${hint}`);
  }
  const stage = progress.greeted ? 'the login was not finished' : 'something accepts connections but does not answer';
  const hint = 'The host is overloaded or frozen, or the port is not that of sshd.';
  return new HostFault('host.no-answer', `${who}: after ${seconds} ${stage}.\n${hint}`);
}

function loginFault(endpoint: Endpoint, error: ClientError): HostFault {
  const who = describeEndpoint(endpoint);
  const agent = error.level === 'agent' ? `\nThe SSH agent could not be used: ${reason(error)}` : '';
  const steps = `The key must be in authorized_keys of ${printable(endpoint.user)} there, and its type allowed.`;
  const legacy = endpoint.legacyAlgorithms ? '\nSunSSH knows RSA and DSA keys only.' : '';
  return new HostFault('host.login-refused', `${who}: the key was not accepted.${agent}\n${steps}${legacy}`);
}

function algorithmFault(endpoint: Endpoint, error: ClientError): HostFault {
  const advice = endpoint.legacyAlgorithms
    ? 'The old algorithms are already enabled: the host needs algorithms that are no longer available.'
    : 'For SunSSH and OpenSSH before 7, allow the old ones for this host: legacyAlgorithms: true';
  return new HostFault('host.no-common-algorithm', `${describeEndpoint(endpoint)}: ${reason(error)}\n${advice}`);
}

/** What it means that a key was refused, and what to do. */
export function keyFault(endpoint: Endpoint, key: Buffer, verdict: KeyVerdict): HostFault {
  const who = describeEndpoint(endpoint);
  const shown = `${who} shows ${printable(keyType(key))} ${fingerprint(key)}`;
  if (verdict.state === 'not-stated') {
    const advice = `The file states ${printable(endpoint.hostKey ?? '')} (ssh.hostKey). Someone may intercept the connection. If the host was reinstalled, check the new fingerprint on the console of the host, then set it.`;
    return new HostFault('host.key-mismatch', `${shown}\n${advice}`);
  }
  if (verdict.state === 'mismatch') {
    const place = `${placeOf(verdict.line)} has another key of that type.`;
    const advice = `Someone may intercept the connection. If the host was reinstalled, replace the line after you have checked the fingerprint.`;
    return new HostFault('host.key-mismatch', `${shown}\n${place}\n${advice}`);
  }
  if (verdict.state === 'revoked') {
    return new HostFault(
      'host.key-revoked',
      `${shown}\n${placeOf(verdict.line)} revokes this key. The host needs a new key.`,
    );
  }
  return new HostFault(
    'host.key-unknown',
    [shown, ...otherLines(endpoint, verdict), ...scanLines(endpoint)].join('\n'),
  );
}

function placeOf({ file, line }: KnownHostLine): string {
  return `${printable(file)}:${line}`;
}

function otherLines({ knownHosts }: Endpoint, verdict: KeyVerdict): readonly string[] {
  if (verdict.state !== 'unknown') {
    return [];
  }
  const types =
    verdict.types.length > 0
      ? [`${knownHosts.map(printable).join(', ')} has only ${verdict.types.join(', ')} for it.`]
      : [];
  const { authority } = verdict;
  const named = 'names a certificate authority for it; host certificates are not supported.';
  return authority ? [...types, `${placeOf(authority)} ${named}`] : types;
}

function scanLines(endpoint: Endpoint): readonly string[] {
  const words = ['ssh-keyscan', '-p', String(endpoint.port), printable(endpoint.address)];
  const line = `${shellLine(words)} >> ${shellWord(printable(endpoint.knownHosts[0] ?? ''))}`;
  return ['Compare the fingerprint with the one on the console of the host. If they are equal, add it:', `    ${line}`];
}

function reason(error: ClientError): string {
  const known = typeof error.code === 'string' ? REASONS[error.code] : undefined;
  return known ?? `${printable(error.message)}.`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED).',
  ENOTFOUND: 'the name is not known (ENOTFOUND).',
  EAI_AGAIN: 'the name server does not answer (EAI_AGAIN).',
  EHOSTUNREACH: 'there is no route to the host (EHOSTUNREACH).',
  ENETUNREACH: 'there is no route to the network (ENETUNREACH).',
  ETIMEDOUT: 'no answer to the connection request (ETIMEDOUT).',
  ECONNRESET: 'the connection was reset (ECONNRESET).',
};

function remedy(error: ClientError, progress: ConnectProgress): string {
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return 'Check the address of the host and the name service of this machine.';
  }
  if (progress.connected && !progress.greeted) {
    return 'Something accepts connections but is no SSH server, or sshd turns this machine away (MaxStartups, hosts.deny).';
  }
  return 'Check that sshd runs there and that address and port are right.';
}
