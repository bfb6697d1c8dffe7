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

/** The alternatives of a node, each resolved; the node itself where it has none. */
export function branchesOf(root: SchemaNode, node: SchemaNode): readonly SchemaNode[] {
  const branches = node.oneOf ?? node.anyOf;
  return branches === undefined ? [node] : branches.map(branch => resolveNode(root, branch));
}

/** What may stand there, in words. */
export function typeInWords(root: SchemaNode, given: SchemaNode): string {
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
