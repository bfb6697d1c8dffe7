import type { LdapFilter } from '../core/ldap-filter.ts';
import { compileFilter, type EntryView, type Matcher, type MatchingRules } from '../core/match-filter.ts';
import type { DirectorySchema } from '../ports/directory.ts';
import { matchingRulesOf, untold } from './filter-limits.ts';
import type { EntryRecord } from './format.ts';

/** Judges entries by filters as the directory would, as far as that can be told from some of their attributes. */
export interface EntryFilters {
  readonly rules: MatchingRules;
  /** The first name of an attribute, in lower case. */
  firstName(name: string): string;
  /** Whether an attribute, by its first name, is among those that are known. */
  isHeld(firstName: string): boolean;
  /** What of a filter only the directory itself can tell, in words. */
  untold(filter: LdapFilter): string | undefined;
  compile(filter: LdapFilter): Matcher<EntryRecord>;
}

/**
 * `attributes` are those that are known of every entry, under whichever of their names; `irregular` those of them with
 * values that not all servers compare in the same way.
 */
export function entryFilters(
  schema: DirectorySchema,
  attributes: readonly string[],
  irregular: readonly string[] = [],
): EntryFilters {
  const rules = matchingRulesOf(schema);
  const firstName = (name: string) => schema.matching?.get(name.toLowerCase())?.name ?? name.toLowerCase();
  const spellings = new Map<string, readonly string[]>();
  for (const name of attributes) {
    const first = firstName(name);
    spellings.set(first, [...new Set([...(spellings.get(first) ?? [first]), name.toLowerCase()])]);
  }
  const held = { attributes: new Set(spellings.keys()), irregular: new Set(irregular.map(firstName)) };
  // OpenLDAP finds an entry by classes that its own descend from; 389 lists these in the entry.
  const withSuperiors = (value: string) => schema.superiors?.get(value.toLowerCase()) ?? [value];
  const view: EntryView<EntryRecord> = {
    dn: ({ dn }) => dn,
    names: entry => Object.keys(entry.attributes),
    values: (entry, name) => {
      for (const spelling of spellings.get(name) ?? []) {
        const values = entry.attributes[spelling];
        if (values) return name === 'objectclass' ? values.flatMap(withSuperiors) : values;
      }
      return undefined;
    },
  };
  return {
    rules,
    firstName,
    isHeld: name => held.attributes.has(name),
    untold: filter => untold(filter, schema, held),
    compile: filter => compileFilter(filter, rules, view),
  };
}
