import { hasClass } from '../accounts/account.ts';
import { accountSearches, groupAttributes, membersNamedBy, narrow, restrict } from '../accounts/account-searches.ts';
import { referralClass } from '../accounts/directory-findings.ts';
import { type AccountClass, type DesiredDirectory, writtenOnAccounts } from '../core/desired.ts';
import { printableLine } from '../core/printable.ts';
import type { FileValue } from '../estate/edit-estate.ts';
import { isBelow, memberKey, nameAbove, nameKey } from '../ldap/distinguished-name.ts';
import { equals, firstLookAt, or, parseFilter } from '../ldap/filter.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import { cs7Attributes } from '../products/cs7.ts';
import type { AccountTally, Share, Store } from './account-tally.ts';
import { isNoAnswer } from './directory-base.ts';

/** A way to say who the members of a cohort are, and how that differs from the accounts of a store. */
export interface Description {
  readonly members: { readonly [key: string]: FileValue };
  /** `the group cn=pilot,o=isp`. */
  readonly words: string;
  /** Accounts that it finds and that are not on the store, and the other way around: DNs. */
  readonly outside: readonly string[];
  readonly missing: readonly string[];
}

/** What describes the accounts of one store. */
export interface Described {
  /** The first that finds exactly those: a group, a subtree, a filter. */
  readonly exact?: Description;
  /** The one with the fewest differences; only where there are few. */
  readonly nearest?: Description;
}

/** Of these groups the first so many by DN are looked at closely. */
const mostCandidates = 20;
/** Each described group is a search of its own. */
const mostSearched = 50;
/** A filter with more values is harder to read than a list. */
const mostValuesInFilter = 4;

/** How many accounts may differ for a description to be close. */
function fewOf(size: number): number {
  return Math.min(20, Math.max(2, Math.floor(size / 10)));
}

/** How the accounts that something finds differ from those of a store; it stops to count where they differ much. */
class Comparison {
  readonly store: Store;
  readonly #common = new Set<string>();
  readonly #outside = new Map<string, string>();

  constructor(store: Store) {
    this.store = store;
  }

  add(dn: string, key = nameKey(dn)): void {
    if (this.store.members.has(key)) this.#common.add(key);
    else if (this.#outside.size <= fewOf(this.store.members.size)) this.#outside.set(key, dn);
  }

  get differences(): number {
    return this.store.members.size - this.#common.size + this.#outside.size;
  }

  get isExact(): boolean {
    return this.differences === 0;
  }

  /** One or two accounts are alike by chance. */
  get isClose(): boolean {
    return this.#common.size > 2 && this.differences <= fewOf(this.store.members.size);
  }

  description(members: Description['members'], words: string): Description {
    const missing = [...this.store.members].flatMap(([key, dn]) => (this.#common.has(key) ? [] : [dn]));
    return { members, words, outside: [...this.#outside.values()], missing };
  }
}

/**
 * For each store what describes exactly the accounts on it without looking at what CS7 or reconcile writes. Every description
 * is proved: what it finds is compared with the accounts of the store, account by account. One account alone is not
 * described: something that fits it can always be found.
 */
export async function describeStores(
  directory: DesiredDirectory,
  reader: DirectoryReader,
  tally: AccountTally,
): Promise<ReadonlyMap<string, Described>> {
  const stores = [...tally.stores].filter(([, store]) => store.members.size > 1);
  if (stores.length === 0) return new Map();
  const look = new MemberLook(directory, reader);
  const groups = await look.groups(stores.map(([, store]) => store));
  const described = new Map<string, Described>();
  for (const [key, store] of stores) {
    const tried = [...(groups.get(store) ?? [])];
    for (const attempt of tried.some(({ comparison }) => comparison.isExact)
      ? []
      : attemptsFor(key, store, tally, directory)) {
      const comparison = await look.compare(store, attempt.search);
      if (comparison) tried.push({ ...attempt, comparison });
      if (comparison?.isExact) break;
    }
    described.set(key, outcomeOf(tried));
  }
  return described;
}

/** A description, and how what it finds compares. */
interface Tried {
  readonly members: Description['members'];
  readonly words: string;
  readonly comparison: Comparison;
}

function outcomeOf(tried: readonly Tried[]): Described {
  const best = tried.toSorted((a, b) => a.comparison.differences - b.comparison.differences);
  const [exact] = tried.filter(({ comparison }) => comparison.isExact);
  const [nearest] = best.filter(({ comparison }) => comparison.isClose);
  const describe = ({ members, words, comparison }: Tried) => comparison.description(members, words);
  if (exact) return { exact: describe(exact) };
  return nearest ? { nearest: describe(nearest) } : {};
}

/** A subtree or a filter that may be right by what was counted. */
interface Attempt {
  readonly members: Description['members'];
  readonly words: string;
  readonly search: Partial<AccountClass>;
}

function attemptsFor(
  key: string,
  { members: { size } }: Store,
  tally: AccountTally,
  directory: DesiredDirectory,
): readonly Attempt[] {
  return [...subtreeOf(key, size, tally, directory), ...filtersOf(key, size, tally)];
}

/** The lowest folder that has all accounts of the store, unless too many others are in it. */
function subtreeOf(
  key: string,
  size: number,
  { folders }: AccountTally,
  { base }: DesiredDirectory,
): readonly Attempt[] {
  const own = [...folders].filter(([, { stores }]) => (stores.get(key) ?? 0) > 0);
  const [first] = own;
  if (!first) return [];
  let text: string | undefined = first[1].text;
  while (text !== undefined && !own.every(([folder]) => isBelow(folder, text ?? ''))) text = nameAbove(text);
  if (text === undefined || !isBelow(text, base) || isBelow(base, text) || !isPlain(text)) return [];
  const top = text;
  const all = [...folders].reduce((sum, [folder, share]) => sum + (isBelow(folder, top) ? share.all : 0), 0);
  if (all - size > fewOf(size)) return [];
  return [{ members: { base: top }, words: `the subtree ${top}`, search: { base: top } }];
}

/** One value of an organisational attribute, or a few of one attribute, that only the accounts of the store have. */
function filtersOf(key: string, size: number, { values }: AccountTally): readonly Attempt[] {
  const onStore = ({ stores }: Share) => stores.get(key) ?? 0;
  const exact = [...values].flatMap(([attribute, shares]) => {
    const own = [...shares.values()].filter(
      share => onStore(share) === share.all && share.all > 1 && isPlain(share.text),
    );
    const enough = own.reduce((sum, { all }) => sum + all, 0) >= size;
    return enough && own.length <= mostValuesInFilter ? [{ attribute, texts: own.map(({ text }) => text) }] : [];
  });
  const close = [...values].flatMap(([attribute, shares]) =>
    [...shares.values()]
      .map(share => ({ attribute, texts: [share.text], differences: share.all + size - 2 * onStore(share) }))
      .filter(({ differences, texts }) => differences <= fewOf(size) && texts.every(isPlain)),
  );
  const [nearest] = close.toSorted((a, b) => a.differences - b.differences);
  return [...exact.toSorted((a, b) => a.texts.length - b.texts.length), ...(nearest ? [nearest] : [])].map(attemptOf);
}

function attemptOf({ attribute, texts }: { readonly attribute: string; readonly texts: readonly string[] }): Attempt {
  const filter = or(...texts.toSorted().map(text => equals(attribute, text)));
  return { members: { filter }, words: `the filter ${filter}`, search: { filter } };
}

/** Text that a person can read and copy. */
function isPlain(text: string): boolean {
  return text === printableLine(text) && text.trim() === text && text.length <= 200;
}

/** A group whose members are known, but not which of them are accounts. */
interface Candidate extends Tried {
  readonly dn: string;
  /** Keys of names that no account of the store has. */
  readonly extras: ReadonlySet<string>;
}

/** Finds accounts as the cohorts of a plan would. */
class MemberLook {
  readonly #directory: DesiredDirectory;
  readonly #reader: DirectoryReader;
  readonly #searches: readonly AccountClass[];
  #searched = 0;

  constructor(directory: DesiredDirectory, reader: DirectoryReader) {
    this.#directory = directory;
    this.#reader = reader;
    this.#searches = accountSearches(directory);
  }

  /** How what a search finds differs from a store; nothing where the server does not answer it. */
  async compare(store: Store, search: Partial<AccountClass>): Promise<Comparison | undefined> {
    const comparison = new Comparison(store);
    return (await this.#addTo([comparison], search)) ? comparison : undefined;
  }

  async #addTo(comparisons: readonly Comparison[], search: Partial<AccountClass>): Promise<boolean> {
    try {
      for await (const dn of this.#accounts(search)) for (const one of comparisons) one.add(dn);
      return true;
    } catch (problem) {
      if (isNoAnswer(problem)) return false;
      throw problem;
    }
  }

  /** Groups that have about the accounts of a store as members, by store, in the order of their DNs. */
  async groups(stores: readonly Store[]): Promise<ReadonlyMap<Store, readonly Tried[]>> {
    const candidates = new Map<Store, readonly Candidate[]>(stores.map(store => [store, []]));
    for await (const entry of this.#groupEntries())
      for (const one of await this.#candidatesOf(entry, stores))
        candidates.set(one.comparison.store, keepSome([...(candidates.get(one.comparison.store) ?? []), one]));
    await this.#separate([...candidates.values()].flat());
    return new Map([...candidates].map(([store, all]) => [store, all.toSorted((a, b) => (a.dn < b.dn ? -1 : 1))]));
  }

  async *#groupEntries(): AsyncIterable<DirectoryEntry> {
    const classes = ['groupOfUniqueNames', 'groupOfNames', 'groupOfURLs'].map(name => equals('objectClass', name));
    const { base } = this.#directory;
    for await (const entry of this.#reader.search({ base, filter: or(...classes), attributes: groupAttributes }))
      if (isPlain(entry.dn)) yield entry;
  }

  async #candidatesOf(entry: DirectoryEntry, stores: readonly Store[]): Promise<readonly Candidate[]> {
    const members = membersOf(entry);
    if (!members || members.described.some(({ filter }) => this.#describesItself(filter))) return [];
    if (members.described.length > 0 && this.#searched++ >= mostSearched) return [];
    const keys = new Set(members.names.map(memberKey));
    const comparisons = stores.map(store => new Comparison(store));
    for (const search of members.described) if (!(await this.#addTo(comparisons, search))) return [];
    return comparisons.flatMap(comparison => {
      const { store } = comparison;
      const extras = [...keys].filter(key => !store.members.has(key));
      for (const key of keys) if (store.members.has(key)) comparison.add(key, key);
      const words = `the group ${entry.dn}`;
      const isNear = comparison.differences <= fewOf(store.members.size);
      return isNear ? [{ dn: entry.dn, members: { group: entry.dn }, words, comparison, extras: new Set(extras) }] : [];
    });
  }

  /** Whether a filter looks at what is written on accounts that move, or at what stands for it. */
  #describesItself(filter: string): boolean {
    const parsed = parseFilter(filter);
    const { attributes, objectClasses } = writtenOnAccounts(this.#directory, true);
    const usual = [cs7Attributes.localUser, cs7Attributes.uniqueId, cs7Attributes.copyFrom];
    const subjects = {
      attributes: [...attributes, ...usual, this.#directory.uniqueId.copyFrom],
      objectClasses: [...objectClasses, cs7Attributes.objectClass],
    };
    return 'problem' in parsed || firstLookAt(parsed.filter, subjects) !== undefined;
  }

  /** Looks through all accounts for those that groups name besides the accounts of the store. */
  async #separate(candidates: readonly Candidate[]): Promise<void> {
    const unsure = candidates.filter(({ extras }) => extras.size > 0);
    if (unsure.length === 0) return;
    for await (const dn of this.#accounts({})) {
      const key = nameKey(dn);
      for (const { extras, comparison } of unsure) if (extras.has(key)) comparison.add(dn, key);
    }
  }

  /** The accounts that a base and a filter find. */
  async *#accounts({ base, filter }: Partial<AccountClass>): AsyncIterable<string> {
    const searches = this.#searches
      .flatMap(search => narrow(search, base))
      .map(search => restrict(search, ...(filter === undefined ? [] : [filter])));
    for (const search of searches)
      for await (const entry of this.#reader.search({ ...search, attributes: ['objectClass'] }))
        if (!hasClass(entry, referralClass)) yield entry.dn;
  }
}

function keepSome(candidates: readonly Candidate[]): readonly Candidate[] {
  const order = (a: Candidate, b: Candidate) =>
    a.comparison.differences - b.comparison.differences || a.extras.size - b.extras.size || (a.dn < b.dn ? -1 : 1);
  return candidates.length <= mostCandidates ? candidates : candidates.toSorted(order).slice(0, mostCandidates);
}

/** The members of a group; nothing where a cohort could not use it. */
function membersOf(entry: DirectoryEntry): ReturnType<typeof membersNamedBy> | undefined {
  try {
    return membersNamedBy(entry, () => new UnusableGroup());
  } catch (problem) {
    if (problem instanceof UnusableGroup) return undefined;
    throw problem;
  }
}

/** Thrown and caught in this file only. */
class UnusableGroup extends Error {}
