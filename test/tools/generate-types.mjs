// Writes src/estate/estate-file.ts from the JSON Schema; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const target = new URL('../../src/estate/estate-file.ts', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('../../schemas/estate.schema.json', import.meta.url), 'utf8'));
const text = await compile(named(schema), 'EstateFile', {
  bannerComment: '/* Generated from schemas/estate.schema.json by `npm run types`. */',
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  style: { singleQuote: true },
});

/**
 * The schema with the names of types in the place of titles, which are words for people: each map in `$defs` is named by its key,
 * and other maps have no name. The generator makes a type of everything that has a title.
 */
function named({ $defs, ...schema }) {
  const types = Object.entries($defs).map(([key, part]) => [key, { title: typeName(key), ...untitled(part) }]);
  return { ...untitled(schema), title: 'EstateFile', $defs: Object.fromEntries(types) };
}

/**
 * What is beside a reference describes only that place, and would make another type of it. Names that a map with free names
 * knows are only for editors.
 */
function untitled(node) {
  if (Array.isArray(node)) return node.map(untitled);
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') return { $ref: node.$ref };
  const isFree = typeof node.additionalProperties === 'object';
  // A type beside alternatives says what they say.
  const left = ['title', ...(node.oneOf ? ['type'] : []), ...(isFree ? ['properties', 'patternProperties'] : [])];
  // A key of the file may be called like one of the schema's own, and is a map.
  const parts = Object.entries(node).filter(([key, part]) => !left.includes(key) || (!isFree && isMap(part)));
  return Object.fromEntries(parts.map(([key, part]) => [key, untitled(part)]));
}

function isMap(part) {
  return typeof part === 'object' && !Array.isArray(part);
}

/** `cs6HostEntry` is the key of `Cs6HostEntry`. */
function typeName(key) {
  return `${key.charAt(0).toUpperCase()}${key.slice(1)}`;
}

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write('src/estate/estate-file.ts is not what the schema says: run `npm run types`\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
