import { readFileSync } from 'node:fs';
import { diffLines } from 'diff';
import { describe, expect, it } from 'vitest';
import type { DocumentPath } from '../../src/estate/document.ts';
import { type EstateEdit, editEstate, type FileValue } from '../../src/estate/edit-estate.ts';
import { plainValue } from '../../src/estate/node.ts';
import { readTree } from '../../src/estate/read-tree.ts';
import { makeSourceText } from '../../src/estate/source-text.ts';
import { estateSchema } from '../kinds/cases.ts';
import { styleCases } from './edit-styles.ts';

/** The lines that differ, each with what became of it. */
function changedLines(before: string, after: string): readonly string[] {
  return diffLines(before, after).flatMap(({ added, removed, value }) =>
    added || removed
      ? value
          .replace(/\n$/, '')
          .split('\n')
          .map(line => `${added ? '+' : '-'}${line}`)
      : [],
  );
}

function edited(...given: Parameters<typeof editEstate> extends [infer T, infer E, unknown] ? [T, E] : never): string {
  const result = editEstate(...given, estateSchema);
  if ('refused' in result) throw new Error(result.refused);
  return result.text;
}

describe('keeps everything outside the edited place byte for byte', () => {
  it.each(styleCases)('$style', ({ text, edits, lines }) => {
    expect(changedLines(text, edited(text, edits))).toEqual(lines);
  });
});

const head = '# yaml-language-server: $schema=./estate.schema.json\n# Found on 2026-11-30\n';

describe('writes a whole file', () => {
  const edits: readonly EstateEdit[] = [
    { path: ['cohorts', 'others'], value: { members: 'rest', server: 'cs6' } },
    { path: ['version'], value: 1 },
    { path: ['cs6', 'hosts', 'fe1'], value: {}, comment: 'A front end:\n it listens on 8080' },
    { path: ['cs6', 'hosts', 'fe1', 'http'], value: 'http://fe1.example.com:8080' },
    { path: ['cs6', 'hosts', 'fe1', 'address'], value: 'fe1.example.com' },
    { path: ['directory'], value: { base: 'o=isp', bindDn: 'cn=reconcile,ou=Services,o=isp' }, comment: 'Who is who' },
    { path: ['directory', 'password'], value: { env: 'LDAP_PASSWORD' } },
    { path: ['directory', 'url'], value: ['ldaps://ds1:636', 'ldaps://ds2:636'] },
    { path: ['cs6', 'platform'], value: 'redhat' },
    { path: ['name'], value: 'example.com' },
    { path: ['freeBusyRedirect'], value: 'cs7', comment: 'Found in ics.conf' },
    {
      path: ['cs6', 'settings'],
      value: {
        'service.http.idletimeout': '120',
        'x.autoprovision': 'no',
        'caldb.path': '/var/a b',
        x: '',
        y: null,
      },
    },
  ];

  const body = `version: 1
name: example.com

# Who is who
directory:
  url:
    - ldaps://ds1:636
    - ldaps://ds2:636
  bindDn: cn=reconcile,ou=Services,o=isp
  password:
    env: LDAP_PASSWORD
  base: o=isp

cs6:
  platform: redhat
  settings:
    service.http.idletimeout: "120"
    x.autoprovision: "no"
    caldb.path: /var/a b
    x: ""
    "y": ~
  hosts:
    # A front end: it listens on 8080
    fe1:
      address: fe1.example.com
      http: http://fe1.example.com:8080

# Found in ics.conf
freeBusyRedirect: cs7

cohorts:
  others:
    server: cs6
    members: rest
`;

  it('from comments', () => {
    expect(edited(head, edits)).toBe(head + body);
    expect(edited('', edits)).toBe(body);
  });

  it('from a version, and in any order of the edits', () => {
    const rest = edits.filter(({ path }) => path[0] !== 'version');
    expect(edited('version: 1\n', rest)).toBe(body);
    const byDepth = [...rest].sort((a, b) => a.path.length - b.path.length);
    expect(edited('version: 1\n', byDepth)).toBe(body);
  });
});

describe('refuses, and says why', () => {
  const cases: readonly (readonly [string, string, EstateEdit, string])[] = [
    ['broken YAML', 'a: 1\nb: [\n', { path: ['a'], value: 2 }, 'The file is no sound YAML: line 3.'],
    ['several documents', 'a: 1\n---\nb: 2\n', { path: ['a'], value: 2 }, 'The file is no sound YAML: line 2.'],
    ['a key twice', 'a: 1\na: 2\n', { path: ['a'], value: 2 }, 'The file is no sound YAML: line 2.'],
    ['a value on the way', 'a: 1\n', { path: ['a', 'b'], value: 2 }, 'a is neither a map nor a list.'],
    [
      'an anchor',
      'a: &x { b: 1 }\nc: d\n',
      { path: ['a', 'b'], value: 2 },
      'The file has an anchor, an alias or a tag.',
    ],
    [
      'an alias',
      'a: &x { b: 1 }\nc: *x\n',
      { path: ['c', 'b'], value: 2 },
      'The file has an anchor, an alias or a tag.',
    ],
    ['an index behind the end', 'a: [b]\n', { path: ['a', 2], value: 'c' }, 'a is a list of 1.'],
    ['the only key', 'a: 1\n', { path: ['a'] }, 'The only key of a file cannot be removed.'],
    ['the top', 'a: 1\n', { path: [], value: { b: 1 } }, 'The top of the file cannot be replaced.'],
  ];
  it.each(cases)('%s', (_, text, edit, refused) => {
    expect(editEstate(text, [edit], estateSchema)).toEqual({ refused });
  });
});

it('leaves alone what is there already, and what is not there to be removed', () => {
  const text = "a: { b:   '1' }\nlist: [ x,y ]\n";
  const edits = [
    { path: ['a', 'b'], value: '1' },
    { path: ['a'], value: { b: '1' } },
    { path: ['list'], value: ['x', 'y'] },
    { path: ['list', 1], value: 'y' },
    { path: ['a', 'c'] },
    { path: ['d', 'e', 'f'] },
  ];
  expect(edited(text, edits)).toBe(text);
});

/** The same numbers from 0 to 1 for the same seed (mulberry32), so that a failure can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

type Chance = () => number;

function pick<T>(some: readonly T[], chance: Chance): T {
  const found = some[Math.floor(chance() * some.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

const words = [
  ...['120', 'no', 'true', '~', 'null', '1.10', '0x1f', '0o7', '12:30', '2027-01-31', '', ' ', 'a b', ' a', 'a '],
  ...['(&(a=b)(c=*))', 'ou=People,o=isp', '"q"', "'q'", '#', 'a #b', 'a: b', 'a:', ':', '-', '- a', '? a', '*a', '&a'],
  ...[
    '!t',
    '%d',
    '@',
    '`',
    '{',
    '}',
    '[x]',
    'a,b',
    'a]',
    '|',
    '>',
    'x'.repeat(300),
    'ü',
    '\u{1f600}',
    'a\nb',
    'a\\b',
    '...',
  ],
  ...[
    '---',
    '---a',
    '=',
    '\u2028',
    '\u0085',
    'x\ty',
    'http://fe1.example.com:8080',
    '${env:HOME}',
    '.5',
    '+1',
    '1e3',
    '.inf',
  ],
];

function someValue(chance: Chance, depth = 0): FileValue {
  const kind = chance();
  if (kind < 0.5 || depth > 2) return pick(words, chance);
  if (kind < 0.6) return pick([null, true, false, 0, 22, 1.5, -3], chance);
  const size = Math.floor(chance() * 4);
  if (kind < 0.8) return Array.from({ length: size }, () => someValue(chance, depth + 1));
  return Object.fromEntries(Array.from({ length: size }, () => [pick(words, chance), someValue(chance, depth + 1)]));
}

/** Every place of a value, those of the maps and lists first. */
function placesIn(value: FileValue, path: DocumentPath = []): readonly { path: DocumentPath; value: FileValue }[] {
  if (value === null || typeof value !== 'object') return [{ path, value }];
  const inner = Array.isArray(value)
    ? value.flatMap((item, at) => placesIn(item, [...path, at]))
    : Object.entries(value).flatMap(([key, item]) => placesIn(item, [...path, key]));
  return [{ path, value }, ...inner];
}

function someEdit(value: FileValue, chance: Chance): EstateEdit {
  const places = placesIn(value);
  const open = places.filter(
    place => typeof place.value === 'object' && (place.value !== null || place.path.length > 0),
  );
  const { path, value: around } = pick(open, chance);
  const deep = places.filter(place => place.path.length > 1);
  if (deep.length === 0 || chance() < 0.5) {
    const key = Array.isArray(around) ? around.length : pick([...words, 'settings', 'hosts', 'ssh'], chance);
    return { path: [...path, key], value: someValue(chance), ...(chance() < 0.5 && { comment: pick(words, chance) }) };
  }
  const at = pick(
    places.filter(place => place.path.length > 1),
    chance,
  ).path;
  return chance() < 0.5 ? { path: at } : { path: at, value: someValue(chance) };
}

/** The edit in plain data, the way everybody would write it. */
function applied(value: FileValue | undefined, { path, value: wanted }: EstateEdit): FileValue {
  const [step, ...rest] = path;
  if (step === undefined) return wanted ?? null;
  const inner = { path: rest, ...(wanted !== undefined && { value: wanted }) };
  if (Array.isArray(value) || (value === null && typeof step === 'number')) {
    const items: FileValue[] = [...(value ?? [])];
    const at = Number(step);
    items.splice(at, 1, ...(rest.length === 0 && wanted === undefined ? [] : [applied(items[at], inner)]));
    return items;
  }
  const entries = new Map(Object.entries(value ?? {}));
  if (rest.length === 0 && wanted === undefined) entries.delete(String(step));
  else entries.set(String(step), applied(entries.get(String(step)), inner));
  return Object.fromEntries(entries);
}

function loaded(text: string): unknown {
  const { part, findings } = readTree(makeSourceText('estate.yaml', text));
  const wrong = findings.filter(({ code }) => !/literal-secret|merge-key|too-large/.test(code));
  return wrong.length === 0 && part ? plainValue(part) : wrong;
}

const beginnings = [
  ...['chapter', 'front-and-back-ends', 'large-site', 'waves'].map(name =>
    readFileSync(`examples/${name}.yaml`, 'utf8'),
  ),
  ...styleCases.map(({ text }) => text.replace('\ufeff', '')),
];

describe('whatever is edited, the result loads with exactly the edits in it', () => {
  it.each(Array.from({ length: 60 }, (_, seed) => seed))('seed %i', seed => {
    const chance = seeded(seed);
    let text = pick(beginnings, chance);
    for (let at = 0; at < 12; at += 1) {
      const before = loaded(text) as FileValue;
      const edit = someEdit(before, chance);
      const result = editEstate(text, [edit], estateSchema);
      const after = 'text' in result ? result.text : result.refused;
      expect(loaded(after), `${text}\n${JSON.stringify(edit)}\n${after}`).toEqual(applied(before, edit));
      text = after;
    }
  });
});

describe('a key that is added and removed again leaves the file as it was', () => {
  it.each(beginnings.map((text, at) => [at, text] as const))('text %i', (_, text) => {
    const maps = placesIn(loaded(text) as FileValue).filter(({ path, value }) => {
      return path.length > 0 && value !== null && typeof value === 'object' && Object.keys(value).length > 0;
    });
    for (const { path, value } of maps) {
      const place = [...path, Array.isArray(value) ? value.length : 'x-new'];
      const added = edited(text, [{ path: place, value: { a: ['b'] } }]);
      const back = edited(added, [{ path: place }]);
      expect(back.replace(/,(?=\s*(#.*)?\r?\n)/g, '')).toBe(text.replace(/,(?=\s*(#.*)?\r?\n)/g, ''));
    }
  });
});
