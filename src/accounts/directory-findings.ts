import { loginName } from '../core/connection.ts';
import type { AccountClass, DesiredCohort, DesiredDirectory, Members } from '../core/desired.ts';
import { type Finding, mostNamed, type SourcePosition, TargetProblem } from '../core/finding.ts';
import { stated } from '../core/next-command.ts';
import { count } from '../core/units.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { isBelow, memberKey, nameKey } from '../ldap/distinguished-name.ts';
import { equals } from '../ldap/filter.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryReader, PasswordState } from '../ports/directory.ts';
import { valuesOf } from './account.ts';
import { accountSearches, entriesOf, knownNames, searchesByName } from './account-searches.ts';
import { classFindings } from './estate-filters.ts';

/** A filter that fits nobody is a slip more often than not. `searches` find the members of the cohort, whoever else has them. */
export async function* nobodyInCohort(
  { name, source }: DesiredCohort,
  searches: readonly AccountClass[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  for (const search of searches) for await (const _ of reader.search({ ...search, attributes: ['1.1'] })) return;
  yield finding('cohort.empty', {
    detail: `cohort ${name}: no account matches the base and the filter.\nCorrect them, or remove the cohort.`,
    where: source,
  });
}

/** Of the names that led to no account of the cohort, those that no account has at all. */
export async function* findMissing(
  { name, members, source }: DesiredCohort,
  names: readonly string[],
  searches: readonly AccountClass[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  if (members === 'rest' || names.length === 0) return;
  const found = new Set<string>();
  for (const search of searchesByName(searches, names))
    for (const entry of await entriesOf({ ...search, attributes: ['uid'] }, reader))
      for (const known of knownNames(entry)) found.add(known);
  const missing = new Set(names.filter(one => !found.has(memberKey(one))));
  if (missing.size > 0) yield missingMembers(name, members, missing, source);
}

/** What stands in a file of its own is never shown, only its line: the estate file could name any file. */
function missingMembers(
  cohort: string,
  { list = [], listed }: Exclude<Members, 'rest'>,
  missing: ReadonlySet<string>,
  source: SourcePosition,
): Finding {
  const lines = listed?.lines.filter((_, i) => missing.has(list[i] ?? ''));
  const names = listed ? (lines ?? []).map(line => `line ${line}`) : [...missing].map(one => `"${one}"`);
  const lists = listed ? `${listed.file} lists names` : 'There are names';
  const [line] = lines ?? [];
  return finding('cohort.member-missing', {
    detail: `${lists} for cohort ${cohort} that no account has as its uid or DN.\nCorrect them, or remove them.`,
    where: listed && line !== undefined ? { file: listed.file, line } : source,
    about: { count: names.length, names: names.slice(0, mostNamed) },
  });
}

/** What is to be said of the connection with the directory: of several servers, which one is used, and what the password has left. */
export async function connectionFindings(
  directory: DesiredDirectory,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  return [...(await serverFindings(directory, reader)), ...(await passwordFindings(directory, reader))];
}

async function serverFindings(
  { otherUrls, source: where }: DesiredDirectory,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  const server = otherUrls.length > 0 ? await reader.server() : undefined;
  if (!server) return [];
  const target = 'directory';
  const { url, passedOver } = server;
  const readOnly = passedOver.filter(({ why }) => why === 'takes-no-changes').map(other => other.detail);
  return [
    ...passedOver
      .filter(({ why }) => why === 'unreachable')
      .map(other =>
        finding('directory.server-down', { detail: `${other.detail}\n${url} is used instead.`, target, where }),
      ),
    finding('directory.server-used', {
      detail: [
        `The directory was read from ${url}.`,
        ...(readOnly.length > 0 ? ['These servers do not accept changes:', ...readOnly] : []),
      ].join('\n'),
      target,
      where,
    }),
  ];
}

/** What the directory says about the password for it: from the day it announces an end, until nothing can be read any more. */
async function passwordFindings(
  directory: Pick<DesiredDirectory, 'bindDn'>,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  const lines = linesOf(await reader.password());
  if (lines.length === 0) return [];
  return [
    finding('directory.password-expiring', {
      detail: [
        `The password of ${loginName(directory)}:`,
        ...lines,
        'Set a new one before that. Otherwise nothing can be read or written.',
      ].join('\n'),
      target: 'directory',
    }),
  ];
}

function linesOf({ expiresAt, expired, graceLogins, mustChange }: PasswordState): readonly string[] {
  return [
    ...(mustChange ? ['An administrator has set it, and it must be changed.'] : []),
    ...(expiresAt === undefined ? [] : [`It expires at ${minuteOf(expiresAt)}.`]),
    ...(expired ? ['It has expired but is still accepted.'] : []),
    ...(graceLogins === undefined
      ? []
      : [`It will be accepted for ${count(graceLogins, 'more login', 'more logins')}.`]),
  ];
}

/** To the minute: the server counts in whole seconds from when it was asked. */
function minuteOf(time: number): string {
  return `${new Date(Math.round(time / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
}

/** What is to be said of the directory as a whole, whatever its accounts are like. Throws TargetProblem where all of it is elsewhere. */
export async function directoryFindings(
  directory: DesiredDirectory,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  return [
    ...(await connectionFindings(directory, reader)),
    ...classFindings(directory, await reader.schema()),
    ...(await referralFindings(directory, reader)),
  ];
}

/** The class of entries that refer to another server (RFC 3296). */
export const referralClass = 'referral';

/** Entries below the bases of the accounts that refer to another server. What lies behind them is not looked at. */
async function referralFindings(directory: DesiredDirectory, reader: DirectoryReader): Promise<readonly Finding[]> {
  const bases = accountSearches(directory).map(({ base }) => base);
  const searched = bases.filter((base, i) => !bases.some((other, j) => i !== j && isBelow(base, other)));
  try {
    const found = (await Promise.all(searched.map(base => referralsBelow(base, reader)))).flat();
    const whole = found.find(({ dn }) => dn !== '' && bases.some(base => nameKey(dn) === nameKey(base)));
    if (whole) throw allElsewhere(whole);
    const names = found.map(entry => `${entry.dn || 'an entry'} refers to ${valuesOf(entry, 'ref').join(' and ')}`);
    return names.length === 0 ? [] : [behindReferrals(directory, [...new Set(names)].toSorted())];
  } catch (problem) {
    return [notChecked(directory, 'whether entries below the base refer to other servers', problem)];
  }
}

function referralsBelow(base: string, reader: DirectoryReader): Promise<readonly DirectoryEntry[]> {
  const filter = equals('objectClass', referralClass);
  return entriesOf({ base, filter, attributes: ['ref'], referrals: true }, reader);
}

function allElsewhere(entry: DirectoryEntry): TargetProblem {
  return new TargetProblem(
    finding('directory.referral', {
      detail: `The base ${entry.dn} refers to ${valuesOf(entry, 'ref').join(' and ')}.\nreconcile does not follow referrals: the password would go to a server that you did not name.\nName a server that holds the whole base, or a base that this server holds.`,
      target: 'directory',
    }),
  );
}

function behindReferrals({ base, source }: DesiredDirectory, names: readonly string[]): Finding {
  return finding('directory.referral-entry', {
    detail: `Below ${base} are entries that refer to another server.\nAccounts behind them are on that server and are not read: they are in no cohort, and are neither checked nor changed.\nIf there are none, you do not have to do anything. Otherwise set directory.url to a server that holds the whole base.`,
    target: 'directory',
    where: source,
    about: { count: names.length, names: names.slice(0, mostNamed) },
  });
}

/** A note that something could not be found out. Throws what is no answer of the directory, such as a lost connection. */
function notChecked({ source }: DesiredDirectory, what: string, problem: unknown): Finding {
  const answered =
    problem instanceof TargetProblem && hasCode(problem.finding, 'directory.search-incomplete', 'snapshot.not-in-it');
  if (!answered) throw problem;
  return finding('directory.not-checked', {
    detail: `It was not checked ${what}:\n${problem.finding.detail}`,
    target: 'directory',
    where: source,
  });
}

/** Where the file says with which object class an attribute goes. */
export type ClassKey = 'uniqueId' | 'localUser';

/**
 * What the directory's schema lacks for an attribute to be written; checked before anything is. `key`: where the file says
 * with which class it goes.
 */
export async function schemaFindings(
  directory: DirectoryReader,
  attribute: string,
  objectClass: string,
  key?: ClassKey,
): Promise<readonly Finding[]> {
  const schema = await directory.schema();
  const known = schema.objectClasses.get(objectClass.toLowerCase());
  const missing = (problem: string, wayOn: readonly string[]): Finding =>
    finding('directory.schema-missing', {
      detail: [`${problem}\nThe directory would refuse every write. ${loadSchema}`, ...wayOn].join('\n'),
      target: 'directory',
    });
  const kind = schema.attributes.get(attribute.toLowerCase());
  if (!kind) return [missing(`The schema of the directory has no attribute ${attribute}.`, [])];
  if (kind.operational) return [];
  const wayOn = key ? otherClass(schema, attribute, key) : [];
  if (!known) return [missing(`The schema of the directory has no object class ${objectClass}.`, wayOn)];
  const fits = [...known.may, ...known.must].includes(attribute.toLowerCase());
  return fits ? [] : [missing(`Object class ${objectClass} does not allow the attribute ${attribute}.`, wayOn)];
}

const loadSchema = 'Load the schema of Calendar Server 7 (comm_dssetup), or set the right name under directory.';

/** Another class that allows the attribute; an auxiliary one first, because only such a class can be added to an entry. */
function otherClass({ objectClasses }: DirectorySchema, attribute: string, key: ClassKey): readonly string[] {
  const allowing = [...objectClasses]
    .filter(([, { may, must }]) => [...may, ...must].includes(attribute.toLowerCase()))
    .toSorted(([, a], [, b]) => Number(b.auxiliary) - Number(a.auxiliary));
  const [first] = allowing.map(([name]) => name);
  if (first === undefined) return [];
  const names = allowing.map(([name]) => name).slice(0, mostNamed);
  return [
    `Object classes that allow ${attribute}: ${names.join(', ')}.`,
    'If the accounts have one of them, or you can add it, set it:',
    stated(['directory', key, 'objectClass'], first),
  ];
}
