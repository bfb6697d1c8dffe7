import type { LabEntries, StoredEntry } from './lab-entries.ts';
import type { LabSchema } from './lab-schema.ts';
import { PAGED_RESULTS } from './ldap-request.ts';

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
