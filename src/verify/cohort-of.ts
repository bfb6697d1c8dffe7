import type { AccountClass, DesiredCohort, DesiredState } from '../core/desired.ts';
import { isBelow, memberKey, nameKey } from '../core/distinguished-name.ts';
import { equals, or } from '../core/ldap-filter.ts';
import { entriesOf, namedMembers } from '../kinds/shared/account-searches.ts';
import { valuesOf } from '../kinds/shared/ldap-account.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';

/** The cohort that takes one account. */
export type CohortOf = (entry: DirectoryEntry) => Promise<DesiredCohort | undefined>;

/** Finds the first cohort whose members an account is among. For a few accounts; `survey` is for all. */
export function cohortFinder({ cohorts }: DesiredState, reader: DirectoryReader): CohortOf {
  const known = cohorts.map(cohort => knownMembers(cohort, reader));
  return async entry => {
    for (const cohort of known) if (await takes(cohort, entry, reader)) return cohort.cohort;
    return undefined;
  };
}

/** A cohort, and what is found out about it once: a list or a group may name a hundred thousand. */
interface KnownCohort {
  readonly cohort: DesiredCohort;
  /** The names of its list, in a form that can be compared. */
  names(): ReadonlySet<string>;
  /** The searches that describe members of its group. */
  described(): Promise<readonly AccountClass[]>;
}

function knownMembers(cohort: DesiredCohort, reader: DirectoryReader): KnownCohort {
  let names: ReadonlySet<string> | undefined;
  let described: ReturnType<KnownCohort['described']> | undefined;
  const list = cohort.members === 'rest' ? [] : (cohort.members.list ?? []);
  return {
    cohort,
    names() {
      names ??= new Set(list.map(memberKey));
      return names;
    },
    described() {
      described ??= namedMembers(cohort, reader).then(named => named?.described ?? []);
      return described;
    },
  };
}

async function takes(known: KnownCohort, entry: DirectoryEntry, reader: DirectoryReader): Promise<boolean> {
  const { members } = known.cohort;
  if (members === 'rest') return true;
  const { base, filter, list, group } = members;
  if (base !== undefined && !isBelow(entry.dn, base)) return false;
  if (list !== undefined && !isNamed(known.names(), entry)) return false;
  if (filter !== undefined && !(await fits(entry.dn, filter, reader))) return false;
  return group === undefined || (await isInGroup(group, entry, reader, known));
}

function isNamed(names: ReadonlySet<string>, entry: DirectoryEntry): boolean {
  return names.has(nameKey(entry.dn)) || valuesOf(entry, 'uid').some(uid => names.has(uid.toLowerCase()));
}

async function fits(dn: string, filter: string, reader: DirectoryReader): Promise<boolean> {
  const query = { base: dn, scope: 'base' as const, filter, attributes: ['1.1'] };
  return (await entriesOf(query, reader)).length > 0;
}

/** The directory is asked for the one value; then the searches that describe members are tried. */
async function isInGroup(
  group: string,
  { dn }: DirectoryEntry,
  reader: DirectoryReader,
  known: KnownCohort,
): Promise<boolean> {
  if (await fits(group, or(equals('uniqueMember', dn), equals('member', dn)), reader)) return true;
  for (const { base, filter } of await known.described())
    if (isBelow(dn, base) && (await fits(dn, filter, reader))) return true;
  return false;
}
