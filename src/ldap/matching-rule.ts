import { dnKey, type NamingRules } from './distinguished-name.ts';
import type { AttributeMatching, DirectorySchema } from './schema.ts';

/** How an attribute's values are compared (RFC 4517). */
export interface MatchingRule {
  /** The attribute's first name, by which entries keep it. */
  readonly name: string;
  /** Whether there is a rule for `*` inside a value, and one for less and greater. */
  readonly substrings: boolean;
  readonly ordered: boolean;
  /** The values for which every server comes to the same result, so that it is known without asking one. */
  readonly certainFor: 'every-value' | 'names' | 'nothing';
  /** Two values are equal when this returns the same text for both. */
  normalize(value: string): string;
}

/** The attributes that a schema knows, by any of their names or their OID, in any case. */
export interface MatchingRules {
  attribute(name: string): MatchingRule | undefined;
}

type Normalize = (value: string, names: NamingRules) => string;

/** A rule by its name and its OID; `isGeneral`: a filter may name it for any attribute. */
interface RuleRow {
  readonly rule: string;
  readonly oid: string;
  readonly normalize: Normalize;
  readonly certainFor: MatchingRule['certainFor'];
  readonly isGeneral?: true;
}

const name: Normalize = (value, names) => dnKey(value, names) ?? value;
const unchanged: Normalize = value => value;
const telephone: Normalize = value => value.toLowerCase().replace(/[ -]/g, '');

/** Every rule of RFC 4517 that is followed here. */
const table: readonly RuleRow[] = [
  {
    rule: 'caseIgnoreMatch',
    oid: '2.5.13.2',
    normalize: ignoreCase,
    certainFor: 'every-value',
    isGeneral: true,
  },
  { rule: 'caseExactMatch', oid: '2.5.13.5', normalize: collapse, certainFor: 'every-value', isGeneral: true },
  {
    rule: 'caseIgnoreIA5Match',
    oid: '1.3.6.1.4.1.1466.109.114.2',
    normalize: ignoreCase,
    certainFor: 'every-value',
  },
  { rule: 'caseExactIA5Match', oid: '1.3.6.1.4.1.1466.109.114.1', normalize: collapse, certainFor: 'every-value' },
  { rule: 'objectIdentifierMatch', oid: '2.5.13.0', normalize: ignoreCase, certainFor: 'every-value' },
  { rule: 'distinguishedNameMatch', oid: '2.5.13.1', normalize: name, certainFor: 'names' },
  { rule: 'uniqueMemberMatch', oid: '2.5.13.23', normalize: name, certainFor: 'names' },
  { rule: 'caseIgnoreListMatch', oid: '2.5.13.11', normalize: ignoreCase, certainFor: 'nothing' },
  { rule: 'telephoneNumberMatch', oid: '2.5.13.20', normalize: telephone, certainFor: 'nothing' },
  { rule: 'octetStringMatch', oid: '2.5.13.17', normalize: unchanged, certainFor: 'nothing' },
  { rule: 'generalizedTimeMatch', oid: '2.5.13.27', normalize: unchanged, certainFor: 'nothing' },
];

const byName: ReadonlyMap<string, RuleRow> = new Map(
  table.flatMap(row => [[row.rule.toLowerCase(), row] as const, [row.oid, row] as const]),
);

/** Directory String (RFC 4517, 3.3.6). Sun's servers name no rule for it, and ignore case. */
const directoryString = '1.3.6.1.4.1.1466.115.121.1.15';

/** As most values are compared: without regard to case, a run of blanks as one. */
function ignoreCase(value: string): string {
  return collapse(value).toLowerCase();
}

/** The same with regard to case. */
function collapse(value: string): string {
  return / {2}|^ | $/.test(value) ? value.replace(/ {2,}/g, ' ').replace(/^ | $/g, '') : value;
}

/** The rules of a directory's attributes, as far as they can be followed without it. */
export function matchingRulesOf({ matching }: Pick<DirectorySchema, 'matching'>): MatchingRules {
  const known = new Map<string, MatchingRule>();
  const rules: MatchingRules = {
    attribute: text => {
      const described = matching?.get(text.toLowerCase());
      if (!described) return undefined;
      const rule = known.get(described.name) ?? matchingRuleOf(described, rules);
      known.set(described.name, rule);
      return rule;
    },
  };
  return rules;
}

/** How an attribute that a schema describes is compared; `names` are the attributes in the names that are its values. */
export function matchingRuleOf(described: AttributeMatching, names: NamingRules): MatchingRule {
  const { equality, ordering, substrings, syntax } = described;
  const isUnruled = equality === undefined && syntax === directoryString;
  const row = byName.get(isUnruled ? 'caseignorematch' : (equality ?? '').toLowerCase());
  const normalize = row?.normalize ?? unchanged;
  return {
    name: described.name,
    ordered: ordering !== undefined,
    substrings: substrings !== undefined || isUnruled,
    certainFor: row?.certainFor ?? 'nothing',
    normalize: value => normalize(value, names),
  };
}

/** The comparison that a filter may name for any attribute, by its name or its OID. */
export function generalComparison(rule: string): ((value: string) => string) | undefined {
  const row = byName.get(rule.toLowerCase());
  return row?.isGeneral && (value => row.normalize(value, { attribute: () => undefined }));
}
