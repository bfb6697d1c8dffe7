import { foldValue, hasClass, valuesOf } from '../accounts/account.ts';
import { domainOf } from '../accounts/account-names.ts';
import { accountSearches, overlap } from '../accounts/account-searches.ts';
import { referralClass } from '../accounts/directory-findings.ts';
import { type DesiredDirectory, loginAttribute } from '../core/desired.ts';
import { mostNamed } from '../core/finding.ts';
import { nameAbove, nameKey } from '../ldap/distinguished-name.ts';
import { matchingRulesOf } from '../ldap/matching-rule.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryReader } from '../ports/directory.ts';
import { accountKinds } from './directory-base.ts';

/**
 * Attributes that say where in the organisation an account is, those first that a site would rather tell people apart by.
 * Nothing that reconcile or a calendar server writes is among them.
 */
const organisational: readonly string[] = [
  ...['departmentNumber', 'department', 'ou', 'division', 'company', 'o', 'l', 'physicalDeliveryOfficeName', 'st', 'c'],
  ...['co', 'businessCategory', 'employeeType', 'costCenter', 'postalCode', 'organizationalStatus'],
];

/** An attribute with more values than this tells nobody apart, and is no longer counted. */
const mostValues = 5_000;

/** How many there are of something, and the first of them. */
export interface Named {
  readonly count: number;
  readonly names: readonly string[];
}

/** Accounts with the same value of the local-user attribute. */
export interface Store {
  /** As most of them have it. */
  readonly name: string;
  /** DNs by their key. */
  readonly members: ReadonlyMap<string, string>;
  /** The values of icsAllowedServiceAccess of all users among them; one of them is absent where a user has none. */
  readonly access: ReadonlySet<string | undefined>;
  readonly withoutMail: Named;
  readonly withoutId: Named;
}

/** How many accounts have something in common, in all and by store; the keys of stores are folded names. */
export interface Share {
  /** As the directory writes it. */
  readonly text: string;
  readonly all: number;
  readonly stores: ReadonlyMap<string, number>;
}

/** What is known of all accounts together after each was looked at once. */
export interface AccountTally {
  readonly accounts: number;
  /** By the folded name of the store. */
  readonly stores: ReadonlyMap<string, Store>;
  /** Accounts that no cohort fits: with several stores, or one whose name cannot be written. DN -> what is wrong. */
  readonly odd: ReadonlyMap<string, string>;
  /** Of the accounts on CS6; of all where none is left there. */
  readonly mailDomains: ReadonlyMap<string, number>;
  readonly withoutId: number;
  /** The folders that have accounts right below them, by their key. */
  readonly folders: ReadonlyMap<string, Share>;
  /** Organisational attributes, and their values by what makes two of them one. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Share>>;
  /** How many accounts without a unique id have this attribute. */
  couldCopy(attribute: string): number;
  /** How many unique ids are the value of this attribute of the same account. */
  copiedFrom(attribute: string): number;
  /** Whether there is an account with the attribute of this role, and all of them have the object class. */
  allCarry(role: 'localUser' | 'uniqueId', objectClass: string): boolean;
}

/**
 * Looks at every account once, as one search for each base. What is kept grows with the accounts on CS7, and with the
 * number of folders and of values of organisational attributes.
 */
export async function tallyAccounts(
  directory: DesiredDirectory,
  schema: DirectorySchema,
  reader: DirectoryReader,
  copySources: readonly string[],
): Promise<AccountTally> {
  const counting = new Counting(directory, schema, copySources);
  const searches = accountSearches(directory);
  const met = overlap(searches) ? new Set<string>() : undefined;
  for (const search of searches) {
    for await (const entry of reader.search({ ...search, attributes: counting.attributes })) {
      if (hasClass(entry, referralClass) || met?.has(nameKey(entry.dn))) continue;
      met?.add(nameKey(entry.dn));
      counting.add(entry);
    }
  }
  return counting;
}

class OneStore implements Store {
  readonly members = new Map<string, string>();
  readonly access = new Set<string | undefined>();
  readonly withoutMail = new Names();
  readonly withoutId = new Names();
  readonly #spellings = new Map<string, number>();

  get name(): string {
    const [most] = [...this.#spellings].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return most?.[0] ?? '';
  }

  spell(name: string): void {
    this.#spellings.set(name, (this.#spellings.get(name) ?? 0) + 1);
  }
}

class Names implements Named {
  count = 0;
  readonly names: string[] = [];

  add(name: string): void {
    this.count++;
    if (this.names.length < mostNamed) this.names.push(name);
  }
}

interface OpenShare extends Share {
  all: number;
  readonly stores: Map<string, number>;
}

class Counting implements AccountTally {
  accounts = 0;
  withoutId = 0;
  readonly stores = new Map<string, OneStore>();
  readonly odd = new Map<string, string>();
  readonly #stayingDomains = new Map<string, number>();
  readonly #movedDomains = new Map<string, number>();
  readonly values = new Map<string, Map<string, OpenShare>>();
  readonly attributes: readonly string[];
  readonly #directory: DesiredDirectory;
  readonly #copySources: readonly string[];
  readonly #normalize: ReadonlyMap<string, (value: string) => string>;
  readonly #copies = new Map<string, { could: number; copied: number }>();
  readonly #classes = { localUser: new Classes(), uniqueId: new Classes() };
  /** By the folder's name as the server writes it. */
  readonly #folders = new Map<string, OpenShare>();

  constructor(directory: DesiredDirectory, schema: DirectorySchema, copySources: readonly string[]) {
    this.#directory = directory;
    const known = (name: string) => schema.attributes.has(name.toLowerCase());
    this.#copySources = copySources.filter(known);
    const rules = matchingRulesOf(schema);
    const firstName = (name: string) => rules.attribute(name)?.name ?? name.toLowerCase();
    const { localUser, uniqueId } = directory;
    const written = [localUser.attribute, uniqueId.attribute, uniqueId.copyFrom].map(firstName);
    const isFree = (name: string) => known(name) && !written.includes(firstName(name));
    this.#normalize = new Map(
      organisational.filter(isFree).map(name => [name, rules.attribute(name)?.normalize ?? foldValue]),
    );
    for (const name of this.#normalize.keys()) this.values.set(name, new Map());
    const own = ['objectClass', 'mail', loginAttribute, localUser.attribute, uniqueId.attribute];
    this.attributes = [...new Set([...own, ...this.#copySources, ...this.#normalize.keys()])];
  }

  get folders(): ReadonlyMap<string, Share> {
    const byKey = new Map<string, OpenShare>();
    for (const [text, share] of this.#folders) {
      const known = byKey.get(nameKey(text));
      if (known) addShare(known, share);
      else byKey.set(nameKey(text), { ...share, stores: new Map(share.stores) });
    }
    return byKey;
  }

  couldCopy(attribute: string): number {
    return this.#copies.get(attribute)?.could ?? 0;
  }

  copiedFrom(attribute: string): number {
    return this.#copies.get(attribute)?.copied ?? 0;
  }

  allCarry(role: 'localUser' | 'uniqueId', objectClass: string): boolean {
    return this.#classes[role].all(objectClass.toLowerCase());
  }

  add(entry: DirectoryEntry): void {
    this.accounts++;
    const store = this.#storeOf(entry);
    this.#countId(entry);
    this.#countMail(entry, store);
    this.#countPlace(entry, store);
  }

  /** The folded name of the store that an account is on; nothing where it is on CS6, or on none that can be said. */
  #storeOf(entry: DirectoryEntry): string | undefined {
    const values = valuesOf(entry, this.#directory.localUser.attribute);
    const [value] = values;
    if (value === undefined) return undefined;
    this.#classes.localUser.add(entry);
    const folded = foldValue(value);
    if (values.length > 1 || !isStoreName(value.trim())) {
      this.odd.set(entry.dn, values.length > 1 ? 'It is on several stores.' : 'The name of its store is no text.');
      return undefined;
    }
    const store = this.stores.get(folded) ?? new OneStore();
    this.stores.set(folded, store);
    store.spell(value.trim());
    store.members.set(nameKey(entry.dn), entry.dn);
    // The only class that may carry a denial (Schema Reference, icsCalendarUser).
    if (hasClass(entry, accountKinds.users)) store.access.add(valuesOf(entry, loginAttribute)[0]);
    return folded;
  }

  #countId(entry: DirectoryEntry): void {
    const [id] = valuesOf(entry, this.#directory.uniqueId.attribute);
    if (id === undefined) this.withoutId++;
    else this.#classes.uniqueId.add(entry);
    for (const name of this.#copySources) {
      const values = valuesOf(entry, name);
      const counted = this.#copies.get(name) ?? { could: 0, copied: 0 };
      this.#copies.set(name, counted);
      if (id === undefined && values.length > 0) counted.could++;
      if (id !== undefined && values.some(value => foldValue(value) === foldValue(id))) counted.copied++;
    }
  }

  #countMail(entry: DirectoryEntry, store: string | undefined): void {
    const mails = valuesOf(entry, 'mail');
    const on = store === undefined ? undefined : this.stores.get(store);
    if (on && mails.length === 0) on.withoutMail.add(entry.dn);
    if (on && valuesOf(entry, this.#directory.uniqueId.attribute).length === 0) on.withoutId.add(entry.dn);
    const domains = on ? this.#movedDomains : this.#stayingDomains;
    for (const domain of new Set(mails.flatMap(domainOf)))
      if (isMailDomain(domain)) domains.set(domain, (domains.get(domain) ?? 0) + 1);
  }

  get mailDomains(): ReadonlyMap<string, number> {
    return this.#stayingDomains.size > 0 ? this.#stayingDomains : this.#movedDomains;
  }

  #countPlace(entry: DirectoryEntry, store: string | undefined): void {
    countIn(this.#folders, nameAbove(entry.dn) ?? '', nameAbove(entry.dn) ?? '', store);
    for (const [name, normalize] of this.#normalize) {
      const counted = this.values.get(name);
      if (!counted) continue;
      const met = new Map(valuesOf(entry, name).map(value => [normalize(value), value]));
      for (const [key, text] of met) countIn(counted, key, text, store);
      if (counted.size > mostValues) this.values.delete(name);
    }
  }
}

/** Which object classes all entries of a set have. */
class Classes {
  #common: Set<string> | undefined;

  add(entry: DirectoryEntry): void {
    const own = new Set(valuesOf(entry, 'objectClass').map(name => name.toLowerCase()));
    this.#common = this.#common ? new Set([...this.#common].filter(name => own.has(name))) : own;
  }

  all(objectClass: string): boolean {
    return this.#common?.has(objectClass) ?? false;
  }
}

function countIn(shares: Map<string, OpenShare>, key: string, text: string, store: string | undefined): void {
  const share = shares.get(key) ?? { text, all: 0, stores: new Map() };
  shares.set(key, share);
  share.all++;
  if (store !== undefined) share.stores.set(store, (share.stores.get(store) ?? 0) + 1);
}

function addShare(to: OpenShare, { all, stores }: Share): void {
  to.all += all;
  for (const [store, number] of stores) to.stores.set(store, (to.stores.get(store) ?? 0) + number);
}

/** A name that the file can have: one line of printable text, without blanks around it. */
function isStoreName(value: string): boolean {
  return value.length <= 200 && /^[^\s\p{C}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\s\p{C}])?$/u.test(value);
}

/** What `domains` of the estate file takes. */
export function isMailDomain(domain: string): boolean {
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(domain);
}
