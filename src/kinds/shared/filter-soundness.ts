import type { DesiredState } from '../../core/desired.ts';
import { type SourcePosition, TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import { and, attributesIn, not, or } from '../../ldap/filter.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type { DirectoryReader } from '../../ports/directory.ts';
import { entriesOf } from './account-searches.ts';

/** A filter of the user's, and where it stands. */
interface NamedFilter {
  readonly name: string;
  readonly filter: string;
  readonly where: SourcePosition;
}

/**
 * Throws TargetProblem unless the directory can say of every entry whether a filter of the file fits it. Cohorts are told
 * apart by negating filters, and what a server cannot evaluate (an attribute the schema does not know, a value that is
 * none of the attribute's syntax) has no opposite: OpenLDAP finds nobody with either, 389 everybody with the negation.
 */
export async function proveFilters(state: DesiredState, schema: DirectorySchema, reader: DirectoryReader) {
  const filters = filtersOf(state).map(named => ({ named, either: or(named.filter, not(named.filter)) }));
  for (const { named } of filters) {
    const unknown = attributesIn(named.filter).filter(name => !schema.attributes.has(name));
    if (unknown.length > 0) throw undefinedFilter(named, `The schema has no attribute ${unknown.join(', ')}.`);
  }
  const { base } = state.directory;
  if (await fitsAnyone(and(...new Set(filters.map(({ either }) => either))), base, reader)) return;
  for (const { named, either } of filters)
    if (!(await fitsAnyone(either, base, reader)))
      throw undefinedFilter(named, 'No entry fits it, and none fits its opposite.');
}

/** Whether a filter can be evaluated does not depend on the entry: the one at the base is cheap, but may be hidden. */
async function fitsAnyone(filter: string, base: string, reader: DirectoryReader): Promise<boolean> {
  const query = { base, filter, attributes: ['1.1'] };
  if ((await entriesOf({ ...query, scope: 'base' }, reader)).length > 0) return true;
  for await (const _ of reader.search(query)) return true;
  return false;
}

function filtersOf({ directory, cohorts }: DesiredState): readonly NamedFilter[] {
  const classes = [directory.users, directory.groups, directory.resources].map(({ filter }) => ({
    name: 'directory.accounts',
    filter,
    where: directory.source,
  }));
  const members = cohorts.flatMap(({ name, members: chosen, source }) =>
    chosen === 'rest' || chosen.filter === undefined
      ? []
      : [{ name: `cohort ${name}`, filter: chosen.filter, where: source }],
  );
  return [...classes, ...members];
}

function undefinedFilter({ name, filter, where }: NamedFilter, reason: string): TargetProblem {
  return new TargetProblem(
    finding('directory.filter-undefined', {
      detail: `${name}: ${filter}\n${reason}\nIt would find nobody, and who is in which cohort could not be told. Correct the attribute or the value.`,
      target: 'directory',
      where,
    }),
  );
}
