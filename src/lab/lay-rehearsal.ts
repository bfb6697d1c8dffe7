import { migratedBusyTimes, stayingCalendars } from './freebusy/rehearsal-times.ts';
import { type Cs6Layout, type Cs7Layout, layCs6Host, layCs7Host } from './lay-hosts.ts';

/** Where a host of the rehearsal estate answers, once it is served. */
export interface RehearsalHost {
  readonly address: string;
  readonly port: number;
  /** Where its calendar server answers; port 8080 of the same address unless told. */
  readonly http?: { readonly address: string; readonly port: number };
}

/** What the estate file of the rehearsal needs to know. */
export interface RehearsalPlaces {
  readonly hosts: ReadonlyMap<string, RehearsalHost>;
  readonly knownHosts: string;
  readonly identity: string;
  readonly directoryUrl: string;
  readonly bindDn: string;
  /** Further lines under `directory:`, such as `tls: { ca: … }`. */
  readonly directoryLines?: readonly string[];
}

/** The password of davadmin's user `admin` on every CS7 host of the rehearsal. */
export const davadminPassword = 'Rehearsal-7-admin';

/** Where davadmin finds it. */
export const davadminFile = '/etc/opt/davadmin.clifile';

/**
 * ics.conf as an installation leaves it, with the odd lines of real files: duplicates, `!!` samples, a value with `!`
 * and `;` in it, blanks around `=`, a parameter that was set and commented out.
 */
export function installedIcsConf(httpPort = 80): string {
  return `! ics.conf: Sun Java System Calendar Server 6.3 configuration
!
! Site
service.http.port = "${httpPort}"
service.http.idletimeout = "120"
!service.http.idletimeout = "300"
local.serveruid = "icsuser"
local.servergid = "icsgroup"
local.authldaphost = "localhost"
local.authldapport\t=\t"389"
local.enduseradmincred = "canary-enduser-cred"
service.defaultdomain = "example.com"
service.loginseparator = "@+"
service.virtualdomain.support = "yes"
calstore.calendar.owner.acl = "@@o^a^rsf^g;@@o^c^wdeic^g"
group.default.acl            = "@@o^a^r^g;@@o^c^wdeic^g;@^a^rsf^g"
!!caldb.dwp.server.[hostname].ip
caldb.cld.type = "local"
local.autoprovision = "yes"
user.invite.autoprovision = "yes"
!
! My ics.conf Changes
! 2009-03-12 as asked by the help desk
service.http.idletimeout = "180"
local.autoprovision ="yes"${' '}
group.invite.autoprovision = "yes"
`;
}

/** davserver.properties as an installation leaves it, as far as it matters here. */
export const installedOptions: Readonly<Record<string, string>> = {
  'davcore.uriinfo.subjectattributes': 'cn davstore icsstatus mail',
  'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
  'davcore.scheduling.localuserattr': '',
};

/** The hosts of a rehearsal: CS6 front end and back ends, CS7 front ends. */
export function rehearsalHosts(
  cs6: number,
  cs7: number,
): { readonly cs6: readonly string[]; readonly cs7: readonly string[] } {
  const names = (side: string, n: number) =>
    Array.from({ length: n }, (_, i) => `${side}-${i === 0 ? 'fe1' : `be${i}`}`);
  return { cs6: names('cs6', cs6), cs7: Array.from({ length: cs7 }, (_, i) => `cs7-fe${i + 1}`) };
}

/** What may differ from a host as it is before coexistence; `httpPort` goes into its ics.conf. */
export interface InstalledCs6 extends Partial<Cs6Layout> {
  readonly httpPort?: number;
}

/** How many users the rehearsal directory has unless a layout brings calendars or busy times of its own. */
const usualUsers = 20;

/** Lays a CS6 host as it is before coexistence: installed, patched, not configured for CS7. */
export async function layInstalledCs6(tree: string, prefix: string, changes: InstalledCs6 = {}): Promise<void> {
  const { httpPort, ...layout } = changes;
  await layCs6Host({
    tree,
    prefix,
    platform: 'solaris-sparc',
    patch: 54,
    icsConf: installedIcsConf(httpPort),
    calendars: stayingCalendars(usualUsers),
    ...layout,
  });
}

/** Lays a CS7 host as it is before coexistence. */
export async function layInstalledCs7(tree: string, prefix: string, changes: Partial<Cs7Layout> = {}): Promise<void> {
  await layCs7Host({
    tree,
    prefix,
    options: installedOptions,
    password: davadminPassword,
    version: '7.0.5.17.0',
    passwordFile: davadminFile,
    busy: migratedBusyTimes(usualUsers),
    ...changes,
  });
}

/** Where a host's calendar server answers. */
export function rehearsalUrl(host: RehearsalHost): string {
  const { address, port } = host.http ?? { address: host.address, port: 8080 };
  return `http://${address}:${port}`;
}

/** The estate file that brings the rehearsal from "installed side by side" to "coexisting". */
export function rehearsalEstateFile(places: RehearsalPlaces): string {
  const line = ([name, host]: readonly [string, RehearsalHost]): string =>
    `    ${name}: { address: ${host.address}, port: ${host.port}, http: "${rehearsalUrl(host)}" }`;
  const side = (prefix: string) => [...places.hosts].filter(([name]) => name.startsWith(prefix)).map(line);
  return [
    'version: 1',
    'name: example.com rehearsal',
    '',
    'directory:',
    `  url: ${places.directoryUrl}`,
    `  bindDn: ${places.bindDn}`,
    '  password: { env: LDAP_PASSWORD }',
    ...(places.directoryLines ?? []).map(line => `  ${line}`),
    '  base: o=isp',
    '',
    'ssh:',
    // What this machine says of its own hosts is not about these.
    '  config: none',
    `  knownHosts: ${places.knownHosts}`,
    `  identity: ${places.identity}`,
    '',
    'cs6:',
    '  platform: solaris-sparc',
    '  hosts:',
    ...side('cs6'),
    '',
    'cs7:',
    '  hosts:',
    ...side('cs7'),
    '  backends: [defaultbackend]',
    `  davadmin: { user: admin, passwordFile: ${davadminFile} }`,
    '',
    'domains:',
    '  example.com: { cs6: cs6-fe1 }',
    '',
    'freeBusyRedirect: cs7-fe1',
    '',
    'limits: { moves: 25% }',
    '',
    'cohorts:',
    '  pilot: { server: cs7, store: defaultbackend, members: { list: [jdoe, "o\'neil"] } }',
    '  finance: { server: cs7, store: defaultbackend, members: { filter: (departmentNumber=Finance), base: "ou=People,o=example.com,o=isp" } }',
    '  others: { server: cs6, members: rest }',
    '',
  ].join('\n');
}
