import { foldValue } from '../../accounts/account.ts';
import { accountNames, namingAttributes } from '../../accounts/account-names.ts';
import { entriesOf, entryQuery } from '../../accounts/account-searches.ts';
import type { Change } from '../../core/change.ts';
import { movesOf, replaceChanges } from '../../core/change-list.ts';
import { inFlight } from '../../core/collections.ts';
import { chapter, type Declared } from '../../core/declared.ts';
import { type DesiredCohort, type DesiredCs6Host, type DesiredState, hostsOf } from '../../core/desired.ts';
import type { Finding } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import type { Comparison } from '../../core/plan.ts';
import type { Outcome, Work } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult, HostReader } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { cs6Today } from '../../products/cs6.ts';
import type { ResourceKind } from '../managed-kind.ts';
import { calendarsOf, listAll, problemOf } from '../shared/calendar-listing.ts';
import { excerpt } from '../shared/service.ts';
import { orProblem } from './migration-proof.ts';
import { deletesCalendars, migratedAccounts, type OwnedCalendars, readOwners, type WantedOfHost } from './owners.ts';
import { type Removal, removeAll } from './remove-calendars.ts';

/** What a remark counts as; no owner is called so. */
const remark = '(remark)';

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
  read: readHost,
  item: live => (live.type === 'migrated' ? live.owner : remark),
  diff: (_, live) => diffOwner(live),
  check: (_, live) => (live.type === 'remark' ? [live.finding] : []),
  apply: (wanted, work, ports) => applyRemovals(wanted, work, ports),
};

/** Where calendars are to be deleted, it is also looked whether a copy of them exists. */
async function* readHost(wanted: WantedOfHost, ports: ReadPorts): AsyncIterable<OwnedCalendars> {
  const deleting = new Set<DesiredCohort>();
  for await (const one of readOwners(wanted, ports)) {
    if (one.type === 'migrated') deleting.add(one.account.cohort);
    yield one;
  }
  if (deleting.size === 0) return;
  const finding = await backupFinding(wanted.host, [...deleting], ports.host(wanted.host.name));
  if (finding) yield { type: 'remark', finding };
}

async function backupFinding(
  host: DesiredCs6Host,
  deleting: readonly DesiredCohort[],
  reader: HostReader,
): Promise<Finding | undefined> {
  const { name } = host;
  if (host.hotBackup !== undefined) {
    const problem = await noHotBackup(host, reader);
    const detail = `${name}: calendars would be deleted, but ${problem}\nUntil a backup exists, an apply deletes no calendars there.`;
    return problem === undefined ? undefined : finding('calendars.hot-backup-missing', { detail, target: name });
  }
  const uncopied = deleting.find(({ migrated }) => migrated?.exportTo === undefined);
  if (!uncopied) return undefined;
  const example = stated(['cs6', 'hosts', name, 'hotBackup'], '/var/opt/SUNWics5/csdb/hotbackup');
  const detail = `${name}: calendars of cohort ${uncopied.name} would be deleted. No copy of them is made (exportTo), and it is not known whether the host has a hot backup of today.\nSet the folder of its hot backups. Then an apply looks for the backup before it deletes anything:\n${example}`;
  return finding('calendars.no-copy', { detail, target: name, where: uncopied.source });
}

/** Why there is no hot backup of today, by the host's own clock; nothing where there is one, or none is asked for. */
async function noHotBackup({ name, hotBackup }: DesiredCs6Host, reader: HostReader): Promise<string | undefined> {
  if (hotBackup === undefined) return undefined;
  const [listed, date] = await Promise.all([reader.query({ words: ['ls', '-1', hotBackup] }), reader.query(cs6Today)]);
  const today = date.state === 'ran' && date.code === 0 ? date.output.trim() : '';
  if (!isDay(today)) return `the date on the host is not known: date: ${problemOf(date) ?? excerpt(outputOf(date))}`;
  if (listed.state === 'absent' || listed.code !== 0)
    return `its hot backups cannot be listed: ls ${hotBackup}: ${problemOf(listed)}\nSet the right folder:\n${stated(['cs6', 'hosts', name, 'hotBackup'], hotBackup)}`;
  const days = listed.output.split(/\r?\n/).filter(isDay).toSorted();
  if (days.includes(today)) return undefined;
  return `there is no hot backup of today (${today}) in ${hotBackup}; the newest is ${days.at(-1) ?? 'none'}.`;
}

/** Hot backups are folders by the day: `20261130`. */
function isDay(name: string): boolean {
  return /^\d{8}$/.test(name);
}

function outputOf(result: CommandResult): string {
  return result.state === 'ran' ? result.output : '';
}

function declareCalendars({ name, source }: DesiredCohort): Declared {
  return {
    key: 'calendars',
    group: name,
    label: `calendars of migrated accounts of cohort ${name}`,
    value: `no calendars of accounts of cohort ${name} that are on CS7`,
    because: 'As long as CS6 has a calendar of an account, it treats the account as its own.',
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
      irreversible: 'calendars that cscal deletes cannot be restored',
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
  const missing = removals.length > 0 ? await noHotBackup(wanted.host, ports.host(wanted.host.name)) : undefined;
  if (missing === undefined) yield* removeAll(removals, wanted, ports);
  else for (const { change } of removals) yield { change, state: 'failed', detail: `nothing is deleted: ${missing}` };
}

/** How many accounts are looked up, and how many at once. */
const mostAccounts = 1_000;
const atOnce = 16;

const limbo = 'in limbo afterwards: CS6 has no calendar for them';
const notKnown = 'it is not known whether CS6 has a calendar for them';

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
  return comparisons.map(one => ({ ...one, changes: replaceChanges(one.changes, told) }));
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
