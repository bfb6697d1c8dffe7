import type { Account } from '../../src/accounts/account.ts';
import { isInWave } from '../../src/accounts/account.ts';
import { accountClasses, type DesiredCohort, type DesiredState } from '../../src/core/desired.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { AccountKind } from '../../src/kinds/shared/account-kind.ts';
import { nameKey } from '../../src/ldap/distinguished-name.ts';
import { and, not, or } from '../../src/ldap/filter.ts';
import type { DirectoryEntry, DirectoryReader } from '../../src/ports/directory.ts';
import { groups } from './made-up-accounts.ts';

/**
 * What a reading of every account finds, with nothing clever in it: everybody is fetched, each cohort is asked for its own
 * members by what it says and nothing else, and the first that has an account takes it.
 */
export async function readEverything(
  state: DesiredState,
  kinds: readonly AccountKind[],
  reader: DirectoryReader,
): Promise<readonly string[]> {
  const classes = or(...accountClasses(state.directory).map(({ filter }) => filter));
  const search = async (base: string, filter: string): Promise<readonly DirectoryEntry[]> => {
    const found: DirectoryEntry[] = [];
    // No index answers a negation, and an index does not know the values that a server makes up.
    const query = { base, filter: not(not(filter)), attributes: ['*', 'nsUniqueId'] };
    for await (const entry of reader.search(query)) found.push(entry);
    return found;
  };
  const everybody = await search('o=isp', classes);
  const taken = new Map<string, DesiredCohort>();
  for (const cohort of state.cohorts)
    for (const dn of await membersOf(cohort, everybody, classes, search)) if (!taken.has(dn)) taken.set(dn, cohort);
  const accounts = everybody.map((entry): Account => {
    const cohort = taken.get(entry.dn);
    if (!cohort) throw new Error(`${entry.dn} is in no cohort`);
    const here = cohort.share === undefined || isInWave(entry.dn, cohort.share);
    return { ...entry, cohort, store: here ? cohort.store : undefined };
  });
  return accounts.flatMap(account => kinds.flatMap(kind => said(state, kind, account)));
}

/** The changes and findings of an account as lines, to be compared. */
export function said(state: DesiredState, kind: AccountKind, account: Account): readonly string[] {
  return [
    ...kind.diff(state, account).map(change => JSON.stringify(change)),
    ...(kind.check?.(state, account) ?? []).map(findingLine),
  ];
}

/** A finding and what it is about as a line. */
export function findingLine({ code, detail, about }: Finding): string {
  return `${code} ${detail}${about ? ` ${about.count} ${about.names.join(', ')}` : ''}`;
}

async function membersOf(
  { members }: DesiredCohort,
  everybody: readonly DirectoryEntry[],
  classes: string,
  search: (base: string, filter: string) => Promise<readonly DirectoryEntry[]>,
): Promise<readonly string[]> {
  if (members === 'rest') return everybody.map(({ dn }) => dn);
  const described = await search(members.base ?? 'o=isp', and(classes, ...(members.filter ? [members.filter] : [])));
  const names = new Set((members.list ?? []).map(name => nameKey(name)));
  const named = ({ dn, attributes }: DirectoryEntry) =>
    names.has(nameKey(dn)) || (attributes.get('uid') ?? []).some(uid => names.has(uid.toLowerCase()));
  if (members.list) return described.filter(named).map(({ dn }) => dn);
  if (members.group === groups.describing)
    return (await search('ou=People,o=isp', and(classes, '(departmentNumber=d3)'))).map(({ dn }) => dn);
  if (members.group === undefined) return described.map(({ dn }) => dn);
  const [group] = await search(members.group, '(objectClass=groupOfUniqueNames)');
  const keys = new Set((group?.attributes.get('uniquemember') ?? []).map(nameKey));
  return described.filter(({ dn }) => keys.has(nameKey(dn))).map(({ dn }) => dn);
}
