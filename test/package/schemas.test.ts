import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileSchema } from '../../src/core/compile-schema.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { desiredOf } from '../kinds/cases.ts';

/* The build compiles the schemas; what it wrote has to say the same as what is compiled while running. */

const read = (name: string): object => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'));
const built = (name: string): ValidateFunction =>
  createRequire(import.meta.url)(resolve(`dist/lib/${name}-schema.cjs`));

/** Every value with one place of it changed, and the value itself. */
function* variants(value: unknown): Generator<unknown> {
  yield value;
  for (const wrong of [null, 7, 'text', true, [], {}]) yield wrong;
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { ...value, 'no such key': 1 };
  for (const [key, part] of Object.entries(value)) {
    const without = (by: readonly unknown[]) =>
      Array.isArray(value) ? value.toSpliced(Number(key), 1, ...by) : changed(value, key, by);
    yield without([]);
    for (const other of variants(part)) yield without([other]);
  }
}

function changed(value: object, key: string, by: readonly unknown[]): object {
  const { [key]: _, ...rest }: Record<string, unknown> = { ...value };
  return by.length === 0 ? rest : { ...rest, [key]: by[0] };
}

/** What a check says of a value, and the places that may come from the environment. */
function said(check: ValidateFunction, value: unknown): unknown {
  const environmentPlaces = new Set<string>();
  const valid = check.call({ environmentPlaces }, value);
  return { valid, errors: check.errors, places: [...environmentPlaces] };
}

const files = ['chapter', 'front-and-back-ends', 'large-site', 'waves'];
const estates = files.map(name => parse(readFileSync(`examples/${name}.yaml`, 'utf8')));
const plan = JSON.parse(
  JSON.stringify(
    buildPlan(desiredOf({ name: 'any', live: {}, changes: [] }), [], {
      tool: 't',
      readAt: '2026-11-22T12:00:00Z',
      accounts: { counted: 1, all: true },
    }),
  ),
);
const head = { line: 'snapshot', formatVersion: 1, takenAt: '2026-11-22T12:00:00Z', tool: 't', estate: 'e' };

describe('a schema that the build compiled', () => {
  it.each([
    { name: 'estate', others: [], values: estates, least: 2_000, valid: true },
    { name: 'plan', others: [], values: [plan], least: 200, valid: true },
    { name: 'part', others: ['plan'], values: [{ ...plan, format: 'reconcile-part' }], least: 200, valid: false },
    {
      name: 'snapshot',
      others: [],
      values: [head, { line: 'end', sha256: 'ab' }, { line: 'host', name: 'h' }],
      least: 50,
      valid: false,
    },
  ])('$name says the same of every variant', ({ name, others, values, least, valid }) => {
    const ours = compileSchema(read(name), others.map(read));
    const theirs = built(name);
    const all = values.flatMap(value => [...variants(value)]);
    for (const value of all) expect(said(theirs, value)).toEqual(said(ours, value));
    expect(all.length).toBeGreaterThan(least);
    expect(values.every(value => ours(value))).toBe(valid);
  });
});
