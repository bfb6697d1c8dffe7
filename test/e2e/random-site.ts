import type { LabEntry } from '../../src/lab/directory-content.ts';
import { installedIcsConf, installedOptions } from '../../src/lab/lay-rehearsal.ts';
import { drawVariation, makeRandom } from './draw-variation.ts';
import type { Urls, Variation } from './varied-estate.ts';

/** A site as it was found: nobody here has configured it, and it may be half way to coexistence. */
export interface RandomSite {
  readonly variation: Variation;
  /** What is true of the ics.conf of each host of CS6. */
  readonly icsConf: ReadonlyMap<string, IcsConfTruth>;
  /** What each host of CS7 has set, by the names of options. */
  readonly options: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** How its accounts are spread, in words. */
  readonly people: string;
}

/** What an ics.conf says. */
export interface IcsConfTruth {
  /** The keys whose last line is in order, and its value. */
  readonly plain: ReadonlyMap<string, string>;
  /** The keys whose last line is not in order, so that nobody can want what it says. */
  readonly odd: ReadonlySet<string>;
}

/** Keys of coexistence that are either right or not. */
export const switches: Readonly<Record<string, { readonly right: string; readonly wrong: string }>> = {
  'service.http.caldavcompatible': { right: 'yes', wrong: 'no' },
  'local.autoprovision': { right: 'no', wrong: 'yes' },
  'user.invite.autoprovision': { right: 'no', wrong: 'yes' },
  'group.invite.autoprovision': { right: 'no', wrong: 'yes' },
  'resource.invite.autoprovision': { right: 'no', wrong: 'yes' },
};

/** The key of the redirect, and what follows the address of the CS7 host in it. */
export const redirect = { key: 'service.wcap.freebusy.redirecturl', path: '/davserver/wcap/get_freebusy.wcap' };

const ownSettings: readonly (readonly [string, readonly string[]])[] = [
  ['service.http.idletimeout', ['90', '300', '600']],
  ['service.http.maxsessions', ['5000', '20000']],
  ['local.rfc822header.allow8bit', ['yes', 'no']],
  ['calstore.default.timezoneid', ['Europe/Paris', 'America/New_York']],
  ['local.site.motto', ['all days are open; call 42!', 'a = b', "it's $HOME", 'back\\slash', '']],
  ['local.site.door', ['#7', '! no', '  ']],
  ['service.wcap.version', ['4.0.0']],
];

const ownOptions: readonly (readonly [string, readonly string[]])[] = [
  ['davcore.autocreate.enableautocreate', ['true', 'false']],
  ['davcore.uriinfo.ldapcachettl', ['60', '600']],
  ['base.ldapinfo.cachettl', ['30', '90']],
];

/** Lines that decide nothing, and lines whose key has a value that nobody can be sure of. */
const oddLines: readonly { readonly text: string; readonly odd?: string }[] = [
  { text: '#local.autoprovision = "no"' },
  { text: '! service.http.caldavcompatible = "yes"' },
  { text: '' },
  { text: '   ' },
  // A name that is not in lower case: nobody knows how the server reads it.
  { text: 'local.site.Mixed = "1"', odd: 'local.site.Mixed' },
  { text: 'local.site.wrapped =\n"on the next line"', odd: 'local.site.wrapped' },
  { text: 'local.site.bare = unquoted', odd: 'local.site.bare' },
  { text: 'local.site.tail = "1" ; a remark', odd: 'local.site.tail' },
];

/** The site of a seed. */
export function drawSite(seed: number): RandomSite {
  const random = makeRandom(seed + 100_000);
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const hosts = { cs6: one([1, 1, 2, 2, 3, 6]), cs7: one([1, 1, 1, 2, 3, 6]), rate: one([0, 0.1, 0.35]) };
  const drawn = drawVariation(random, hosts);
  const sevens = Object.keys(drawn.cs7);
  const confs = Object.keys(drawn.cs6).map(name => [name, drawIcsConf(random, one, sevens)] as const);
  const options = sevens.map(name => [name, drawOptions(random, one)] as const);
  const { people, entry } = drawPeople(random, one);
  const cs6 = Object.entries(drawn.cs6).map(([name, host], i) => [name, { ...host, icsConf: confs[i]?.[1].write }]);
  const cs7 = Object.entries(drawn.cs7).map(([name, host], i) => {
    const map = drawDomainMap(random, Object.keys(drawn.cs6)[0] ?? '');
    return [name, { ...host, options: options[i]?.[1] ?? {}, ...(map && { domainMap: map }) }];
  });
  return {
    variation: { cs6: Object.fromEntries(cs6), cs7: Object.fromEntries(cs7), entry },
    icsConf: new Map(confs.map(([name, { truth }]) => [name, truth])),
    options: new Map(options),
    people,
  };
}

type One = <T>(values: readonly T[]) => T;

interface DrawnIcsConf {
  readonly write: (installed: string, urls: Urls) => string;
  readonly truth: IcsConfTruth;
}

/** What is appended decides, because the last line of a key counts. */
function drawIcsConf(random: () => number, one: One, sevens: readonly string[]): DrawnIcsConf {
  const dropped = new Set<string>();
  const added: (readonly [string, string])[] = [];
  for (const [key, { right, wrong }] of Object.entries(switches)) {
    const state = one(['as installed', 'absent', 'right', 'wrong']);
    if (state === 'absent') dropped.add(key);
    if (state === 'right' || state === 'wrong') added.push([key, state === 'right' ? right : wrong]);
  }
  for (const [key, values] of ownSettings) if (random() < 0.5) added.push([key, one(values)]);
  const odd = oddLines.filter(() => random() < 0.3);
  const redirectTo = one(['nowhere', 'nowhere', ...sevens, 'http://old.example.org:80']);
  const end = random() < 0.2 ? '\r\n' : '\n';
  const lines = installedIcsConf(0)
    .split('\n')
    .filter(line => !dropped.has(/^([\w.]+)\s*=/.exec(line)?.[1] ?? ''));
  const truth = {
    plain: new Map([
      ...plainLines(lines),
      ...added,
      ...(redirectTo === 'nowhere' ? [] : [[redirect.key, redirectTo] as const]),
    ]),
    odd: new Set(odd.flatMap(line => line.odd ?? [])),
  };
  const write = (installed: string, urls: Urls) => {
    const kept = installed.split('\n').filter(line => !dropped.has(/^([\w.]+)\s*=/.exec(line)?.[1] ?? ''));
    const url = urls.get(redirectTo) ?? redirectTo;
    const more = [
      ...odd.map(({ text }) => text),
      ...added.map(([key, value]) => `${key} = "${value}"`),
      ...(redirectTo === 'nowhere' ? [] : [`${redirect.key} = "${url}${redirect.path}"`]),
    ];
    return [...kept, ...more, ''].join('\n').replaceAll('\n', end);
  };
  return { write, truth };
}

function plainLines(lines: readonly string[]): readonly (readonly [string, string])[] {
  return lines.flatMap(line => {
    const [, key, value] = /^([\w.]+)\s*=\s*"([^"]*)"\s*$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
}

function drawOptions(random: () => number, one: One): Readonly<Record<string, string>> {
  const own = ownOptions.flatMap(([name, values]) => (random() < 0.5 ? [[name, one(values)]] : []));
  const subject = one([
    'cn davstore icsstatus mail',
    'cn icsstatus mail',
    'mail davStore davUniqueId cn',
    'cn mail DAVUNIQUEID',
  ]);
  const localUser = one(['', '', 'davStore', 'davstore']);
  return {
    ...installedOptions,
    ...Object.fromEntries(own),
    'davcore.uriinfo.subjectattributes': subject,
    'davcore.scheduling.localuserattr': localUser,
  };
}

/** Lines of a map that may be right, old, or a stranger's. */
function drawDomainMap(random: () => number, front: string): ((urls: Urls) => string) | undefined {
  if (random() < 0.4) return undefined;
  const right = random() < 0.5;
  const stranger = random() < 0.3;
  return urls =>
    [
      '# domain=URL',
      ...(right ? [`example.com=${urls.get(front)}/ischedule/`] : []),
      ...(stranger ? ['partner.example.net=http://calendar.partner.example.net/ischedule/'] : []),
      '',
    ].join('\n');
}

/** Who is on CS7, and what else is odd about the accounts. */
function drawPeople(
  random: () => number,
  one: One,
): { readonly people: string; readonly entry: (entry: LabEntry) => LabEntry } {
  const people = one(['nobody', 'everybody', 'a department', 'a group', 'a few', 'a few', 'two stores']);
  const denied = random() < 0.3;
  const second = random() < 0.3;
  const chosen = new Map<string, string | undefined>();
  const department = one(['Finance', 'Research', 'Sales']);
  const storeFor = (entry: LabEntry, number: number): string | undefined => {
    if (people === 'nobody') return undefined;
    if (people === 'everybody') return 'defaultbackend';
    if (people === 'a department')
      return entry.attributes['departmentNumber']?.[0] === department ? 'defaultbackend' : undefined;
    // The members of the first group of the rehearsal directory.
    if (people === 'a group') return number < 5 && isUser(entry) ? 'defaultbackend' : undefined;
    if (random() >= 0.3) return undefined;
    return people === 'two stores' && random() < 0.5 ? 'eastbackend' : 'defaultbackend';
  };
  let number = -1;
  const entry = (laid: LabEntry): LabEntry => {
    if (!isAccount(laid)) return laid;
    number += 1;
    const store = storeFor(laid, number);
    chosen.set(laid.dn, store);
    const attributes: Record<string, readonly string[]> = { ...laid.attributes };
    if (second && number % 4 === 3) attributes['mail'] = [`user${number}@branch.example.org`];
    if (random() < 0.05) delete attributes['mail'];
    if (store === undefined) return { dn: laid.dn, attributes };
    attributes['davStore'] = [store];
    if (random() < 0.7) attributes['davUniqueId'] ??= [attributes['nsUniqueId']?.[0] ?? ''];
    if (denied && isUser(laid)) attributes['icsAllowedServiceAccess'] = ['-http:all'];
    const classes = attributes['objectClass'] ?? [];
    const known = classes.some(name => name.toLowerCase() === 'daventity');
    attributes['objectClass'] = known ? classes : [...classes, 'davEntity'];
    return { dn: laid.dn, attributes };
  };
  return { people: `${people}${denied ? ', denied' : ''}${second ? ', two mail domains' : ''}`, entry };
}

function isUser({ attributes }: LabEntry): boolean {
  return (attributes['objectClass'] ?? []).some(name => name.toLowerCase() === 'icscalendaruser');
}

function isAccount({ attributes }: LabEntry): boolean {
  return (attributes['objectClass'] ?? []).some(name => /^icscalendar(user|group|resource)$/i.test(name));
}
