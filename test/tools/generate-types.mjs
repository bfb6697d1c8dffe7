// Writes src/estate/estate-file.ts from the JSON Schema; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const target = new URL('../../src/estate/estate-file.ts', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('../../schemas/estate.schema.json', import.meta.url), 'utf8'));
const text = await compile(withMapTitles(schema), 'EstateFile', {
  bannerComment: '/* Generated from schemas/estate.schema.json by `npm run types`. */',
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  style: { singleQuote: true },
});

/** The generator makes a type of its own of everything that has a title, and only maps are worth a name. */
function withMapTitles(node) {
  if (Array.isArray(node)) return node.map(withMapTitles);
  if (typeof node !== 'object' || node === null) return node;
  const { title, ...rest } = node;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, withMapTitles(part)]));
  // A key that is called "title" holds a map, and is not one of the schema's own.
  const named = typeof title !== 'string' || node.type === 'object' || node.properties !== undefined;
  return named && title !== undefined ? { title, ...inner } : inner;
}

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write('src/estate/estate-file.ts is not what the schema says: run `npm run types`\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
