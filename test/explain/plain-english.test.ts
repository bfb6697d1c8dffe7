import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { examples } from '../../src/cli/help.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { certaintyInWords, liveSettings, valuesInWords } from '../../src/explain/live-settings.ts';
import { schemaKeys } from '../../src/explain/schema-keys.ts';
import { findingAreas, findingPages } from '../../src/findings/areas.ts';
import { products } from '../../src/products/products.ts';
import { offline } from '../estate/offline.ts';
import { type Limits, readability, readingFaults } from '../tools/readability.ts';

interface Text {
  readonly name: string;
  readonly text: string;
}

/** A page is short, so that one long sentence would be more than its share. */
const page: Limits = { mean: 22, longShare: 0 };

const findings: readonly Text[] = findingPages.map(({ code, summary, means, why, remedy }) => ({
  name: code,
  text: [summary, means, why, remedy].join('\n\n'),
}));

const settings: readonly Text[] = liveSettings.map(({ name, does, wanted, without }) => ({
  name,
  text: [does, wanted, without].join('\n\n'),
}));

const furtherSettings: readonly Text[] = Object.values(products)
  .flatMap(({ knownSettings }) => knownSettings)
  .map(known => ({
    name: known.name,
    text: [known.meaning, valuesInWords(known), certaintyInWords(known)].join('\n\n'),
  }));

const keys: readonly Text[] = schemaKeys(JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'))).map(
  ({ path, description = '' }) => ({ name: path, text: description }),
);

const outputSchemas: readonly Text[] = [
  'audit',
  'audit-event',
  'drift-event',
  'part',
  'plan',
  'record',
  'report',
  'run-event',
  'snapshot',
  'verify',
  'verify-event',
].map(name => ({
  name,
  text: descriptionsIn(JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8'))).join('\n\n'),
}));

const program = buildProgram(offline({}), () => {});

const helps: readonly Text[] = allCommands(program).map(command => ({
  name: command.name(),
  text: [
    command.description(),
    ...command.registeredArguments.map(({ description }) => description),
    ...command.options.map(({ description }) => description),
    ...(examples[command.name()] ?? []).map(({ tells }) => tells),
  ].join('\n\n'),
}));

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function descriptionsIn(node: unknown): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'description' && typeof value === 'string' ? [value] : descriptionsIn(value),
  );
}

describe.each([
  ['finding', findings],
  ['live setting', settings],
  ['further setting', furtherSettings],
  ['key of the file', keys],
  ['schema of an output', outputSchemas],
  ['command', helps],
])('the page of every %s', (_, texts) => {
  it.each(texts)('$name is plain English', ({ text }) => {
    expect(readingFaults(text, page)).toEqual([]);
  });

  it('is short in its sentences, taken together', () => {
    const all = texts.map(({ text }) => text).join('\n\n');
    expect(readability(all).sentences.length).toBeGreaterThan(texts.length);
    expect(readingFaults(all)).toEqual([]);
  });
});

it('the titles of the areas have no banned turn', () => {
  expect(readability(findingAreas.map(({ title }) => title).join('\n\n')).banned).toEqual([]);
});
