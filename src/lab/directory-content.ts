import { createHash } from 'node:crypto';
import { ldifLine } from '../ldap/ldif.ts';

/** One entry of the rehearsal directory, with the attributes' names as an administrator would write them. */
export interface LabEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** How large the rehearsal directory is and what it holds. */
export interface DirectoryContent {
  /** `o=isp`. */
  readonly suffix: string;
  /** `example.com`; the organisation below the suffix and the mail domain. */
  readonly domain: string;
  readonly users: number;
  readonly groups: number;
  readonly resources: number;
  /** Every how many users one already has a davUniqueId; 7 unless told, 0 for none. */
  readonly uniqueIdEvery?: number;
  /** Password of `cn=reconcile,ou=Services`, `reconcile-lab` unless told. */
  readonly servicePassword?: string;
}

const GIVEN = ['Anna', 'Bruno', 'Chandra', 'Zoë', 'Emeka', 'Françoise', 'Grace', 'Hiroshi', 'Inés', 'Jürgen', 'Kavita'];
const FAMILY = [
  'Okafor',
  'Smith',
  'Müller',
  "O'Brien",
  'Gupta',
  'Lefèvre',
  'Tanaka',
  'García',
  'Ngugi',
  'van der Berg',
];
const DEPARTMENTS = ['Finance', 'Research', 'Sales', 'Operations', 'Legal'];

interface Person {
  readonly uid: string;
  readonly given: string;
  readonly family: string;
}

/** The first users are the same at every size: names that a careless DN, filter or LDIF trips over. */
const ODD_PEOPLE: readonly Person[] = [
  { uid: 'jdoe', given: 'John', family: 'Doe' },
  { uid: "o'neil", given: 'Shaun', family: "O'Neil" },
  { uid: 'r+d', given: 'Research', family: 'Development' },
  { uid: 'Smith, Jr.', given: 'Bob', family: 'Smith, Jr.' },
  { uid: 'zoë', given: 'Zoë', family: '(Guest) *' },
];
const ODD_GROUPS = ['Zoë', 'Sales, EMEA', 'C# "guild"', '<all>; staff'];

/** The directory's entries, parents first, always the same for the same content. */
export function* directoryEntries(content: DirectoryContent): Iterable<LabEntry> {
  const organisation = `o=${escapeDnValue(content.domain)},${content.suffix}`;
  yield* containers(content, organisation);
  for (let number = 0; number < content.users; number += 1) {
    yield user(content, organisation, number);
  }
  for (let number = 0; number < content.groups; number += 1) {
    yield group(content, organisation, number);
  }
  for (let number = 0; number < content.resources; number += 1) {
    yield resource(content, organisation, number);
  }
}

/** LDIF (RFC 2849), one record for each entry. */
export function* toLdif(entries: Iterable<LabEntry>): Iterable<string> {
  for (const { dn, attributes } of entries) {
    const lines = Object.entries(attributes).flatMap(([name, values]) => values.map(value => ldifLine(name, value)));
    yield `${[ldifLine('dn', dn), ...lines].join('\n')}\n\n`;
  }
}

/** A value as it stands inside a DN (RFC 4514). */
function escapeDnValue(value: string): string {
  return value.replace(/[\\,+"<>;=]|^[ #]| $/g, char => `\\${char}`);
}

function* containers(content: DirectoryContent, organisation: string): Iterable<LabEntry> {
  yield entry(content.suffix, { objectClass: ['top', 'organization'], o: [content.suffix.replace(/^o=/, '')] });
  yield entry(`ou=Services,${content.suffix}`, { objectClass: ['top', 'organizationalUnit'], ou: ['Services'] });
  yield entry(`cn=reconcile,ou=Services,${content.suffix}`, {
    objectClass: ['top', 'person'],
    cn: ['reconcile'],
    sn: ['reconcile'],
    userPassword: [content.servicePassword ?? 'reconcile-lab'],
  });
  yield entry(organisation, {
    objectClass: ['top', 'organization', 'sunManagedOrganization'],
    o: [content.domain],
    inetDomainStatus: ['active'],
    sunPreferredDomain: [content.domain],
  });
  for (const name of ['People', 'Groups', 'Resources']) {
    yield entry(`ou=${name},${organisation}`, { objectClass: ['top', 'organizationalUnit'], ou: [name] });
  }
}

function user(content: DirectoryContent, organisation: string, number: number): LabEntry {
  const { uid, given, family } = person(number);
  const dn = userDn(organisation, number);
  const every = content.uniqueIdEvery ?? 7;
  const known = every > 0 && number % every === every - 1;
  return entry(dn, {
    objectClass: userClasses(number, known),
    uid: [uid],
    cn: [`${given} ${family}`],
    givenName: [given],
    sn: [family],
    mail: [`${mailbox(uid, number)}@${content.domain}`],
    departmentNumber: [DEPARTMENTS[number % DEPARTMENTS.length] ?? ''],
    inetUserStatus: ['active'],
    icsStatus: [number % 11 === 4 ? 'Active' : 'active'],
    icsCalendar: [mailbox(uid, number)],
    icsFirstDay: ['2'],
    icsDWPHost: [`cs${(number % 2) + 1}.${content.domain}`],
    ...(known ? { davUniqueId: [uniqueId(dn)] } : {}),
  });
}

function userClasses(number: number, known: boolean): readonly string[] {
  const lowerCase = number % 13 === 5;
  return [
    'top',
    'person',
    'organizationalPerson',
    'inetOrgPerson',
    'inetUser',
    lowerCase ? 'icscalendaruser' : 'icsCalendarUser',
    ...(known ? [lowerCase ? 'daventity' : 'davEntity'] : []),
  ];
}

function group(content: DirectoryContent, organisation: string, number: number): LabEntry {
  const name = ODD_GROUPS[number] ?? `${DEPARTMENTS[number % DEPARTMENTS.length]} ${number}`;
  const members = Math.min(5, content.users);
  return entry(`cn=${escapeDnValue(name)},ou=Groups,${organisation}`, {
    objectClass: ['top', 'groupOfUniqueNames', 'icsCalendarGroup'],
    cn: [name],
    groupid: [`group${number + 1}`],
    mail: [`group${number + 1}@${content.domain}`],
    icsStatus: ['active'],
    icsCalendar: [`group${number + 1}@${content.domain}`],
    uniqueMember:
      members === 0
        ? [organisation]
        : Array.from({ length: members }, (_, member) => userDn(organisation, (number * 5 + member) % content.users)),
  });
}

function resource(content: DirectoryContent, organisation: string, number: number): LabEntry {
  const uid = `room${number + 1}`;
  return entry(`uid=${uid},ou=Resources,${organisation}`, {
    objectClass: ['top', 'inetResource', 'icsCalendarResource'],
    uid: [uid],
    cn: [`Room ${number + 1}`],
    mail: [`${uid}@${content.domain}`],
    inetResourceStatus: ['active'],
    icsStatus: ['active'],
    icsCalendar: [uid],
    icsAutoaccept: ['1'],
  });
}

function person(number: number): Person {
  const odd = ODD_PEOPLE[number];
  if (odd) {
    return odd;
  }
  const given = GIVEN[number % GIVEN.length] ?? '';
  const family = FAMILY[Math.floor(number / GIVEN.length) % FAMILY.length] ?? '';
  const round = Math.floor(number / (GIVEN.length * FAMILY.length));
  return { uid: `${ascii(given)}.${ascii(family)}${round === 0 ? '' : round + 1}`, given, family };
}

function userDn(organisation: string, number: number): string {
  return `uid=${escapeDnValue(person(number).uid)},ou=People,${organisation}`;
}

function mailbox(uid: string, number: number): string {
  return number < ODD_PEOPLE.length ? ascii(uid) : uid;
}

function ascii(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^A-Za-z0-9]/g, '')
    .toLowerCase();
}

/** Adds what a Sun or 389 server gives every entry by itself. */
function entry(dn: string, attributes: Readonly<Record<string, readonly string[]>>): LabEntry {
  return {
    dn,
    attributes: {
      ...attributes,
      objectClass: [...(attributes['objectClass'] ?? []), 'labEntry'],
      nsUniqueId: [uniqueId(dn)],
    },
  };
}

/** The shape of nsUniqueId: 32 hexadecimal digits, in eights. */
function uniqueId(dn: string): string {
  const digits = createHash('sha256').update(dn).digest('hex');
  return [0, 8, 16, 24].map(at => digits.slice(at, at + 8)).join('-');
}
