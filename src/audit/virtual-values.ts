import { accountSearches } from '../accounts/account-searches.ts';
import type { DesiredState } from '../core/desired.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import { managedAttributes } from './classify.ts';
import { HashCollector, type HashSet } from './hash-list.ts';

/**
 * The accounts for which a class of service makes up a value that `reconcile` manages. All accounts are asked for, because a
 * server may leave made-up values out of account where it filters. It keeps 8 bytes for each account found.
 */
export async function readVirtualValues(state: DesiredState, reader: DirectoryReader): Promise<HashSet> {
  const attributes = managedAttributes(state);
  const found = new HashCollector();
  for (const search of accountSearches(state.directory))
    for await (const entry of reader.search({ ...search, attributes, virtualOnly: true }))
      if (attributes.some(name => entry.attributes.has(name.toLowerCase()))) found.add(entry.dn);
  return found.unique();
}
