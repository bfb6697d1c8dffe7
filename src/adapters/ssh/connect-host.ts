import type { Duplex } from 'node:stream';
import { type Algorithms, Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import { TargetProblem } from '../../core/finding.ts';
import { type ClientError, type ConnectProgress, connectFault } from './connect-fault.ts';
import { joinWrites } from './early-session.ts';
import type { SshLimits } from './host-endpoint.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { HostFault, quotePrompt } from './host-fault.ts';
import {
  authoritiesOf,
  fingerprint,
  judgeKey,
  type KeyVerdict,
  type KnownHostLine,
  keyType,
  knownHostName,
  knownKeyTypes,
  type ShownHostKey,
  shownHostKey,
} from './known-hosts.ts';
import { type Carrier, Link } from './link.ts';
import { LoginAttempt, type StopReason } from './login-attempt.ts';
import { askForCertificate, SigningFault, speakForKeys } from './offered-key.ts';
import { hostCertificateFault, readCertificate } from './ssh-certificate.ts';
import type { Login } from './ssh-login.ts';

/** The ones that ssh2 offers by itself, its order. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/**
 * What to offer a host. The key types that known_hosts has for it come first: a host that is known by its RSA key only
 * would else show another one and look like an impostor. `legacy` appends what SunSSH and OpenSSH before 7 need;
 * group exchange with SHA-1 stands last because it may take seconds. `stated`: the key algorithms of the configuration of OpenSSH,
 * which count as they are.
 */
export function offeredAlgorithms(
  knownTypes: readonly string[],
  legacy: boolean,
  stated?: readonly string[],
): Algorithms {
  const serverHostKey = stated ? supported(stated) : orderHostKeys(knownTypes, legacy);
  if (!legacy) {
    return { serverHostKey };
  }
  return {
    serverHostKey,
    kex: append([
      'diffie-hellman-group14-sha1',
      'diffie-hellman-group1-sha1',
      'diffie-hellman-group-exchange-sha1',
    ] as const),
    cipher: append(['aes256-cbc', 'aes128-cbc', '3des-cbc'] as const),
    hmac: append(['hmac-sha1-96', 'hmac-md5', 'hmac-md5-96'] as const),
  };
}

function orderHostKeys(knownTypes: readonly string[], legacy: boolean): ServerHostKeyAlgorithm[] {
  const all: readonly ServerHostKeyAlgorithm[] = legacy ? [...HOST_KEYS, 'ssh-dss'] : HOST_KEYS;
  const known = all.filter(name => knownTypes.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name));
  return [...known, ...all.filter(name => !known.includes(name))];
}

function supported(names: readonly string[]): ServerHostKeyAlgorithm[] {
  const all: readonly ServerHostKeyAlgorithm[] = [...HOST_KEYS, 'ssh-dss'];
  return names.flatMap(name => all.filter(known => known === name));
}

/** The types of ssh2 want all three keys. */
function append<T>(names: readonly T[]): { append: T[]; prepend: T[]; remove: T[] } {
  return { append: [...names], prepend: [], remove: [] };
}

/** What one hop needs. `through`: the connection of the hop before it, or the command that leads to the first one. */
export interface HopRequest {
  readonly endpoint: Endpoint;
  readonly login: Login;
  readonly knownHosts: readonly KnownHostLine[];
  readonly limits: SshLimits;
  /** The key algorithms to ask for instead of the usual ones. */
  readonly hostKeyAlgorithms?: readonly string[];
  readonly through?: Carrier;
}

/** The key that an sshd shows; nobody logs in. Every other way to fail is a HostFault, a key that is refused is none. */
export async function lookAtHostKey(asked: Omit<HopRequest, 'login'>): Promise<ShownHostKey> {
  const { request } = await withCertificate(asked);
  const key = await firstKey(request);
  return shownHostKey(request.endpoint, key, verdictOf(request, key));
}

/** `certificates`: asks for a certificate of the key, which ssh2 does not do by itself. */
async function firstKey(request: Omit<HopRequest, 'login'>, certificates = false): Promise<Buffer> {
  const { endpoint, limits } = request;
  const sock = await request.through?.forward(endpoint, limits.connect);
  const client = new Client();
  const progress: ConnectProgress = { connected: sock !== undefined, greeted: false };
  return new Promise<Buffer>((resolve, reject) => {
    const fail = (error: ClientError) => reject(connectFault(endpoint, error, progress, limits.connect));
    client.on('connect', () => {
      progress.connected = true;
    });
    client.on('error', fail);
    client.on('close', () => fail(new Error('the connection ended before the host showed its key')));
    client.connect({
      ...target(request, sock),
      hostVerifier: (key: Buffer) => {
        resolve(Buffer.from(key));
        return false;
      },
    });
    if (certificates) askForCertificate(client);
  }).finally(() => client.destroy());
}

/**
 * Where known_hosts has an authority for the host and no key of the host itself: asks for the certificate on a connection of its own.
 * A certificate that the authority signed adds its plain key to what is known, and the next connection proves that the host has it:
 * ssh2 1.17.0 cannot verify the signature of a handshake with a certificate. Else the reason.
 */
async function withCertificate<T extends Omit<HopRequest, 'login'>>(
  request: T,
): Promise<{ readonly request: T; readonly reason?: string }> {
  const { endpoint, knownHosts } = request;
  const authorities = endpoint.hostKey === undefined ? authoritiesOf(knownHosts, endpoint) : [];
  if (authorities.length === 0) return { request };
  let blob: Buffer;
  try {
    blob = await firstKey(request, true);
  } catch (fault) {
    if (fault instanceof HostFault && fault.code === 'host.no-common-algorithm')
      return { request, reason: 'the host shows no certificate for an Ed25519 or ECDSA key' };
    throw fault;
  }
  const certificate = readCertificate(blob);
  const by = authorities.find(({ key }) => certificate && key.equals(certificate.authority));
  if (!certificate || !by) return { request, reason: 'another authority signed the certificate of the host' };
  const fault = hostCertificateFault(certificate, endpoint.knownAs ?? endpoint.address, Date.now());
  if (fault !== undefined) return { request, reason: `the certificate of the host does not count: ${fault}` };
  const names = [knownHostName(endpoint)];
  const known = { file: by.file, line: by.line, names, type: keyType(certificate.key), key: certificate.key };
  return { request: { ...request, knownHosts: [...knownHosts, known] } };
}

/** Connects to one sshd and logs in; every way to fail is a HostFault. */
export async function connectHop(request: HopRequest): Promise<Link> {
  if (request.login.refusal) throw request.login.refusal;
  const certified = await withCertificate(request);
  const sock = await request.through?.forward(request.endpoint, request.limits.connect);
  return openClient(certified.request, sock, certified.reason);
}

function openClient(request: HopRequest, sock: Duplex | undefined, uncertified: string | undefined): Promise<Link> {
  const { endpoint, login, limits } = request;
  const client = new Client();
  const progress: ConnectProgress = {
    connected: sock !== undefined,
    greeted: false,
    ...(uncertified !== undefined && { uncertified }),
  };
  const ended = new AbortController();
  return new Promise<Link>((resolve, reject) => {
    const fail = (error: ClientError) => {
      // That costs one key, and ssh2 goes on to the next.
      if (error instanceof SigningFault || ended.signal.aborted) return;
      reject(
        error instanceof HostFault || error instanceof TargetProblem
          ? error
          : connectFault(endpoint, error, progress, limits.connect),
      );
      ended.abort();
      client.destroy();
    };
    const clock = startClock(limits.connect, fail);
    ended.signal.addEventListener('abort', clock.stop);
    const stop = (reason: StopReason) => {
      progress.stopped = reason;
      fail(new Error('the login was stopped'));
    };
    const ground = { endpoint, login, signal: ended.signal, holding: clock.holding, stop, fail: asProblem(fail) };
    const attempt = new LoginAttempt(ground);
    progress.login = { attempt, notes: login.notes };
    client.on('connect', () => {
      progress.connected = true;
      // Else Nagle's algorithm and delayed acknowledgements cost 80 ms per trip.
      client.setNoDelay(true);
    });
    client.on('error', fail);
    client.on('close', () => fail(new Error('the connection ended during the login')));
    client.on('change password', text => stop({ stop: 'new-password', secret: 'password', prompt: quotePrompt(text) }));
    client.on('ready', () => {
      ended.abort();
      resolve(settled(request, client));
    });
    try {
      start(client, request, sock, progress, attempt);
    } catch (error) {
      asProblem(fail)(error);
    }
  }).catch((fault: unknown) => {
    if (fault instanceof HostFault && progress.login?.attempt.sentSecret) login.refusal = fault;
    throw fault;
  });
}

function asProblem(fail: (error: Error) => void): (problem: unknown) => void {
  return problem => fail(problem instanceof Error ? problem : new Error(String(problem)));
}

/** The time of a login, without that in which a person or a token is waited for. ssh2's own clock cannot be stopped. */
function startClock(limit: number, fail: (error: ClientError) => void) {
  const ring = () => fail(Object.assign(new Error('no answer in time'), { level: 'client-timeout' }));
  let timer = setTimeout(ring, limit);
  let over = false;
  const stop = () => {
    over = true;
    clearTimeout(timer);
  };
  const holding = <T>(work: Promise<T>): Promise<T> => {
    clearTimeout(timer);
    return work.finally(() => {
      if (!over) timer = setTimeout(ring, limit);
    });
  };
  return { stop, holding };
}

/** From here on the link has the word; a rejection that comes later falls on a settled promise. */
function settled(request: HopRequest, client: Client): Link {
  const { endpoint, through } = request;
  const link = new Link(endpoint, client);
  const lost = (fault: HostFault) =>
    link.fail(
      new HostFault(
        fault.code,
        `${describeEndpoint(endpoint)} was reached through a lost connection.\n${fault.detail}`,
      ),
    );
  const unwatch = through?.onEnd(lost);
  link.onEnd(() => unwatch?.());
  return link;
}

function start(
  client: Client,
  request: HopRequest,
  sock: Duplex | undefined,
  progress: ConnectProgress,
  attempt: LoginAttempt,
): void {
  client.connect({
    ...target(request, sock),
    readyTimeout: 0,
    authHandler: (left, partial, next) => attempt.next(left, partial, next),
    // Without a verifier ssh2 accepts every key.
    hostVerifier: (key: Buffer) => {
      progress.greeted = true;
      const verdict = verdictOf(request, key);
      if (verdict.state !== 'known') {
        progress.refusedKey = { key: Buffer.from(key), verdict };
      }
      return verdict.state === 'known';
    },
  });
  joinWrites(client);
  speakForKeys(client, attempt);
}

function target(request: Omit<HopRequest, 'login'>, sock: Duplex | undefined): ConnectConfig {
  const { endpoint, knownHosts, limits, hostKeyAlgorithms } = request;
  const { address, port, user, legacyAlgorithms } = endpoint;
  return {
    ...(sock ? { sock } : { host: address, port }),
    username: user,
    readyTimeout: limits.connect,
    keepaliveInterval: limits.keepaliveInterval,
    keepaliveCountMax: limits.keepaliveCount,
    algorithms: offeredAlgorithms(knownKeyTypes(knownHosts, endpoint), legacyAlgorithms, hostKeyAlgorithms),
  };
}

function verdictOf({ endpoint, knownHosts }: Omit<HopRequest, 'login'>, key: Buffer): KeyVerdict {
  if (endpoint.hostKey === undefined) return judgeKey(knownHosts, endpoint, key);
  return { state: fingerprint(key) === endpoint.hostKey ? 'known' : 'not-stated' };
}
