import { Chance } from './chance.ts';
import { type HostData, places } from './host-data.ts';
import { chooseDialect } from './host-dialect.ts';
import { passTime } from './host-effects.ts';
import type { ModelEntry } from './model-directory.ts';
import type { WorldData } from './world.ts';

/** What an estate file of the model says; `yamlOf` writes it down. */
export interface EstateSpec {
  readonly cs6: readonly { readonly name: string; readonly front: boolean; readonly platform: HostData['platform'] }[];
  readonly cs7: readonly string[];
  readonly domains: readonly string[];
  /** Settings of all hosts of a side; null: not set. */
  settings: { cs6: Record<string, string | null>; cs7: Record<string, string | null> };
  redirect: string;
  /** uid values of the accounts on CS7 by name. */
  pilot: string[];
  /** Department numbers whose accounts are on CS7. */
  departments: string[];
  readonly deny: boolean;
  readonly records: readonly string[];
  /** Which CS6 front end each domain is asked of. */
  routes: Record<string, string>;
}

/** The file that programs are given. */
export const estateFile = '/etc/reconcile/estate.yaml';

const stores = { pilot: 'defaultbackend', waves: 'store2' } as const;

/** The estate file as text. */
export function yamlOf(spec: EstateSpec): string {
  const settings = (side: 'cs6' | 'cs7') =>
    Object.entries(spec.settings[side]).map(
      ([key, value]) => `    ${key}: ${value === null ? '~' : JSON.stringify(value)}`,
    );
  const own = (side: 'cs6' | 'cs7') => {
    const lines = settings(side);
    return lines.length > 0 ? ['  settings:', ...lines] : [];
  };
  const migrated = spec.deny ? ', migrated: { denyCs6Login: true }' : '';
  return [
    'version: 1',
    'name: example.com',
    'directory:',
    '  url: ldaps://ds1.example.com:636',
    '  bindDn: cn=reconcile,o=isp',
    '  password: { env: LDAP_PASSWORD }',
    '  base: o=isp',
    '  accounts: { groups: none, resources: none }',
    'ssh: { user: root, knownHosts: known_hosts, identity: key }',
    'cs6:',
    '  platform: redhat',
    ...own('cs6'),
    '  hosts:',
    ...spec.cs6.map(
      ({ name, front, platform }) =>
        `    ${name}: { address: ${name}.example.com, platform: ${platform}, patch: 54${front ? `, http: "http://${name}.example.com:8080"` : ''} }`,
    ),
    'cs7:',
    ...own('cs7'),
    '  hosts:',
    ...spec.cs7.map(name => `    ${name}: { address: ${name}.example.com, http: "http://${name}.example.com:8080" }`),
    '  container: { type: glassfish3 }',
    '  backends: [defaultbackend, store2]',
    '  davadmin: { user: admin, passwordFile: /etc/davadmin.clifile }',
    'domains:',
    ...spec.domains.map(domain => `  ${domain}: { cs6: ${spec.routes[domain]} }`),
    `freeBusyRedirect: ${spec.redirect}`,
    'cohorts:',
    ...(spec.pilot.length > 0
      ? [`  pilot: { server: cs7, store: ${stores.pilot}, members: { list: [${spec.pilot.join(', ')}] }${migrated} }`]
      : []),
    ...spec.departments.map(
      number =>
        `  d${number}: { server: cs7, store: ${stores.waves}, members: { filter: (departmentNumber=${number}) }${migrated} }`,
    ),
    '  others: { server: cs6, members: rest }',
    'limits: { moves: 100%, restarts: 100%, fewerAccounts: 50% }',
    `records: { hosts: [${spec.records.join(', ')}], keep: 20 }`,
    '',
  ].join('\n');
}

/** An estate that a seed chooses. */
export function chooseSpec(seed: number): EstateSpec {
  const chance = new Chance(seed);
  const cs6 = ['cs6-a', 'cs6-b', 'cs6-c'].slice(0, 1 + chance.below(3)).map((name, i) => ({
    name,
    front: i === 0 || chance.is(0.5),
    platform: chance.pick(['redhat', 'solaris-sparc'] as const),
  }));
  const cs7 = ['cs7-a', 'cs7-b'].slice(0, 1 + chance.below(2));
  const domains = ['example.com', 'staff.example.com'].slice(0, 1 + chance.below(2));
  const fronts = cs6.filter(({ front }) => front).map(({ name }) => name);
  return {
    ...{ cs6, cs7, domains },
    settings: {
      cs6: chance.is(0.6)
        ? { 'service.http.idletimeout': '180', ...(chance.is(0.3) && { 'local.rfc822header.allow8bit': null }) }
        : {},
      cs7: chance.is(0.5) ? { 'base.ldapinfo.cachettl': '30' } : {},
    },
    redirect: chance.pick(cs7),
    pilot: ['ann', 'bob'].slice(0, chance.below(3)),
    departments: chance.is(0.6) ? ['42'] : [],
    deny: chance.is(0.4),
    records: [cs6[0]?.name ?? '', ...(chance.is(0.5) ? cs7.slice(0, 1) : [])],
    routes: Object.fromEntries(domains.map(domain => [domain, chance.pick(fronts)])),
  };
}

const people = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay'] as const;

/** The accounts that there may be. */
export const uids: readonly string[] = people;

/** A live state that a seed chooses: whatever a site may have before it is first brought in order. */
export function chooseWorld(seed: number, spec: EstateSpec, inOrder = false): WorldData {
  const chance = new Chance(seed ^ 0x5bd1e995);
  const now = Date.UTC(2026, 10, 22, 9, 0, 0) + chance.below(86_400_000);
  const hosts = [
    ...spec.cs6.map(({ name, front, platform }) => newHost(name, 'cs6', platform, front, chance)),
    ...spec.cs7.map(name => newHost(name, 'cs7', 'redhat', true, chance)),
  ];
  for (const host of hosts) {
    const written = now + host.skew - (inOrder || chance.is(0.8) ? 86_400_000 : 60_000);
    for (const [path, text] of Object.entries(firstFiles(host, spec, inOrder, chance)))
      host.files[path] = { text, modified: written, changed: written };
    host.pending.push({ at: now - 3_600_000, what: 'appear', id: '' });
    passTime(host, now);
    if (!inOrder && chance.is(0.05)) host.processes = [];
  }
  return {
    ...{ now, chance: seed, names: 0, programs: 0, hosts },
    directory: { entries: firstEntries(spec, inOrder, chance), stale: undefined, reversed: chance.is(0.5) },
    machines: { a: { [estateFile]: yamlOf(spec) }, b: { [estateFile]: yamlOf(spec) } },
    over: [],
  };
}

function newHost(
  name: string,
  product: HostData['product'],
  platform: HostData['platform'],
  front: boolean,
  chance: Chance,
): HostData {
  return {
    ...{ name, product, platform, http: front ? `http://${name}.example.com:8080` : undefined },
    ...{ dialect: chooseDialect(chance), skew: chance.pick([0, 0, 3_000, -40_000, 7_200_000]), down: false },
    ...{ files: {}, processes: [], nextPid: 800 + chance.below(100), lock: undefined, watchdogs: [], deeds: [] },
    ...{ starts: {}, records: {}, pending: [], backups: 0 },
  };
}

const provisioning = ['local', 'user.invite', 'group.invite', 'resource.invite'].map(what => `${what}.autoprovision`);

function firstFiles(host: HostData, spec: EstateSpec, inOrder: boolean, chance: Chance): Record<string, string> {
  return inOrder ? filesInOrder(host, spec) : filesByChance(host, spec, chance);
}

/** As the file asks for, with something else beside it. */
function filesInOrder(host: HostData, spec: EstateSpec): Record<string, string> {
  const { config, options, map } = places(host);
  if (host.product === 'cs6') {
    const set = Object.entries(spec.settings.cs6).flatMap(([key, value]) =>
      value === null ? [] : [`${key} = "${value}"`],
    );
    const lines = [
      '! Calendar Server',
      'caldb.berkeleydb.homedir.path="/var/opt/csdb"',
      ...provisioning.map(key => `${key} = "no"`),
      'service.http.caldavcompatible = "yes"',
      `service.wcap.freebusy.redirecturl = "http://${spec.redirect}.example.com:8080/davserver/wcap/get_freebusy.wcap"`,
      ...set,
      '',
    ];
    return { [config]: lines.join('\n') };
  }
  const set = Object.entries(spec.settings.cs7).map(([key, value]) => `${key}=${value}`);
  const lines = [
    'davcore.uriinfo.permanentuniqueid=davuniqueid',
    'davcore.uriinfo.subjectattributes=cn icsstatus mail davstore davuniqueid',
    'davcore.scheduling.localuserattr=davStore',
    'notification.dav.smtphost=mail.example.com',
    ...set,
    '',
  ];
  const routes = spec.domains.map(domain => `${domain}=http://${spec.routes[domain]}.example.com:8080/ischedule/`);
  return { [options]: lines.join('\n'), [map]: ['elsewhere.org=http://other/', ...routes, ''].join('\n') };
}

function filesByChance(host: HostData, spec: EstateSpec, chance: Chance): Record<string, string> {
  const { config, options, map } = places(host);
  const end = chance.pick(['\n', '\n', '\r\n']);
  if (host.product === 'cs6') {
    const lines = [
      '! Calendar Server',
      `service.http.enable = "${host.http === undefined ? 'no' : 'yes'}"`,
      'service.http.idletimeout = "120"',
      'caldb.berkeleydb.homedir.path="/var/opt/csdb"',
      '!!caldb.dwp.server.[hostname].ip = "10.0.0.1"',
      ...provisioning.filter(() => chance.is(0.5)).map(key => `${key} ="${chance.pick(['yes', 'no'])}"`),
      ...(chance.is(0.3) ? ['service.http.caldavcompatible = "yes"', 'local.rfc822header.allow8bit = "y"'] : []),
      ...(chance.is(0.3) ? [`service.wcap.freebusy.redirecturl = "http://old.example.com/wcap"`] : []),
      ...(chance.is(0.2) ? ['service.http.idletimeout = "60"'] : []),
    ];
    return { [config]: lines.join(end) + (chance.is(0.8) ? end : '') };
  }
  const list = chance.is(0.5) ? 'cn davstore icsstatus mail' : 'cn icsstatus mail davstore davuniqueid';
  const lines = [
    '# Calendar Server 7',
    'davcore.uriinfo.permanentuniqueid=davuniqueid',
    `davcore.uriinfo.subjectattributes=${list}`,
    'store.dav.defaultbackend.backendid=defaultbackend',
    'store.dav.store2.backendid=store2',
    'notification.dav.smtphost=mail.example.com',
    ...(chance.is(0.3) ? ['davcore.scheduling.localuserattr=davStore'] : []),
    ...(chance.is(0.3) ? ['base.ldapinfo.cachettl=60'] : []),
  ];
  const routes = spec.domains.filter(() => chance.is(0.4)).map(domain => `${domain}=http://old.example.com/ischedule/`);
  return {
    [options]: `${lines.join('\n')}\n`,
    ...(chance.is(0.7) && { [map]: ['# domains', 'elsewhere.org=http://other/', ...routes, ''].join('\n') }),
  };
}

function firstEntries(spec: EstateSpec, inOrder: boolean, chance: Chance): ModelEntry[] {
  const accounts = people.slice(0, 3 + chance.below(4)).map((uid, i): ModelEntry => {
    const department = chance.is(0.5) ? chance.pick(['42', '7']) : undefined;
    const wanted = spec.pilot.includes(uid)
      ? stores.pilot
      : spec.departments.some(number => number === department)
        ? stores.waves
        : undefined;
    const hasId = inOrder || chance.is(0.4);
    const isMoved = inOrder ? wanted !== undefined : hasId && chance.is(0.4);
    const store = (inOrder ? wanted : undefined) ?? chance.pick(['defaultbackend', 'store2']);
    const domain = chance.pick(spec.domains);
    return {
      dn: `uid=${uid},ou=People,o=isp`,
      attributes: {
        objectclass: ['top', 'person', 'icsCalendarUser', ...(hasId ? ['davEntity'] : [])],
        ...{ uid: [uid], cn: [uid], mail: [`${uid}@${domain}`], nsuniqueid: [`id-${i}`] },
        ...(department !== undefined && { departmentnumber: [department] }),
        ...(hasId && { davuniqueid: [`id-${i}`] }),
        ...(isMoved && { davstore: [store] }),
        ...(inOrder && isMoved && spec.deny && { icsallowedserviceaccess: ['-http:all'] }),
      },
    };
  });
  return [
    { dn: 'o=isp', attributes: { objectclass: ['top', 'organization'], o: ['isp'] } },
    { dn: 'ou=People,o=isp', attributes: { objectclass: ['top', 'organizationalUnit'], cn: ['People'] } },
    { dn: 'uid=printer,ou=People,o=isp', attributes: { objectclass: ['top', 'device'], uid: ['printer'] } },
    ...accounts,
  ];
}
