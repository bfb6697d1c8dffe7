import { dnKey, type NamingRules } from '../core/distinguished-name.ts';
import type { LdapFilter } from '../core/ldap-filter.ts';
import type { MatchingRules } from '../core/match-filter.ts';
import { collapse, ignoreCase, type MatchingRule } from '../core/matching-rule.ts';
import type { AttributeMatching, DirectorySchema } from '../ports/directory.ts';

/** Directory String (RFC 4517, 3.3.6). Sun's servers name no rule for it, and ignore case. */
const directoryString = '1.3.6.1.4.1.1466.115.121.1.15';

/** Rules of RFC 4517 that come out the same here as on a server, by name and OID. */
const normalizers: Readonly<Record<string, (value: string) => string>> = {
  caseignorematch: ignoreCase,
  '2.5.13.2': ignoreCase,
  caseignoreia5match: ignoreCase,
  '1.3.6.1.4.1.1466.109.114.2': ignoreCase,
  caseexactmatch: collapse,
  '2.5.13.5': collapse,
  caseexactia5match: collapse,
  '1.3.6.1.4.1.1466.109.114.1': collapse,
  objectidentifiermatch: ignoreCase,
  '2.5.13.0': ignoreCase,
};

const nameRules = ['distinguishednamematch', '2.5.13.1', 'uniquemembermatch', '2.5.13.23'];

/** The rules of a directory's schema, as far as they can be followed without it. */
export function matchingRulesOf({ matching }: DirectorySchema): MatchingRules {
  const known = new Map<string, MatchingRule>();
  const rules: MatchingRules & NamingRules = {
    attribute: name => {
      const described = matching?.get(name.toLowerCase());
      if (!described) return undefined;
      const rule = known.get(described.name) ?? ruleOf(described, rules);
      known.set(described.name, rule);
      return rule;
    },
  };
  return rules;
}

function ruleOf(described: AttributeMatching, names: NamingRules): MatchingRule {
  const normalize = normalizerOf(described);
  return {
    name: described.name,
    ordered: false,
    substrings: hasSubstrings(described),
    normalize: normalize ?? (value => (isName(described) ? (dnKey(value, names) ?? value) : value)),
  };
}

function isName({ equality = '' }: AttributeMatching): boolean {
  return nameRules.includes(equality.toLowerCase());
}

function normalizerOf({ equality, syntax }: AttributeMatching): ((value: string) => string) | undefined {
  if (equality === undefined) return syntax === directoryString ? ignoreCase : undefined;
  return normalizers[equality.toLowerCase()];
}

function hasSubstrings({ equality, substrings, syntax }: AttributeMatching): boolean {
  return substrings !== undefined || (equality === undefined && syntax === directoryString);
}

/**
 * Whether all servers compare a text in the same way: OpenLDAP takes an e with a combining accent for an accented e, and a
 * ligature for its letters, and 389 does not.
 */
export function isRegular(text: string): boolean {
  return !/[^ -~]/.test(text) || text.normalize('NFKC') === text;
}

/** What is known of entries; attributes by their first names. */
export interface Held {
  readonly attributes: ReadonlySet<string>;
  /** Those with values that not all servers compare in the same way. */
  readonly irregular: ReadonlySet<string>;
}

/** What of a filter only the directory itself can tell, in words. */
export function untold(filter: LdapFilter, schema: DirectorySchema, held: Held): string | undefined {
  switch (filter.type) {
    case 'and':
    case 'or':
      return filter.parts.map(part => untold(part, schema, held)).find(reason => reason !== undefined);
    case 'not':
      return untold(filter.part, schema, held);
    case 'extensible':
      return 'a comparison by a rule of its own, which only the directory can make.';
    default:
      return untoldComparison(filter, schema, held);
  }
}

type Comparison = Exclude<LdapFilter, { readonly type: 'and' | 'or' | 'not' | 'extensible' }>;

function untoldComparison(filter: Comparison, schema: DirectorySchema, held: Held): string | undefined {
  const { attribute } = filter;
  const name = attribute.toLowerCase();
  if (/[;.]/.test(attribute)) return `${attribute}, which is not written as a plain name.`;
  // What the schema does not know has no values anywhere.
  if (!schema.attributes.has(name)) return undefined;
  const described = schema.matching?.get(name);
  if (!described) return `a comparison of ${attribute}.`;
  if (!held.attributes.has(described.name)) return `the attribute ${attribute}.`;
  const regular = filter.type === 'present' || (!held.irregular.has(described.name) && isRegularFilter(filter));
  return regular && isTold(filter, described)
    ? undefined
    : `a comparison of ${attribute} that only the directory can make.`;
}

function isTold(filter: Comparison, described: AttributeMatching): boolean {
  switch (filter.type) {
    case 'present':
      return true;
    case 'equal':
      return normalizerOf(described) !== undefined || (isName(described) && dnOf(filter.value) !== undefined);
    case 'substrings':
      // Servers differ about blanks at the edges of a piece.
      return (
        normalizerOf(described) !== undefined &&
        hasSubstrings(described) &&
        filter.pieces.every(piece => !/ {2}|^ | $/.test(textOf(piece)))
      );
    default:
      return false;
  }
}

function isRegularFilter(filter: Exclude<Comparison, { readonly type: 'present' }>): boolean {
  const values = filter.type === 'substrings' ? filter.pieces : [filter.value];
  return values.every(value => isRegular(textOf(value)));
}

function dnOf(value: Uint8Array): string | undefined {
  return dnKey(textOf(value), { attribute: () => undefined });
}

function textOf(value: Uint8Array): string {
  return Buffer.from(value).toString();
}
