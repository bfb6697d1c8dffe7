import { type MatchingRule, matchingRuleOf } from '../../ldap/matching-rule.ts';
import { type AttributeMatching, buildDirectorySchema } from '../../ldap/schema.ts';
import { parseSchemaDescription, type SchemaDescription } from '../../ldap/schema-description.ts';
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

/**
 * Reads the definitions with the parser and the matching rules of `ldap/`. The tests hold these against OpenLDAP and 389, and
 * this directory against OpenLDAP: nothing is proved by itself.
 */
export function createLabSchema(): LabSchema {
  const attributeTypes = [...standardAttributeTypes, ...calendarAttributeTypes];
  const objectClasses = [...standardObjectClasses, ...calendarObjectClasses];
  const { matching, objectClasses: classContents } = buildDirectorySchema(attributeTypes, objectClasses);
  const attributes = new Map<string, AttributeRule>();
  const classes = new Map<string, ClassRule>();
  const schema: LabSchema = {
    attributeTypes,
    objectClasses,
    attribute: name => attributes.get(name) ?? attributes.get(name.toLowerCase()),
    objectClass: name => classes.get(name) ?? classes.get(name.toLowerCase()),
  };
  for (const described of attributeTypes.map(parsed)) {
    put(attributes, described, attributeRule(described, matching?.get(firstName(described).toLowerCase()), schema));
  }
  for (const described of objectClasses.map(parsed)) {
    put(classes, described, classRule(described, classContents.get(firstName(described).toLowerCase()), schema));
  }
  return schema;
}

function attributeRule(
  described: SchemaDescription,
  matching: AttributeMatching | undefined,
  schema: LabSchema,
): AttributeRule {
  const { fields } = described;
  return {
    ...matchingRuleOf({ ...matching, name: firstName(described) }, schema),
    singleValue: fields.has('SINGLE-VALUE'),
    operational: fields.has('USAGE'),
    readOnly: fields.has('NO-USER-MODIFICATION'),
  };
}

function classRule(
  described: SchemaDescription,
  content: { readonly must: readonly string[]; readonly may: readonly string[] } | undefined,
  schema: LabSchema,
): ClassRule {
  const firstNames = (names: readonly string[] = []) =>
    new Set(names.flatMap(name => schema.attribute(name)?.name ?? []));
  return { name: firstName(described), must: firstNames(content?.must), may: firstNames(content?.may) };
}

function parsed(text: string): SchemaDescription {
  const description = parseSchemaDescription(text);
  if (!description) throw new Error(`not a definition: ${text}`);
  return description;
}

function firstName({ fields }: SchemaDescription): string {
  return fields.get('NAME')?.[0] ?? '';
}

function put<Rule>(rules: Map<string, Rule>, { oid, fields }: SchemaDescription, rule: Rule): void {
  for (const name of [oid, ...(fields.get('NAME') ?? [])]) {
    rules.set(name, rule);
    rules.set(name.toLowerCase(), rule);
  }
}
