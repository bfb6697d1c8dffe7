import { type DesiredDirectory, type DesiredState, loginAttribute } from '../core/desired.ts';
import { type Finding, mostNamed } from '../core/finding.ts';
import { printableLine } from '../core/printable.ts';
import { count } from '../core/units.ts';
import type { FileValue } from '../estate/edit-estate.ts';
import { finding } from '../findings/catalogue.ts';
import { nameKey, nameProblem } from '../ldap/distinguished-name.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { AccountTally, Named, Store } from './account-tally.ts';
import type { Described, Description } from './describe-members.ts';
import { accountKinds } from './directory-base.ts';
import type { Found, NamedFile } from './fact.ts';

/** The cohorts that say who is on CS7, the files that they name, and accounts that no cohort fits. */
export interface FoundCohorts {
  readonly found: readonly Found[];
  readonly files: readonly NamedFile[];
  readonly findings: readonly Finding[];
}

/** What cohorts are made from. */
interface Sources {
  readonly state: Pick<DesiredState, 'hosts'>;
  readonly directory: DesiredDirectory;
  readonly schema: DirectorySchema;
  readonly tally: AccountTally;
  readonly described: ReadonlyMap<string, Described>;
}

/** A store with what describes its accounts, and the name of its cohort. */
interface NamedStore extends Described {
  readonly store: Store;
  readonly cohort: string;
  /** Nobody is on CS6, and this store has the most accounts. */
  readonly isRest: boolean;
}

/**
 * One cohort for each store, the largest first, and `rest` for CS6. Where all accounts are on CS7, the largest store has the
 * rest. What has no description is listed in a file.
 */
export function findCohorts(sources: Sources): FoundCohorts {
  const { directory, tally } = sources;
  const stores = nameStores(sources);
  const onCs7 = stores.reduce((sum, { store }) => sum + store.members.size, 0) + tally.odd.size;
  const file = (one: NamedStore) => (one.isRest || one.exact ? [] : [listFile(one)]);
  const rest = { path: ['cohorts', restName(sources, stores)], value: { server: 'cs6', members: 'rest' } };
  const comment =
    onCs7 === 0
      ? `No account carries ${directory.localUser.attribute}.`
      : `${count(tally.accounts - onCs7, 'account')} without ${directory.localUser.attribute}.`;
  return {
    found: [
      ...stores.map(one => ({
        path: ['cohorts', one.cohort],
        value: cohortOf(one, one.isRest && tally.odd.size > 0 ? undefined : denialOf(one.store, sources.schema)),
        comment: commentOf(one),
      })),
      ...(stores.some(({ isRest }) => isRest) ? [] : [{ ...rest, comment }]),
    ],
    files: stores.flatMap(file),
    findings: stores.flatMap(one => differencesOf(one, directory)),
  };
}

function nameStores({ state, tally, described }: Sources): readonly NamedStore[] {
  const sorted = [...tally.stores].toSorted(([a, one], [b, other]) => {
    return other.members.size - one.members.size || (a < b ? -1 : 1);
  });
  const onCs7 = sorted.reduce((sum, [, store]) => sum + store.members.size, 0);
  const everybody = onCs7 > 0 && onCs7 + tally.odd.size === tally.accounts;
  const taken = new Set(['directory', ...state.hosts.map(({ name }) => name)]);
  const named = sorted.map(([key, store], i) => {
    const cohort = freeName(slugOf(store.name), taken);
    taken.add(cohort);
    return { ...described.get(key), store, cohort, isRest: everybody && i === 0 };
  });
  // What takes the rest comes last.
  return named.toSorted((a, b) => Number(a.isRest) - Number(b.isRest));
}

/** A name as cohorts have it: `defaultbackend`. */
function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+|[^a-z0-9]+$/g, '');
  return slug === '' ? 'cs7' : slug.slice(0, 60).replace(/[^a-z0-9]+$/, '');
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

function restName({ state }: Sources, stores: readonly NamedStore[]): string {
  const names = [...state.hosts.map(({ name }) => name), ...stores.map(({ cohort }) => cohort)];
  return freeName('others', new Set(['directory', ...names]));
}

function cohortOf(one: NamedStore, denial: FileValue | undefined): FileValue {
  const members = one.isRest ? 'rest' : (one.exact?.members ?? { file: pathOf(one) });
  return {
    server: 'cs7',
    store: one.store.name,
    members,
    ...(denial !== undefined && { migrated: { denyCs6Login: denial } }),
  };
}

/** What all users of the store have as icsAllowedServiceAccess, where that denies the login by one of the two books. */
function denialOf({ access }: Store, { objectClasses }: DirectorySchema): FileValue | undefined {
  const allowed = objectClasses.get(accountKinds.users.toLowerCase());
  // A plan would say of a class that does not allow the attribute that no denial can be written.
  if (![...(allowed?.may ?? []), ...(allowed?.must ?? [])].includes(loginAttribute.toLowerCase())) return undefined;
  const [value, ...others] = new Set([...access].map(one => one?.trim().toLowerCase()));
  if (others.length > 0) return undefined;
  if (value === '-http:all') return true;
  return value === 'http' ? value : undefined;
}

function commentOf({ store, exact, nearest, isRest }: NamedStore): string {
  const accounts = count(store.members.size, 'account');
  if (isRest) return `${accounts}. No account is on CS6.`;
  if (exact) return `${accounts}: exactly those that ${exact.words} finds.`;
  if (nearest) return `${accounts}. Close is ${printableLine(nearest.words)}, with ${differencesInWords(nearest)}.`;
  if (store.members.size === 1) return `${accounts}.`;
  return `${accounts}. No group, subtree or organisational attribute was found that has exactly these.`;
}

function differencesInWords({ outside, missing }: Description): string {
  return [
    ...(outside.length > 0 ? [`${count(outside.length, 'account')} more`] : []),
    ...(missing.length > 0 ? [`${count(missing.length, 'account')} less`] : []),
  ].join(' and ');
}

function pathOf({ cohort }: NamedStore): string {
  return `cohorts/${cohort}.csv`;
}

/** A CSV file with the DNs of a store, in order. */
function listFile(one: NamedStore): NamedFile {
  const names = [...one.store.members.values()].map(writtenName).toSorted();
  return { path: pathOf(one), content: `dn\n${names.map(name => `"${name.replaceAll('"', '""')}"\n`).join('')}` };
}

/** A DN on one line of its own: what is not to be seen, and every blank but one, as hexadecimal digits (RFC 4514, 2.4). */
function writtenName(dn: string): string {
  const isUnseen = (char: string) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(char);
  const hex = (text: string) => [...Buffer.from(text)].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  return dn
    .replace(/\\(.)|(.)/gsu, (found, escaped: string | undefined, plain = '') => {
      const char = escaped ?? plain;
      return isUnseen(char) || escaped === ' ' ? hex(char) : found;
    })
    .trim();
}

/** What may be wrong with accounts of a store. */
function differencesOf({ store, cohort, nearest }: NamedStore, directory: DesiredDirectory): readonly Finding[] {
  const carry = `carry ${directory.localUser.attribute}: ${printableLine(store.name)}`;
  const words = printableLine(nearest?.words ?? '');
  const stays = `The file lists the accounts that are on CS7, so nothing moves. If the description is right, set cohorts.${cohort}.members to it and plan the moves.`;
  return [
    ...wrongSide(
      `${capital(words)} finds accounts that are not on store ${printableLine(store.name)}, while all others that it finds are.\n${stays}`,
      namedOf(nearest?.outside ?? []),
    ),
    ...wrongSide(
      `Accounts ${carry}, but ${words} does not find them. It finds all others on that store.\n${stays}`,
      namedOf(nearest?.missing ?? []),
    ),
    ...wrongSide(
      `Accounts ${carry}, but they have no mail address. CS7 and invitations find nobody without one.\nAdd an address, or find out whether they should be on CS7.`,
      store.withoutMail,
    ),
    ...wrongSide(
      `Accounts ${carry}, but they have no ${directory.uniqueId.attribute}. CS7 files data under it, so they cannot have any there.\nFind out whether they should be on CS7.`,
      store.withoutId,
    ),
    ...wrongSide(
      `Accounts ${carry}, but their DN cannot be written into a file.\nRename the entries, or describe them by a group or a filter.`,
      namedOf([...store.members].flatMap(([key, dn]) => (isWritable(dn, key) ? [] : [printableLine(dn)]))),
    ),
  ];
}

function isWritable(dn: string, key: string): boolean {
  const name = writtenName(dn);
  return name.length <= 1_000 && nameProblem(name) === undefined && nameKey(name) === key;
}

function namedOf(names: readonly string[]): Named {
  return { count: names.length, names: names.slice(0, mostNamed) };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function wrongSide(detail: string, { count: number, names }: Named): readonly Finding[] {
  if (number === 0) return [];
  return [finding('cohort.wrong-side', { detail, target: 'directory', about: { count: number, names } })];
}

/** Differences that no cohort expresses, left alone until they are sorted out. */
export function findOdd({ odd }: AccountTally, { localUser }: DesiredDirectory, day: string): FoundCohorts {
  if (odd.size === 0) return { found: [], files: [], findings: [] };
  const until = new Date(Date.parse(day) + daysLeft * 86_400_000).toISOString().slice(0, 10);
  const value = [...odd].map(([item, reason]) => {
    return { target: 'directory', key: localUser.attribute, item, until, reason, owner: 'reconcile import' };
  });
  const detail = `Accounts have several values of ${localUser.attribute}, or one that is no text. It is not documented where CS7 looks for them.\nThey are left alone until ${until} (ignore). Leave one value on each, and remove its entry.`;
  return {
    found: [{ path: ['ignore'], value, comment: `Correct these accounts by ${until}.` }],
    files: [],
    findings: wrongSide(detail, namedOf([...odd.keys()])),
  };
}

/** How long a difference is left alone. */
const daysLeft = 30;
