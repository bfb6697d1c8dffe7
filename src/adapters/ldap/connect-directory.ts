import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectSecure, type PeerCertificate } from 'node:tls';
import { ExtendedRequest } from 'ldapts';
import { messageOf, printableLine } from '../../core/printable.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Endpoint, Timing } from './endpoint.ts';
import { unreachable } from './endpoint.ts';
import { directoryProblem } from './problem.ts';
import { ResultCode, resultWords } from './result-code.ts';
import { Wire } from './wire.ts';

const START_TLS = '1.3.6.1.4.1.1466.20037';
/** Where Linux and Solaris keep the authorities an administrator trusts; Node by itself looks at none of them. */
const SYSTEM_AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/certs/ca-certificates.crt',
];

/** Where packages of OpenLDAP keep ldap.conf. */
const TOOLS = ['/etc/openldap/ldap.conf', '/etc/ldap/ldap.conf'];

/** A socket that is told to pause stops reading at once, instead of after the next 16 kilobytes. */
const PROMPT = { highWaterMark: 1 };

/**
 * Opens the connection and encrypts it; nothing secret has been sent when it is returned. `address`: where the host was
 * found before; then its name is not looked up again, and only its certificate still has to be for that name.
 */
export async function connectWire(
  endpoint: Endpoint,
  timing: Timing,
  address = endpoint.host,
  client?: ClientCertificate,
): Promise<Wire> {
  const { port } = endpoint;
  const tls = endpoint.protection === 'none' ? {} : await tlsOptions(endpoint, client);
  try {
    const secure = endpoint.protection === 'ldaps';
    const to = port === undefined ? { path: endpoint.host, ...PROMPT } : { host: address, port, ...PROMPT };
    const socket = secure ? connectSecure({ ...to, ...tls }) : connectPlain(to);
    await established(socket, secure ? 'secureConnect' : 'connect', timing.connect);
    socket.setKeepAlive(true, 30_000);
    // Requests of one turn leave together anyway; holding one back until the last was confirmed would only cost time.
    socket.setNoDelay(true);
    const wire = new Wire(socket, timing.silence);
    if (endpoint.protection === 'startTls') {
      await startTls(wire, endpoint, tls, timing);
    }
    return wire;
  } catch (error) {
    throw unreachable(endpoint, error);
  }
}

/** Only a socket whose handshake succeeded replaces the plain one: a failure ends the connection, never the encryption. */
async function startTls(wire: Wire, endpoint: Endpoint, tls: ConnectionOptions, timing: Timing): Promise<void> {
  const timer = setTimeout(() => wire.lose(`No answer to StartTLS for ${timing.connect / 1000} s.`), timing.connect);
  const answer = await wire
    .exchange(messageId => new ExtendedRequest({ messageId, oid: START_TLS }))
    .response.finally(() => clearTimeout(timer));
  if (answer.status !== ResultCode.success) {
    wire.close();
    throw directoryProblem(
      'directory.unreachable',
      `${endpoint.url} refuses StartTLS, ${resultWords(answer)}.`,
      'The password was not sent. Give the server a certificate, or use an ldaps:// url.',
    );
  }
  await wire.replaceSocket(async plain => {
    const socket = connectSecure({ ...tls, socket: plain, host: endpoint.host, ...PROMPT });
    await established(socket, 'secureConnect', timing.connect);
    return socket;
  });
}

async function tlsOptions(endpoint: Endpoint, client: ClientCertificate | undefined): Promise<ConnectionOptions> {
  const { serverName, minVersion, ciphers } = endpoint.tls;
  const ca = await authorities(endpoint);
  const name = serverName ?? endpoint.host;
  return {
    ...(ca !== undefined && { ca }),
    ...(client && { cert: client.certificate, key: client.key.reveal() }),
    // RFC 6066, 3: an address is no name to ask for.
    ...(isIP(name) === 0 && { servername: name }),
    ...(serverName !== undefined && {
      checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(serverName, certificate),
    }),
    ...(minVersion !== undefined && { minVersion }),
    ...(ciphers !== undefined && { ciphers }),
  };
}

/** What ldapsearch trusts here is trusted too: TLS_CACERT of ldap.conf(5). A file that it names and that is gone does not count. */
async function authorityOfTools(): Promise<string | undefined> {
  for (const file of TOOLS) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const path = /^[ \t]*TLS_CACERT[ \t]+(\S+)[ \t\r]*$/im.exec(text)?.[1];
    if (path !== undefined && existsSync(path)) return path;
  }
  return undefined;
}

async function authorities(endpoint: Endpoint): Promise<string | undefined> {
  const path =
    endpoint.tls.ca ?? (await authorityOfTools()) ?? SYSTEM_AUTHORITIES.find(candidate => existsSync(candidate));
  if (path === undefined) {
    return undefined;
  }
  try {
    const pem = await readFile(path, 'utf8');
    // TLS passes over what it cannot read, trusts nobody and blames the server for it.
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw directoryProblem(
      'directory.ca-unreadable',
      `${printableLine(path)}: ${printableLine(messageOf(error))}`,
      'directory.tls.ca names a PEM file with the certificate of the authority that signed the directory server.',
    );
  }
}

function established(socket: Socket, event: 'connect' | 'secureConnect', patience: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // An error may follow the one that counts; without a listener it would end the program.
    socket.on('error', () => undefined);
    const timer = setTimeout(() => socket.destroy(new Error(`No connection within ${patience / 1000} s.`)), patience);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const close = () => fail(new Error('The server closed the connection.'));
    socket.once('error', fail);
    socket.once('close', close);
    socket.once(event, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.off('close', close);
      resolve();
    });
  });
}
