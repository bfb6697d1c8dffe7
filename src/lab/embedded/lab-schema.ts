import { dnKey } from '../../core/distinguished-name.ts';
import { collapse, ignoreCase, type MatchingRule } from '../../core/matching-rule.ts';
import { calendarAttributeTypes, calendarObjectClasses } from './calendar-schema.ts';
import { standardAttributeTypes, standardObjectClasses } from './standard-schema.ts';

/** How an attribute behaves. */
export interface AttributeRule extends MatchingRule {
  readonly singleValue: boolean;
  /** Kept by the server: not shown unless asked for. */
  readonly operational: boolean;
  readonly readOnly: boolean;
}

/** What an object class demands and allows, those it descends from included; first names of attributes. */
export interface ClassRule {
  readonly name: string;
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

/** The schema of the rehearsal directory. */
export interface LabSchema {
  readonly attributeTypes: readonly string[];
  readonly objectClasses: readonly string[];
  /** By any of its names or its OID, in any case. */
  attribute(name: string): AttributeRule | undefined;
  objectClass(name: string): ClassRule | undefined;
}

/** Reads the definitions. */
export function createLabSchema(): LabSchema {
  const attributeTypes = [...standardAttributeTypes, ...calendarAttributeTypes];
  const objectClasses = [...standardObjectClasses, ...calendarObjectClasses];
  const attributes = new Map<string, AttributeRule>();
  const classes = new Map<string, ClassRule>();
  const schema: LabSchema = {
    attributeTypes,
    objectClasses,
    attribute: name => attributes.get(name) ?? attributes.get(name.toLowerCase()),
    objectClass: name => classes.get(name) ?? classes.get(name.toLowerCase()),
  };
  const types = new Map(attributeTypes.flatMap(text => namesOf(text).map(name => [name, text] as const)));
  for (const text of attributeTypes) {
    put(attributes, text, attributeRule(text, types, schema));
  }
  // A class stands behind those it descends from.
  for (const text of objectClasses) {
    put(classes, text, classRule(text, schema));
  }
  return schema;
}

function put<Rule>(rules: Map<string, Rule>, text: string, rule: Rule): void {
  for (const name of namesOf(text)) {
    rules.set(name, rule);
    rules.set(name.toLowerCase(), rule);
  }
}

/** The OID and all names; none of our definitions has an apostrophe elsewhere. */
function namesOf(text: string): readonly string[] {
  return [text.split(' ')[1] ?? '', ...[...text.matchAll(/'([^']+)'/g)].map(match => match[1] ?? '')];
}

/** The words behind a keyword: one, or a list in parentheses. */
function fieldOf(text: string, keyword: string): readonly string[] {
  const match = new RegExp(` ${keyword} (?:\\( ([^)]*) \\)|(\\S+))`).exec(text);
  return (match?.[1] ?? match?.[2] ?? '').split(/ \$ | /).filter(word => word !== '');
}

function attributeRule(text: string, types: ReadonlyMap<string, string>, schema: LabSchema): AttributeRule {
  const [superior] = fieldOf(text, 'SUP');
  const rules = superior === undefined ? text : (types.get(superior) ?? text);
  const [equality = ''] = fieldOf(rules, 'EQUALITY');
  return {
    name: namesOf(text)[1] ?? '',
    singleValue: text.includes(' SINGLE-VALUE'),
    operational: text.includes(' USAGE '),
    readOnly: text.includes(' NO-USER-MODIFICATION'),
    substrings: rules.includes(' SUBSTR '),
    ordered: rules.includes(' ORDERING '),
    normalize: normalizerOf(equality, schema),
  };
}

function normalizerOf(equality: string, schema: LabSchema): (value: string) => string {
  switch (equality) {
    case 'distinguishedNameMatch':
    case 'uniqueMemberMatch':
      return value => dnKey(value, schema) ?? value;
    case 'caseExactMatch':
      return collapse;
    case 'octetStringMatch':
    case 'generalizedTimeMatch':
      return value => value;
    case 'telephoneNumberMatch':
      return value => value.toLowerCase().replace(/[ -]/g, '');
    default:
      return ignoreCase;
  }
}

function classRule(text: string, schema: LabSchema): ClassRule {
  const superiors = fieldOf(text, 'SUP').flatMap(name => schema.objectClass(name) ?? []);
  const own = (keyword: string) => fieldOf(text, keyword).flatMap(name => schema.attribute(name)?.name ?? []);
  return {
    name: namesOf(text)[1] ?? '',
    must: new Set([...superiors.flatMap(one => [...one.must]), ...own('MUST')]),
    may: new Set([...superiors.flatMap(one => [...one.may]), ...own('MAY')]),
  };
}
