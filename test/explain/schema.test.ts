import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { examplesOf, resolveNode, type SchemaNode, schemaKeys } from '../../src/explain/schema-keys.ts';

const root: SchemaNode = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));

interface Place {
  readonly path: string;
  readonly node: SchemaNode;
}

/** Every definition, and every property and entry below the root and the definitions. */
function placesBelow(node: SchemaNode, path: string): readonly Place[] {
  const named = Object.entries(node.properties ?? {}).map(([name, child]) => ({
    path: `${path}.${name}`,
    node: child,
  }));
  const others = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
  const further = others.map(child => ({ path: `${path}.*`, node: child }));
  const own = [...named, ...further];
  const branches = (node.oneOf ?? node.anyOf ?? []).flatMap((branch, i) => placesBelow(branch, `${path}|${i}`));
  const items = node.items ? placesBelow(node.items, `${path}[]`) : [];
  return [...own, ...own.flatMap(place => placesBelow(place.node, place.path)), ...branches, ...items];
}

const definitions = Object.entries(root.$defs ?? {}).map(([name, node]) => ({ path: `$defs.${name}`, node }));
const places = [
  { path: 'the file', node: root },
  ...placesBelow(root, ''),
  ...definitions,
  ...definitions.flatMap(({ path, node }) => placesBelow(node, path)),
];

describe('the schema of the file', () => {
  it('is a schema', () => {
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validateSchema(root), ajv.errorsText()).toBe(true);
  });

  it('finds the keys of every corner', () => {
    const paths = places.map(place => place.path);
    expect(paths).toEqual(
      expect.arrayContaining(['.domains.*', '$defs.sshSection.identity|1.env', '$defs.ignoreEntry.until']),
    );
  });

  it.each(schemaKeys(root))('$path has an example', ({ examples }) => {
    expect(examples?.length).toBeGreaterThan(0);
  });

  it.each(places.filter(({ path }) => !path.endsWith('Derived')))('$path has a title and a description', ({ node }) => {
    const { title, description } = resolveNode(root, node);
    expect(description, 'description').toMatch(/\S.{5,}[.:)]$|^[^.]+$/);
    // A known setting is called by its name.
    expect(title, 'title').toMatch(/^([A-Z]|[a-z0-9]+\.)/);
  });

  it.each(places)('the title of $path is words for people, as an editor shows it', ({ node }) => {
    const { title = '' } = resolveNode(root, node);
    const names = ['CalendarServer_home', 'StartTLS'];
    expect(names.includes(title) ? '' : title).not.toMatch(/^\S*[a-z][A-Z]\S*$/);
  });

  it.each(places.filter(({ path }) => path !== 'the file'))('the examples of $path fit', ({ node }) => {
    const ajv = new Ajv2020({ strict: false });
    const { $schema: _, $id: __, ...alone } = { $schema: '', $id: '', ...resolveNode(root, node) };
    const validate = ajv.compile({ ...alone, $defs: root.$defs });
    for (const example of examplesOf(root, node)) {
      expect(validate(example), `${JSON.stringify(example)} ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });

  it.each(places)('the default of $path fits', ({ node }) => {
    const resolved = resolveNode(root, node);
    if (resolved.default === undefined) return;
    expect(new Ajv2020({ strict: false }).validate({ ...resolved, $defs: root.$defs }, resolved.default)).toBe(true);
  });
});
