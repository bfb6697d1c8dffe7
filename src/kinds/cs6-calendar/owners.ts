import { type Account, type AccountQuery, foldValue } from '../../accounts/account.ts';
import { accountNames, isNamed, isPrintedWhole, namingAttributes, ownerFilter } from '../../accounts/account-names.ts';
import { accountSearches, entriesOf, restrict } from '../../accounts/account-searches.ts';
import { readAccounts } from '../../accounts/read-accounts.ts';
import { sharedPass } from '../../accounts/shared-pass.ts';
import { inFlight } from '../../core/collections.ts';
import { type DesiredCohort, type DesiredCs6Host, type DesiredState, loginAttribute } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import { nameKey, sameName } from '../../ldap/distinguished-name.ts';
import { or, present } from '../../ldap/filter.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { type CalendarListing, calendarsOf, doubtfulListing, listAll } from '../shared/calendar-listing.ts';

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

/** The calendars of a migrated account on a host, by one of its names, or something to be said about calendars there. */
export type OwnedCalendars =
  | {
      readonly type: 'migrated';
      readonly owner: string;
      readonly calids: readonly string[];
      readonly account: MigratedAccount;
    }
  | { readonly type: 'remark'; readonly finding: Finding };

/** What is wanted of a host, and how its migrated accounts are read. */
export interface WantedOfHost {
  readonly host: DesiredCs6Host;
  readonly state: DesiredState;
  readonly migrated: (ports: ReadPorts) => AsyncIterable<MigratedAccount>;
}

/** The calendars of an owner whose name is spelled in one way but for its case. */
interface Group {
  readonly spellings: Set<string>;
  readonly calids: string[];
}

/** Owners in the form in which names compare, by the part before the `@`. */
type Owners = ReadonlyMap<string, ReadonlyMap<string, Group>>;

/**
 * The owners of a host that migrated accounts go by, and what is odd about calendars there; other owners are left alone. A
 * listing that is not whole has fewer owners, and no wrong ones.
 */
export async function* readOwners(
  { host, state, migrated }: WantedOfHost,
  ports: ReadPorts,
): AsyncIterable<OwnedCalendars> {
  const listing = listAll(host, ports.host(host.name));
  const grouped = listing.then(byOwner);
  // Both begin in the same turn, or every host would read the directory by itself.
  const [owners, { surely, maybe, anyone }] = await Promise.all([grouped, matching(migrated(ports), grouped)]);
  for (const finding of doubtfulListing(await listing)) yield { type: 'remark', finding };
  const ownerless = owners.get('')?.get('');
  if (ownerless) yield remark('calendars.no-owner', noOwner(host, ownerless));
  const named = await accountsNamed(state, [...new Set([...surely.keys(), ...maybe.keys()])], ports);
  for (const [name, accounts] of surely) {
    const group = groupOf(owners, name);
    const all = [...accounts, ...(named.get(name) ?? [])];
    const [owner = ''] = group.spellings;
    const reason = doubt(group.spellings, distinctNames(all));
    const [account] = accounts;
    if (!account) continue;
    if (reason === undefined) yield { type: 'migrated', owner, calids: group.calids.toSorted(), account };
    else yield remark('calendars.owner-ambiguous', ambiguous(host, group, reason), account);
  }
  for (const [name, accounts] of maybe) {
    if (surely.has(name) || (named.get(name) ?? []).length > 0) continue;
    const reason = `Only the part before the @ matches ${distinctNames(accounts).join(' and of ')}.`;
    yield remark('calendars.owner-ambiguous', ambiguous(host, groupOf(owners, name), reason), accounts[0]);
  }
  if (anyone && surely.size + maybe.size === 0) yield* unknownOwners(host, state, owners, ports);
}

function remark(code: 'calendars.no-owner' | 'calendars.owner-ambiguous', detail: string, account?: MigratedAccount) {
  return { type: 'remark', finding: finding(code, { detail, where: account?.cohort.source }) } as const;
}

function noOwner({ name }: DesiredCs6Host, { calids }: Group): string {
  return `${name}: ${some(calids)}\nTheir owner is not known, so they are left alone. Set an owner, or delete them by hand.`;
}

function ambiguous({ name }: DesiredCs6Host, { spellings, calids }: Group, reason: string): string {
  const owner = [...spellings].toSorted()[0] ?? '';
  return printable(
    `${name}: the owner ${owner} of ${some(calids.toSorted())}\n${reason}\nThey are left alone. Find out who owns them. Set icsCalendar of that account to ${owner} and plan again, or delete them by hand.`,
  );
}

/** How many calendars, or owners, a finding names. */
const shown = 10;

function some(names: readonly string[]): string {
  const first = names.slice(0, shown).join(', ');
  return printable(names.length > shown ? `${first} and ${names.length - shown} more` : first);
}

/**
 * Where a host has calendars and none that may be a migrated account's, a few of its owners are looked up: if none of them
 * is an account, CS6 calls accounts by other names, and the calendars of migrated ones cannot be told.
 */
async function* unknownOwners(
  { name: host }: DesiredCs6Host,
  state: DesiredState,
  owners: Owners,
  ports: ReadPorts,
): AsyncIterable<OwnedCalendars> {
  const names: string[] = [];
  for (const groups of owners.values())
    for (const name of groups.keys()) if (name !== '' && names.length < ownersPerSearch) names.push(name);
  const known = await accountsNamed(state, names, ports);
  if (names.length === 0 || [...known.values()].some(entries => entries.length > 0)) return;
  const detail = `${host}: none of the owners that were looked up is an account: ${some(names)}\nSo the calendars of migrated accounts cannot be identified there, and none is deleted. Set icsCalendar of each migrated account to the owner that CS6 prints, or delete their calendars by hand.`;
  yield { type: 'remark', finding: finding('calendars.owners-unknown', { detail }) };
}

/** By the owner's name without regard to case: two spellings are one owner to `cscal` (2005Q4), or two (another edition of the book). */
function byOwner(listing: CalendarListing): Owners {
  const owners = new Map<string, Map<string, Group>>();
  for (const { owner, calid } of calendarsOf(listing)) {
    const name = foldValue(owner);
    const groups = owners.get(localPart(name)) ?? new Map<string, Group>();
    owners.set(localPart(name), groups);
    const group = groups.get(name) ?? { spellings: new Set(), calids: [] };
    groups.set(name, group);
    group.spellings.add(owner);
    group.calids.push(calid);
  }
  return owners;
}

function groupOf(owners: Owners, name: string): Group {
  return owners.get(localPart(name))?.get(name) ?? { spellings: new Set(), calids: [] };
}

function localPart(name: string): string {
  const at = name.lastIndexOf('@');
  return at > 0 ? name.slice(0, at) : name;
}

/** The migrated accounts that an owner surely or maybe is; only these are kept, however many there are. */
async function matching(accounts: AsyncIterable<MigratedAccount>, grouped: Promise<Owners>) {
  const [surely, maybe] = [new Map<string, MigratedAccount[]>(), new Map<string, MigratedAccount[]>()];
  let anyone = false;
  for await (const account of accounts) {
    anyone = true;
    const owners = await grouped;
    const names = new Set(accountNames(account));
    for (const local of new Set([...names].map(localPart)))
      for (const name of owners.get(local)?.keys() ?? []) {
        const found = names.has(name) ? surely : maybe;
        found.set(name, [...(found.get(name) ?? []), account]);
      }
  }
  return { surely, maybe, anyone };
}

function distinctNames(entries: readonly DirectoryEntry[]): readonly string[] {
  return [...new Map(entries.map(({ dn }) => [nameKey(dn), dn])).values()].toSorted();
}

/** Why it is not certain whose they are. */
function doubt(spellings: ReadonlySet<string>, dns: readonly string[]): string | undefined {
  if ([...spellings].some(owner => !isPrintedWhole(owner)))
    return `The host printed a placeholder for some letters. The owner may be ${dns.join(' or ')}.`;
  if (dns.length > 1) return `The owner may be any of ${dns.join(' and ')}.`;
  if (spellings.size > 1) return `The name is written in several ways: ${[...spellings].toSorted().join(', ')}.`;
  return undefined;
}
