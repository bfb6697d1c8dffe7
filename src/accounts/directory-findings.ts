import { count } from '../core/count.ts';
import type { AccountClass, DesiredCohort, DesiredDirectory, Members } from '../core/desired.ts';
import { type Finding, mostNamed, type SourcePosition } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { memberKey } from '../ldap/distinguished-name.ts';
import type { DirectoryReader, PasswordState } from '../ports/directory.ts';
import { entriesOf, knownNames, searchesByName } from './account-searches.ts';

/** A filter that fits nobody is a slip more often than not. `searches` find the members of the cohort, whoever else has them. */
export async function* nobodyInCohort(
  { name, source }: DesiredCohort,
  searches: readonly AccountClass[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  for (const search of searches) for await (const _ of reader.search({ ...search, attributes: ['1.1'] })) return;
  yield finding('cohort.empty', {
    detail: `cohort ${name}: no account fits base and filter.\nCorrect them, or take the cohort out.`,
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

/** What the directory says about the password for it: from the day it announces an end, until nothing can be read any more. */
export async function passwordFindings(
  { bindDn }: Pick<DesiredDirectory, 'bindDn'>,
  reader: DirectoryReader,
): Promise<readonly Finding[]> {
  const lines = linesOf(await reader.password());
  if (lines.length === 0) return [];
  return [
    finding('directory.password-expiring', {
      detail: [
        `The password of ${bindDn}:`,
        ...lines,
        'Set a new one before that, or nothing can be read or written.',
      ].join('\n'),
      target: 'directory',
    }),
  ];
}

function linesOf({ expiresAt, expired, graceLogins, mustChange }: PasswordState): readonly string[] {
  return [
    ...(mustChange ? ['An administrator has set it, and it has to be changed.'] : []),
    ...(expiresAt === undefined ? [] : [`It expires at ${minuteOf(expiresAt)}.`]),
    ...(expired ? ['It has expired, and is still accepted.'] : []),
    ...(graceLogins === undefined
      ? []
      : [`It will be accepted for ${count(graceLogins, 'more login', 'more logins')}.`]),
  ];
}

/** To the minute: the server counts in whole seconds from when it was asked. */
function minuteOf(time: number): string {
  return `${new Date(Math.round(time / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
}

/** What the directory's schema lacks for an attribute to be written; checked before anything is. */
export async function schemaFindings(
  directory: DirectoryReader,
  attribute: string,
  objectClass: string,
): Promise<readonly Finding[]> {
  const schema = await directory.schema();
  const known = schema.objectClasses.get(objectClass.toLowerCase());
  const missing = (detail: string): Finding =>
    finding('directory.schema-missing', {
      detail: `${detail}\nEvery write would be refused. Load the schema of Calendar Server 7 (comm_dssetup), or name the right one under directory.`,
      target: 'directory',
    });
  if (!schema.attributes.has(attribute.toLowerCase())) return [missing(`There is no attribute ${attribute}.`)];
  if (!known) return [missing(`There is no object class ${objectClass}.`)];
  const fits = [...known.may, ...known.must].includes(attribute.toLowerCase());
  return fits ? [] : [missing(`Object class ${objectClass} does not allow the attribute ${attribute}.`)];
}
