import type { DesiredCohort, DesiredState } from '../../core/desired.ts';
import { sameName } from '../../ldap/distinguished-name.ts';
import { equals, or, present } from '../../ldap/filter.ts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import type { Account, AccountInterest } from '../shared/account-kind.ts';
import { accountSearches, entriesOf, restrict } from '../shared/account-searches.ts';
import { inFlight } from '../shared/in-flight.ts';
import { loginAttribute } from '../shared/ldap-account.ts';
import { isNamed, namingAttributes, possibleUids } from '../shared/owner-names.ts';
import { sharedPass } from '../shared/shared-pass.ts';
import { surveyAccounts } from '../shared/survey.ts';

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

const interest: AccountInterest = {
  attributes: accountAttributes,
  deviation: (_, { cohort, store }) =>
    store !== undefined && deletesCalendars(cohort) ? present('objectClass') : undefined,
};

/** The accounts whose calendars must be gone; hosts that ask in the same turn are served by one reading of the directory. */
export function migratedAccounts(state: DesiredState): (ports: ReadPorts) => AsyncIterable<MigratedAccount> {
  const passes = new WeakMap<ReadPorts, (joined: AccountInterest) => AsyncIterable<MigratedAccount>>();
  return ports => {
    const pass = passes.get(ports) ?? sharedPass(() => survey(state, ports));
    passes.set(ports, pass);
    return pass(interest);
  };
}

async function* survey(state: DesiredState, ports: ReadPorts): AsyncIterable<MigratedAccount> {
  for await (const found of surveyAccounts(state, [interest], ports))
    if ('dn' in found && found.store !== undefined && deletesCalendars(found.cohort))
      yield { ...found, store: found.store };
}

/**
 * For each owner every account there is, of whichever cohort, that it may be. Both attributes are indexed
 * (2005Q4 Administration Guide, "Attribute Indexes"; uid by the directory itself).
 */
export async function accountsNamed(
  state: DesiredState,
  owners: readonly string[],
  ports: ReadPorts,
): Promise<ReadonlyMap<string, readonly DirectoryEntry[]>> {
  const found = new Map<string, DirectoryEntry[]>(owners.map(owner => [owner, []]));
  const searches = chunks(owners).flatMap(chunk =>
    accountSearches(state.directory).map(search => ({
      chunk,
      search: restrict(search, or(...chunk.flatMap(filters))),
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

function filters(owner: string): readonly string[] {
  return [...possibleUids(owner).map(uid => equals('uid', uid)), equals('icsCalendar', owner)];
}

function chunks(owners: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(owners.length / ownersPerSearch) }, (_, i) =>
    owners.slice(i * ownersPerSearch, (i + 1) * ownersPerSearch),
  );
}
