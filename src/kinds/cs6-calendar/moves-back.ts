import { foldValue } from '../../accounts/account.ts';
import { accountNames, namingAttributes } from '../../accounts/account-names.ts';
import { entriesOf, entryQuery } from '../../accounts/account-searches.ts';
import type { Change } from '../../core/change.ts';
import { movesOf } from '../../core/change.ts';
import { inFlight } from '../../core/collections.ts';
import { type DesiredCs6Host, type DesiredState, hostsOf } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import type { Comparison } from '../../core/plan.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { listAll } from '../shared/calendar-listing.ts';

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
  /** Whether every host could be listed. */
  readonly whole: boolean;
}

function reasonOf(names: readonly string[] | undefined, owners: Owners): string | undefined {
  if (!names || names.length === 0) return notKnown;
  if (names.some(name => owners.names.has(name))) return undefined;
  return owners.whole ? limbo : notKnown;
}

/** By owner and by the id of the default calendar, in the form in which names compare: CS6 finds an account by either. */
async function ownersOf(hosts: readonly DesiredCs6Host[], ports: ReadPorts): Promise<Owners> {
  const listings = await Promise.all(hosts.map(host => orUnknown(listAll(host, ports.host(host.name)))));
  const names = listings.flatMap(listing =>
    (listing ?? []).flatMap(({ calid, owner }) => [owner, calid.split(':')[0] ?? '']),
  );
  return { names: new Set(names.map(foldValue)), whole: listings.every(Boolean) };
}

/** What each account can be called on CS6; one that could not be read is left out. */
async function namesOfAccounts(
  back: readonly Change[],
  ports: ReadPorts,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const read = async ({ item }: Change) => {
    const entries = await orUnknown(entriesOf(entryQuery(item, namingAttributes), ports.directory()));
    return { item, entry: entries?.[0] };
  };
  for await (const { item, entry } of inFlight(back.slice(0, mostAccounts), () => atOnce, read))
    if (entry) found.set(item, accountNames(entry));
  return found;
}

async function orUnknown<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (problem) {
    if (problem instanceof TargetProblem) return undefined;
    throw problem;
  }
}
