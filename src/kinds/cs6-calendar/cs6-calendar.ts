import { foldValue } from '../../accounts/account.ts';
import { accountNames, namingAttributes } from '../../accounts/account-names.ts';
import { entriesOf, entryQuery } from '../../accounts/account-searches.ts';
import { type Change, movesOf } from '../../core/change.ts';
import { inFlight } from '../../core/collections.ts';
import { chapter, type Declared } from '../../core/declared.ts';
import { type DesiredCohort, type DesiredCs6Host, type DesiredState, hostsOf } from '../../core/desired.ts';
import type { Comparison } from '../../core/plan.ts';
import type { Outcome, Work } from '../../core/run.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { calendarsOf, listAll } from '../shared/calendar-listing.ts';
import { orProblem } from './migration-proof.ts';
import { deletesCalendars, migratedAccounts, type OwnedCalendars, readOwners, type WantedOfHost } from './owners.ts';
import { type Removal, removeAll } from './remove-calendars.ts';

/** What is said about a host is no item; no owner's name has blanks in it. */
const remarks = '(no owner)';

/**
 * The calendars of migrated accounts, which must be gone from CS6: as long as one is there, CS6 takes the account for its
 * own (chapter 10, "Calendar Coexistence Overview"; "Configuring the Calendar Server 6 Environment", step 4). What is
 * deleted cannot be brought back, so no change of this kind has an inverse.
 */
export const cs6Calendar: ResourceKind<WantedOfHost, OwnedCalendars> = {
  name: 'cs6-calendar',
  title: 'Calendars on Calendar Server 6 are to be deleted',
  stage: 'cs6-calendars',
  wishes: state => {
    if (!state.cohorts.some(deletesCalendars)) return [];
    const migrated = migratedAccounts(state);
    return hostsOf(state, 'cs6').map(host => ({ target: host.name, desired: { host, state, migrated } }));
  },
  declares: ({ state }) => state.cohorts.filter(deletesCalendars).map(declareCalendars),
  read: readOwners,
  item: live => (live.type === 'migrated' ? live.owner : remarks),
  diff: (_, live) => diffOwner(live),
  check: (_, live) => (live.type === 'remark' ? [live.finding] : []),
  apply: (wanted, work, ports) => applyRemovals(wanted, work, ports),
};

function declareCalendars({ name, source }: DesiredCohort): Declared {
  return {
    key: 'calendars',
    group: name,
    label: `calendars of migrated accounts of cohort ${name}`,
    value: `none of accounts of cohort ${name} that are on CS7`,
    because: 'As long as CS6 has a calendar of an account, it takes the account for one of its own.',
    chapter: chapter.migrated,
    source,
  };
}

function diffOwner(live: OwnedCalendars): readonly Change[] {
  if (live.type !== 'migrated') return [];
  const { owner, calids, account } = live;
  const { name, source } = account.cohort;
  return [
    {
      action: 'delete',
      item: owner,
      key: 'calendars',
      before: calids,
      group: name,
      irreversible: 'calendars that cscal deletes cannot be brought back',
      source,
    },
  ];
}

async function* applyRemovals(
  wanted: WantedOfHost,
  work: readonly Work<OwnedCalendars>[],
  ports: WritePorts,
): AsyncIterable<Outcome> {
  const removals: Removal[] = [];
  for (const { live, changes } of work)
    for (const change of changes) {
      if (live.type === 'migrated' && change.action === 'delete' && change.item === live.owner && change.before)
        removals.push({ owner: live.owner, account: live.account, change });
      else yield { change, state: 'failed', detail: 'calendars are only ever deleted, and only those of an owner.' };
    }
  yield* removeAll(removals, wanted, ports);
}

/** How many accounts are looked up, and how many at once. */
const mostAccounts = 1_000;
const atOnce = 16;

const limbo = 'in limbo after it: CS6 has no calendar of theirs';
const notKnown = 'whether CS6 has a calendar of theirs is not known';

/**
 * Says of each account that moves back to CS6 whether it is in limbo then: on neither side. Only where accounts move back are the
 * calendars listed for it, on every CS6 host once: what `cscal` answers about an owner without calendars is documented
 * nowhere, so that only a whole listing shows that there are none.
 */
export async function tellLimbo<C extends Pick<Comparison, 'changes'>>(
  state: DesiredState,
  comparisons: readonly C[],
  ports: ReadPorts,
): Promise<readonly C[]> {
  const back = movesOf(comparisons, 'cs7->cs6');
  if (back.length === 0) return comparisons;
  const [owners, names] = await Promise.all([ownersOf(hostsOf(state, 'cs6'), ports), namesOfAccounts(back, ports)]);
  const told = (change: Change): Change => {
    if (change.moves !== 'cs7->cs6') return change;
    const reason = reasonOf(names.get(change.item), owners);
    return reason === undefined ? change : { ...change, reason };
  };
  return comparisons.map(one => ({ ...one, changes: one.changes.map(told) }));
}

interface Owners {
  readonly names: ReadonlySet<string>;
  /** Whether every host could be listed whole. */
  readonly whole: boolean;
}

function reasonOf(names: readonly string[] | undefined, owners: Owners): string | undefined {
  if (!names || names.length === 0) return notKnown;
  if (names.some(name => owners.names.has(name))) return undefined;
  return owners.whole ? limbo : notKnown;
}

/** By owner and by the id of the default calendar, in the form in which names compare: CS6 finds an account by either. */
async function ownersOf(hosts: readonly DesiredCs6Host[], ports: ReadPorts): Promise<Owners> {
  const listings = await Promise.all(hosts.map(host => orProblem(() => listAll(host, ports.host(host.name)))));
  const names = new Set<string>();
  for (const listing of listings)
    for (const { calid, owner } of 'problem' in listing ? [] : calendarsOf(listing))
      for (const name of [owner, calid.split(':')[0] ?? '']) names.add(foldValue(name));
  return { names, whole: listings.every(listing => !('problem' in listing) && listing.doubt === undefined) };
}

/** What each account can be called on CS6; one that could not be read is left out. */
async function namesOfAccounts(
  back: readonly Change[],
  ports: ReadPorts,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const read = async ({ item }: Change) => {
    const entries = await orProblem(() => entriesOf(entryQuery(item, namingAttributes), ports.directory()));
    return { item, entry: 'problem' in entries ? undefined : entries[0] };
  };
  for await (const { item, entry } of inFlight(back.slice(0, mostAccounts), () => atOnce, read))
    if (entry) found.set(item, accountNames(entry));
  return found;
}
