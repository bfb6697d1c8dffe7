import type {
  Access,
  DesiredCs6Host,
  DesiredCs7Host,
  DesiredDomain,
  DesiredOption,
  DesiredSetting,
  Host,
  Privilege,
  RestartPolicy,
  SecretReference,
} from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { known, parseDuration } from '../core/units.ts';
import { containerPlaces, usualDomain } from '../products/container.ts';
import { cs6Patch, cs6Places, scheduleUrl } from '../products/cs6.ts';
import { cs7Attributes, cs7Places } from '../products/cs7.ts';
import type { CoexistenceFacts, DerivedSetting } from '../products/product.ts';
import { products } from '../products/products.ts';
import { deriveWindows } from './decode-windows.ts';
import { type DocumentPath, type EstateDocument, resolvePath } from './document.ts';
import type {
  ContainerSection,
  DavadminSection,
  EstateFile,
  PrivilegeSection,
  Restart,
  SecretSource,
  SshSection,
} from './estate-file.ts';
import { nearest, nearestKeys, type Side, settingsOfHost } from './own-settings.ts';

/** The hosts of both sides, those of Calendar Server 6 first; each with what the nearest place says of it. */
export function deriveHosts(estate: EstateFile, document: EstateDocument): readonly Host[] {
  return [
    ...Object.keys(estate.cs6.hosts).map(name => deriveCs6(estate, document, name)),
    ...Object.keys(estate.cs7.hosts).map(name => deriveCs7(estate, document, name)),
  ];
}

/** A secret as the file names it, its path made relative to where the file is. */
export function secret(document: EstateDocument, place: DocumentPath, source: SecretSource): SecretReference {
  if (source.env !== undefined) return { env: source.env };
  if (source.file !== undefined) return { file: resolvePath(document, [...place, 'file'], source.file) };
  return { command: source.command ?? [] };
}

/** What holds of a host of either product. */
function deriveAny(estate: EstateFile, document: EstateDocument, side: Side, name: string) {
  const windows = deriveWindows(estate, side, name);
  const http = estate[side].hosts[name]?.http;
  return {
    name,
    access: deriveAccess(estate, document, side, name),
    ...(http !== undefined && { http }),
    restart: deriveRestart(nearest(estate, side, name, 'restart')?.value),
    softwareTimeout: known(parseDuration, nearest(estate, side, name, 'softwareTimeout')?.value ?? '60s'),
    ...(windows && { windows }),
    source: document.atKey([side, 'hosts', name]),
  };
}

function deriveRestart(said: Restart | undefined): RestartPolicy {
  if (said === undefined || typeof said === 'string') return said ?? 'after-change';
  const { stop, start, status, as } = said;
  return { stop, start, ...(status && { status }), ...(as !== undefined && { as }) };
}

function deriveAccess(estate: EstateFile, document: EstateDocument, side: Side, name: string): Access {
  const host = estate[side].hosts[name];
  const { said, place } = nearestKeys<SshSection>(estate, side, name, 'ssh');
  const beside = (key: keyof SshSection, path: string) =>
    path.startsWith('~/') ? path : resolvePath(document, place(key), path);
  const identity = typeof said.identity === 'string' ? { path: beside('identity', said.identity) } : said.identity;
  const privilege = said.privilege === 'none' ? undefined : said.privilege;
  const { config, user, knownHosts, hostKey, jump } = said;
  const port = host?.port ?? said.port;
  return {
    address: host?.address ?? name,
    ...(config !== undefined && { config: config === 'none' ? config : { path: beside('config', config) } }),
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(identity && { identity }),
    ...secretsOf(['passphrase', 'password', 'code'], key => [said[key], place(key)], document),
    ...(knownHosts !== undefined && { knownHosts: beside('knownHosts', knownHosts) }),
    ...(hostKey !== undefined && { hostKey }),
    ...(jump !== undefined && { jump: [jump].flat() }),
    ...(privilege && { privilege: derivePrivilege(privilege, document, place('privilege')) }),
    legacyAlgorithms: said.legacyAlgorithms ?? false,
  };
}

function derivePrivilege(said: PrivilegeSection, document: EstateDocument, place: DocumentPath): Privilege {
  const { by, as = 'root', password, prompt } = said;
  return {
    by,
    as,
    ...(password && { password: secret(document, [...place, 'password'], password) }),
    ...(prompt !== undefined && { prompt }),
  };
}

/** The secrets of these keys that the file states. */
function secretsOf<Key extends string>(
  keys: readonly Key[],
  stated: (key: Key) => readonly [SecretSource | undefined, DocumentPath],
  document: EstateDocument,
): { readonly [K in Key]?: SecretReference } {
  const found = keys.flatMap(key => {
    const [source, place] = stated(key);
    return source === undefined ? [] : [[key, secret(document, place, source)] as const];
  });
  return Object.fromEntries(found) as { readonly [K in Key]?: SecretReference };
}

function deriveCs6(estate: EstateFile, document: EstateDocument, name: string): DesiredCs6Host {
  const host = estate.cs6.hosts[name];
  const platform = host?.platform ?? estate.cs6.platform;
  const hotBackup = nearest(estate, 'cs6', name, 'hotBackup')?.value;
  return {
    product: 'cs6',
    ...deriveAny(estate, document, 'cs6', name),
    platform,
    config: host?.config === undefined ? cs6Places[platform].config : [host.config],
    sbin: host?.sbin === undefined ? cs6Places[platform].sbin : [host.sbin],
    settings: deriveSettings(estate, document, name),
    minimumPatch: estate.cs6.minimumPatch ?? cs6Patch.minimum,
    ...(host?.patch !== undefined && { patch: host.patch }),
    ...(hotBackup !== undefined && { hotBackup }),
  };
}

function deriveCs7(estate: EstateFile, document: EstateDocument, name: string): DesiredCs7Host {
  const release = estate.cs7.hosts[name]?.release;
  const home = nearest(estate, 'cs7', name, 'home')?.value;
  const davadmin = nearestKeys<DavadminSection>(estate, 'cs7', name, 'davadmin').said;
  return {
    product: 'cs7',
    ...deriveAny(estate, document, 'cs7', name),
    home: home === undefined ? cs7Places.homes : [home],
    ...(release !== undefined && { release }),
    backends: estate.cs7.backends,
    davadmin: { user: davadmin.user ?? 'admin', passwordFile: davadmin.passwordFile ?? '' },
    options: deriveOptions(estate, document, name),
    uniqueIdAttribute: estate.directory.uniqueId?.attribute ?? cs7Attributes.uniqueId,
    domains: deriveDomains(estate, document),
    container: deriveContainer(nearestKeys<ContainerSection>(estate, 'cs7', name, 'container').said),
  };
}

function deriveContainer(said: ContainerSection): DesiredCs7Host['container'] {
  const domain = said.domain ?? usualDomain;
  const places = containerPlaces(said.type);
  return {
    ...(said.type !== undefined && { type: said.type }),
    bin: said.bin === undefined ? places.bin : [said.bin],
    domain,
    pidFile: said.pidFile === undefined ? places.pidFiles(domain) : [said.pidFile],
  };
}

/** What coexistence needs comes first, then what the file sets besides. */
function deriveSettings(estate: EstateFile, document: EstateDocument, host: string): readonly DesiredSetting[] {
  const derived = derivedOf(estate, document, 'cs6', host).flatMap(({ name: key, value, ...why }) =>
    typeof value === 'string' ? [{ key, value, ...why }] : [],
  );
  const own = settingsOfHost(estate, 'cs6', host).flatMap(({ name, value, path }): readonly DesiredSetting[] => {
    if (value !== null && typeof value !== 'string') return [];
    return [{ key: name, value, because: setIn(path), source: document.atKey(path) }];
  });
  return [...derived, ...own];
}

function setIn(path: DocumentPath): string {
  return `It is set in ${path.slice(0, -1).join('.')}.`;
}

/** A setting of a host that follows from the rest of the file, with its value. */
interface Derived {
  readonly name: string;
  readonly value: ReturnType<DerivedSetting['value']>;
  readonly because: string;
  readonly chapter: string;
  readonly source: SourcePosition;
}

/** What coexistence needs of a host, in the order of the product's rows. */
function derivedOf(
  estate: EstateFile,
  document: EstateDocument,
  side: 'cs6' | 'cs7',
  host: string,
): readonly Derived[] {
  const facts = factsOf(estate);
  const places = {
    host: [side, 'hosts', host],
    freeBusyRedirect: ['freeBusyRedirect'],
    'directory.localUser': ['directory', 'localUser'],
  };
  return products[side].derivedSettings.map(({ name, value, because, chapter, from }) => ({
    name,
    value: value(facts),
    because: because(facts),
    chapter,
    source: document.atKey(places[from]),
  }));
}

function factsOf({ directory, freeBusyRedirect, cs7 }: EstateFile): CoexistenceFacts {
  return {
    redirect: { name: freeBusyRedirect, http: cs7.hosts[freeBusyRedirect]?.http ?? '' },
    localUser: directory.localUser?.attribute ?? cs7Attributes.localUser,
    uniqueId: directory.uniqueId?.attribute ?? cs7Attributes.uniqueId,
  };
}

function deriveOptions(estate: EstateFile, document: EstateDocument, host: string): readonly DesiredOption[] {
  const own = settingsOfHost(estate, 'cs7', host).map(({ name, value, path }) => ({
    name,
    value: typeof value === 'string' ? value.trim() || null : value,
    caseMatters: typeof value === 'string',
    because: setIn(path),
    source: document.atKey(path),
  }));
  const derived = derivedOf(estate, document, 'cs7', host).map(one => ({ ...one, caseMatters: false }));
  return [...derived, ...own];
}

/** Chapter 10, "Configuring the Calendar Server 7 Environment", step 2: the domain and the CS6 URL to ask. */
function deriveDomains(estate: EstateFile, document: EstateDocument): readonly DesiredDomain[] {
  return Object.entries(estate.domains).map(([domain, route]) => ({
    domain,
    url: scheduleUrl({ http: estate.cs6.hosts[route.cs6]?.http ?? '' }),
    because: `CS7 asks ${route.cs6} for the free/busy times of accounts of ${domain} that are on CS6 (chapter 10, "About the Calendar Server 7 Configuration").`,
    source: document.atKey(['domains', domain]),
  }));
}
