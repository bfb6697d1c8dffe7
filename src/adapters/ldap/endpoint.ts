import { isIP } from 'node:net';
import type { DesiredDirectory } from '../../core/desired.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';

/** Where the directory is, how its connection is protected, and how messages call it. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly protection: 'none' | 'startTls' | 'ldaps';
  readonly ca?: string;
  /** Scheme, host and port: never a password someone put into the URL. */
  readonly url: string;
  readonly bindDn: string;
  /** Where the accounts are. */
  readonly base: string;
  /** `ldap://host:389 as cn=reconcile,...`, printable. */
  readonly name: string;
}

/** Takes the settings apart. Throws TargetProblem when the password would go over a network in clear. */
export function buildEndpoint(directory: DesiredDirectory): Endpoint {
  const parsed = URL.canParse(directory.url) ? new URL(directory.url) : undefined;
  if (parsed?.protocol !== 'ldap:' && parsed?.protocol !== 'ldaps:') {
    throw directoryProblem('directory.url-invalid', 'Write ldap://host:389 or ldaps://host:636 as the url.');
  }
  const secure = parsed.protocol === 'ldaps:';
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = parsed.port === '' ? (secure ? 636 : 389) : Number(parsed.port);
  const protection = secure ? 'ldaps' : directory.startTls ? 'startTls' : 'none';
  const url = printableLine(`${parsed.protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
  if (protection === 'none' && !isLoopback(host)) {
    throw directoryProblem(
      'directory.clear-text',
      `${url} is another machine and the connection is not encrypted: everyone on the way could read the password.`,
      'Use an ldaps:// url, or set startTls: true.',
    );
  }
  const name = `${url} as ${printableLine(directory.bindDn)}`;
  const ca = directory.ca === undefined ? {} : { ca: directory.ca };
  return { host, port, protection, ...ca, url, bindDn: directory.bindDn, base: directory.base, name };
}

function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
