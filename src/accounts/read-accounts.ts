import type { Change } from '../core/change.ts';
import { inFlight } from '../core/collections.ts';
import { loginName } from '../core/connection.ts';
import type { AccountClass, DesiredCohort, DesiredDirectory, DesiredState } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { isBelow, memberKey, nameKey } from '../ldap/distinguished-name.ts';
import { and, not, or } from '../ldap/filter.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import type { ReadPorts } from '../ports/ports.ts';
import {
  type Account,
  type AccountOrFinding,
  type AccountQuery,
  accountOf,
  type CohortSide,
  hasClass,
} from './account.ts';
import {
  accountSearches,
  entriesOf,
  entryQuery,
  knownNames,
  type NameSearch,
  namedMembers,
  narrow,
  overlap,
  restrict,
  searchesByName,
} from './account-searches.ts';
import { findMissing, nobodyInCohort, referralClass } from './directory-findings.ts';
import { proveDescribed, proveFilters, withRealMatches } from './estate-filters.ts';

/** How many searches for names are under way at once. */
const window = 16;

/**
 * Reads every account that one of `queries` wants to see, each in the one cohort that takes it: the first whose
 * members it is among. Cohorts are told apart like this:
 *
 * | the earlier cohort has     | accounts of it are kept out of later ones by        |
 * |----------------------------|-----------------------------------------------------|
 * | a filter                   | the opposite of the filter, in the search itself    |
 * | a base                     | the names of the entries found                      |
 * | a base and a filter        | a search for those of the later one that it takes   |
 * | a list, a file, a group    | the names of all its members, which are read anyway |
 *
 * Nothing grows with the number of accounts but what is wanted and what is named one by one.
 */
export async function* readAccounts(
  state: DesiredState,
  queries: readonly AccountQuery[],
  ports: ReadPorts,
): AsyncIterable<AccountOrFinding> {
  const reader = ports.directory();
  const schema = await reader.schema();
  const matching = await withRealMatches(state.directory.base, reader);
  await proveFilters(state, schema, reader);
  const reading = new AccountReading(state, queries, schema, matching);
  for (const cohort of state.cohorts) yield* reading.read(cohort);
  if (!reading.metAnyone) await requireAccounts(state.directory, reader);
}

/** What the cohorts read so far have taken. */
class AccountReading {
  metAnyone = false;
  readonly #state: DesiredState;
  readonly #queries: readonly AccountQuery[];
  readonly #schema: DirectorySchema;
  readonly #reader: DirectoryReader;
  readonly #attributes: readonly string[];
  readonly #searches: readonly AccountClass[];
  /** Filters of earlier cohorts that have nothing else. */
  readonly #takenByFilter: string[] = [];
  readonly #takenByBase: string[] = [];
  readonly #takenByBoth: { readonly base: string; readonly filter: string }[] = [];
  readonly #takenByName = new Set<string>();
  /** Entries that two classes of accounts may both have; only where their bases overlap. */
  readonly #met: Set<string> | undefined;

  constructor(state: DesiredState, queries: readonly AccountQuery[], schema: DirectorySchema, reader: DirectoryReader) {
    this.#state = state;
    this.#queries = queries;
    this.#schema = schema;
    this.#reader = reader;
    this.#searches = accountSearches(state.directory);
    this.#met = overlap(this.#searches) ? new Set() : undefined;
    this.#attributes = [...new Set(['objectClass', ...queries.flatMap(one => one.attributes(state))])];
  }

  async *read(cohort: DesiredCohort): AsyncIterable<AccountOrFinding> {
    const named = await namedMembers(cohort, this.#reader);
    const { base, filter } = cohort.members === 'rest' ? {} : cohort.members;
    const own = this.#searches
      .flatMap(search => narrow(search, base))
      .map(search => restrict(search, ...(filter === undefined ? [] : [filter])));
    if (named) {
      proveDescribed(cohort, named.described, this.#state.directory, this.#schema);
      yield* this.#readNamed(cohort, own, named);
      return;
    }
    yield* this.#readDescribed(cohort, own);
    if (base !== undefined && filter !== undefined) this.#takenByBoth.push({ base, filter });
    else if (filter !== undefined) this.#takenByFilter.push(filter);
    else if (base !== undefined) this.#takenByBase.push(base);
  }

  async *#readDescribed(cohort: DesiredCohort, own: readonly AccountClass[]): AsyncIterable<AccountOrFinding> {
    const deviations = sidesOf(cohort).flatMap(side =>
      this.#queries.flatMap(one => one.deviation(this.#state, side, this.#schema) ?? []),
    );
    let anyone = false;
    for (const search of deviations.length === 0 ? [] : own) {
      for await (const entry of this.#entries(restrict(search, or(...new Set(deviations))))) {
        anyone = true;
        yield* this.#accept(cohort, entry);
      }
    }
    if (!anyone && cohort.members !== 'rest' && this.#telling) yield* nobodyInCohort(cohort, own, this.#reader);
  }

  async *#readNamed(
    cohort: DesiredCohort,
    own: readonly AccountClass[],
    { names, described }: { readonly names: readonly string[]; readonly described: readonly AccountClass[] },
  ): AsyncIterable<AccountOrFinding> {
    const found = new Set<string>();
    for await (const entries of inFlight(
      searchesByName(own, names),
      () => window,
      search => this.#readNames(search),
    )) {
      for (const entry of entries) {
        for (const name of knownNames(entry)) found.add(name);
        yield* this.#acceptNamed(cohort, entry);
      }
    }
    for (const url of described)
      for (const search of own.flatMap(one => narrow(one, url.base).map(narrowed => restrict(narrowed, url.filter))))
        for await (const entry of this.#entries(search)) yield* this.#acceptNamed(cohort, entry);
    if (this.#telling && cohort.members !== 'rest' && cohort.members.group === undefined)
      yield* findMissing(
        cohort,
        names.filter(name => !found.has(memberKey(name))),
        own,
        this.#reader,
      );
  }

  async #readNames(search: NameSearch): Promise<readonly DirectoryEntry[]> {
    const apart = await this.#takenByOthers(search);
    const query = { ...this.#narrowed(search), attributes: [...this.#attributes, 'uid'] };
    const entries = await entriesOf(query, this.#reader);
    return entries.filter(entry => this.#isOpen(entry, apart));
  }

  /** The entries of a search that no earlier cohort has taken. */
  async *#entries(search: AccountClass): AsyncIterable<DirectoryEntry> {
    const apart = await this.#takenByOthers(search);
    for await (const entry of this.#reader.search({ ...this.#narrowed(search), attributes: this.#attributes }))
      if (this.#isOpen(entry, apart)) yield entry;
  }

  /** Whether an entry is an account that no earlier cohort has taken; one that refers to another server is none. */
  #isOpen(entry: DirectoryEntry, apart: ReadonlySet<string>): boolean {
    const isApart = apart.size > 0 && apart.has(nameKey(entry.dn));
    return !isApart && !this.#isTaken(entry.dn) && !hasClass(entry, referralClass);
  }

  /** What earlier cohorts took comes last: it rarely decides. */
  #narrowed(search: AccountClass): AccountClass {
    return { ...search, filter: and(search.filter, ...this.#takenByFilter.map(not)) };
  }

  #isTaken(dn: string): boolean {
    return (
      (this.#takenByName.size > 0 && this.#takenByName.has(nameKey(dn))) ||
      this.#takenByBase.some(base => isBelow(dn, base))
    );
  }

  async #takenByOthers(search: AccountClass): Promise<ReadonlySet<string>> {
    const parts = this.#takenByBoth.flatMap(({ base, filter }) =>
      narrow(search, base).map(part => restrict(part, filter)),
    );
    const found = await Promise.all(parts.map(part => entriesOf({ ...part, attributes: ['1.1'] }, this.#reader)));
    return new Set(found.flat().map(({ dn }) => nameKey(dn)));
  }

  *#acceptNamed(cohort: DesiredCohort, entry: DirectoryEntry): Iterable<Account> {
    // Two of its names may have led to it.
    const name = nameKey(entry.dn);
    if (this.#takenByName.has(name)) return;
    this.#takenByName.add(name);
    yield* this.#accept(cohort, entry);
  }

  *#accept(cohort: DesiredCohort, entry: DirectoryEntry): Iterable<Account> {
    this.metAnyone = true;
    const name = this.#met && nameKey(entry.dn);
    if (name !== undefined && this.#met?.has(name)) return;
    if (name !== undefined) this.#met?.add(name);
    yield accountOf(cohort, entry);
  }

  get #telling(): boolean {
    return this.#queries.some(one => one.tellsOfCohorts);
  }
}

/** Where accounts of a cohort may have to be: while a wave is under way, on either side. */
function sidesOf(cohort: DesiredCohort): readonly CohortSide[] {
  const { store, share } = cohort;
  if (store === undefined || share === 0) return [{ cohort, store: undefined }];
  return share === undefined
    ? [{ cohort, store }]
    : [
        { cohort, store },
        { cohort, store: undefined },
      ];
}

/** The accounts that changes name, whether they differ or not, in the cohorts that the changes were made for. */
export async function* findAccounts(
  { cohorts }: DesiredState,
  changes: readonly Change[],
  attributes: readonly string[],
  ports: ReadPorts,
): AsyncIterable<Account> {
  const wanted = [...new Set(['objectClass', ...attributes])];
  const groups = new Map(changes.map(({ item, group }) => [item, group]));
  // A server that spells a name in another way than the one the plan was made from means the same entry.
  const read = async (dn: string) =>
    (await entriesOf(entryQuery(dn, wanted), ports.directory())).map(entry => ({ ...entry, dn }));
  for await (const entries of inFlight(groups.keys(), () => window, read)) {
    for (const entry of entries) {
      const cohort = cohorts.find(({ name }) => name === groups.get(entry.dn)) ?? cohorts.at(-1);
      if (cohort) yield accountOf(cohort, entry);
    }
  }
}

/** How many accounts there are, counted up to `atMost`. */
export async function countAccounts(directory: DesiredDirectory, reader: DirectoryReader, atMost: number) {
  const searches = accountSearches(directory);
  const met = overlap(searches) ? new Set<string>() : undefined;
  let counted = 0;
  for (const search of searches) {
    for await (const { dn } of reader.search({ ...search, attributes: ['1.1'] })) {
      if (counted >= atMost) return { counted, all: false };
      if (met?.has(nameKey(dn))) continue;
      met?.add(nameKey(dn));
      counted++;
    }
  }
  return { counted, all: true };
}

async function requireAccounts(directory: DesiredDirectory, reader: DirectoryReader): Promise<void> {
  const { counted } = await countAccounts(directory, reader, 1);
  if (counted > 0) return;
  throw new TargetProblem(
    finding('directory.no-accounts', {
      detail: `No entry below ${directory.base} matches directory.accounts, as ${loginName(directory)} sees it.\nAn empty answer is never trusted. Check the base, the filters and the read rights of this identity.`,
      target: 'directory',
      where: directory.source,
    }),
  );
}
