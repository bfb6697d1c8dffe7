import { type AccountClass, accountClasses, type DesiredCohort, type DesiredDirectory } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { isBelow, isWholeName, nameKey, nameProblem } from '../ldap/distinguished-name.ts';
import { and, equals, filterProblem, or } from '../ldap/filter.ts';
import type { DirectoryEntry, DirectoryQuery, DirectoryReader } from '../ports/directory.ts';

/** How many names go into one filter. */
const namesPerFilter = 50;

/** The searches that together find every account; classes with the same base are one search. */
export function accountSearches(directory: DesiredDirectory): readonly AccountClass[] {
  const byBase = new Map<string, AccountClass[]>();
  for (const accounts of accountClasses(directory)) {
    const key = nameKey(accounts.base);
    byBase.set(key, [...(byBase.get(key) ?? []), accounts]);
  }
  return [...byBase.values()].map(same => ({
    base: same[0]?.base ?? '',
    filter: or(...new Set(same.map(accounts => accounts.filter))),
  }));
}

/** Whether one search's subtree holds another's, so that an entry may be found twice. */
export function overlap(searches: readonly AccountClass[]): boolean {
  return searches.some((one, i) => searches.some((other, j) => i !== j && isBelow(one.base, other.base)));
}

/** The part of a search that lies below `base`; nothing where the two do not meet. */
export function narrow(search: AccountClass, base: string | undefined): readonly AccountClass[] {
  if (base === undefined || isBelow(search.base, base)) return [search];
  return isBelow(base, search.base) ? [{ ...search, base }] : [];
}

/**
 * A search with one more condition, which comes first: servers try the parts of a filter in order on each entry, and what is
 * added says no more often. For a search for deviating accounts that takes a quarter off the time 389 needs.
 */
export function restrict(search: AccountClass, ...filters: readonly string[]): AccountClass {
  return filters.length === 0 ? search : { ...search, filter: and(...filters, search.filter) };
}

/** Names a cohort lists, or the group it names, as searches. */
export interface NamedMembers {
  readonly names: readonly string[];
  /** What finds members that are described: the memberURL values of a group. */
  readonly described: readonly AccountClass[];
}

/** Whose members are named one by one; nothing for a cohort that is described by base and filter, or takes the rest. */
export async function namedMembers(cohort: DesiredCohort, reader: DirectoryReader): Promise<NamedMembers | undefined> {
  const { members } = cohort;
  if (members === 'rest') return undefined;
  if (members.group !== undefined) return groupMembers(cohort, members.group, reader);
  return members.list && { names: members.list, described: [] };
}

async function groupMembers(cohort: DesiredCohort, group: string, reader: DirectoryReader): Promise<NamedMembers> {
  const [entry] = await entriesOf(entryQuery(group, groupAttributes), reader);
  if (!entry) throw groupProblem(cohort, `${group} does not exist, or this identity may not see it.`);
  return membersNamedBy(entry, reason => groupProblem(cohort, reason));
}

/** What a group entry has its members in. */
export const groupAttributes: readonly string[] = ['uniqueMember', 'member', 'memberURL'];

/** The members of a group entry. Throws what `problem` makes of the reason where a memberURL cannot be used. */
export function membersNamedBy(entry: DirectoryEntry, problem: (reason: string) => Error): NamedMembers {
  const values = (name: string) => entry.attributes.get(name) ?? [];
  return {
    names: [...values('uniquemember').map(withoutUid), ...values('member')],
    described: values('memberurl').map(url => searchOfUrl(url, problem)),
  };
}

/** A value of uniqueMember may end with a bit string that tells users of one name apart (RFC 4517, 3.3.21). */
function withoutUid(value: string): string {
  return value.replace(/#'[01]*'B$/, '');
}

/** `ldap:///base?attributes?scope?filter` (RFC 4516), as groupOfURLs has it. */
function searchOfUrl(url: string, problem: (reason: string) => Error): AccountClass {
  const [, base, scope, filter] = /^ldap:\/\/\/([^?]*)\?[^?]*\?([^?]*)(?:\?([^?]*))?$/i.exec(url) ?? [];
  if (base === undefined || scope?.toLowerCase() !== 'sub')
    throw problem(`memberURL ${url} does not have the form ldap:///base??sub?filter.`);
  const [where, what] = [decoded(base), decoded(filter || '(objectClass=*)')];
  if (where === undefined || what === undefined || filterProblem(what) || (where !== '' && nameProblem(where)))
    throw problem(`memberURL ${url} has a base that is no DN, or a filter that is none.`);
  return { base: where, filter: what };
}

/** Nothing where a percent sign stands alone. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function groupProblem({ name, source }: DesiredCohort, reason: string): TargetProblem {
  return new TargetProblem(
    finding('cohort.group-unusable', {
      detail: `cohort ${name}: ${reason}\nIts members would count as members of later cohorts, and change sides. Correct members.group.`,
      target: 'directory',
      where: source,
    }),
  );
}

/** A search for accounts by these names. */
export interface NameSearch extends AccountClass {
  readonly scope?: 'base';
  readonly names: readonly string[];
}

/** The entry of a name, whatever it is. */
export function entryQuery(dn: string, attributes: readonly string[]): DirectoryQuery {
  return { base: dn, filter: '(objectClass=*)', scope: 'base', attributes };
}

/** Names as searches: bare ones are uid values and go many into one, whole DNs one each. */
export function searchesByName(searches: readonly AccountClass[], names: readonly string[]): readonly NameSearch[] {
  const uids = names.filter(name => !isWholeName(name));
  const chunks = Array.from({ length: Math.ceil(uids.length / namesPerFilter) }, (_, i) =>
    uids.slice(i * namesPerFilter, (i + 1) * namesPerFilter),
  );
  const byUid = chunks.flatMap(chunk =>
    searches.map(search => ({ ...restrict(search, or(...chunk.map(name => equals('uid', name)))), names: chunk })),
  );
  const byDn = names
    .filter(isWholeName)
    .flatMap(dn =>
      searches.flatMap(search =>
        isBelow(dn, search.base) ? [{ ...search, base: dn, scope: 'base' as const, names: [dn] }] : [],
      ),
    );
  return [...byUid, ...byDn];
}

/** What an entry may be listed as: its DN and its uid values, in the form in which names of members compare. */
export function knownNames({ dn, attributes }: DirectoryEntry): readonly string[] {
  return [nameKey(dn), ...(attributes.get('uid') ?? []).map(uid => uid.toLowerCase())];
}

/** All entries of a search; none where its base is not there, or is one entry of which another server is said to know. */
export async function entriesOf(query: DirectoryQuery, reader: DirectoryReader): Promise<readonly DirectoryEntry[]> {
  const entries: DirectoryEntry[] = [];
  try {
    for await (const entry of reader.search(query)) entries.push(entry);
  } catch (problem) {
    if (problem instanceof TargetProblem && isAbsence(problem.finding, query)) return [];
    throw problem;
  }
  return entries;
}

/** A name behind an entry that refers elsewhere is none of this server's; 389 says so by itself. */
function isAbsence(problem: Finding, { scope }: DirectoryQuery): boolean {
  return hasCode(problem, 'directory.base-missing') || (scope === 'base' && hasCode(problem, 'directory.referral'));
}
