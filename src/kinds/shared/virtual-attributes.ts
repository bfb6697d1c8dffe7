import { nameKey } from '../../ldap/distinguished-name.ts';
import { attributesIn, not } from '../../ldap/filter.ts';
import type { DirectoryReader } from '../../ports/directory.ts';
import { entriesOf } from './account-searches.ts';

/**
 * Attributes that a class of service makes up below `base` or above it (Sun Directory Server and 389; OpenLDAP has no such
 * thing), in lower case. An index does not know their values: 389 finds them by a filter only where none is used.
 */
export async function virtualAttributes(base: string, reader: DirectoryReader): Promise<ReadonlySet<string>> {
  const query = {
    filter: '(&(objectClass=ldapSubEntry)(objectClass=cosSuperDefinition))',
    attributes: ['cosAttribute'],
  };
  for (const above of ancestry(base)) {
    const entries = await entriesOf({ base: above, ...query }, reader);
    const names = entries.flatMap(({ attributes }) => attributes.get('cosattribute') ?? []);
    if (names.length > 0) return new Set(names.map(value => value.trim().split(/\s+/)[0]?.toLowerCase() ?? ''));
  }
  return new Set();
}

/** The names from the top of the tree down to `dn`: a definition counts below the entry it stands under. */
function ancestry(dn: string): readonly string[] {
  const parts = nameKey(dn).split(',');
  return parts.map((_, i) => parts.slice(parts.length - 1 - i).join(','));
}

/** The same filter in a form that no index answers, where it looks at an attribute that is made up. */
export function withoutIndex(filter: string, virtual: ReadonlySet<string>): string {
  return virtual.size > 0 && attributesIn(filter).some(name => virtual.has(name)) ? not(not(filter)) : filter;
}
