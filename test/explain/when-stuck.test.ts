import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogue } from '../../src/findings/catalogue.ts';

interface SchemaNode {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly oneOf?: readonly SchemaNode[];
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

const page = readFileSync('docs/when-you-are-stuck.md', 'utf8');
const schema: SchemaNode = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));

/** What a key of the file may be, by its path; `NAME` is any name. */
function nodesAt(path: readonly string[]): readonly SchemaNode[] {
  return path.reduce<readonly SchemaNode[]>(
    (nodes, key) => nodes.flatMap(node => below(node, key)),
    alternatives(schema),
  );
}

function below({ properties, additionalProperties }: SchemaNode, key: string): readonly SchemaNode[] {
  const own = properties?.[key];
  if (own) return alternatives(own);
  return typeof additionalProperties === 'object' ? alternatives(additionalProperties) : [];
}

function alternatives(node: SchemaNode): readonly SchemaNode[] {
  const named = node.$ref ? schema.$defs?.[node.$ref.replace('#/$defs/', '')] : undefined;
  const inner = [...(named ? [named] : []), ...(node.oneOf ?? [])].flatMap(alternatives);
  return [node, ...inner];
}

describe('the page for administrators who are stuck', () => {
  const words = [...page.matchAll(/`([^`\n]+)`/g)].map(([, word = '']) => word);

  it.each(words.filter(word => /^(?:cs6|cs7|directory)\.[\w.]+[a-z](?:: .*)?$/i.test(word) && !isCode(word)))(
    'names a key of the file: %s',
    word => {
      expect(nodesAt(word.replace(/: .*/, '').split('.'))).not.toEqual([]);
    },
  );

  it.each([...new Set(words.filter(isCode))])('names a finding: %s', code => {
    expect(Object.keys(catalogue)).toContain(code);
  });

  it('shows YAML that can be read', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(blocks.length).toBeGreaterThan(3);
    for (const block of blocks) expect(Object.keys(parse(block))).toHaveLength(1);
  });

  it('has every finding that offers a key', () => {
    for (const code of ['software.patch-unknown', 'host.place-unknown', 'cs6.instances-unclear', 'cs7.unknown-start'])
      expect(page).toContain(code);
  });
});

function isCode(word: string): boolean {
  return /^[a-z0-9-]+\.[a-z]+(?:-[a-z]+)+$/.test(word) || Object.hasOwn(catalogue, word);
}
