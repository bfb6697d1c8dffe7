import type { DirectorySchema } from '../../ports/directory.ts';
import { parseSchemaDescription, type SchemaDescription } from './schema-description.ts';

/**
 * Puts a server's definitions together; every name of a definition is a key. One that cannot be parsed is left out:
 * what it defines then counts as unknown, which is refused later instead of being guessed at.
 */
export function buildDirectorySchema(
  attributeTypes: readonly string[],
  objectClasses: readonly string[],
): DirectorySchema {
  const attributes = new Map<string, { readonly singleValue: boolean }>();
  for (const description of parseAll(attributeTypes)) {
    for (const name of lowerNames(description)) {
      attributes.set(name, { singleValue: description.fields.has('SINGLE-VALUE') });
    }
  }
  const described = parseAll(objectClasses);
  const byName = new Map(
    described.flatMap(one => [...lowerNames(one), one.oid.toLowerCase()].map(name => [name, one] as const)),
  );
  return {
    attributes,
    objectClasses: new Map(
      described.flatMap(description => {
        const line = [...lineage(description, byName)];
        const objectClass = {
          auxiliary: description.fields.has('AUXILIARY'),
          may: merged(line, 'MAY'),
          must: merged(line, 'MUST'),
        };
        return lowerNames(description).map(name => [name, objectClass] as const);
      }),
    ),
  };
}

function parseAll(texts: readonly string[]): readonly SchemaDescription[] {
  return texts.map(parseSchemaDescription).filter(description => description !== undefined);
}

function lowerNames({ fields }: SchemaDescription): readonly string[] {
  return (fields.get('NAME') ?? []).map(name => name.toLowerCase());
}

/** The class and all it descends from; a cycle, which no server should have, ends. */
function lineage(
  description: SchemaDescription,
  byName: ReadonlyMap<string, SchemaDescription>,
  seen: Set<SchemaDescription> = new Set(),
): ReadonlySet<SchemaDescription> {
  if (!seen.has(description)) {
    seen.add(description);
    for (const name of description.fields.get('SUP') ?? []) {
      const parent = byName.get(name.toLowerCase());
      if (parent) {
        lineage(parent, byName, seen);
      }
    }
  }
  return seen;
}

function merged(line: readonly SchemaDescription[], keyword: 'MAY' | 'MUST'): readonly string[] {
  return [...new Set(line.flatMap(one => (one.fields.get(keyword) ?? []).map(name => name.toLowerCase())))];
}
