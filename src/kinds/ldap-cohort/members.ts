import type { AccountClass, DesiredCohort, DesiredDirectory, Members } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { and, equals, or } from '../../core/ldap-filter.ts';
import type { DirectoryEntry, DirectoryReader } from '../../ports/directory.ts';

/** An account in the one cohort it belongs to. */
export interface Member {
  readonly cohort: DesiredCohort;
  readonly entry: DirectoryEntry;
}

/** How many names go into one filter. */
const namesPerFilter = 50;

/** Puts every account into exactly one cohort: the first whose members it is among. */
export async function* assignMembers(
  directory: DesiredDirectory,
  cohorts: readonly DesiredCohort[],
  attributes: readonly string[],
  reader: DirectoryReader,
): AsyncIterable<Member> {
  const taken = new Set<string>();
  for (const cohort of cohorts) {
    for (const search of searchesOf(directory, cohort.members)) {
      for await (const entry of reader.search({ ...search, attributes })) {
        if (taken.has(entry.dn)) continue;
        taken.add(entry.dn);
        yield { cohort, entry };
      }
    }
  }
}

/** Listed names that no account has: each a slip that would leave somebody on the wrong side. */
export async function* findMissing(
  directory: DesiredDirectory,
  cohorts: readonly DesiredCohort[],
  reader: DirectoryReader,
): AsyncIterable<Finding> {
  for (const { name, members, source } of cohorts) {
    if (members === 'rest' || members.list === undefined) continue;
    const found = new Set<string>();
    for (const search of searchesOf(directory, members)) {
      for await (const { dn, attributes } of reader.search({ ...search, attributes: ['uid'] })) {
        for (const known of [dn, ...(attributes.get('uid') ?? [])]) found.add(known.toLowerCase());
      }
    }
    for (const listed of members.list.filter(member => !found.has(member.toLowerCase()))) {
      const detail = `cohort ${name} lists "${listed}", and no account has that uid or DN (a DN is compared as the directory writes it).\nCorrect it, or take it out.`;
      yield {
        severity: 'warning',
        code: 'cohort.member-missing',
        summary: 'A listed member is no account',
        detail,
        where: source,
      };
    }
  }
}

function searchesOf(directory: DesiredDirectory, members: Members): readonly AccountClass[] {
  const classes = [directory.users, directory.groups, directory.resources];
  if (members === 'rest') return classes;
  const narrowed = classes.flatMap(accounts => narrow(accounts, members.base));
  const filtered = narrowed.map(a =>
    members.filter === undefined ? a : { ...a, filter: and(a.filter, members.filter) },
  );
  return members.list === undefined ? filtered : listed(filtered, members.list);
}

/** The part of a class of accounts that lies below `base`; nothing where the two do not meet. */
function narrow(accounts: AccountClass, base: string | undefined): readonly AccountClass[] {
  if (base === undefined || isBelow(accounts.base, base)) return [accounts];
  return isBelow(base, accounts.base) ? [{ ...accounts, base }] : [];
}

/** Compares whole components, from the right; blanks after commas and case do not count. */
function isBelow(dn: string, base: string): boolean {
  const components = (text: string) =>
    text
      .toLowerCase()
      .split(/(?<!\\),/)
      .map(part => part.trim());
  const [below, above] = [components(dn), components(base)];
  return above.length <= below.length && above.every((part, i) => part === below[below.length - above.length + i]);
}

/** Whole DNs are read one by one; bare names are uid values. */
function listed(searches: readonly AccountClass[], list: readonly string[]): readonly AccountClass[] {
  const names = list.filter(name => !name.includes('='));
  const chunks = Array.from({ length: Math.ceil(names.length / namesPerFilter) }, (_, i) =>
    names.slice(i * namesPerFilter, (i + 1) * namesPerFilter),
  );
  const byName = searches.flatMap(s =>
    chunks.map(chunk => ({ ...s, filter: and(s.filter, or(...chunk.map(name => equals('uid', name)))) })),
  );
  const byDn = searches.flatMap(s =>
    list.filter(dn => dn.includes('=') && isBelow(dn, s.base)).map(dn => ({ ...s, base: dn })),
  );
  return [...byName, ...byDn];
}
