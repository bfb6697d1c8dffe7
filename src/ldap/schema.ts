/** One definition of a schema (RFC 4512, 4.1), taken apart. Keywords in upper case; those without a value have none. */
export interface SchemaDescription {
  readonly oid: string;
  readonly fields: ReadonlyMap<string, readonly string[]>;
}

interface Token {
  readonly kind: 'open' | 'close' | 'dollar' | 'quoted' | 'word';
  /** Without the apostrophes. */
  readonly text: string;
}

const FLAGS: ReadonlySet<string> = new Set([
  'SINGLE-VALUE',
  'OBSOLETE',
  'COLLECTIVE',
  'NO-USER-MODIFICATION',
  'ABSTRACT',
  'STRUCTURAL',
  'AUXILIARY',
]);

/** An apostrophe ends a text only before a space, a parenthesis or the end: old servers do not escape the ones inside. */
const TOKEN = /\s*([()$]|'(?:[^']|'(?![\s)]|$))*'|[^\s()$']+)\s*/y;

const KINDS: Readonly<Record<string, Token['kind']>> = { '(': 'open', ')': 'close', $: 'dollar', "'": 'quoted' };

/** Takes a definition apart; nothing when it is not one. Unknown keywords do no harm. */
export function parseSchemaDescription(text: string): SchemaDescription | undefined {
  const tokens = tokenize(text);
  const oid = tokens?.[1];
  if (tokens?.[0]?.kind !== 'open' || tokens.at(-1)?.kind !== 'close' || oid?.kind !== 'word') {
    return undefined;
  }
  const fields = new Map<string, readonly string[]>();
  let at = 2;
  while (at < tokens.length - 1) {
    const keyword = tokens[at];
    if (keyword?.kind !== 'word') {
      return undefined;
    }
    const name = keyword.text.toUpperCase();
    const value = FLAGS.has(name) ? { values: [], next: at + 1 } : readValue(tokens, at + 1);
    if (value === undefined) {
      return undefined;
    }
    fields.set(name, value.values);
    at = value.next;
  }
  return { oid: oid.text, fields };
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) {
      return undefined;
    }
    const kind = KINDS[found.charAt(0)] ?? 'word';
    tokens.push({ kind, text: kind === 'quoted' ? unescapeQuoted(found.slice(1, -1)) : found });
  }
  return tokens;
}

/** RFC 4512: an apostrophe is \27 and a backslash \5C inside quotes. */
function unescapeQuoted(text: string): string {
  return text.replace(/\\(27|5c)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** One word, one quoted text, or a list in parentheses with or without dollars. */
function readValue(
  tokens: readonly Token[],
  start: number,
): { readonly values: readonly string[]; readonly next: number } | undefined {
  const first = tokens[start];
  if (first?.kind === 'word' || first?.kind === 'quoted') {
    return { values: [first.text], next: start + 1 };
  }
  if (first?.kind !== 'open') {
    return undefined;
  }
  let close = start + 1;
  while (close < tokens.length && tokens[close]?.kind !== 'close') close += 1;
  const inner = tokens.slice(start + 1, close).filter(token => token.kind !== 'dollar');
  // The last parenthesis is the definition's own.
  if (close >= tokens.length - 1 || inner.some(token => token.kind === 'open')) {
    return undefined;
  }
  return { values: inner.map(token => token.text), next: close + 1 };
}

/** How an attribute compares, as the schema says, its own or inherited; rules by name or OID (RFC 4512, 4.1.2). */
export interface AttributeMatching {
  /** Its first name, in lower case. */
  readonly name: string;
  /** Absent where the definition has a name in its place. */
  readonly oid?: string;
  readonly equality?: string;
  readonly ordering?: string;
  readonly substrings?: string;
  /** OID, without a bound. */
  readonly syntax?: string;
}

/** `operational`: the server itself writes it, on any entry and whatever its object classes (RFC 4512, 4.1.2). */
export interface AttributeKind {
  readonly singleValue: boolean;
  readonly operational?: true;
}

/** What the server's schema (RFC 4512, subschema) knows; names in lower case. */
export interface DirectorySchema {
  readonly attributes: ReadonlyMap<string, AttributeKind>;
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
  const attributes = new Map<string, AttributeKind>();
  const types = parseAll(attributeTypes);
  for (const description of types) {
    for (const name of lowerNames(description)) attributes.set(name, kindOf(description));
  }
  const described = parseAll(objectClasses);
  const byName = indexByName(described);
  const matching = once(() => {
    const typeByName = indexByName(types);
    return new Map(
      types.flatMap(type => {
        const matching = matchingOf(type, typeByName);
        return matching ? lowerNames(type).map(name => [name, matching] as const) : [];
      }),
    );
  });
  const superiors = once(() => {
    return new Map(
      described.flatMap(one => {
        const names = lineage(one, byName)?.flatMap(lowerNames);
        return names ? lowerNames(one).map(name => [name, names] as const) : [];
      }),
    );
  });
  return {
    attributes,
    objectClasses: new Map(
      described.flatMap(one => {
        const line = lineage(one, byName);
        if (!line) return [];
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

function kindOf({ fields }: SchemaDescription): AttributeKind {
  const singleValue = fields.has('SINGLE-VALUE');
  return fields.has('NO-USER-MODIFICATION') ? { singleValue, operational: true } : { singleValue };
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
function matchingOf(
  type: SchemaDescription,
  byName: ReadonlyMap<string, SchemaDescription>,
): AttributeMatching | undefined {
  const line = lineage(type, byName);
  if (!line) return undefined;
  const field = (keyword: string) => line.flatMap(one => one.fields.get(keyword) ?? [])[0];
  const [equality, ordering, substrings] = ['EQUALITY', 'ORDERING', 'SUBSTR'].map(field);
  const syntax = field('SYNTAX')?.replace(/\{\d+\}$/, '');
  return {
    name: lowerNames(type)[0] ?? '',
    ...(/^\d/.test(type.oid) && { oid: type.oid }),
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

/** Levels that a definition may descend from others; those of servers have six. */
const deepestLineage = 30;

/**
 * The class or attribute and all it descends from; a cycle, which no server should have, ends. Nothing where it is deeper than any
 * that is meant: a part of it would say less than the definition does.
 */
function lineage(
  description: SchemaDescription,
  byName: ReadonlyMap<string, SchemaDescription>,
): readonly SchemaDescription[] | undefined {
  const seen = new Set([description]);
  let level = new Set(seen);
  for (let depth = 0; level.size > 0; depth += 1) {
    if (depth > deepestLineage) return undefined;
    const next = new Set<SchemaDescription>();
    for (const { fields } of level)
      for (const name of fields.get('SUP') ?? []) {
        const parent = byName.get(name.toLowerCase());
        if (parent && !seen.has(parent)) next.add(parent);
        if (parent) seen.add(parent);
      }
    level = next;
  }
  return [...seen];
}

function merged(line: readonly SchemaDescription[], keyword: 'MAY' | 'MUST'): readonly string[] {
  return [...new Set(line.flatMap(one => (one.fields.get(keyword) ?? []).map(name => name.toLowerCase())))];
}
