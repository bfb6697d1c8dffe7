import {
  type AccountClass,
  type DesiredCohort,
  type DesiredDirectory,
  type DesiredState,
  writtenOnAccounts,
} from '../core/desired.ts';
import { type Finding, type SourcePosition, TargetProblem } from '../core/finding.ts';
import { stated } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import { and, attributesIn, classesIn, firstLookAt, isHopeless, not, or, parseFilter } from '../ldap/filter.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import { entriesOf } from './account-searches.ts';

/** A filter of the estate file, and where it stands. */
export interface EstateFilter {
  readonly name: string;
  readonly filter: string;
  readonly where: SourcePosition;
  /** Set on one that says what counts as an account; no cohort is told apart by its opposite. */
  readonly finds?: 'users' | 'groups' | 'resources';
}

/** Every filter of the estate file: those that find accounts, and those of cohorts. */
export function estateFilters({
  directory,
  cohorts,
}: Pick<DesiredState, 'directory' | 'cohorts'>): readonly EstateFilter[] {
  const classes = (['users', 'groups', 'resources'] as const).flatMap(finds => {
    const { filter } = directory[finds] ?? {};
    return filter === undefined
      ? []
      : [{ name: `directory.accounts.${finds}`, filter, where: directory.source, finds }];
  });
  const members = cohorts.flatMap(({ name, members: chosen, source }) =>
    chosen === 'rest' || chosen.filter === undefined
      ? []
      : [{ name: `cohort ${name}`, filter: chosen.filter, where: source }],
  );
  return [...classes, ...members];
}

/**
 * Throws TargetProblem unless the directory can say of every entry whether a filter of the file fits it. Cohorts are told
 * apart by negating filters, and what a server cannot evaluate (an attribute the schema does not know, a value that is
 * none of the attribute's syntax) has no opposite: OpenLDAP finds nobody with either, 389 everybody with the negation.
 */
export async function proveFilters(state: DesiredState, schema: DirectorySchema, reader: DirectoryReader) {
  const all = estateFilters(state);
  for (const named of all) {
    const isClass = named.finds !== undefined;
    const found = writtenIn(named.filter, { directory: state.directory, cohorts: state.cohorts, isClass }, schema);
    if (found !== undefined) throw writtenFilter(named, found);
  }
  for (const named of all) {
    const unknown = attributesIn(named.filter).filter(name => !schema.attributes.has(name));
    if (unknown.length > 0) throw undefinedFilter(named, `The schema has no attribute ${unknown.join(', ')}.`);
    const classes = unknownClasses(named, schema).filter(({ negated }) => negated || named.finds === undefined);
    if (classes.length > 0) throw undefinedFilter(named, `The schema has no object class ${listed(classes)}.`);
  }
  const filters = all
    .filter(named => unknownClasses(named, schema).length === 0)
    .map(named => ({ named, either: or(named.filter, not(named.filter)) }));
  const { base } = state.directory;
  if (await fitsAnyone(and(...new Set(filters.map(({ either }) => either))), base, reader)) return;
  for (const { named, either } of filters)
    if (!(await fitsAnyone(either, base, reader)))
      throw undefinedFilter(named, 'No entry matches it, and none matches its opposite.');
}

/** What decides which attributes are written on accounts. */
interface Writing extends Pick<DesiredState, 'directory' | 'cohorts'> {
  /** Whether it is a filter that says what an account is: object classes are what it goes by. */
  readonly isClass: boolean;
}

/** What of a filter looks at something that is written on accounts, by any name or the OID that the schema has for it. */
function writtenIn(filter: string, { directory, cohorts, isClass }: Writing, schema: DirectorySchema) {
  const denies = cohorts.some(({ migrated }) => migrated?.denyLogin !== undefined);
  const { attributes, objectClasses } = writtenOnAccounts(directory, denies);
  const written = new Set(attributes.map(name => schema.matching?.get(name.toLowerCase())?.name));
  const others = [...(schema.matching ?? [])].flatMap(([name, matching]) =>
    written.has(matching.name) ? [name, ...(matching.oid === undefined ? [] : [matching.oid])] : [],
  );
  const parsed = parseFilter(filter);
  if ('problem' in parsed) return undefined;
  return firstLookAt(parsed.filter, {
    attributes: [...attributes, ...others],
    objectClasses: isClass ? [] : objectClasses,
  });
}

function writtenFilter({ name, filter, where }: EstateFilter, found: string): TargetProblem {
  return new TargetProblem(
    finding('estate.filter-on-written', {
      detail: `${name}: ${filter}\nIt looks at ${found}, which the schema knows as something that reconcile writes on accounts. Writing it would change who matches.\nDescribe the accounts by something else.`,
      target: 'directory',
      where,
    }),
  );
}

/** Throws TargetProblem where the group of a cohort is described by what is written on its members. */
export function proveDescribed(
  cohort: DesiredCohort,
  described: readonly AccountClass[],
  directory: DesiredDirectory,
  schema: DirectorySchema,
): void {
  const writing = { directory, cohorts: [cohort], isClass: false };
  for (const { filter } of described) {
    const found = writtenIn(filter, writing, schema);
    if (found !== undefined)
      throw writtenFilter(
        { name: `cohort ${cohort.name}, memberURL of its group`, filter, where: cohort.source },
        found,
      );
  }
}

/** Classes that the schema does not have; one that is written as an OID is not looked at. */
function unknownClasses({ filter }: EstateFilter, { objectClasses }: DirectorySchema): readonly ClassTest[] {
  const parsed = parseFilter(filter);
  const classes = 'filter' in parsed ? classesIn(parsed.filter) : [];
  return classes.filter(({ name }) => !/^\d/.test(name) && !objectClasses.has(name.toLowerCase()));
}

type ClassTest = ReturnType<typeof classesIn>[number];

function listed(classes: readonly ClassTest[]): string {
  return [...new Set(classes.map(({ name }) => name))].join(', ');
}

/**
 * What counts as an account by an object class that the schema lacks: no entry has it, so a search for it, which is right on
 * every server, finds none.
 */
export function classFindings(directory: DesiredDirectory, schema: DirectorySchema): readonly Finding[] {
  return estateFilters({ directory, cohorts: [] }).flatMap(named => {
    const unknown = unknownClasses(named, schema);
    return unknown.length > 0 && named.finds ? [classMissing(named, named.finds, unknown)] : [];
  });
}

function classMissing({ name, filter, where }: EstateFilter, finds: string, unknown: readonly ClassTest[]): Finding {
  const missing = new Set(unknown.map(one => one.name));
  const parsed = parseFilter(filter);
  const nobody = 'filter' in parsed && isHopeless(parsed.filter, one => !missing.has(one));
  return finding('directory.class-missing', {
    detail: [
      `${name}: ${filter}`,
      `The schema of the directory has no object class ${listed(unknown)}, so no entry has it.`,
      ...(nobody
        ? [
            `No ${finds} are found. If they have another class here, correct the filter. If there are none, say so:`,
            stated(['directory', 'accounts', finds], 'none'),
          ]
        : ['Remove it from the filter. If the class has another name here, correct it.']),
    ].join('\n'),
    target: 'directory',
    where,
  });
}

/** Whether a filter can be evaluated does not depend on the entry: the one at the base is cheap, but may be hidden. */
async function fitsAnyone(filter: string, base: string, reader: DirectoryReader): Promise<boolean> {
  const query = { base, filter, attributes: ['1.1'] };
  if ((await entriesOf({ ...query, scope: 'base' }, reader)).length > 0) return true;
  for await (const _ of reader.search(query)) return true;
  return false;
}

function undefinedFilter({ name, filter, where }: EstateFilter, reason: string): TargetProblem {
  return new TargetProblem(
    finding('directory.filter-undefined', {
      detail: `${name}: ${filter}\n${reason}\nIt would find no accounts, and the cohorts of accounts would be unknown. Correct the attribute or the value.`,
      target: 'directory',
      where,
    }),
  );
}

/** A reader whose filters mean the same whether the attributes in them are real or made up by the server. */
export async function withRealMatches(base: string, reader: DirectoryReader): Promise<DirectoryReader> {
  const virtual = await virtualAttributes(base, reader);
  if (virtual.size === 0) return reader;
  return {
    server: () => reader.server(),
    password: () => reader.password(),
    schema: () => reader.schema(),
    search: query => reader.search({ ...query, filter: withoutIndex(query.filter, virtual) }),
  };
}

/**
 * Attributes that a class of service makes up below `base` or above it (Sun Directory Server and 389; OpenLDAP has no such
 * thing), in lower case. An index does not know their values: 389 finds them by a filter only where none is used.
 */
async function virtualAttributes(base: string, reader: DirectoryReader): Promise<ReadonlySet<string>> {
  const query = {
    filter: '(&(objectClass=ldapSubEntry)(objectClass=cosSuperDefinition))',
    attributes: ['cosAttribute'],
  };
  for (const above of ancestry(base)) {
    const entries = await entriesOf({ base: above, ...query }, reader);
    const names = entries.flatMap(({ attributes }) => attributes.get('cosattribute') ?? []);
    if (names.length > 0) return new Set(names.map(value => value.trim().split(/\s+/)[0]?.toLowerCase() ?? ''));
  }
  return new Set();
}

/** The names from the top of the tree down to `dn`: a definition counts below the entry it stands under. */
function ancestry(dn: string): readonly string[] {
  const parts = nameKey(dn).split(',');
  return parts.map((_, i) => parts.slice(parts.length - 1 - i).join(','));
}

/** The same filter in a form that no index answers, where it looks at an attribute that is made up. */
function withoutIndex(filter: string, virtual: ReadonlySet<string>): string {
  return virtual.size > 0 && attributesIn(filter).some(name => virtual.has(name)) ? not(not(filter)) : filter;
}
