import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { HostFault, quotePrompt } from './host-fault.ts';
import { fingerprint, type KeyVerdict, type KnownHostLine, keyType } from './known-hosts.ts';
import { describeKey, type LoginAttempt, type StopReason, type Trial } from './login-attempt.ts';

/** How far an attempt to connect came: it decides what a failure means. */
export interface ConnectProgress {
  /** The TCP connection stands. */
  connected: boolean;
  /** The host has said who it is. */
  greeted: boolean;
  /** The key that was refused, and why. */
  refusedKey?: { readonly key: Buffer; readonly verdict: KeyVerdict };
  /** Why a certificate of the host does not prove its key, where known_hosts has an authority for it. */
  uncertified?: string;
  /** The login, and why some keys are not offered. */
  login?: { readonly attempt: LoginAttempt; readonly notes: readonly string[] };
  /** The host goes on asking, and gets no answer. */
  stopped?: StopReason;
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
    return keyFault(endpoint, progress.refusedKey.key, progress.refusedKey.verdict, progress.uncertified);
  }
  if (error.level === 'client-timeout') {
    return timeoutFault(who, progress, wait);
  }
  if (progress.login?.attempt.begun) {
    return loginFault(endpoint, error, progress.login, progress.stopped);
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

/** What happened during the login, in order, and what to do. */
function loginFault(
  endpoint: Endpoint,
  error: ClientError,
  { attempt, notes }: NonNullable<ConnectProgress['login']>,
  stopped: StopReason | undefined,
): HostFault {
  const cut = error.level !== 'client-authentication' && !stopped;
  attempt.cutOff();
  const { trials, unreached, allowed } = attempt;
  const ending = cut
    ? `the host ended the login after ${count(trials.length, 'attempt')}: ${quotePrompt(error.message)}`
    : '';
  const lines = [
    `${describeEndpoint(endpoint)}: ${ending || headline(trials, stopped)}`,
    ...trials.map(
      ({ outcome, what, reason }) =>
        `  ${outcomes[outcome]} ${what}${reason === undefined ? '' : `: ${printable(reason)}`}`,
    ),
    ...unreached.slice(0, 10).map(key => `  not offered: ${describeKey(key)}`),
    ...(unreached.length > 10 ? [`  not offered: ${count(unreached.length - 10, 'more key')}`] : []),
    ...notes,
    ...(allowed ? [`The host allows: ${printable(allowed.join(', ').slice(0, 300)) || 'nothing more'}.`] : []),
    ...loginAdvice(endpoint, attempt, cut, stopped),
  ];
  return new HostFault(stopped ? 'host.login-question' : 'host.login-refused', lines.join('\n'));
}

const outcomes = {
  accepted: 'accepted:',
  refused: 'refused:',
  recognised: 'known to the host, and refused after it had signed:',
  unsigned: 'not signed:',
  unsuitable: 'not offered, because the host allows no signature that this key can make:',
} satisfies Record<Trial['outcome'], string>;

function headline(trials: readonly Trial[], stopped: StopReason | undefined): string {
  if (stopped?.stop === 'new-password') return `the password has expired: the host asks ${stopped.prompt}.`;
  if (stopped?.stop === 'asked-again') return `the host asks ${stopped.prompt} again: it did not accept the answer.`;
  if (stopped) return `the host asks ${stopped.prompt}, and there is no answer.`;
  if (trials.some(({ outcome }) => outcome === 'accepted')) return 'the host wants more than it was shown.';
  return trials.length === 0 ? 'there was nothing to show the host.' : 'the host accepted nothing that it was shown.';
}

function loginAdvice(
  endpoint: Endpoint,
  { trials, allowed }: LoginAttempt,
  cut: boolean,
  stopped: StopReason | undefined,
): readonly string[] {
  const user = printable(endpoint.user);
  if (stopped?.stop === 'new-password') return [`Log in as ${user} by hand, and choose a new password.`];
  if (stopped?.stop === 'asked-again')
    return [`Check ssh.${stopped.secret}. It is not sent a second time in this run.`];
  if (stopped) return [`Set ssh.${stopped.secret} to the secret that answers this, or run the command at a terminal.`];
  if (cut && trials.length > 1)
    return [
      'Name the right key, so that no other one is offered: its private key file, or its .pub file, as ssh.identity.',
    ];
  if (trials.some(({ outcome }) => outcome === 'recognised'))
    return [
      `The key is in authorized_keys of ${user}. The host refuses this login for another reason: ${endpoint.user === 'root' ? 'PermitRootLogin' : 'AllowUsers, a locked account'} or a from= of the key.`,
    ];
  if (trials.some(({ outcome }) => outcome === 'accepted'))
    return [
      'Set ssh.password or ssh.code to the secret that answers the next question, or run the command at a terminal.',
    ];
  if (trials.some(({ what }) => what.startsWith('ssh.')))
    return [
      'Check the secret. It is not sent a second time in this run.',
      ...(endpoint.user === 'root' ? ['Many hosts let root log in with a key only (PermitRootLogin).'] : []),
    ];
  const keys = allowed && !allowed.includes('publickey');
  const steps = keys
    ? `The host takes no keys. Set ssh.password, or allow keys there (PubkeyAuthentication).`
    : `The key must be in authorized_keys of ${user} there, and its type allowed.`;
  return endpoint.legacyAlgorithms ? [steps, 'SunSSH knows RSA and DSA keys only.'] : [steps];
}

function algorithmFault(endpoint: Endpoint, error: ClientError): HostFault {
  const advice = endpoint.legacyAlgorithms
    ? 'The old algorithms are already enabled: the host needs algorithms that are no longer available.'
    : 'For SunSSH and OpenSSH before 7, allow the old ones for this host: legacyAlgorithms: true';
  return new HostFault('host.no-common-algorithm', `${describeEndpoint(endpoint)}: ${reason(error)}\n${advice}`);
}

/** What it means that a key was refused, and what to do. */
export function keyFault(
  endpoint: Endpoint,
  key: Buffer,
  verdict: KeyVerdict,
  uncertified = 'the host shows no certificate',
): HostFault {
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
  return new HostFault('host.key-unknown', [shown, ...otherLines(endpoint, verdict, uncertified), compare].join('\n'));
}

const compare =
  'Compare the fingerprint with the one on the console of the host. If they are equal, add it to known_hosts.';

function placeOf({ file, line }: KnownHostLine): string {
  return `${printable(file)}:${line}`;
}

function otherLines({ knownHosts }: Endpoint, verdict: KeyVerdict, uncertified: string): readonly string[] {
  if (verdict.state !== 'unknown') {
    return [];
  }
  const types =
    verdict.types.length > 0
      ? [`${knownHosts.map(printable).join(', ')} has only ${verdict.types.join(', ')} for it.`]
      : [];
  const { authority } = verdict;
  const named = `names a certificate authority for it, and ${printable(uncertified)}.`;
  return authority ? [...types, `${placeOf(authority)} ${named}`] : types;
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
