import { parse } from 'yaml';
import type { HostData } from './host-data.ts';
import type { ModelEntry } from './model-directory.ts';
import type { WorldData } from './world.ts';

/*
 * What an estate file asks for and whether that is so, read in the simplest way: nothing of it is shared with the program, and
 * it looks at what servers have read and directories hold, not at what they say.
 */

interface PlainCohort {
  readonly server: 'cs6' | 'cs7';
  readonly store?: string;
  readonly members: 'rest' | { readonly list?: readonly string[]; readonly filter?: string; readonly base?: string };
  readonly migrated?: { readonly denyCs6Login?: boolean };
}

interface PlainSide {
  readonly settings?: Readonly<Record<string, string | null>>;
  readonly hosts: Readonly<Record<string, { readonly http?: string }>>;
}

interface PlainEstate {
  readonly cs6: PlainSide;
  readonly cs7: PlainSide;
  readonly domains: Readonly<Record<string, { readonly cs6: string }>>;
  readonly freeBusyRedirect: string;
  readonly cohorts: Readonly<Record<string, PlainCohort>>;
}

/** The keys with which CS6 makes calendars by itself. */
const provisioning = [
  'local.autoprovision',
  'user.invite.autoprovision',
  'group.invite.autoprovision',
  'resource.invite.autoprovision',
];

/** What is not as the estate file asks, in words; empty: all is. */
export function disagreements(
  { hosts, directory }: Pick<WorldData, 'hosts' | 'directory'>,
  yaml: string,
  entries: readonly ModelEntry[] = directory.entries,
): readonly string[] {
  const estate = estateOf(yaml);
  return [
    ...hosts.flatMap(host => (host.product === 'cs6' ? wrongOfCs6(host, estate) : wrongOfCs7(host, estate))),
    ...entries.filter(isAccount).flatMap(entry => wrongOfAccount(entry, estate)),
  ];
}

let known: { readonly yaml: string; readonly estate: PlainEstate } | undefined;

/** The same text is asked for again and again. */
function estateOf(yaml: string): PlainEstate {
  if (known?.yaml !== yaml) known = { yaml, estate: parse(yaml) as PlainEstate };
  return known.estate;
}

/** Whether an entry is an account of a calendar user. */
export function isAccount({ attributes }: ModelEntry): boolean {
  return (attributes['objectclass'] ?? []).some(name => name.toLowerCase() === 'icscalendaruser');
}

/** The values in effect of a text of ics.conf: the last line of each key. */
export function icsValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^([a-z0-9._-]+)[ \t]*=[ \t]*"([^"]*)"/.exec(line) ?? [];
    if (key !== undefined) values.set(key, value ?? '');
  }
  return values;
}

/** The values in effect of a properties file. */
export function propertyValues(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at < 0 || line.startsWith('#')) continue;
    values.set(
      line.slice(0, at).trim().toLowerCase(),
      line
        .slice(at + 1)
        .replaceAll('\\', '')
        .trim(),
    );
  }
  return values;
}

function wrongOfCs6(host: HostData, { cs6, cs7, freeBusyRedirect }: PlainEstate): readonly string[] {
  const wanted: Record<string, string | null> = {
    'service.http.caldavcompatible': 'yes',
    'service.wcap.freebusy.redirecturl': `${cs7.hosts[freeBusyRedirect]?.http}/davserver/wcap/get_freebusy.wcap`,
    ...Object.fromEntries(provisioning.map(key => [key, 'no'])),
    ...cs6.settings,
  };
  const wrong = (where: string, text: string) => {
    const values = icsValues(text);
    return Object.entries(wanted).flatMap(([key, value]) =>
      (values.get(key) ?? null) === value ? [] : [`${host.name} ${where}: ${key} is ${values.get(key)}, not ${value}`],
    );
  };
  return [...withFileAndProcesses(host, path => path.endsWith('ics.conf'), wrong)];
}

function wrongOfCs7(host: HostData, { cs6, cs7, domains }: PlainEstate): readonly string[] {
  const options = (where: string, text: string) => {
    const values = propertyValues(text);
    const list = (values.get('davcore.uriinfo.subjectattributes') ?? '').toLowerCase().split(/\s+/);
    const settings = { 'davcore.scheduling.localuserattr': 'davStore', ...cs7.settings };
    return [
      ...['davstore', 'davuniqueid']
        .filter(name => !list.includes(name))
        .map(name => `${host.name} ${where}: ${name} is not listed`),
      ...Object.entries(settings).flatMap(([key, value]) =>
        (values.get(key) ?? '').toLowerCase() === (value ?? '').toLowerCase()
          ? []
          : [`${host.name} ${where}: ${key} is ${values.get(key)}, not ${value}`],
      ),
    ];
  };
  const routes = (where: string, text: string) => {
    const values = propertyValues(text);
    return Object.entries(domains).flatMap(([domain, route]) => {
      const url = `${cs6.hosts[route.cs6]?.http}/ischedule/`;
      return values.get(domain) === url
        ? []
        : [`${host.name} ${where}: ${domain} is ${values.get(domain)}, not ${url}`];
    });
  };
  return [
    ...withFileAndProcesses(host, path => path.endsWith('davserver.properties'), options),
    ...withFileAndProcesses(host, path => path.endsWith('domainmap.properties'), routes),
  ];
}

function* withFileAndProcesses(
  host: HostData,
  isFile: (path: string) => boolean,
  wrong: (where: string, text: string) => readonly string[],
): Iterable<string> {
  const text = Object.entries(host.files).find(([path]) => isFile(path))?.[1].text ?? '';
  yield* wrong('on disk', text);
  if (host.processes.length === 0) yield `${host.name}: the server does not run`;
  for (const { pid, read, parent } of host.processes)
    if (parent === undefined)
      yield* wrong(`as process ${pid} runs`, Object.entries(read).find(([path]) => isFile(path))?.[1] ?? '');
}

/** The cohort of an account: the first that names it. */
function cohortOf({ dn, attributes }: ModelEntry, { cohorts }: PlainEstate): PlainCohort {
  const found = Object.values(cohorts).find(({ members }) => {
    if (members === 'rest') return true;
    if (members.list) return members.list.some(name => attributes['uid']?.includes(name));
    const [, name = '', value = ''] = /^\((\w+)=(.*)\)$/.exec(members.filter ?? '') ?? [];
    const isBelow = dn.toLowerCase().endsWith((members.base ?? '').toLowerCase());
    return isBelow && attributes[name.toLowerCase()]?.includes(value) === true;
  });
  if (!found) throw new Error('an account in no cohort');
  return found;
}

function wrongOfAccount(entry: ModelEntry, estate: PlainEstate): readonly string[] {
  const { store, migrated } = cohortOf(entry, estate);
  const has = (name: string) => entry.attributes[name] ?? [];
  const stores = has('davstore').join(' ');
  const denied = has('icsallowedserviceaccess').some(value => value === '-http:all');
  return [
    ...(stores === (store ?? '') ? [] : [`${entry.dn}: davStore is "${stores}", not "${store ?? ''}"`]),
    ...(has('davuniqueid').length === 1 ? [] : [`${entry.dn}: has no unique id`]),
    ...(migrated?.denyCs6Login && !denied ? [`${entry.dn}: may log in to CS6`] : []),
  ];
}

/** The CS6 hosts that run and may make calendars by themselves. */
export function provisioningHosts(hosts: readonly HostData[]): readonly string[] {
  return hosts
    .filter(({ product, processes }) => {
      if (product !== 'cs6') return false;
      return processes.some(({ read }) => {
        const values = icsValues(Object.entries(read).find(([path]) => path.endsWith('ics.conf'))?.[1] ?? '');
        return provisioning.some(key => values.get(key) !== 'no');
      });
    })
    .map(({ name }) => name);
}
