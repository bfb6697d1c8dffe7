import type {
  Access,
  DesiredCs6Host,
  DesiredCs7Host,
  DesiredDirectory,
  DesiredDomain,
  DesiredGates,
  DesiredOption,
  DesiredSetting,
  DesiredState,
  DesiredVerify,
  SecretReference,
} from '../core/desired.ts';
import type { SourcePosition } from '../core/finding.ts';
import { known, parseDuration } from '../core/units.ts';
import { modernName } from '../ldap/distinguished-name.ts';
import { glassfish } from '../products/container.ts';
import { cs6Patch, cs6Places, scheduleUrl } from '../products/cs6.ts';
import { cs7Attributes, cs7Places } from '../products/cs7.ts';
import type { CoexistenceFacts, DerivedSetting } from '../products/product.ts';
import { products } from '../products/products.ts';
import { deriveWindows } from './decode-windows.ts';
import { type CohortContext, deriveCohorts, deriveLimits, derivePolicy, hostCount } from './derive-cohorts.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import { resolvePath } from './document.ts';
import type {
  AccountFilter,
  Cs6HostEntry,
  Cs7HostEntry,
  EstateFile,
  Gates,
  SecretSource,
  VerifySection,
} from './estate-file.ts';
import { settingsOfHost } from './own-settings.ts';

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

/** What the file says about how coexistence is verified; each probe with its line. */
function deriveVerify({ probes, mail, gates }: VerifySection, document: EstateDocument): DesiredVerify {
  return {
    probes: (['cs6', 'cs7'] as const).flatMap(side =>
      (probes?.[side] ?? []).map((address, i) => ({
        side,
        mail: address,
        source: document.at(['verify', 'probes', side, i]),
      })),
    ),
    ...(mail && { mailTo: mail.to }),
    ...(gates && { gates: deriveGates(gates) }),
  };
}

function deriveGates({ moves = 500, restarts = true, onFailure = 'stop', wait = '90s' }: Gates): DesiredGates {
  return { moves, restarts, onFailure, wait: known(parseDuration, wait) };
}

/** Turns a checked file into what each kind needs. Paths become relative to where the file is. */
export function derive(estate: EstateFile, document: EstateDocument, context: CohortContext): DesiredState {
  return {
    name: estate.name,
    directory: deriveDirectory(estate, document),
    hosts: [
      ...Object.entries(estate.cs6.hosts).map(([name, host]) => deriveCs6(estate, document, name, host)),
      ...Object.entries(estate.cs7.hosts).map(([name, host]) => deriveCs7(estate, document, name, host)),
    ],
    roll: { cs6: (estate.cs6.roll ?? []).map(hostCount), cs7: (estate.cs7.roll ?? []).map(hostCount) },
    cohorts: deriveCohorts(estate, document, context),
    limits: deriveLimits(estate, document),
    policy: derivePolicy(estate, document),
    ...(estate.verify && { verify: deriveVerify(estate.verify, document) }),
    ignore: (estate.ignore ?? []).map((entry, i) => ({ ...entry, source: document.at(['ignore', i]) })),
  };
}

function secret(document: EstateDocument, place: DocumentPath, source: SecretSource): SecretReference {
  if (source.env !== undefined) return { env: source.env };
  if (source.file !== undefined) return { file: resolvePath(document, [...place, 'file'], source.file) };
  return { command: source.command ?? [] };
}

function deriveDirectory(estate: EstateFile, document: EstateDocument): DesiredDirectory {
  const d = estate.directory;
  const accounts = (entry: AccountFilter | undefined, filter: string) => ({
    base: modernName(entry?.base ?? d.base),
    filter: entry?.filter ?? filter,
  });
  return {
    url: d.url,
    startTls: d.startTls ?? false,
    ...(d.tls?.ca !== undefined && { ca: resolvePath(document, ['directory', 'tls', 'ca'], d.tls.ca) }),
    bindDn: modernName(d.bindDn),
    password: secret(document, ['directory', 'password'], d.password),
    base: modernName(d.base),
    users: accounts(d.accounts?.users, '(objectClass=icsCalendarUser)'),
    groups: accounts(d.accounts?.groups, '(objectClass=icsCalendarGroup)'),
    resources: accounts(d.accounts?.resources, '(objectClass=icsCalendarResource)'),
    uniqueId: {
      attribute: d.uniqueId?.attribute ?? cs7Attributes.uniqueId,
      copyFrom: d.uniqueId?.copyFrom ?? cs7Attributes.copyFrom,
      objectClass: d.uniqueId?.objectClass ?? cs7Attributes.objectClass,
    },
    localUser: {
      attribute: d.localUser?.attribute ?? cs7Attributes.localUser,
      objectClass: d.localUser?.objectClass ?? cs7Attributes.objectClass,
    },
    source: document.atKey(['directory']),
  };
}

function deriveAccess(estate: EstateFile, document: EstateDocument, host: Cs6HostEntry | Cs7HostEntry): Access {
  const { ssh } = estate;
  const identity =
    typeof ssh.identity === 'string'
      ? { path: resolvePath(document, ['ssh', 'identity'], ssh.identity) }
      : ssh.identity;
  return {
    address: host.address,
    port: host.port ?? ssh.port ?? 22,
    user: ssh.user ?? 'root',
    ...(identity && { identity }),
    ...(ssh.passphrase && { passphrase: secret(document, ['ssh', 'passphrase'], ssh.passphrase) }),
    knownHosts: resolvePath(document, ['ssh', 'knownHosts'], ssh.knownHosts),
    jump: ssh.jump ?? [],
    legacyAlgorithms: ssh.legacyAlgorithms ?? false,
  };
}

function deriveCs6(estate: EstateFile, document: EstateDocument, name: string, host: Cs6HostEntry): DesiredCs6Host {
  const platform = host.platform ?? estate.cs6.platform;
  const windows = deriveWindows(estate, 'cs6', name);
  return {
    product: 'cs6',
    name,
    access: deriveAccess(estate, document, host),
    platform,
    config: host.config === undefined ? cs6Places[platform].config : [host.config],
    sbin: host.sbin === undefined ? cs6Places[platform].sbin : [host.sbin],
    http: host.http,
    settings: deriveSettings(estate, document, name),
    minimumPatch: estate.cs6.minimumPatch ?? cs6Patch.minimum,
    ...(host.patch !== undefined && { patch: host.patch }),
    ...(windows && { windows }),
    source: document.atKey(['cs6', 'hosts', name]),
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

function deriveCs7(estate: EstateFile, document: EstateDocument, name: string, host: Cs7HostEntry): DesiredCs7Host {
  const container = estate.cs7.container;
  const windows = deriveWindows(estate, 'cs7', name);
  const domain = container?.domain ?? glassfish.domain;
  return {
    product: 'cs7',
    name,
    access: deriveAccess(estate, document, host),
    home: host.home === undefined ? cs7Places.homes : [host.home],
    http: host.http,
    davadmin: { user: estate.cs7.davadmin.user ?? 'admin', passwordFile: estate.cs7.davadmin.passwordFile },
    options: deriveOptions(estate, document, name),
    uniqueIdAttribute: estate.directory.uniqueId?.attribute ?? cs7Attributes.uniqueId,
    domains: deriveDomains(estate, document),
    container: {
      bin: container?.bin === undefined ? glassfish.bin : [container.bin],
      domain,
      pidFile: container?.pidFile === undefined ? glassfish.pidFiles(domain) : [container.pidFile],
    },
    restart: container?.restart ?? 'after-change',
    ...(windows && { windows }),
    source: document.atKey(['cs7', 'hosts', name]),
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
