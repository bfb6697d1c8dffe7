import type {
  Access,
  Cs6Platform,
  DesiredCs6Host,
  DesiredCs7Host,
  DesiredDirectory,
  DesiredDomain,
  DesiredOption,
  DesiredSetting,
  DesiredState,
  SecretReference,
} from '../core/desired.ts';
import { modernName } from '../core/distinguished-name.ts';
import { type CohortContext, deriveCohorts } from './derive-cohorts.ts';
import { deriveLimits, derivePolicy, hostCount } from './derive-limits.ts';
import { deriveVerify } from './derive-verify.ts';
import { derivedDavadmin, derivedSettings } from './derived-settings.ts';
import type { DocumentPath, EstateDocument } from './document.ts';
import type { AccountFilter, Cs6HostEntry, Cs7HostEntry, EstateFile, SecretSource } from './estate-file.ts';
import { settingsOfHost } from './own-settings.ts';
import { beside } from './resolve-path.ts';
import { deriveWindows } from './windows.ts';

/** Turns a checked file into what each kind needs. Paths become relative to where the file is. */
export function derive(estate: EstateFile, document: EstateDocument, context: CohortContext): DesiredState {
  return {
    name: estate.name,
    directory: deriveDirectory(estate, document),
    cs6: Object.entries(estate.cs6.hosts).map(([name, host]) => deriveCs6(estate, document, name, host)),
    cs7: Object.entries(estate.cs7.hosts).map(([name, host]) => deriveCs7(estate, document, name, host)),
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
  if (source.file !== undefined) return { file: beside(document, [...place, 'file'], source.file) };
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
    ...(d.tls?.ca !== undefined && { ca: beside(document, ['directory', 'tls', 'ca'], d.tls.ca) }),
    bindDn: modernName(d.bindDn),
    password: secret(document, ['directory', 'password'], d.password),
    base: modernName(d.base),
    users: accounts(d.accounts?.users, '(objectClass=icsCalendarUser)'),
    groups: accounts(d.accounts?.groups, '(objectClass=icsCalendarGroup)'),
    resources: accounts(d.accounts?.resources, '(objectClass=icsCalendarResource)'),
    uniqueId: {
      attribute: d.uniqueId?.attribute ?? 'davUniqueId',
      copyFrom: d.uniqueId?.copyFrom ?? 'nsUniqueId',
      objectClass: d.uniqueId?.objectClass ?? 'davEntity',
    },
    localUser: {
      attribute: d.localUser?.attribute ?? 'davStore',
      objectClass: d.localUser?.objectClass ?? 'davEntity',
    },
    source: document.atKey(['directory']),
  };
}

function deriveAccess(estate: EstateFile, document: EstateDocument, host: Cs6HostEntry | Cs7HostEntry): Access {
  const { ssh } = estate;
  const identity =
    typeof ssh.identity === 'string' ? { path: beside(document, ['ssh', 'identity'], ssh.identity) } : ssh.identity;
  return {
    address: host.address,
    port: host.port ?? ssh.port ?? 22,
    user: ssh.user ?? 'root',
    ...(identity && { identity }),
    ...(ssh.passphrase && { passphrase: secret(document, ['ssh', 'passphrase'], ssh.passphrase) }),
    knownHosts: beside(document, ['ssh', 'knownHosts'], ssh.knownHosts),
    jump: ssh.jump ?? [],
    legacyAlgorithms: ssh.legacyAlgorithms ?? false,
  };
}

/** Calendar Server 6.3 Administration Guide E.1 and 4.2, the file location tables of 6.3 for Linux, and chapter 10. */
const configPlaces: Readonly<Record<'solaris' | 'redhat', readonly string[]>> = {
  solaris: [
    '/etc/opt/SUNWics5/config/ics.conf',
    '/etc/opt/SUNWics5/cal/config/ics.conf',
    '/etc/opt/sun/comms/calendar/SUNWics5/config/ics.conf',
  ],
  redhat: ['/etc/opt/sun/calendar/config/ics.conf', '/etc/opt/sun/comms/calendar/config/ics.conf'],
};

const sbinPlaces: Readonly<Record<'solaris' | 'redhat', readonly string[]>> = {
  solaris: ['/opt/SUNWics5/cal/sbin', '/opt/sun/comms/calendar/SUNWics5/cal/sbin'],
  redhat: ['/opt/sun/calendar/sbin', '/opt/sun/comms/calendar/sbin'],
};

function family(platform: Cs6Platform): 'solaris' | 'redhat' {
  return platform === 'redhat' ? 'redhat' : 'solaris';
}

function deriveCs6(estate: EstateFile, document: EstateDocument, name: string, host: Cs6HostEntry): DesiredCs6Host {
  const platform = host.platform ?? estate.cs6.platform;
  const windows = deriveWindows(estate, 'cs6', name);
  return {
    name,
    access: deriveAccess(estate, document, host),
    platform,
    config: host.config === undefined ? configPlaces[family(platform)] : [host.config],
    sbin: host.sbin === undefined ? sbinPlaces[family(platform)] : [host.sbin],
    http: host.http,
    settings: deriveSettings(estate, document, name),
    minimumPatch: estate.cs6.minimumPatch ?? 44,
    ...(host.patch !== undefined && { patch: host.patch }),
    ...(windows && { windows }),
    source: document.atKey(['cs6', 'hosts', name]),
  };
}

/** What coexistence needs comes first, then what the file sets besides. */
function deriveSettings(estate: EstateFile, document: EstateDocument, host: string): readonly DesiredSetting[] {
  const own = settingsOfHost(estate, 'cs6', host).flatMap(({ name, value, path }): readonly DesiredSetting[] => {
    if (value !== null && typeof value !== 'string') return [];
    return [{ key: name, value, because: setIn(path), source: document.atKey(path) }];
  });
  return [...derivedSettings(estate, document, host), ...own];
}

function setIn(path: DocumentPath): string {
  return `It is set in ${path.slice(0, -1).join('.')}.`;
}

/** Folders of asadmin and GlassFish homes as its installers lay them: GlassFish_home/bin/asadmin. */
const containerPlaces = ['/opt/glassfish3', '/opt/glassfish', '/opt/SUNWappserver', '/opt/sun/appserver'];

function deriveCs7(estate: EstateFile, document: EstateDocument, name: string, host: Cs7HostEntry): DesiredCs7Host {
  const container = estate.cs7.container;
  const windows = deriveWindows(estate, 'cs7', name);
  const domain = container?.domain ?? 'domain1';
  const pidFiles = containerPlaces.flatMap(p => [
    `${p}/glassfish/domains/${domain}/config/pid`,
    `${p}/domains/${domain}/config/pid`,
  ]);
  return {
    name,
    access: deriveAccess(estate, document, host),
    home: host.home === undefined ? ['/opt/sun/comms/davserver'] : [host.home],
    http: host.http,
    davadmin: { user: estate.cs7.davadmin.user ?? 'admin', passwordFile: estate.cs7.davadmin.passwordFile },
    options: deriveOptions(estate, document, name),
    uniqueIdAttribute: estate.directory.uniqueId?.attribute ?? 'davUniqueId',
    domains: deriveDomains(estate, document),
    container: {
      bin: container?.bin === undefined ? containerPlaces.map(p => `${p}/bin`) : [container.bin],
      domain,
      pidFile: container?.pidFile === undefined ? pidFiles : [container.pidFile],
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
  return [...derivedDavadmin(estate, document), ...own];
}

/** Chapter 10, "Configuring the Calendar Server 7 Environment", step 2: the domain and the CS6 URL to ask. */
function deriveDomains(estate: EstateFile, document: EstateDocument): readonly DesiredDomain[] {
  return Object.entries(estate.domains).map(([domain, route]) => ({
    domain,
    url: `${estate.cs6.hosts[route.cs6]?.http}/ischedule/`,
    because: `CS7 asks ${route.cs6} for the free/busy times of accounts of ${domain} that are on CS6 (chapter 10, "About the Calendar Server 7 Configuration").`,
    source: document.atKey(['domains', domain]),
  }));
}
