import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { validateBuilt } from './validate-built.ts';

/** Files that are made to take time, memory or the stack; each is refused by the built program within bounds. */
const size = 990_000;
const fill = (piece: string, bytes = size) => piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes);
const numbered = (line: (n: number) => string, bytes = size) => {
  const lines: string[] = [];
  for (let n = 0, length = 0; length < bytes; n += 1) length += lines[lines.push(line(n)) - 1]?.length ?? 0;
  return lines.join('');
};
const steps = (bytes: number) => numbered(n => `${' '.repeat(n)}a:\n`, bytes);
const bomb = numbered(
  n => `k${n}: &a${n} [${n === 0 ? 'x' : fill(`*a${n - 1},`, 60).replace(/,[^,]*$/, '')}]\n`,
  4_000,
);

const hostile: readonly (readonly [string, () => string | Buffer, string])[] = [
  ['50 MB', () => Buffer.alloc(50_000_000, 'a: b\n'), 'estate.too-large'],
  ['10 MB of [', () => fill('[', 10_000_000), 'estate.too-large'],
  ['[', () => fill('['), 'estate.too-deep'],
  ['{', () => fill('{a: '), 'estate.too-deep'],
  ['- ', () => fill('- '), 'estate.too-deep'],
  ['? ', () => fill('? '), 'estate.too-deep'],
  ['[ on lines of their own', () => fill('[\n'), 'estate.too-deep'],
  ['maps in maps', () => steps(size), 'estate.too-deep'],
  ['maps in maps below a key', () => `version: 1\nssh:\n${steps(100_000).replace(/^/gm, '  ')}`, 'estate.too-deep'],
  [']', () => fill(']'), 'estate.yaml-syntax'],
  ['}', () => fill('}\n'), 'estate.yaml-syntax'],
  ['a bomb of aliases', () => bomb, 'estate.alias'],
  ['aliases', () => `a: &a x\nb: [${fill('*a, ', 55_000)}]\n`, 'estate.alias'],
  ['anchors', () => fill('&a '), 'estate.too-large'],
  ['tags', () => fill('!a '), 'estate.too-large'],
  ['directives', () => fill('%a\n'), 'estate.directive'],
  ['documents', () => fill('---\n'), 'estate.several-documents'],
  ['ends of documents', () => fill('...\n'), ''],
  ['comments', () => fill('#\n'), 'estate.too-large'],
  ['empty lines', () => fill('\n'), 'estate.too-large'],
  ['one comment', () => `#${fill('x')}`, 'estate.empty'],
  ['blanks', () => fill(' '), 'estate.empty'],
  ['tabs', () => fill('\t'), ''],
  ['one word', () => fill('x'), 'estate.wrong-type'],
  ['one quoted text', () => `name: "${fill('x\n ')}"`, 'estate.too-large'],
  ['a quote that is not closed', () => `name: "${fill('x\n ')}`, 'estate.yaml-syntax'],
  ['an apostrophe that is not closed', () => `name: '${fill("''")}`, ''],
  ['a text of many lines', () => `name: |\n${fill('  x\n')}`, 'estate.too-large'],
  ['a folded text', () => `name: >\n${fill('  x\n')}`, 'estate.too-large'],
  ['digits', () => `version: ${fill('1')}`, 'estate.number-form'],
  ['a long key', () => `${fill('k')}: 1`, 'estate.yaml-syntax'],
  ['a long key the other way', () => `? ${fill('k')}\n: 1\n`, 'estate.too-large'],
  ['keys', () => numbered(n => `k${n}: 1\n`, 75_000), 'estate.unknown-key'],
  ['keys in brackets', () => `{${numbered(n => `k${n}: 1, `, 65_000)}}`, 'estate.unknown-key'],
  ['the same key', () => fill('k: 1\n', 7_000), 'estate.duplicate-key'],
  ['keys that are maps', () => fill('? {}\n: x\n', 15_000), 'estate.key-not-text'],
  ['hosts', () => `version: 1\ncs6:\n  hosts:\n${numbered(n => `    h${n}: 1\n`, 85_000)}`, 'estate.more-problems'],
  [
    'bad names of hosts',
    () => `version: 1\ncs6:\n  hosts:\n${numbered(n => `    H${n}: {}\n`, 85_000)}`,
    'estate.wrong-form',
  ],
  ['numbers where names belong', () => `cs7: { backends: [${fill('1,', 28_000)}2] }`, 'estate.wrong-type'],
  ['maps where names belong', () => `cs7: { backends: [${fill('{},', 48_000)}2] }`, 'estate.wrong-type'],
  ['the same name', () => `cs7: { backends: [${fill('a,', 28_000)}a] }`, 'estate.wrong-value'],
  ['a long domain', () => `domains: { "${fill('a')}!": {} }`, 'estate.too-large'],
  ['a domain of dots', () => `domains: { "${fill('a.')}!": {} }`, 'estate.too-large'],
  ['a long address', () => `cs6: { hosts: { a: { address: "${fill('a-')}" } } }`, 'estate.too-large'],
  ['long domains', () => `domains: {${numbered(n => `"${'a.'.repeat(9_000)}${n}!": {}, `)}}`, 'estate.wrong-form'],
  ['URLs of colons', () => `cs7: { backends: [${numbered(n => `"a://${':'.repeat(9_000)}${n}", `)}] }`, ''],
  ['variables', () => `name: "${fill('${env:A}', 19_000)}"`, 'estate.env-unset'],
  ['dollars', () => `name: "${fill('${env:', 19_000)}"`, 'estate.env-form'],
  ['a secret', () => `directory: { password: "${fill('s', 19_000)}" }`, 'estate.literal-secret'],
  ['secrets', () => `directory:\n${numbered(n => `  password${n}: canary${n}\n`, 130_000)}`, 'estate.unknown-key'],
  ['NULs', () => Buffer.alloc(size), 'estate.control-character'],
  ['bytes of 255', () => Buffer.alloc(size, 0xff), 'estate.encoding'],
  [
    'half a character at the end',
    () => Buffer.concat([Buffer.alloc(size - 1, 'a'), Buffer.from([0xc3])]),
    'estate.encoding',
  ],
  ['carriage returns', () => fill('\r'), 'estate.line-end'],
  ['questions', () => `[${fill('? ,')}`, 'estate.too-large'],
  ['quoted words', () => fill('"a" '), ''],
  ['colons', () => fill(': '), 'estate.too-deep'],
  ['block marks', () => fill('|'), 'estate.yaml-syntax'],
  ['a filter of brackets', () => `${filter(fill('(&', 200_000))}`, ''],
  ['a filter of stars', () => `${filter(`(a=${fill('*x', 200_000)}**)`)}`, ''],
];

function filter(text: string): string {
  return `version: 1\ndirectory: { accounts: { users: { filter: "${text}" } } }\n`;
}

const folder = mkdtempSync(join(tmpdir(), 'reconcile-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('hostile files', () => {
  it.each(hostile)('%s', async (name, make, code) => {
    const file = join(folder, `${hostile.findIndex(h => h[0] === name)}.yaml`);
    writeFileSync(file, make());
    const ended = await validateBuilt(file);
    expect(ended.said.slice(0, 2_000)).toMatch(
      new RegExp(`^${file.replaceAll('.', '\\.')}:\\d+:\\d+: error estate\\.`, 'm'),
    );
    expect(ended.said).toContain(code);
    expect(ended.said).not.toMatch(/^\s+at /m);
    expect(ended.said).not.toContain('canary');
    expect(ended.said.length).toBeLessThan(2_000_000);
    expect(ended.code).toBe(1);
    // A quiet machine needs less than two; a busy one several times that, and what is quadratic never ends.
    expect(ended.cpuSeconds).toBeLessThan(60);
    expect(ended.megabytes).toBeLessThan(300);
  });
});
