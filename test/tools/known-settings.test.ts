import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { certaintyInWords, valuesInWords } from '../../src/explain/live-settings.ts';
import { cs7Options } from '../../src/products/cs7.ts';
import { allows, type KnownSetting } from '../../src/products/known-setting.ts';
import { isDerived, products } from '../../src/products/products.ts';

/* What src/products knows of settings stands in the schema for editors. `npx vitest run test/tools/known-settings.test.ts -u` writes it. */

const file = '../../schemas/estate.schema.json';
const schema = readFileSync(new URL(file, import.meta.url), 'utf8');

/** The keys of the schema of one side that say what is known. */
function knownIn(side: 'cs6' | 'cs7'): string {
  const known = products[side].knownSettings;
  const plain = known.filter(({ name }) => !name.includes('['));
  const patterns = known.filter(({ name }) => name.includes('['));
  return [
    '      "properties": {',
    plain.map(setting => `        ${JSON.stringify(setting.name)}: ${describe(side, setting)}`).join(',\n'),
    '      },',
    '      "patternProperties": {',
    patterns.map(setting => `        ${JSON.stringify(patternOf(setting))}: ${describe(side, setting)}`).join(',\n'),
    '      },\n',
  ].join('\n');
}

/** A part in brackets stands for any name. */
function patternOf({ name }: KnownSetting): string {
  const parts = name.split(/\[[^\]]*\]/).map(part => part.replaceAll('.', '\\.'));
  return `^${parts.join('.+')}$`;
}

function describe(side: 'cs6' | 'cs7', setting: KnownSetting): string {
  const owned = isDerived(side, setting.name) || setting.name === cs7Options.uniqueId;
  const type = `${side === 'cs6' ? 'icsConf' : 'davadmin'}${owned ? 'Derived' : 'Value'}`;
  const examples = owned ? [] : valuesOf(setting);
  const entries = [
    ['$ref', `#/$defs/${type}`],
    ['title', setting.name],
    ['description', `${setting.meaning}\nValues: ${valuesInWords(setting)}.\nSource: ${certaintyInWords(setting)}.`],
    ...(examples.length === 0 ? [] : [['examples', examples]]),
  ];
  return `{ ${entries.map(([key, value]) => `${JSON.stringify(key)}: ${inline(value)}`).join(', ')} }`;
}

/** What an editor offers as a value: the words, or else what holds while it is not set. */
function valuesOf({ allowed, default: usual = '' }: KnownSetting): readonly string[] {
  if (allowed && 'words' in allowed) return allowed.words;
  return usual === '' ? [] : [usual];
}

/** JSON on one line, with blanks where the schema has them. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${inline(part)}`)
    .join(', ')} }`;
}

function withKnown(text: string, section: string, side: 'cs6' | 'cs7'): string {
  const start = text.indexOf('      "properties": {', text.indexOf(`"${section}": {`));
  const end = text.indexOf('      "additionalProperties"', start);
  return text.slice(0, start) + knownIn(side) + text.slice(end);
}

it('the schema says of settings what src/products knows', async () => {
  const text = withKnown(withKnown(schema, 'icsConfSettings', 'cs6'), 'davadminSettings', 'cs7');
  await expect(text).toMatchFileSnapshot(file);
});

it.each(Object.values(products).flatMap(({ knownSettings }) => knownSettings))(
  '$name may have what is offered',
  setting => {
    expect(valuesOf(setting).filter(value => !allows(setting, value))).toEqual([]);
  },
);
