import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadEstate } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';

const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

function load(lines: string) {
  return loadEstate('estate.yaml', `${text}\nverify: ${lines}\n`, estateSchema);
}

it.each([
  ['{ gates: {} }', { moves: 500, restarts: true, onFailure: 'stop', wait: 90_000 }],
  [
    '{ gates: { moves: 50, restarts: false, onFailure: undo, wait: 300s } }',
    { moves: 50, restarts: false, onFailure: 'undo', wait: 300_000 },
  ],
  ['{ mail: { to: probe@example.com } }', undefined],
])('%s', (lines, gates) => {
  const { state, findings } = load(lines);
  expect(findings).toEqual([]);
  expect(state?.verify?.gates).toEqual(gates);
});

it.each(['{ gates: { moves: 0 } }', '{ gates: { wait: 90 } }', '{ gates: { onFailure: go-on } }', '{ mail: {} }'])(
  '%s is a mistake',
  lines => {
    expect(load(lines)).toMatchObject({ findings: [{ severity: 'error' }] });
  },
);
