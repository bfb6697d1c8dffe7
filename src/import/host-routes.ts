import type { Finding } from '../core/finding.ts';
import { stated } from '../core/next-command.ts';
import { printableLine } from '../core/printable.ts';
import { mask } from '../estate/literal-secrets.ts';
import { finding } from '../findings/catalogue.ts';
import { cs6Keys } from '../products/cs6.ts';
import { isMailDomain } from './account-tally.ts';
import { type FactPart, type Facts, type LookedHost, together } from './fact.ts';

/** Server and port of a URL as the estate file has it, `http://host:port`; nothing where it is no such URL. */
export function baseOf(url: string): string | undefined {
  const [, scheme = '', name, port] =
    /^(https?):\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?(?:[/?#]|$)/i.exec(url.trim()) ?? [];
  if (name === undefined) return undefined;
  return `${scheme.toLowerCase()}://${name}:${port ?? (/^https$/i.test(scheme) ? '443' : '80')}`;
}

/** The base of a listener; nothing where that makes no URL. An address of IPv6 is put in brackets. */
export function baseAt(name: string, port: string, scheme: 'http' | 'https' = 'http'): readonly string[] {
  const url = `${scheme}://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
  return isPort(port) && baseOf(url) === url ? [url] : [];
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

/**
 * The URL of a directory as a server names it: `ds1`, `ds1:390`, or a list of them, of which the first counts. `localhost` is the
 * host itself, `address`. Nothing where it is no such name.
 */
export function directoryUrl(
  name: string | undefined,
  port: string | undefined,
  { address, secure = false }: { readonly address: string; readonly secure?: boolean },
): { readonly url?: string } {
  const [first = ''] = (name ?? '').trim().split(/[\s,]+/);
  const [, scheme, own, ownPort = port ?? '389'] =
    /^(?:(ldaps?):\/\/)?([A-Za-z0-9][A-Za-z0-9._-]*)(?::(\d{1,5}))?\/?$/.exec(first) ?? [];
  if (own === undefined || !isPort(ownPort)) return {};
  const tls = scheme === 'ldaps' || secure || ownPort === '636';
  const host = /^(?:localhost|127\.)/i.test(own) ? address : own;
  return { url: `${tls ? 'ldaps' : 'ldap'}://${host}:${ownPort}` };
}

/** Whether two bases have the same scheme and port, whatever the name of their host. */
export function sameListener(a: string, b: string): boolean {
  const listener = (base: string) => [/^\w+/.exec(base)?.[0], /\d+$/.exec(base)?.[0]].join();
  return listener(a) === listener(b);
}

/** The host that a URL points to: by where it listens, else by its name. Nothing where that is none of them, or more than one. */
export function pointsAt(url: string, hosts: readonly LookedHost[]): string | undefined {
  const base = baseOf(url)?.toLowerCase();
  if (base === undefined) return undefined;
  const exact = hosts.filter(({ listens, http }) =>
    [...listens, ...(http ?? [])].some(one => one.toLowerCase() === base),
  );
  if (exact.length > 0) return exact.length === 1 ? exact[0]?.name : undefined;
  const name = base.replace(/^\w+:\/\/|:\d+$/g, '').replace(/^\[|\]$/g, '');
  const named = hosts.filter(({ names }) => names.includes(name));
  const short = hosts.filter(({ names }) => names.some(one => !one.includes('.') && one === name.split('.')[0]));
  const [found, ...more] = named.length > 0 ? named : short;
  return more.length === 0 ? found?.name : undefined;
}

/**
 * The routes between the sides, from what the hosts refer to now: the host of the redirect, and the front end of each mail domain.
 * `mailDomains` has those of the accounts on CS6, in lower case. Where one host is left there is nothing to choose.
 */
export function findRoutes(hosts: readonly LookedHost[], mailDomains: ReadonlyMap<string, number>): Facts {
  return together([redirectFacts(hosts), ...domainFacts(hosts, mailDomains)]);
}

function ofSide(hosts: readonly LookedHost[], side: LookedHost['product']): readonly LookedHost[] {
  return hosts.filter(({ product, silent }) => product === side && !silent);
}

/** A line of a host that refers to the other side, and the host that it points to, or the back end that does not answer there. */
interface Reference {
  readonly from: string;
  readonly url: string;
  readonly to?: string;
  readonly backEnd?: string;
}

function references(
  urls: readonly (readonly [from: string, url: string])[],
  side: LookedHost['product'],
  hosts: readonly LookedHost[],
): readonly Reference[] {
  const own = hosts.filter(({ product }) => product === side);
  return urls.map(([from, url]) => {
    const to = pointsAt(url, own);
    if (to === undefined) return { from, url };
    return own.some(({ name, silent }) => name === to && silent) ? { from, url, backEnd: to } : { from, url, to };
  });
}

/** The hosts that are referred to, the one that is most often first. */
function targetsOf(lines: readonly Reference[]): readonly string[] {
  const names = lines.flatMap(({ to }) => to ?? []);
  const times = (name: string) => names.filter(one => one === name).length;
  return [...new Set(names)].toSorted((a, b) => times(b) - times(a));
}

function redirectFacts(hosts: readonly LookedHost[]): FactPart {
  const servers = ofSide(hosts, 'cs7');
  const urls = hosts.flatMap(({ name, product, settings }) => {
    const url = product === 'cs6' ? (settings.get(cs6Keys.redirect)?.trim() ?? '') : '';
    return url === '' ? [] : [[name, url] as const];
  });
  const lines = references(urls, 'cs7', hosts);
  const path = ['freeBusyRedirect'];
  const question = 'Which CS7 host does CS6 refer to for accounts that it does not know?';
  return { ...decided({ path, question, lines, servers }), findings: strays(lines, cs6Keys.redirect, servers) };
}

/** What the lines agree on, or the only host there is; else a person has to choose. */
function decided({
  path,
  question,
  lines,
  servers,
}: {
  readonly path: readonly string[];
  readonly question: string;
  readonly lines: readonly Reference[];
  readonly servers: readonly LookedHost[];
}): FactPart {
  const targets = targetsOf(lines);
  const candidates = targets.length > 0 ? targets : servers.map(({ name }) => name);
  const [one, ...more] = candidates;
  if (one !== undefined && more.length === 0) return { found: [{ path, value: one }] };
  const said = lines.map(({ from, url, to }) => `${from}: ${shownUrl(url)}${to === undefined ? '' : ` (${to})`}`);
  const detail = said.length > 0 ? said.join('\n') : `No host refers to one yet, and there are ${candidates.length}.`;
  return { choices: [{ path, question, detail, candidates }] };
}

/** Lines that point to none of the declared hosts, or to no one of them, or to one that answers no requests. */
function strays(
  lines: readonly Reference[],
  what: string,
  servers: readonly LookedHost[],
  then = 'Otherwise the plan replaces it.',
): readonly Finding[] {
  return lines.flatMap(({ from, url, to, backEnd }) => {
    if (to !== undefined) return [];
    const said = `${from}: ${printableLine(what)} is ${shownUrl(url)}`;
    if (backEnd === undefined) return [elsewhere(from, url, said, servers, then)];
    return [finding('import.back-end-asked', { detail: `${said}, and ${backEnd} answers no requests.`, target: from })];
  });
}

/** No account on CS6 has an address in the domain: it is routed for another site, and the file names no host for it. */
const leftAlone = 'No account on CS6 has an address in that domain, so the line is left as it is.';

function elsewhere(from: string, url: string, said: string, [host]: readonly LookedHost[], then: string): Finding {
  const base = baseOf(url);
  const key = [host?.product ?? '', 'hosts', host?.name ?? '', 'http'];
  const way = `\nIf it is another address of a declared host, set that, such as\n${stated(key, JSON.stringify(base))}`;
  const detail = `${said}, and no declared host is known by that address.${host && base !== undefined ? way : ''}\n${then}`;
  return finding('import.points-elsewhere', { detail, target: from });
}

/** A URL that people may see: a login in it is a secret. */
function shownUrl(url: string): string {
  return printableLine(url.replace(/\/\/[^/\s]*@/, `//${mask}@`));
}

function domainFacts(hosts: readonly LookedHost[], mailDomains: ReadonlyMap<string, number>): readonly FactPart[] {
  const servers = ofSide(hosts, 'cs6');
  const maps = hosts.flatMap(({ name, domainMap }) => [...domainMap].map(([domain, url]) => ({ name, domain, url })));
  const domains = [...new Set([...maps.map(({ domain }) => domain), ...mailDomains.keys()])];
  const known = domains.filter(isMailDomain);
  const parts = known.map((domain): FactPart => {
    const own = maps.filter(one => one.domain === domain).map(({ name, url }) => [name, url] as const);
    const lines = references(own, 'cs6', hosts);
    if (!mailDomains.has(domain) && lines.every(({ to }) => to === undefined))
      return { findings: strays(lines, domain, [], leftAlone) };
    const question = `Which CS6 front end does CS7 ask about the accounts of ${domain}?`;
    const facts = decided({ path: ['domains', domain, 'cs6'], question, lines, servers });
    return { ...facts, findings: strays(lines, domain, servers) };
  });
  const odd = domains.filter(domain => !isMailDomain(domain)).map(domain => oddDomain(domain, maps));
  return [
    ...parts,
    ...odd,
    ...(parts.some(({ findings: _, ...said }) => Object.keys(said).length > 0) ? [] : [noDomain]),
  ];
}

function oddDomain(domain: string, maps: readonly { readonly name: string; readonly domain: string }[]): FactPart {
  const from = maps.filter(one => one.domain === domain).map(({ name }) => name);
  const detail = `${printableLine(domain)} is no mail domain in lower case, so the file cannot name it${from.length > 0 ? `, and its line in the domain map of ${from.join(', ')} is left as it is` : ''}.`;
  const [target] = from;
  return { findings: [finding('import.odd-domain', { detail, ...(target !== undefined && { target }) })] };
}

const noDomain: FactPart = {
  choices: [
    {
      path: ['domains'],
      question: 'Which mail domains have accounts on CS6, and which CS6 front end does CS7 ask about each?',
      detail: 'No account has a mail address, and no domain map has a line that leads to a declared host.',
      candidates: [],
    },
  ],
};
