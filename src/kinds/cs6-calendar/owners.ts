import type { DesiredCs6Host, DesiredState } from '../../core/desired.ts';
import { nameKey } from '../../ldap/distinguished-name.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { listAll } from '../shared/list-calendars.ts';
import type { ListedCalendar } from '../shared/listing.ts';
import { namesOf } from '../shared/owner-names.ts';
import { accountsNamed, type MigratedAccount } from './accounts.ts';

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

/** By the owner's name in lower case: two spellings are one owner to `cscal` (2005Q4), or two (another edition of the book). */
function byOwner(calendars: readonly ListedCalendar[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const { owner, calid } of calendars) {
    const group = groups.get(owner.toLowerCase()) ?? { spellings: new Set(), calids: [] };
    groups.set(owner.toLowerCase(), group);
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
    for (const name of namesOf(account)) if (owners.has(name)) found.set(name, [...(found.get(name) ?? []), account]);
  }
  return found;
}

/** Why it is not certain whose they are. */
function doubt(spellings: ReadonlySet<string>, dns: readonly string[]): string | undefined {
  if (dns.length > 1) return `It may be any of ${dns.toSorted().join(' and ')}.`;
  if (spellings.size > 1) return `It is written in several ways: ${[...spellings].toSorted().join(', ')}.`;
  return undefined;
}
