import { branchesOf, resolveNode, type SchemaNode, typeInWords } from './schema-node.ts';

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
    const named = Object.entries(branch.properties ?? {}).map(([name, child]) => ({
      name,
      node: child,
      required: branch.required?.includes(name) === true,
    }));
    const others = typeof branch.additionalProperties === 'object' ? [branch.additionalProperties] : [];
    const items = branch.items !== undefined && isMap(root, branch.items) ? [branch.items] : [];
    return [...named, ...[...others, ...items].map(child => ({ name: '*', node: child, required: false }))];
  });
}

function isMap(root: SchemaNode, node: SchemaNode): boolean {
  return branchesOf(root, resolveNode(root, node)).some(branch => branch.properties !== undefined);
}

function describeKey(root: SchemaNode, node: SchemaNode, path: string, required: boolean): SchemaKey {
  const allowed = node.enum ?? (node.const === undefined ? undefined : [node.const]);
  return {
    path,
    type: typeInWords(root, node),
    required,
    ...(node.description !== undefined && { description: node.description }),
    ...(node.default !== undefined && { default: node.default }),
    ...(allowed !== undefined && { allowed }),
    ...(node.pattern !== undefined && { pattern: node.pattern }),
    ...(node.examples !== undefined && { examples: node.examples }),
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
