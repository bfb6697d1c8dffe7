import { parseSchemaDescription, type SchemaDescription } from './schema-description.ts';

/** How an attribute compares, as the schema says, its own or inherited; rules by name or OID (RFC 4512, 4.1.2). */
export interface AttributeMatching {
  /** Its first name, in lower case. */
  readonly name: string;
  readonly equality?: string;
  readonly ordering?: string;
  readonly substrings?: string;
  /** OID, without a bound. */
  readonly syntax?: string;
}

/** What the server's schema (RFC 4512, subschema) knows; names in lower case. */
export interface DirectorySchema {
  readonly attributes: ReadonlyMap<string, { readonly singleValue: boolean }>;
  /** By every name of an attribute. */
  readonly matching?: ReadonlyMap<string, AttributeMatching>;
  readonly objectClasses: ReadonlyMap<
    string,
    { readonly auxiliary: boolean; readonly may: readonly string[]; readonly must: readonly string[] }
  >;
  /** By every name of a class: all names of it and of those it descends from. Entries need not list these. */
  readonly superiors?: ReadonlyMap<string, readonly string[]>;
}

/**
 * Puts a server's definitions together; every name of a definition is a key. One that cannot be parsed is left out:
 * what it defines then counts as unknown, which is refused later instead of being guessed at.
 */
export function buildDirectorySchema(
  attributeTypes: readonly string[],
  objectClasses: readonly string[],
): DirectorySchema {
  const attributes = new Map<string, { readonly singleValue: boolean }>();
  const types = parseAll(attributeTypes);
  for (const description of types) {
    for (const name of lowerNames(description)) {
      attributes.set(name, { singleValue: description.fields.has('SINGLE-VALUE') });
    }
  }
  const described = parseAll(objectClasses);
  const byName = indexByName(described);
  const matching = once(() => {
    const typeByName = indexByName(types);
    return new Map(types.flatMap(type => lowerNames(type).map(name => [name, matchingOf(type, typeByName)] as const)));
  });
  const superiors = once(() => {
    const namesOf = (one: SchemaDescription) => [...lineage(one, byName)].flatMap(lowerNames);
    return new Map(described.flatMap(one => lowerNames(one).map(name => [name, namesOf(one)] as const)));
  });
  return {
    attributes,
    objectClasses: new Map(
      described.flatMap(one => {
        const line = [...lineage(one, byName)];
        const objectClass = {
          auxiliary: one.fields.has('AUXILIARY'),
          may: merged(line, 'MAY'),
          must: merged(line, 'MUST'),
        };
        return lowerNames(one).map(name => [name, objectClass] as const);
      }),
    ),
    get matching() {
      return matching();
    },
    get superiors() {
      return superiors();
    },
  };
}

/** Every command reads the schema, and few want to know how values are compared and what descends from what. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** By every name and the OID. */
function indexByName(described: readonly SchemaDescription[]): ReadonlyMap<string, SchemaDescription> {
  return new Map(
    described.flatMap(one => [...lowerNames(one), one.oid.toLowerCase()].map(name => [name, one] as const)),
  );
}

/** The nearest of its line that says something decides; the line begins with the attribute itself. */
function matchingOf(type: SchemaDescription, byName: ReadonlyMap<string, SchemaDescription>): AttributeMatching {
  const line = [...lineage(type, byName)];
  const field = (keyword: string) => line.flatMap(one => one.fields.get(keyword) ?? [])[0];
  const [equality, ordering, substrings] = ['EQUALITY', 'ORDERING', 'SUBSTR'].map(field);
  const syntax = field('SYNTAX')?.replace(/\{\d+\}$/, '');
  return {
    name: lowerNames(type)[0] ?? '',
    ...(equality !== undefined && { equality }),
    ...(ordering !== undefined && { ordering }),
    ...(substrings !== undefined && { substrings }),
    ...(syntax !== undefined && { syntax }),
  };
}

function parseAll(texts: readonly string[]): readonly SchemaDescription[] {
  return texts.map(parseSchemaDescription).filter(description => description !== undefined);
}

function lowerNames({ fields }: SchemaDescription): readonly string[] {
  return (fields.get('NAME') ?? []).map(name => name.toLowerCase());
}

/** The class or attribute and all it descends from; a cycle, which no server should have, ends. */
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
