import { dnKey } from '../../ldap/distinguished-name.ts';
import type { LabEntry } from '../directory-content.ts';
import type { LabSchema } from './lab-schema.ts';
import { PAGED_RESULTS } from './ldap-request.ts';

/** An entry as it is kept; a change puts another one in its place. */
export interface StoredEntry {
  readonly dn: string;
  /** By the attributes' first names. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** RFC 4517 time and name; nothing as long as it is as it was loaded. */
  readonly modified?: { readonly at: string; readonly by: string };
}

/** The entries of a directory, parents first. */
interface LabEntries {
  readonly size: number;
  /** When they were loaded. */
  readonly loaded: string;
  get(key: string): StoredEntry | undefined;
  /** Puts a changed entry in the place of the one with the same name. */
  put(key: string, entry: StoredEntry): void;
  /** All, in order, while they may be changed meanwhile. */
  all(): Iterable<readonly [string, StoredEntry]>;
  /** The keys of the entries with this uid, as its matching rule makes it. */
  withUid(uid: string): readonly string[];
}

/** Takes the entries in. Throws when one is not what the schema knows, which is a mistake in the lab. */
export function createLabEntries(source: Iterable<LabEntry>, schema: LabSchema): LabEntries {
  const entries = new Map<string, StoredEntry>();
  const byUid = new Map<string, string | readonly string[]>();
  const uidRule = schema.attribute('uid');
  // What an entry no longer has stays: whoever looks here looks at the entry too.
  const index = (key: string, entry: StoredEntry) => {
    for (const uid of entry.attributes['uid'] ?? []) {
      const compared = uidRule?.normalize(uid) ?? uid;
      const known = [byUid.get(compared) ?? []].flat();
      if (!known.includes(key)) {
        byUid.set(compared, known.length === 0 ? key : [...known, key]);
      }
    }
  };
  for (const { dn, attributes } of source) {
    const key = dnKey(dn, schema);
    if (key === undefined || entries.has(key)) {
      throw new Error(`not a name, or there twice: ${dn}`);
    }
    const entry = { dn, attributes: byFirstNames(attributes, schema) };
    entries.set(key, entry);
    index(key, entry);
  }
  return {
    size: entries.size,
    loaded: generalizedTime(),
    get: key => entries.get(key),
    put: (key, entry) => {
      entries.set(key, entry);
      index(key, entry);
    },
    all: () => entries,
    withUid: uid => [byUid.get(uid) ?? []].flat(),
  };
}

/** Now, as LDAP writes it. */
export function generalizedTime(): string {
  return `${new Date().toISOString().replace(/[-:T]|\.\d+Z/g, '')}Z`;
}

/** The given object itself where it has the right names already: a hundred thousand copies would be a waste. */
function byFirstNames(attributes: LabEntry['attributes'], schema: LabSchema): LabEntry['attributes'] {
  const named = Object.keys(attributes).map(name => {
    const rule = schema.attribute(name);
    if (!rule) {
      throw new Error(`the rehearsal's schema has no attribute ${name}`);
    }
    return [name, rule.name] as const;
  });
  return named.every(([given, first]) => given === first)
    ? attributes
    : Object.fromEntries(named.map(([given, first]) => [first, attributes[given] ?? []]));
}

/** Everything the connections of a directory share. */
export interface DirectoryState {
  readonly schema: LabSchema;
  readonly entries: LabEntries;
  readonly suffix: string;
  /** The one who sees passwords too, and to whom the loading is ascribed. */
  readonly adminDn: string;
}

/** Who asks; nobody before a bind. */
export type Identity = { readonly dn: string; readonly admin: boolean } | undefined;

/** RFC 4532. */
export const WHO_AM_I = '1.3.6.1.4.1.4203.1.11.3';

/** Where the schema is read. */
export const SUBSCHEMA_DN = 'cn=Subschema';

/** Values of an attribute as `identity` may see them; `name` is its first name. */
export function valuesOf(
  state: DirectoryState,
  identity: Identity,
  entry: StoredEntry,
  name: string,
): readonly string[] | undefined {
  if (name === 'userPassword' && identity?.admin !== true) {
    return undefined;
  }
  return entry.attributes[name] ?? operationalValues(state, entry, name);
}

/** What the server says about itself, to anybody. */
export function rootEntry(state: DirectoryState): StoredEntry {
  const attributes = {
    objectClass: ['top'],
    namingContexts: [state.suffix],
    supportedControl: [PAGED_RESULTS],
    supportedExtension: [WHO_AM_I],
    supportedLDAPVersion: ['3'],
    subschemaSubentry: [SUBSCHEMA_DN],
  };
  return { dn: '', attributes };
}

/** The schema. */
export function subschemaEntry({ schema }: DirectoryState): StoredEntry {
  const { attributeTypes, objectClasses } = schema;
  const attributes = {
    objectClass: ['top', 'subentry', 'subschema'],
    cn: ['Subschema'],
    attributeTypes,
    objectClasses,
  };
  return { dn: SUBSCHEMA_DN, attributes };
}

/** What is not kept with each entry, as it is the same for most. */
function operationalValues(state: DirectoryState, entry: StoredEntry, name: string): readonly string[] | undefined {
  switch (name) {
    case 'createTimestamp':
      return [state.entries.loaded];
    case 'modifyTimestamp':
      return [entry.modified?.at ?? state.entries.loaded];
    case 'creatorsName':
      return [state.adminDn];
    case 'modifiersName':
      return [entry.modified?.by ?? state.adminDn];
    case 'entryDN':
      return [entry.dn];
    case 'subschemaSubentry':
      return [SUBSCHEMA_DN];
    default:
      return undefined;
  }
}

/** The names that `+` stands for, where entries do not have them with them. */
export const OPERATIONAL_NAMES = [
  'createTimestamp',
  'modifyTimestamp',
  'creatorsName',
  'modifiersName',
  'entryDN',
  'subschemaSubentry',
];
