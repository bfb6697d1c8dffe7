import { TargetProblem } from '../../core/finding.ts';
import type { Endpoint } from './endpoint.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';

const AUTHORITY =
  'The certificate is not signed by an authority that is trusted here: set directory.tls.ca to the PEM file of the one that signed it.';
const OLD_TLS = 'The server offers no TLS of version 1.2 or newer.';
const NO_ROUTE = 'Check the host in the url and what stands between: routes, firewalls.';

/** What to do, by the code that Node and OpenSSL give their errors. */
const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nobody listens there: check the port in the url, and that the server runs.',
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
  ERR_TLS_CERT_ALTNAME_INVALID: 'The certificate is for another name: write the url with a name that stands in it.',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'That port does not speak TLS: use an ldap:// url and startTls: true, or the port of ldaps.',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'That port does not speak TLS: use an ldap:// url and startTls: true, or the port of ldaps.',
  ERR_SSL_UNSUPPORTED_PROTOCOL: OLD_TLS,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: OLD_TLS,
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
