import type { Agent } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { plainHost } from '../core/connection.ts';
import { printable } from '../core/printable.ts';
import type { Variables } from '../ports/ports.ts';

/** A proxy that a request goes through. */
export interface HttpProxy {
  /** `http://proxy.example.com:3128`, printable, without its login. */
  readonly name: string;
  /** Options of the request. `signal` also ends a connection with the proxy that is only being opened. */
  options(signal: AbortSignal): {
    readonly agent: Agent;
    readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  };
}

/** A variable names a proxy that cannot be used. The message has nothing of its value. */
export class ProxyUnusable extends Error {}

/** The status with which a proxy asks for a login. */
export const proxyLogin = 407;

/** What a proxy means that does not connect to the server. */
export function refusalOf(status: number): string {
  return status === proxyLogin ? 'it asks for a login (407)' : `it answered ${status}`;
}

/**
 * The proxy for a URL, as curl decides it (man curl, ENVIRONMENT): `https_proxy` or `http_proxy`, else `all_proxy`, in lower or
 * upper case, unless `no_proxy` has the host. This machine is no exception. Throws ProxyUnusable.
 */
export function proxyFor(url: URL, variables: Variables): HttpProxy | undefined {
  const read = (name: string) => variables[name] || variables[name.toUpperCase()] || '';
  const name = [`${url.protocol.replace(':', '')}_proxy`, 'all_proxy'].find(one => read(one) !== '');
  if (name === undefined || isExcepted(url.hostname, read('no_proxy'))) return undefined;
  const value = read(name);
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (!proxy || !['http:', 'https:'].includes(proxy.protocol) || proxy.hostname === '')
    throw new ProxyUnusable(`the variable ${name} does not name a proxy as http://HOST:PORT`);
  return throughProxy(proxy, url);
}

function throughProxy(proxy: URL, url: URL): HttpProxy {
  const place = new URL(`${proxy.protocol}//${proxy.host}`);
  const host = plainHost(url.hostname);
  return {
    name: printable(place.origin),
    options: signal => {
      // The login goes into the header alone: what the library logs of the address has none.
      const settings = { headers: loginOf(proxy), keepAlive: false, signal };
      const agent =
        url.protocol === 'https:' ? new HttpsProxyAgent(place, settings) : new HttpProxyAgent(place, settings);
      // The library forgets the host where that is an address, and would check the certificate for localhost.
      return { agent, checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate) };
    },
  };
}

function loginOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const login = `${decoded(username)}:${decoded(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Names with all below them, addresses, and networks as `10.0.0.0/8`, separated by commas or blanks; `*` is every host. */
function isExcepted(hostname: string, list: string): boolean {
  const host = plainHost(hostname).replace(/\.$/, '').toLowerCase();
  return list
    .split(/[\s,]+/)
    .filter(entry => entry !== '')
    .some(entry => entry === '*' || isBelowName(host, entry.toLowerCase()) || isInNetwork(host, entry));
}

function isBelowName(host: string, entry: string): boolean {
  const name = plainHost(entry).replace(/^\.|\.$/g, '');
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isInNetwork(host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/');
  const version = isIP(network);
  if (version === 0 || version !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  if (Number(bits) > (version === 6 ? 128 : 32)) return false;
  const known = new BlockList();
  known.addSubnet(network, Number(bits), family);
  return known.check(host, family);
}
