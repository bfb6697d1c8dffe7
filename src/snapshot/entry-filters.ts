import { estateFilters } from '../accounts/estate-filters.ts';
import type { DesiredState } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { plainKey } from '../ldap/distinguished-name.ts';
import { attributesIn, type LdapFilter, parseFilter } from '../ldap/filter.ts';
import { compileFilter, type EntryView, type Matcher } from '../ldap/filter-match.ts';
import { type MatchingRule, type MatchingRules, matchingRulesOf } from '../ldap/matching-rule.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { EntryRecord } from './snapshot-format.ts';

/** The attributes that the filters of a file look at, in lower case. */
export function filterAttributes(state: DesiredState): readonly string[] {
  return estateFilters(state).flatMap(({ filter }) => attributesIn(filter));
}

/** Throws TargetProblem where a filter of the file needs the directory itself: a plan could say nothing about any account. */
export function requireEvaluable(state: DesiredState, filters: EntryFilters): void {
  for (const { filter } of estateFilters(state)) {
    const reason = filters.notEvaluable(parsed(filter));
    if (reason !== undefined) throw notEvaluableFilter(filter, `It has ${reason}`);
  }
}

/** A filter of the file, which was looked at when that was loaded. */
export function parsed(text: string): LdapFilter {
  const result = parseFilter(text);
  if ('problem' in result) throw new Error(`no filter: ${text}`);
  return result.filter;
}

/** The problem of such a filter. */
export function notEvaluableFilter(filter: string, reason: string): TargetProblem {
  return new TargetProblem(
    finding('snapshot.filter-untold', {
      detail: `${filter}\n${reason}\nA snapshot cannot show which accounts it finds, so none is written. Write the filter with plain comparisons of attributes that this identity may read.`,
      target: 'directory',
    }),
  );
}

/**
 * Whether all servers compare a text in the same way: OpenLDAP takes an e with a combining accent for an accented e, and a
 * ligature for its letters, and 389 does not.
 */
export function isRegular(text: string): boolean {
  return !/[^ -~]/.test(text) || text.normalize('NFKC') === text;
}

/** What is known of a directory and its entries; attributes by their first names. */
interface Held {
  readonly schema: Pick<DirectorySchema, 'attributes'>;
  readonly rules: MatchingRules;
  readonly attributes: ReadonlySet<string>;
  /** Those with values that not all servers compare in the same way. */
  readonly irregular: ReadonlySet<string>;
}

/** Why a filter can be evaluated by the directory only; nothing where it can be evaluated here. */
export function notEvaluable(filter: LdapFilter, held: Held): string | undefined {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.map(part => notEvaluable(part, held)).find(reason => reason !== undefined);
    case 'not':
      return notEvaluable(filter.part, held);
    case 'extensible':
      return 'a comparison by a rule of its own, which only the directory can make.';
    default:
      return notEvaluableComparison(filter, held);
  }
}

type Comparison = Exclude<LdapFilter, { readonly type: 'and' | 'or' | 'not' | 'extensible' }>;

function notEvaluableComparison(filter: Comparison, held: Held): string | undefined {
  const { attribute } = filter;
  const name = attribute.toLowerCase();
  if (/[;.]/.test(attribute)) return `${attribute}, which is not written as a plain name.`;
  // What the schema does not know has no values anywhere.
  if (!held.schema.attributes.has(name)) return undefined;
  const rule = held.rules.attribute(name);
  if (!rule) return `a comparison of ${attribute}.`;
  if (!held.attributes.has(rule.name)) return `the attribute ${attribute}.`;
  const isRegularHere = filter.type === 'present' || (!held.irregular.has(rule.name) && isRegularFilter(filter));
  return isRegularHere && isCertain(filter, rule)
    ? undefined
    : `a comparison of ${attribute} that only the directory can make.`;
}

function isCertain(filter: Comparison, { certainFor, substrings }: MatchingRule): boolean {
  switch (filter.type) {
    case 'present':
      return true;
    case 'equal':
      return certainFor === 'every-value' || (certainFor === 'names' && plainKey(textOf(filter.value)) !== undefined);
    case 'substrings':
      // Servers differ about blanks at the edges of a piece.
      return (
        certainFor === 'every-value' && substrings && filter.pieces.every(piece => !/ {2}|^ | $/.test(textOf(piece)))
      );
    default:
      return false;
  }
}

function isRegularFilter(filter: Exclude<Comparison, { readonly type: 'present' }>): boolean {
  const values = filter.type === 'substrings' ? filter.pieces : [filter.value];
  return values.every(value => isRegular(textOf(value)));
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

/** Judges entries by filters as the directory would, as far as some of their attributes show it. */
export interface EntryFilters {
  readonly rules: MatchingRules;
  /** The first name of an attribute, in lower case. */
  firstName(name: string): string;
  /** Whether an attribute, by its first name, is among those that are known. */
  isHeld(firstName: string): boolean;
  /** Why a filter can be evaluated by the directory only; nothing where it can be evaluated here. */
  notEvaluable(filter: LdapFilter): string | undefined;
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
  const held: Held = {
    schema,
    rules,
    attributes: new Set(spellings.keys()),
    irregular: new Set(irregular.map(firstName)),
  };
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
    notEvaluable: filter => notEvaluable(filter, held),
    compile: filter => compileFilter(filter, rules, view),
  };
}
