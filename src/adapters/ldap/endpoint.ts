import { isIP } from 'node:net';
import { loginName, plainHost, sendsClearText } from '../../core/connection.ts';
import type { DesiredDirectory, DirectoryTls } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { printableLine } from '../../core/printable.ts';
import { directoryProblem } from './problem.ts';

/** How long to wait, in milliseconds. */
export interface Timing {
  /** For each of: the connection with TLS, StartTLS, the login with the first questions, a sign of life. */
  readonly connect: number;
  /** Without any answer at all while one is owed; a search may take longer, as long as the server is alive. */
  readonly silence: number;
  /** After so long without any traffic a connection is asked whether it still is one, before it is used. */
  readonly fresh: number;
}

/** What people get; tests are less patient. */
export const ORDINARY_TIMING: Timing = { connect: 15_000, silence: 60_000, fresh: 1000 };

/** Where a server of the directory is, how its connection is protected, and how messages call it. */
export interface Endpoint {
  /** Of `ldapi:` the path of the socket, which has no port. */
  readonly host: string;
  readonly port: number | undefined;
  readonly protection: 'none' | 'startTls' | 'ldaps';
  readonly tls: DirectoryTls;
  /** Scheme, host and port: never a password someone put into the URL. */
  readonly url: string;
  /** Absent: SASL EXTERNAL. */
  readonly bindDn?: string;
  /** Where the accounts are. */
  readonly base: string;
  /** `ldap://host:389 as cn=reconcile,...`, printable. */
  readonly name: string;
}

/** Takes the settings apart. Throws TargetProblem when the password would go over a network in clear. */
export function buildEndpoint(directory: DesiredDirectory): Endpoint {
  const place = placeOf(directory);
  const { parsed, url } = place;
  if (sendsClearText(parsed, directory.startTls)) {
    throw directoryProblem(
      'directory.clear-text',
      `${url} is another machine, and the connection is not encrypted. Anyone on the network could read the password.`,
      'Use an ldaps:// url, or set startTls: true.',
    );
  }
  const { host, port, protection } = place;
  const { tls, base, bindDn } = directory;
  const name = `${url} as ${printableLine(loginName(directory))}`;
  return { host, port, protection, tls, url, base, name, ...(bindDn !== undefined && { bindDn }) };
}

/** What the URL says. One of `ldapi:` has the path of a socket of this machine, percent-encoded. */
function placeOf({ url: text, startTls }: DesiredDirectory) {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (parsed?.protocol === 'ldapi:') {
    const host = socketPath(parsed.hostname);
    const url = printableLine(`ldapi://${encodeURIComponent(host)}`);
    return { parsed, url, host, port: undefined, protection: 'none' } as const;
  }
  if (parsed?.protocol !== 'ldap:' && parsed?.protocol !== 'ldaps:') throw notDirectory();
  const secure = parsed.protocol === 'ldaps:';
  const host = plainHost(parsed.hostname) || 'localhost';
  const port = parsed.port === '' ? (secure ? 636 : 389) : Number(parsed.port);
  const url = printableLine(`${parsed.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  return { parsed, url, host, port, protection: secure ? 'ldaps' : startTls ? 'startTls' : 'none' } as const;
}

/** A URL of the estate file as it may be shown. */
export function shownUrl(text: string): string {
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  return printableLine(parsed ? `${parsed.protocol}//${parsed.host}` : text);
}

function socketPath(encoded: string): string {
  try {
    const path = decodeURIComponent(encoded);
    if (path.startsWith('/') && !path.includes('\0')) return path;
  } catch {
    // Not percent-encoded text: the same problem.
  }
  throw notDirectory();
}

function notDirectory(): TargetProblem {
  return directoryProblem(
    'directory.url-invalid',
    'Write ldap://host:389, ldaps://host:636 or, for a socket of this machine, ldapi://%2Fvar%2Frun%2Fslapd%2Fldapi as the url.',
  );
}

const AUTHORITY =
  'The certificate is not signed by an authority that is trusted here: set directory.tls.ca to the PEM file of the one that signed it.';
const OLD_TLS = `The server offers no TLS of version 1.2 or newer, or only keys and signatures of that age. If it cannot be updated, allow them for this directory alone:
${stated(['directory', 'tls'], '{ minVersion: TLSv1, ciphers: "DEFAULT@SECLEVEL=0" }')}`;
const NO_ROUTE = 'Check the host in the url, routes and firewalls.';

/** What to do, by the code that Node and OpenSSL give their errors. */
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'No server listens there: check the port in the url, and that the server runs.',
  ENOTFOUND: 'The host in the url has no address: check its spelling.',
  EAI_AGAIN: 'The name server did not answer.',
  ETIMEDOUT: NO_ROUTE,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  SELF_SIGNED_CERT_IN_CHAIN: AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: AUTHORITY,
  CERT_SIGNATURE_FAILURE: AUTHORITY,
  CERT_HAS_EXPIRED: 'The server’s certificate has expired: renew it.',
  CERT_NOT_YET_VALID: 'The server’s certificate is not valid yet: compare the clocks.',
  ERR_TLS_CERT_ALTNAME_INVALID: `The certificate is for another name. Write the url with a name that it has, or state that name:
${stated(['directory', 'tls', 'serverName'], 'ds1.example.com')}`,
  ERR_SSL_WRONG_VERSION_NUMBER:
    'That port does not speak TLS: use an ldap:// url and startTls: true, or the port of ldaps.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'That port does not speak TLS: use an ldap:// url and startTls: true, or the port of ldaps.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: OLD_TLS,
  ERR_SSL_LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED: OLD_TLS,
  ERR_SSL_DH_KEY_TOO_SMALL: OLD_TLS,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: OLD_TLS,
  EE_KEY_TOO_SMALL: OLD_TLS,
  CA_KEY_TOO_SMALL: OLD_TLS,
  CA_MD_TOO_WEAK: OLD_TLS,
};

/** Turns whatever ended the opening of a connection into a problem that tells what to do. */
export function unreachable(endpoint: Endpoint, error: unknown): TargetProblem {
  if (error instanceof TargetProblem) {
    return error;
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  // An AggregateError (several addresses, none answered) has a code and no message.
  const words = printableLine(message === '' ? (code ?? 'no reason given') : message.trim());
  const remedy =
    (code === undefined ? undefined : REMEDIES[code]) ??
    'Check directory.url, directory.tls.ca and directory.startTls, and that the server runs.';
  return directoryProblem('directory.unreachable', `${endpoint.url}: ${words}`, remedy);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
