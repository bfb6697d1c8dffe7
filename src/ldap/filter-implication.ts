import type { AccountClass } from '../core/desired.ts';
import { isBelow } from './distinguished-name.ts';
import { type LdapFilter, parseFilter } from './filter.ts';

/**
 * Whether every entry that one search finds is surely found by another, as far as the form of the filters shows it. Where
 * it does not, that says nothing.
 */
export function isWithin(search: AccountClass, other: AccountClass): boolean {
  if (!isBelow(search.base, other.base)) return false;
  const [narrow, wide] = [parseFilter(search.filter), parseFilter(other.filter)];
  return 'filter' in narrow && 'filter' in wide && implies(narrow.filter, wide.filter);
}

/** In a logic with "undefined" too: where the first is true, so is the second. */
function implies(narrow: LdapFilter, wide: LdapFilter): boolean {
  if (filterKey(narrow) === filterKey(wide)) return true;
  const bare = withoutDoubleNegation(narrow);
  if (bare !== narrow) return implies(bare, wide);
  if (narrow.type === 'or') return narrow.parts.every(part => implies(part, wide));
  if (narrow.type === 'and' && narrow.parts.some(part => implies(part, wide))) return true;
  return wide.type === 'or' && wide.parts.some(part => implies(narrow, part));
}

function withoutDoubleNegation(filter: LdapFilter): LdapFilter {
  return filter.type === 'not' && filter.part.type === 'not' ? filter.part.part : filter;
}

/** The same text for filters that differ in the case of attributes only. */
function filterKey(filter: LdapFilter): string {
  return JSON.stringify(filter, (key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
    return key === 'attribute' && typeof value === 'string' ? value.toLowerCase() : value;
  });
}
