import type { DesiredState, Host } from '../core/desired.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import { printableLine } from '../core/printable.ts';
import type { DocumentPath } from '../estate/document.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import { restartWayIn } from '../kinds/shared/places.ts';
import type { HostLook } from '../ports/host.ts';
import type { ExaminePorts } from '../ports/ports.ts';
import { cs6Keys } from '../products/cs6.ts';
import { cs7Options } from '../products/cs7.ts';
import { statedValue } from './compose-estate.ts';
import { lookAtCs6 } from './cs6-facts.ts';
import { lookAtCs7 } from './cs7-facts.ts';
import { type Choice, type Found, type LookedHost, orFinding } from './fact.ts';
import { baseOf, pointsAt, sameListener } from './host-routes.ts';

/** What is known of hosts before they are looked at. */
export interface KnownOfHosts {
  /** The real address of a host, by its name. */
  readonly addresses?: ReadonlyMap<string, string>;
  /** What a person has stated: nothing of it is left to decide. */
  readonly given?: readonly EstateEdit[];
}

/**
 * What there is on the hosts of an estate of which little more is known than how they are reached. `addresses` has the real
 * address of a host where that of the estate file is only a name of ~/.ssh/config. A host that cannot be read has a finding
 * and nothing else.
 */
export async function findHosts(
  state: DesiredState,
  ports: ExaminePorts,
  { addresses = new Map(), given = [] }: KnownOfHosts = {},
): Promise<readonly LookedHost[]> {
  const all = await Promise.all(
    state.hosts.map(host => lookAt(host, addresses.get(host.name) ?? host.access.address, ports)),
  );
  const isOpen = ({ path }: Choice) => statedValue(given, path) === undefined;
  const looked = all.map(host => ({ ...host, choices: host.choices.filter(isOpen) }));
  const answering = await Promise.all(looked.map(host => withHttp(host, looked, ports)));
  return withConflicts(atSides(answering));
}

async function lookAt(host: Host, address: string, ports: ExaminePorts): Promise<LookedHost> {
  const { value: look, findings } = await orFinding(ports.examine(host.name).look({ paths: [], folders: [] }));
  if (!look) return { ...unread(host), ...httpOf(host), findings };
  const looked = await lookAtProduct(host, look, address, ports);
  return { ...looked, ...httpOf(host), findings: distinctFindings(looked.findings) };
}

/** What the file states counts. */
function httpOf({ http }: Host): Partial<LookedHost> {
  return http === undefined ? {} : { http, listens: [http] };
}

function lookAtProduct(host: Host, look: HostLook, address: string, ports: ExaminePorts): Promise<LookedHost> {
  return host.product === 'cs6' ? lookAtCs6(host, look, address, ports) : lookAtCs7(host, look, address, ports);
}

function unread({ name, product }: Host): Omit<LookedHost, 'findings'> {
  return {
    ...{ name, product, found: [], choices: [], settings: new Map(), domainMap: new Map(), directory: {} },
    ...{ names: [], listens: [], listensBy: '', unread: true },
  };
}

/** The URLs by which the hosts of the other side refer to a side. */
function referring(side: LookedHost['product'], hosts: readonly LookedHost[]): readonly string[] {
  return hosts.flatMap(({ settings, domainMap }) =>
    side === 'cs7' ? (settings.get(cs6Keys.redirect) ?? []) : [...domainMap.values()],
  );
}

/**
 * Where a host answers: as others refer to it, which is in effect, if its own configuration does not contradict that; else as its
 * configuration says. Where that leaves several a person has to choose, and so where it leaves none.
 */
async function withHttp(host: LookedHost, hosts: readonly LookedHost[], ports: ExaminePorts): Promise<LookedHost> {
  if (host.silent || host.unread || host.http !== undefined) return host;
  const side = hosts.filter(({ product }) => product === host.product);
  const bases = referring(host.product, hosts).flatMap(url =>
    pointsAt(url, side) === host.name ? (baseOf(url) ?? []) : [],
  );
  const named = [...new Set(bases)];
  const isPlain = host.listens.length === 0 || named.every(base => host.listens.some(one => sameListener(one, base)));
  const candidates = named.length > 0 && isPlain ? named : [...new Set([...named, ...host.listens])];
  const [http, ...more] = candidates;
  if (candidates.length !== 1 && isOpen(host)) return host;
  const path = [host.product, 'hosts', host.name, 'http'];
  if (
    http === undefined ||
    more.length > 0 ||
    (named.length === 0 && host.assumed && !(await answers(host, http, ports)))
  )
    return { ...host, choices: [...host.choices, httpChoice(host, path, candidates)] };
  const comment = named.length > 0 ? undefined : `From ${host.listensBy}.`;
  return { ...host, http, found: [...host.found, { path, value: http, ...(comment !== undefined && { comment }) }] };
}

/** What leads to where the host answers is not decided yet, or could not be read: that comes first. */
function isOpen({ choices, findings }: LookedHost): boolean {
  const leads = ['config', 'container.bin', 'container.domain'];
  return (
    choices.some(({ path }) => leads.includes(path.slice(3).join('.'))) ||
    findings.some(({ severity }) => severity === 'error')
  );
}

async function answers({ product }: LookedHost, http: string, ports: ExaminePorts): Promise<boolean> {
  const { value } = await orFinding(ports.freeBusy().reach({ http, side: product }));
  return value?.state === 'answers';
}

function httpChoice(host: LookedHost, path: DocumentPath, candidates: readonly string[]): Choice {
  const looked =
    host.listensBy === '' ? 'No configuration that says where it listens was found.' : `Looked at ${host.listensBy}.`;
  const several = candidates.length > 1 ? `\nFound: ${candidates.map(printableLine).join(', ')}.` : '';
  return {
    path,
    question: `At which URL does the calendar server of ${host.name} answer (http://host:port)?`,
    detail: `${host.name}: ${looked}${several}`,
    candidates,
  };
}

/** Keys that may be said once for a side; the platform of CS6 always is. */
const sideKeys: Readonly<Record<LookedHost['product'], readonly string[]>> = {
  cs6: ['platform', 'restart'],
  cs7: [
    'home',
    'davadmin.passwordFile',
    'container.type',
    'container.bin',
    'container.domain',
    'container.pidFile',
    'restart',
  ],
};

/** What is the same on every host of a side is said once, at the side. */
function atSides(hosts: readonly LookedHost[]): readonly LookedHost[] {
  return (['cs6', 'cs7'] as const).flatMap(side => {
    const own = hosts.filter(({ product }) => product === side);
    const lift = (lifted: readonly LookedHost[], key: string) => liftChoice(side, key, liftFound(side, key, lifted));
    return sideKeys[side].reduce(lift, own);
  });
}

function liftFound(side: LookedHost['product'], key: string, hosts: readonly LookedHost[]): readonly LookedHost[] {
  const of = ({ name, found }: LookedHost) => found.find(({ path }) => isAt(path, [side, 'hosts', name], key));
  const values = hosts.flatMap(host => of(host)?.value ?? []);
  const [most] = [...new Set(values)].toSorted((a, b) => times(b, values) - times(a, values));
  const all = values.length === hosts.length && new Set(values).size === 1;
  const first = hosts.find(host => of(host)?.value === most);
  if (!first || most === undefined || !(all || key === 'platform')) return hosts;
  return hosts.map(host => {
    const own = of(host);
    const kept = host.found.filter(one => one !== own || own.value !== most);
    const said: Found = { path: [side, ...key.split('.')], value: most, ...commentOf(own) };
    return { ...host, found: host === first ? [said, ...kept] : kept };
  });
}

function commentOf(found: Found | undefined) {
  return found?.comment === undefined ? {} : { comment: found.comment };
}

function times<T>(value: T, values: readonly T[]): number {
  return values.filter(one => one === value).length;
}

function isAt(path: DocumentPath, above: readonly string[], key: string): boolean {
  return JSON.stringify(path) === JSON.stringify([...above, ...key.split('.')]);
}

function liftChoice(side: LookedHost['product'], key: string, hosts: readonly LookedHost[]): readonly LookedHost[] {
  const of = ({ name, choices }: LookedHost) => choices.find(({ path }) => isAt(path, [side, 'hosts', name], key));
  const [choice, ...others] = hosts.flatMap(host => of(host) ?? []);
  const alike = others.every(one => JSON.stringify(one.candidates) === JSON.stringify(choice?.candidates));
  // The side must have its platform: where none was found, one answer is for all.
  const isNeeded = key === 'platform' && !hosts.some(({ found }) => found.some(({ path }) => isAt(path, [side], key)));
  const isShared = others.length > 0 && others.length + 1 === hosts.length && alike;
  if (!choice || !(isNeeded || isShared)) return hosts;
  const detail = [choice, ...others].map(one => one.detail).join('\n');
  const said = { ...choice, path: [side, ...key.split('.')], detail };
  return hosts.map((host, at) => {
    const kept = host.choices.filter(one => one !== of(host));
    return { ...host, choices: at === 0 ? [said, ...kept] : kept };
  });
}

/** Attributes that CS7 goes by are the same on all its hosts, or its hosts do not see the same accounts. */
function withConflicts(hosts: readonly LookedHost[]): readonly LookedHost[] {
  const servers = hosts.filter(({ product }) => product === 'cs7');
  const conflicts = [
    conflict(servers, 'uniqueId', cs7Options.uniqueId, 'Which attribute do the CS7 hosts know accounts by?'),
    conflict(servers, 'localUser', cs7Options.localUser, 'Which attribute makes an account local to CS7?'),
  ].flat();
  return hosts.map(host => (host === servers[0] ? { ...host, choices: [...host.choices, ...conflicts] } : host));
}

function conflict(
  hosts: readonly LookedHost[],
  what: 'uniqueId' | 'localUser',
  option: string,
  question: string,
): readonly Choice[] {
  const said = hosts.flatMap(({ name, directory }) => {
    const attribute = directory[what];
    return attribute === undefined ? [] : [{ name, attribute }];
  });
  const candidates = said
    .map(({ attribute }) => attribute)
    .filter((one, at, all) => all.findIndex(other => other.toLowerCase() === one.toLowerCase()) === at);
  if (candidates.length < 2) return [];
  const detail = said.map(({ name, attribute }) => `${name}: ${option} is ${printableLine(attribute)}.`).join('\n');
  return [{ path: ['directory', what, 'attribute'], question, detail, candidates }];
}

/**
 * What a person may decide where a server could not be told from another, or whether it runs: how it is restarted. Every such
 * finding offers to state that; of other findings there is nothing.
 */
export function restartChoices(findings: readonly Finding[]): readonly Choice[] {
  const choices = findings.flatMap(({ detail }): readonly Choice[] => {
    const path = restartWayIn(detail);
    if (!path) return [];
    const question = `How is the calendar server of ${path[2]} restarted?`;
    return [{ path, question, detail, candidates: ['never'] }];
  });
  return [...new Map(choices.map(choice => [choice.path.join(' '), choice])).values()];
}
