import { type Account, type AccountQuery, foldValue, loginAttribute } from '../../accounts/account.ts';
import { accountNames, isNamed, isPrintedWhole, namingAttributes, ownerFilter } from '../../accounts/account-names.ts';
import { accountSearches, entriesOf, restrict } from '../../accounts/account-searches.ts';
import { readAccounts } from '../../accounts/read-accounts.ts';
import { sharedPass } from '../../accounts/shared-pass.ts';
import { inFlight } from '../../core/collections.ts';
import type { DesiredCohort, DesiredCs6Host, DesiredState } from '../../core/desired.ts';
import { nameKey, sameName } from '../../ldap/distinguished-name.ts';
import { or, present } from '../../ldap/filter.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import type { ListedCalendar } from '../shared/calendar-listing.ts';
import { listAll } from '../shared/calendar-listing.ts';

/** An account whose calendars on CS6 must be gone. */
export interface MigratedAccount extends Account {
  readonly store: string;
}

/** How many owners go into one search, and how many searches are under way. */
const ownersPerSearch = 25;

const searchesUnderWay = 8;

/** Whether the calendars of a cohort's accounts are deleted. */
export function deletesCalendars({ store, migrated }: DesiredCohort): boolean {
  return store !== undefined && migrated?.deleteCalendars === true;
}

/** All of an account that a deletion depends on. */
export function accountAttributes({ directory }: DesiredState): readonly string[] {
  return ['objectClass', ...namingAttributes, directory.localUser.attribute, loginAttribute];
}

const query: AccountQuery = {
  attributes: accountAttributes,
  deviation: (_, { cohort, store }) =>
    store !== undefined && deletesCalendars(cohort) ? present('objectClass') : undefined,
};

/** The accounts whose calendars must be gone; hosts that ask in the same turn are served by one reading of the directory. */
export function migratedAccounts(state: DesiredState): (ports: ReadPorts) => AsyncIterable<MigratedAccount> {
  const passes = new WeakMap<ReadPorts, (joined: AccountQuery) => AsyncIterable<MigratedAccount>>();
  return ports => {
    const pass = passes.get(ports) ?? sharedPass(() => survey(state, ports));
    passes.set(ports, pass);
    return pass(query);
  };
}

async function* survey(state: DesiredState, ports: ReadPorts): AsyncIterable<MigratedAccount> {
  for await (const found of readAccounts(state, [query], ports))
    if ('dn' in found && found.store !== undefined && deletesCalendars(found.cohort))
      yield { ...found, store: found.store };
}

/** For each owner every account there is, of whichever cohort, that it may be. */
async function accountsNamed(
  state: DesiredState,
  owners: readonly string[],
  ports: ReadPorts,
): Promise<ReadonlyMap<string, readonly DirectoryEntry[]>> {
  const found = new Map<string, DirectoryEntry[]>(owners.map(owner => [owner, []]));
  const searches = chunks(owners).flatMap(chunk =>
    accountSearches(state.directory).map(search => ({
      chunk,
      search: restrict(search, or(...chunk.map(ownerFilter))),
    })),
  );
  const run = async ({ chunk, search }: (typeof searches)[number]) => ({
    chunk,
    entries: await entriesOf({ ...search, attributes: namingAttributes }, ports.directory()),
  });
  for await (const { chunk, entries } of inFlight(searches, () => searchesUnderWay, run))
    for (const owner of chunk)
      for (const entry of entries.filter(one => isNamed(owner, one))) add(found.get(owner) ?? [], entry);
  return found;
}

/** Classes of accounts may overlap: an entry counts once. */
function add(entries: DirectoryEntry[], entry: DirectoryEntry): void {
  if (!entries.some(({ dn }) => sameName(dn, entry.dn))) entries.push(entry);
}

function chunks(owners: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(owners.length / ownersPerSearch) }, (_, i) =>
    owners.slice(i * ownersPerSearch, (i + 1) * ownersPerSearch),
  );
}

/** The calendars of one owner on a host, with what is known of who that is. */
export type OwnedCalendars =
  | {
      readonly type: 'migrated';
      readonly owner: string;
      readonly calids: readonly string[];
      readonly account: MigratedAccount;
    }
  | {
      readonly type: 'ambiguous';
      readonly owner: string;
      readonly calids: readonly string[];
      readonly account: MigratedAccount;
      readonly reason: string;
    }
  | { readonly type: 'ownerless'; readonly calids: readonly string[] };

/** What is wanted of a host, and how its migrated accounts are read. */
export interface WantedOfHost {
  readonly host: DesiredCs6Host;
  readonly state: DesiredState;
  readonly migrated: (ports: ReadPorts) => AsyncIterable<MigratedAccount>;
}

/** Calendars of one owner; `spellings` has every form of the name. */
interface Group {
  readonly spellings: Set<string>;
  readonly calids: string[];
}

/** The owners of a host that migrated accounts go by, and the calendars that nobody owns; others are nobody's affair here. */
export async function* readOwners(
  { host, state, migrated }: WantedOfHost,
  ports: ReadPorts,
): AsyncIterable<OwnedCalendars> {
  const groups = listAll(host, ports.host(host.name)).then(byOwner);
  // Both begin in the same turn, or every host would read the directory by itself.
  const [owners, accounts] = await Promise.all([groups, matching(migrated(ports), groups)]);
  const ownerless = owners.get('');
  if (ownerless) yield { type: 'ownerless', calids: ownerless.calids.toSorted() };
  const named = await accountsNamed(state, [...accounts.keys()], ports);
  for (const [name, [account, ...more]] of accounts) {
    if (!account) continue;
    const { spellings, calids } = owners.get(name) ?? { spellings: new Set<string>(), calids: [] };
    const [owner = ''] = spellings;
    const all = [account, ...more, ...(named.get(name) ?? [])];
    const dns = [...new Map(all.map(({ dn }) => [nameKey(dn), dn])).values()];
    const reason = doubt(spellings, dns);
    const known = { owner, calids: calids.toSorted(), account };
    yield reason === undefined ? { type: 'migrated', ...known } : { type: 'ambiguous', ...known, reason };
  }
}

/** By the owner's name without regard to case: two spellings are one owner to `cscal` (2005Q4), or two (another edition of the book). */
function byOwner(calendars: readonly ListedCalendar[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const { owner, calid } of calendars) {
    const name = foldValue(owner);
    const group = groups.get(name) ?? { spellings: new Set(), calids: [] };
    groups.set(name, group);
    group.spellings.add(owner);
    group.calids.push(calid);
  }
  return groups;
}

/** The migrated accounts that an owner may be; only these are kept, however many there are. */
async function matching(accounts: AsyncIterable<MigratedAccount>, groups: Promise<ReadonlyMap<string, Group>>) {
  const found = new Map<string, MigratedAccount[]>();
  for await (const account of accounts) {
    const owners = await groups;
    for (const name of accountNames(account))
      if (owners.has(name)) found.set(name, [...(found.get(name) ?? []), account]);
  }
  return found;
}

/** Why it is not certain whose they are. */
function doubt(spellings: ReadonlySet<string>, dns: readonly string[]): string | undefined {
  if ([...spellings].some(owner => !isPrintedWhole(owner)))
    return `The host printed a mark in place of some letters; it may be ${dns.toSorted().join(' or ')}.`;
  if (dns.length > 1) return `It may be any of ${dns.toSorted().join(' and ')}.`;
  if (spellings.size > 1) return `It is written in several ways: ${[...spellings].toSorted().join(', ')}.`;
  return undefined;
}
