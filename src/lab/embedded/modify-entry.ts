import { dnKey, namingValues } from '../../ldap/distinguished-name.ts';
import type { DirectoryState } from './directory-state.ts';
import { generalizedTime } from './directory-state.ts';
import type { AttributeRule, LabSchema } from './lab-schema.ts';
import { Refusal, Result } from './ldap-answer.ts';
import type { DirectoryEdit } from './ldap-fault.ts';
import { nearestAbove } from './search-entries.ts';

/** Changes an entry: all edits, or none of them, and then throws Refusal. `by`: the DN of who does it. */
export function modifyEntry(state: DirectoryState, dn: string, edits: readonly DirectoryEdit[], by: string): void {
  const key = dnKey(dn, state.schema);
  if (key === undefined) {
    throw new Refusal(Result.invalidDnSyntax, 'invalid DN');
  }
  const entry = state.entries.get(key);
  if (!entry) {
    throw new Refusal(Result.noSuchObject, '', nearestAbove(state, key));
  }
  const attributes = new Map(Object.entries(entry.attributes));
  for (const edit of edits) {
    const rule = writableRule(state.schema, edit.attribute);
    const values = edited(attributes.get(rule.name) ?? [], edit, rule);
    if (values.length > 0) {
      attributes.set(rule.name, values);
    } else {
      attributes.delete(rule.name);
    }
  }
  checkEntry(state.schema, entry.dn, attributes);
  const modified = { at: generalizedTime(), by };
  state.entries.put(key, { dn: entry.dn, attributes: Object.fromEntries(attributes), modified });
}

function writableRule(schema: LabSchema, attribute: string): AttributeRule {
  const rule = schema.attribute(attribute);
  if (!rule) {
    throw new Refusal(Result.undefinedAttributeType, `${attribute}: attribute type undefined`);
  }
  if (rule.readOnly) {
    throw new Refusal(Result.constraintViolation, `${rule.name}: no user modification allowed`);
  }
  return rule;
}

function edited(values: readonly string[], edit: DirectoryEdit, rule: AttributeRule): readonly string[] {
  const known = new Set(values.map(value => rule.normalize(value)));
  const named = new Set(edit.values.map(value => rule.normalize(value)));
  if (named.size < edit.values.length) {
    throw new Refusal(Result.valueExists, `${rule.name}: a value is given twice`);
  }
  switch (edit.operation) {
    case 'replace':
      return edit.values;
    case 'add':
      if (edit.values.length === 0) {
        throw new Refusal(Result.protocolError, `${rule.name}: no values to add`);
      }
      if ([...named].some(value => known.has(value))) {
        throw new Refusal(Result.valueExists, `${rule.name}: value #0 already exists`);
      }
      return [...values, ...edit.values];
    default:
      if (values.length === 0 || ![...named].every(value => known.has(value))) {
        throw new Refusal(Result.noSuchAttribute, `${rule.name}: no such value`);
      }
      return edit.values.length === 0 ? [] : values.filter(value => !named.has(rule.normalize(value)));
  }
}

function checkEntry(schema: LabSchema, dn: string, attributes: ReadonlyMap<string, readonly string[]>): void {
  for (const [name, values] of attributes) {
    if (values.length > 1 && schema.attribute(name)?.singleValue === true) {
      throw new Refusal(Result.constraintViolation, `${name}: attribute cannot have multiple values`);
    }
  }
  checkClasses(schema, attributes);
  for (const { type, value } of namingValues(dn)) {
    const rule = schema.attribute(type);
    const kept = (attributes.get(rule?.name ?? type) ?? []).some(
      one => rule?.normalize(one) === rule?.normalize(value),
    );
    if (!kept) {
      throw new Refusal(Result.namingViolation, `value of naming attribute '${type}' is not present in entry`);
    }
  }
}

function checkClasses(schema: LabSchema, attributes: ReadonlyMap<string, readonly string[]>): void {
  const classes = (attributes.get('objectClass') ?? []).map(name => {
    const rule = schema.objectClass(name);
    if (!rule) {
      throw new Refusal(Result.invalidSyntax, 'objectClass: value #0 invalid per syntax');
    }
    return rule;
  });
  for (const one of classes) {
    const missing = [...one.must].find(name => !attributes.has(name));
    if (missing !== undefined) {
      throw new Refusal(Result.objectClassViolation, `object class '${one.name}' requires attribute '${missing}'`);
    }
  }
  for (const name of attributes.keys()) {
    if (!classes.some(one => one.must.has(name) || one.may.has(name))) {
      throw new Refusal(Result.objectClassViolation, `attribute '${name}' not allowed`);
    }
  }
}
