import { distance } from 'fastest-levenshtein';

/** How many names are suggested at most. */
const most = 5;

/** Names that were probably meant by `word`, the nearest first: slips of so many `letters`, or of a quarter of the word, then names that hold the word. */
export function nearestNames(word: string, known: readonly string[], letters?: number): readonly string[] {
  const asked = word.toLowerCase();
  const slips = known
    .map(name => ({ name, away: distance(asked, name.toLowerCase()) }))
    .filter(({ name, away }) => away <= (letters ?? Math.max(1, Math.floor(Math.min(name.length, asked.length) / 4))))
    .sort((a, b) => a.away - b.away)
    .map(({ name }) => name);
  const holding = asked.length < 3 ? [] : known.filter(name => name.toLowerCase().includes(asked));
  return [...new Set([...slips, ...holding])].slice(0, most);
}

/** `Did you mean "a", "b" or "c"?`, on a line of its own; nothing where nothing is near. */
export function didYouMean(names: readonly string[]): string {
  if (names.length === 0) return '';
  const quoted = names.map(name => `"${name}"`);
  const last = quoted.at(-1) ?? '';
  return `\nDid you mean ${quoted.length === 1 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`}?`;
}

/** The part of JSON Schema that the schema of the file is written in. */
export interface SchemaNode {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** What an editor offers to insert. The texts in `body` are YAML, with tab stops such as `${1:root}`. */
  readonly defaultSnippets?: readonly { readonly label: string; readonly body: unknown }[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
}

/** The node itself: what it refers to, with what it says besides. */
export function resolveNode(root: SchemaNode, node: SchemaNode): SchemaNode {
  if (node.$ref === undefined) return node;
  const { $ref, ...own } = node;
  const name = /^#\/\$defs\/([^/]+)$/.exec($ref)?.[1];
  const referred = name === undefined ? undefined : root.$defs?.[name];
  return referred === undefined ? own : { ...resolveNode(root, referred), ...own };
}

/**
 * Values that could be written there: the examples, and what the snippets of editors insert. A list or map without any is made
 * of those of its entries or of the keys that it must have.
 */
export function examplesOf(root: SchemaNode, given: SchemaNode): readonly unknown[] {
  const node = resolveNode(root, given);
  const own = [...(node.examples ?? []), ...(node.defaultSnippets ?? []).map(({ body }) => inserted(body))];
  if (own.length > 0) return own;
  if (node.items !== undefined)
    return examplesOf(root, node.items)
      .slice(0, 1)
      .map(entry => [entry]);
  const needed = (node.required ?? []).map(key => [key, examplesOf(root, node.properties?.[key] ?? {})[0]] as const);
  return needed.length === 0 ? [] : [Object.fromEntries(needed)];
}

/** What stands in the file once a snippet is inserted. */
function inserted(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(inserted);
  if (typeof body === 'object' && body !== null)
    return Object.fromEntries(Object.entries(body).map(([key, part]) => [key, inserted(part)]));
  if (typeof body !== 'string') return body;
  const text = body.replace(/\$\{\d+:(.*)\}/, '$1');
  if (text === '~') return null;
  return /^(".*"|\d+)$/.test(text) ? JSON.parse(text) : text;
}

/** The alternatives of a node, each resolved; the node itself where it has none. */
function branchesOf(root: SchemaNode, node: SchemaNode): readonly SchemaNode[] {
  const branches = node.oneOf ?? node.anyOf;
  return branches === undefined ? [node] : branches.map(branch => resolveNode(root, branch));
}

/** What may stand there, in words. */
function typeInWords(root: SchemaNode, given: SchemaNode): string {
  const node = resolveNode(root, given);
  const branches = branchesOf(root, node);
  if (branches.length > 1) return branches.map(branch => typeInWords(root, branch)).join(', or ');
  if (node.const !== undefined) return `exactly ${JSON.stringify(node.const)}`;
  if (node.enum !== undefined) return `one of ${node.enum.map(value => JSON.stringify(value)).join(', ')}`;
  if (Array.isArray(node.type)) return node.type.map(type => simpleType({ ...node, type }, root)).join(', or ');
  return simpleType(node, root);
}

function simpleType(node: SchemaNode, root: SchemaNode): string {
  switch (node.type) {
    case 'array':
      return node.items === undefined ? 'a list' : `a list, each entry ${typeInWords(root, node.items)}`;
    case 'object':
      return typeof node.additionalProperties === 'object'
        ? `a map from names of your own, each ${typeInWords(root, node.additionalProperties)}`
        : 'a map with the keys below';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${rangeOf(node)}`;
    case 'null':
      return 'nothing (null)';
    default:
      return node.type === 'string' ? 'a text' : 'any value';
  }
}

function rangeOf({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? '' : ` of ${minimum} or more`;
}

/** A key of the file, as the JSON Schema describes it. */
export interface SchemaKey {
  /** Dotted; `*` stands for a name of the user's own, or for a place in a list. */
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly allowed?: readonly unknown[];
  /** A regular expression the text must match. */
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  /** The keys right below it. */
  readonly keys: readonly string[];
}

/** Every key of the file, each before those below it. */
export function schemaKeys(schema: object): readonly SchemaKey[] {
  // The schema was compiled by ajv wherever a file is checked; here it is only read.
  const root = schema as SchemaNode;
  return below(root, root, []);
}

function below(root: SchemaNode, node: SchemaNode, path: readonly string[]): readonly SchemaKey[] {
  return childrenOf(root, node).flatMap(({ name, node: given, required }) => {
    const child = resolveNode(root, given);
    const place = [...path, name];
    const key = describeKey(root, child, place.join('.'), required);
    return [key, ...below(root, child, place)];
  });
}

interface Child {
  readonly name: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

function childrenOf(root: SchemaNode, node: SchemaNode): readonly Child[] {
  return branchesOf(root, node).flatMap(branch => {
    const free = typeof branch.additionalProperties === 'object' ? branch.additionalProperties : undefined;
    const items = branch.items !== undefined && isMap(root, branch.items) ? [branch.items] : [];
    const unnamed = [...(free === undefined ? [] : [freeEntry(root, branch, free)]), ...items];
    // Names that a map with free names knows are no keys of the language.
    const named = free === undefined ? Object.entries(branch.properties ?? {}) : [];
    return [
      ...named.map(([name, child]) => ({ name, node: child, required: branch.required?.includes(name) === true })),
      ...unnamed.map(child => ({ name: '*', node: child, required: false })),
    ];
  });
}

/** An entry of a map with free names; one without examples of its own has those in the examples of the map. */
function freeEntry(root: SchemaNode, map: SchemaNode, entry: SchemaNode): SchemaNode {
  if (examplesOf(root, entry).length > 0) return entry;
  return { ...entry, examples: examplesOf(root, map).flatMap(example => Object.values(example ?? {})) };
}

function isMap(root: SchemaNode, node: SchemaNode): boolean {
  return branchesOf(root, resolveNode(root, node)).some(branch => branch.properties !== undefined);
}

function describeKey(root: SchemaNode, node: SchemaNode, path: string, required: boolean): SchemaKey {
  const allowed = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  const examples = examplesOf(root, node);
  return {
    path,
    type: typeInWords(root, node),
    required,
    ...(node.description !== undefined && { description: node.description }),
    ...(node.default !== undefined && { default: node.default }),
    ...(allowed !== undefined && { allowed }),
    ...(node.pattern !== undefined && { pattern: node.pattern }),
    ...(examples.length > 0 && { examples }),
    keys: childrenOf(root, node).map(child => `${path}.${child.name}`),
  };
}

/** The key that a dotted path means; names of one's own may stand where the schema has `*`, also names with dots. */
export function findKey(keys: readonly SchemaKey[], name: string): SchemaKey | undefined {
  const asked = name.replace(/\[(\d+|\*)?\]/g, '.*').split('.');
  const exact = keys.find(key => key.path === asked.join('.'));
  if (exact) return exact;
  const fitting = keys.filter(key => fits(key.path.split('.'), asked));
  const parts = (key: SchemaKey) => key.path.split('.').length;
  return [...fitting].sort((a, b) => parts(b) - parts(a))[0];
}

/** A `*` takes one part or more, because hosts and domains have dots in their names; the longest path takes the fewest. */
function fits(pattern: readonly string[], asked: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return asked.length === 0;
  if (asked.length < pattern.length) return false;
  if (first !== '*') return asked[0] === first && fits(rest, asked.slice(1));
  return asked.some((_, taken) => fits(rest, asked.slice(taken + 1)));
}
