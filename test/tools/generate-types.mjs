// Writes src/desired/estate-file.ts from the JSON Schema; `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

const target = new URL('../../src/desired/estate-file.ts', import.meta.url);
const schema = JSON.parse(readFileSync(new URL('../../schemas/estate.schema.json', import.meta.url), 'utf8'));
const text = await compile(schema, 'EstateFile', {
  bannerComment: '/* Generated from schemas/estate.schema.json by `npm run types`. */',
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
  style: { singleQuote: true },
});
if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write('src/desired/estate-file.ts is not what the schema says: run `npm run types`\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
