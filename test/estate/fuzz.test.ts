import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';
import { wrongFiles } from './corpus.ts';

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

const below = (n: number, chance: Chance) => Math.floor(chance() * n);
const oneOf = <T>(some: readonly T[], chance: Chance): T => {
  const found = some[below(some.length, chance)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
};

const values = [
  ...['~', 'true', 'no', '0', '-1', '1e9', '.nan', '0x1f', '2026-11-22', '""', '"\\u0000"', "'", '"', '[]', '{}'],
  ...[
    '[[]]',
    '{ a: { b: c } }',
    '*a',
    '&a x',
    '!!str x',
    '!t',
    '<<',
    '? x',
    '- x',
    '|',
    '>',
    '>-\n  x',
    '%YAML 1.1',
    '@',
  ],
  ...['${env:HOME}', '${env:', '__proto__', 'constructor', 'ünïcödé', '\u{1f600}', '\u202e', '\ud800', 'a: b', '# c'],
  ...['password: x', '-----BEGIN PRIVATE KEY-----', 'http://a:b@c', '(&(a=b)', '(a=*)', 'x'.repeat(300)],
];

/** Each takes a text and makes another one of it. */
const mutations: readonly ((text: string, chance: Chance) => string)[] = [
  (text, chance) => text.slice(0, below(text.length, chance)),
  (text, chance) => {
    const at = below(text.length, chance);
    return text.slice(0, at) + String.fromCharCode(below(chance() < 0.8 ? 128 : 65536, chance)) + text.slice(at + 1);
  },
  (text, chance) => {
    const from = below(text.length, chance);
    return text.slice(0, from) + text.slice(from + 1 + below(30, chance));
  },
  (text, chance) => onLines(text, lines => swap(lines, below(lines.length, chance), below(lines.length, chance))),
  (text, chance) => onLines(text, lines => [...lines, oneOf(lines, chance)]),
  (text, chance) => {
    return onLines(text, lines =>
      lines.map(line => (chance() < 0.05 ? `${oneOf([' ', '\t', '  '], chance)}${line}` : line)),
    );
  },
  (text, chance) => onMatch(text, /[A-Za-z0-9_.-]+(?=:)/g, chance, () => oneOf(values, chance)),
  (text, chance) => onMatch(text, /[A-Za-z]+(?=:)/g, chance, key => key.slice(0, -1) + key.slice(-1).toUpperCase()),
  (text, chance) => onMatch(text, /(?<=: ).+$/gm, chance, () => oneOf(values, chance)),
  (text, chance) => onMatch(text, /[{}[\],:"'#-]/g, chance, () => oneOf([...'{}[],:"\'#-&*!|>%@`\n\t'], chance)),
  (text, chance) => {
    const at = below(text.length, chance);
    return text.slice(0, at) + oneOf(values, chance) + text.slice(at);
  },
  (text, chance) => {
    const [from, to] = [below(text.length, chance), below(text.length, chance)];
    return text + text.slice(Math.min(from, to), Math.max(from, to));
  },
];

function onLines(text: string, change: (lines: readonly string[]) => readonly string[]): string {
  return change(text.split('\n')).join('\n');
}

function swap(lines: readonly string[], a: number, b: number): readonly string[] {
  return lines.map((line, i) => (i === a ? (lines[b] ?? line) : i === b ? (lines[a] ?? line) : line));
}

function onMatch(text: string, pattern: RegExp, chance: Chance, change: (match: string) => string): string {
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return text;
  const match = oneOf(matches, chance);
  return text.slice(0, match.index) + change(match[0]) + text.slice(match.index + match[0].length);
}

const examples = readdirSync('examples')
  .filter(name => name.endsWith('.yaml'))
  .map(name => readFileSync(`examples/${name}`, 'utf8'));
const wrong = wrongFiles.map(file => file.text);

function mutated(seed: number): Buffer {
  const chance = seeded(seed);
  let text = oneOf(chance() < 0.7 ? examples : wrong, chance);
  for (let n = 1 + below(4, chance); n > 0; n -= 1) text = oneOf(mutations, chance)(text, chance);
  return changedBytes(text, chance);
}

function changedBytes(text: string, chance: Chance): Buffer {
  const bytes = Buffer.from(text);
  for (let n = chance() < 0.2 ? 1 + below(3, chance) : 0; n > 0 && bytes.length > 0; n -= 1)
    bytes[below(bytes.length, chance)] = below(256, chance);
  return bytes;
}

const members = [readFileSync('examples/cohorts/pilot.csv', 'utf8'), '# wave 1\njdoe\n\nuid=asmith,ou=People,o=isp\n'];

/** What a file with members holds: half of them are as they should be. */
function mutatedMembers(seed: number): Buffer {
  const chance = seeded(-seed);
  const text = oneOf(members, chance);
  return chance() < 0.5 ? Buffer.from(text) : changedBytes(oneOf(mutations, chance)(text, chance), chance);
}

/** A finding tells what, and where in the file that is. */
function complaint({ code, summary, detail, where, excerpt }: Finding, lines: readonly string[]): string | undefined {
  if (!/^(estate|directory)\.[a-z0-9-]+$/.test(code) || summary === '' || detail === '') return 'no words';
  if (where?.column === undefined) return 'no place';
  const line = lines[where.line - 1];
  if (line === undefined || where.column < 1 || where.column > line.length + 1) return 'a place outside of the file';
  if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(excerpt?.line ?? '')) return 'an unsafe excerpt';
  return undefined;
}

describe('mutated files', () => {
  it('each is valid or has findings with a place in it; none ends in an error', () => {
    const counts = { valid: 0, wrong: 0 };
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const bytes = mutated(seed);
      const files = new Map([['estate.yaml', bytes]]);
      const readFile = (path: string) => {
        const members = mutatedMembers(seed);
        files.set(path, members);
        return members;
      };
      const { state, findings } = loadEstate('estate.yaml', bytes, estateSchema, { HOME: '/root' }, { readFile });
      const linesOf = (file = '') => new TextDecoder().decode(files.get(file)).split('\n');
      const context = () => `seed ${seed}: ${JSON.stringify(findings, null, 1)}\n${bytes}`;
      const complaints = findings.flatMap(finding => complaint(finding, linesOf(finding.where?.file)) ?? []);
      if (complaints.length > 0) throw new Error(`${complaints[0]}, ${context()}`);
      if ((state === undefined) !== findings.some(f => f.severity === 'error')) throw new Error(context());
      counts[state ? 'valid' : 'wrong'] += 1;
    }
    expect(counts.valid).toBeGreaterThan(30);
    expect(counts.wrong).toBeGreaterThan(1_500);
  });
});
