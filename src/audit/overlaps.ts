import {
  accountSearches,
  entriesOf,
  namedMembers,
  narrow,
  restrict,
  searchesByName,
} from '../accounts/account-searches.ts';
import type { DesiredCohort, DesiredDirectory, DesiredState } from '../core/desired.ts';
import { isWholeName, nameKey, sameName } from '../ldap/distinguished-name.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import { HashCollector } from './hash-list.ts';

/** The cohorts that a later one with members of its own may overlap; `rest` never does, by what it means. */
export function overlappable({ cohorts }: DesiredState): readonly DesiredCohort[] {
  const last = cohorts.findLastIndex(({ members }) => members !== 'rest');
  return cohorts.slice(0, Math.max(0, last));
}

/**
 * How many accounts that fit each cohort an earlier one took. The directory is asked for all that fit the cohort's own
 * members, names only, and those are looked up among the accounts that each earlier cohort was seen to take.
 */
export async function countOverlaps(
  { cohorts, directory }: DesiredState,
  taken: ReadonlyMap<string, HashCollector>,
  reader: DirectoryReader,
): Promise<ReadonlyMap<string, readonly { readonly cohort: string; readonly accounts: number }[]>> {
  const overlaps = new Map<string, readonly { readonly cohort: string; readonly accounts: number }[]>();
  const earlier: { readonly cohort: string; readonly accounts: ReturnType<HashCollector['unique']> }[] = [];
  for (const cohort of cohorts) {
    if (cohort.members !== 'rest' && earlier.length > 0) {
      const fitting = new HashCollector();
      for await (const dn of fittingNames(cohort, directory, reader)) fitting.add(nameKey(dn));
      const unique = fitting.unique();
      const counted = earlier.map(one => ({ cohort: one.cohort, accounts: unique.countShared(one.accounts) }));
      overlaps.set(
        cohort.name,
        counted.filter(({ accounts }) => accounts > 0),
      );
    }
    const own = taken.get(cohort.name);
    if (own) earlier.push({ cohort: cohort.name, accounts: own.unique() });
  }
  return overlaps;
}

/** The DN of every account that fits a cohort, whoever took it; some may come twice. */
async function* fittingNames(
  cohort: DesiredCohort,
  directory: DesiredDirectory,
  reader: DirectoryReader,
): AsyncIterable<string> {
  const { base, filter } = cohort.members === 'rest' ? {} : cohort.members;
  const own = accountSearches(directory)
    .flatMap(search => narrow(search, base))
    .map(search => restrict(search, ...(filter === undefined ? [] : [filter])));
  const named = await namedMembers(cohort, reader);
  if (!named) {
    for (const search of own) for await (const { dn } of reader.search({ ...search, attributes: ['1.1'] })) yield dn;
    return;
  }
  for (const { names, ...search } of searchesByName(own, named.names)) {
    const [only] = names.length === 1 ? names.filter(isWholeName) : [];
    for (const { dn } of await entriesOf({ ...search, attributes: ['1.1'] }, reader))
      if (only === undefined || sameName(dn, only)) yield dn;
  }
  for (const url of named.described)
    for (const search of own.flatMap(one => narrow(one, url.base).map(part => restrict(part, url.filter))))
      for await (const { dn } of reader.search({ ...search, attributes: ['1.1'] })) yield dn;
}
