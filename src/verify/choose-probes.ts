import { valuesOf } from '../accounts/account.ts';
import { entriesOf, namedMembers, narrow, restrict, searchesByName } from '../accounts/account-searches.ts';
import { inFlight } from '../core/collections.ts';
import { type AccountClass, type DesiredCohort, type DesiredState, hostsOf } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Side } from '../core/verification.ts';
import { hasCode } from '../findings/catalogue.ts';
import { isBelow, memberKey, nameKey } from '../ldap/distinguished-name.ts';
import { equals, not, or, present } from '../ldap/filter.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import type { FreeBusyAnswer } from '../ports/free-busy.ts';
import { domainOf, type Probe, probeAttributes, probeOf, sideOf } from './probe.ts';

/** The cohort that takes one account. */
export type CohortOf = (entry: DirectoryEntry) => Promise<DesiredCohort | undefined>;

/** Finds the first cohort whose members an account is among. For a few accounts; `survey` is for all. */
export function cohortFinder({ cohorts }: DesiredState, reader: DirectoryReader): CohortOf {
  const known = cohorts.map(cohort => knownMembers(cohort, reader));
  return async entry => {
    for (const cohort of known) if (await takes(cohort, entry, reader)) return cohort.cohort;
    return undefined;
  };
}

/** A cohort, and what is found out about it once: a list or a group may name a hundred thousand. */
interface KnownCohort {
  readonly cohort: DesiredCohort;
  /** The names of its list, in a form that can be compared. */
  names(): ReadonlySet<string>;
  /** The searches that describe members of its group. */
  described(): Promise<readonly AccountClass[]>;
}

function knownMembers(cohort: DesiredCohort, reader: DirectoryReader): KnownCohort {
  let names: ReadonlySet<string> | undefined;
  let described: ReturnType<KnownCohort['described']> | undefined;
  const list = cohort.members === 'rest' ? [] : (cohort.members.list ?? []);
  return {
    cohort,
    names() {
      names ??= new Set(list.map(memberKey));
      return names;
    },
    described() {
      described ??= namedMembers(cohort, reader).then(named => named?.described ?? []);
      return described;
    },
  };
}

async function takes(known: KnownCohort, entry: DirectoryEntry, reader: DirectoryReader): Promise<boolean> {
  const { members } = known.cohort;
  if (members === 'rest') return true;
  const { base, filter, list, group } = members;
  if (base !== undefined && !isBelow(entry.dn, base)) return false;
  if (list !== undefined && !isNamed(known.names(), entry)) return false;
  if (filter !== undefined && !(await fits(entry.dn, filter, reader))) return false;
  return group === undefined || (await isInGroup(group, entry, reader, known));
}

function isNamed(names: ReadonlySet<string>, entry: DirectoryEntry): boolean {
  return names.has(nameKey(entry.dn)) || valuesOf(entry, 'uid').some(uid => names.has(uid.toLowerCase()));
}

async function fits(dn: string, filter: string, reader: DirectoryReader): Promise<boolean> {
  const query = { base: dn, scope: 'base' as const, filter, attributes: ['1.1'] };
  return (await entriesOf(query, reader)).length > 0;
}

/** The directory is asked for the one value; then the searches that describe members are tried. */
async function isInGroup(
  group: string,
  { dn }: DirectoryEntry,
  reader: DirectoryReader,
  known: KnownCohort,
): Promise<boolean> {
  if (await fits(group, or(equals('uniqueMember', dn), equals('member', dn)), reader)) return true;
  for (const { base, filter } of await known.described())
    if (isBelow(dn, base) && (await fits(dn, filter, reader))) return true;
  return false;
}

/** How many accounts of a cohort are asked about on each side. */
const wanted = 2;

/** How many of them are found, of whom those with busy times are taken. */
const found = 8;

/** How many entries are looked at to find them; the directory may have a million. */
const looked = 64;

/** How many names of a list or a group are looked up. */
const names = 100;

/** Asks the server of its own side about an account; nothing where the question would do harm. */
export type AskOwner = (probe: Probe) => Promise<FreeBusyAnswer | undefined>;

interface Place {
  readonly cohort: DesiredCohort;
  readonly side: Side;
}

/**
 * A few users of each cohort that have a mail address and are live where the cohort has them: those on their way to the other
 * side say nothing yet. The same directory gives the same ones.
 */
export async function chooseProbes(
  state: DesiredState,
  sides: readonly Side[],
  reader: DirectoryReader,
  cohortOf: CohortOf,
  askOwner: AskOwner,
): Promise<readonly Probe[]> {
  const places = state.cohorts.flatMap(cohort =>
    sides.filter(side => mayHave(cohort, side)).map((side): Place => ({ cohort, side })),
  );
  const chosen = new Map<Place, readonly Probe[]>();
  const choose = async (place: Place) => {
    chosen.set(place, await pick(place, await candidates(place, state, reader, cohortOf), askOwner));
  };
  for await (const _ of inFlight(places, () => 8, choose));
  return places.flatMap(place => chosen.get(place) ?? []);
}

function mayHave({ store, share }: DesiredCohort, side: Side): boolean {
  return side === 'cs7' ? store !== undefined && share !== 0 : store === undefined || share !== undefined;
}

/** An answer with busy times proves most; where nobody gives one, whoever comes first shows why. */
async function pick({ cohort }: Place, probes: readonly Probe[], askOwner: AskOwner): Promise<readonly Probe[]> {
  const asked = await Promise.all(probes.map(async probe => ({ probe, answer: await askOwner(probe) })));
  const answering = asked.flatMap(({ probe, answer }) => (answer?.state === 'answered' ? [{ probe, answer }] : []));
  const busy = answering.filter(({ answer }) => answer.busy.length > 0);
  const [taken, why] =
    busy.length > 0
      ? [busy, 'has busy times']
      : answering.length > 0
        ? [answering, 'has a calendar']
        : [asked, 'found first'];
  const most = answering.length > 0 ? wanted : 1;
  return taken.slice(0, most).map(({ probe }) => ({ ...probe, chosen: `cohort ${cohort.name}: ${why}` }));
}

async function candidates(
  place: Place,
  state: DesiredState,
  reader: DirectoryReader,
  cohortOf: CohortOf,
): Promise<readonly Probe[]> {
  const probes = new Map<string, Probe>();
  for (const search of await searches(place, state, reader)) {
    let seen = 0;
    for await (const entry of entries(search, probeAttributes(state), reader)) {
      const probe = await candidate(place, entry, state, cohortOf);
      if (probe) probes.set(nameKey(probe.dn), probe);
      if (++seen >= looked || probes.size >= found) break;
    }
    if (probes.size >= found) break;
  }
  return [...probes.values()].toSorted((a, b) => (a.dn < b.dn ? -1 : 1));
}

/** Of a name that is listed and gone there is none. */
async function* entries(
  search: AccountClass,
  attributes: readonly string[],
  reader: DirectoryReader,
): AsyncIterable<DirectoryEntry> {
  try {
    yield* reader.search({ ...search, attributes });
  } catch (problem) {
    if (!(problem instanceof TargetProblem) || !hasCode(problem.finding, 'directory.base-missing')) throw problem;
  }
}

async function candidate(
  { cohort, side }: Place,
  entry: DirectoryEntry,
  state: DesiredState,
  cohortOf: CohortOf,
): Promise<Probe | undefined> {
  const mails = valuesOf(entry, 'mail');
  const mapped = new Set(hostsOf(state, 'cs7').flatMap(({ domains }) => domains.map(({ domain }) => domain)));
  const mail = mails.find(one => mapped.has(domainOf(one))) ?? mails[0];
  if (mail === undefined || sideOf(cohort, entry.dn) !== side) return undefined;
  const probe = probeOf(state, entry, { mail, side, chosen: '', cohort });
  const settled = probe.local === (side === 'cs7');
  return settled && (await cohortOf(entry)) === cohort ? probe : undefined;
}

/** Searches for users of the cohort on that side; they may find others too. */
async function searches(place: Place, state: DesiredState, reader: DirectoryReader): Promise<readonly AccountClass[]> {
  const { cohort } = place;
  const { base, filter } = cohort.members === 'rest' ? {} : cohort.members;
  const conditions = [present('mail'), ...(await sideFilter(place, state, reader)), ...takenBefore(cohort, state)];
  const { users } = state.directory;
  const own = (users ? narrow(users, base) : []).map(search =>
    restrict(search, ...conditions, ...(filter === undefined ? [] : [filter])),
  );
  const named = await namedMembers(cohort, reader);
  if (!named) return own;
  const byUrl = named.described.flatMap(url =>
    own.flatMap(one => narrow(one, url.base).map(part => restrict(part, url.filter))),
  );
  return [...searchesByName(own, named.names.slice(0, names)), ...byUrl];
}

/** An attribute that the schema does not know is in no entry, and a filter with it would find nobody either way. */
async function sideFilter(
  { cohort, side }: Place,
  { directory }: DesiredState,
  reader: DirectoryReader,
): Promise<readonly string[]> {
  const { attribute } = directory.localUser;
  const { attributes } = await reader.schema();
  if (!attributes.has(attribute.toLowerCase())) return [];
  return [side === 'cs6' ? not(present(attribute)) : equals(attribute, cohort.store ?? '')];
}

/** Without them a cohort of the rest would be looked for among all whom earlier ones take. */
function takenBefore(cohort: DesiredCohort, { cohorts }: DesiredState): readonly string[] {
  return cohorts.slice(0, cohorts.indexOf(cohort)).flatMap(({ members }) => {
    if (members === 'rest' || members.filter === undefined) return [];
    const alone = members.base === undefined && members.list === undefined && members.group === undefined;
    return alone ? [not(members.filter)] : [];
  });
}
