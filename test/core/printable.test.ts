import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLine } from '../../src/core/printable.ts';
import type { Report } from '../../src/core/report.ts';
import { formats, renderReport } from '../../src/report/format.ts';
import { plainFacts } from '../report/plain-facts.ts';

/** What has no width, or turns the direction of what follows. */
const unseen = [
  ...['\u061c', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202e'],
  ...['\u2060', '\u2064', '\u2066', '\u2069', '\ufeff', '\u0000', '\u001b', '\u007f', '\u009b'],
];

const codeOf = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

describe('text from outside', () => {
  it.each(unseen.map(char => [codeOf(char), char] as const))('%s is shown by its number', (code, char) => {
    expect(printable(`a${char}b\n`)).toBe(`a${code}b\n`);
  });

  it('and other letters and line ends are left alone', () => {
    const text = 'Jörg Müller, 田中, عمر\nסיגל 😀 e\u0301';
    expect(printable(text)).toBe(text);
  });

  it('and is one line where one is asked for', () => {
    expect(printableLine('uid=x\ntouch \u001b')).toBe('uid=x\\u000atouch \\u001b');
  });

  it('as JSON, has the same value and nothing for a terminal to follow', () => {
    const value = { [`a${unseen.join('')}`]: [unseen.join(''), 'two\nlines\t"'] };
    const text = printableJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text.split('\n')).toHaveLength(7);
    expect(printable(text)).toBe(text);
  });

  const facts = { ...plainFacts, verbose: true };
  const hidden = `uid=jd${unseen.join('')}oe`;
  const report: Report = {
    command: 'failed',
    of: 'plan',
    exitCode: 1,
    files: [`${hidden}.yaml`],
    findings: [
      {
        severity: 'error',
        code: 'a.b',
        summary: hidden,
        detail: hidden,
        target: hidden,
        where: { file: `${hidden}.yaml`, line: 1 },
        excerpt: { line: hidden, column: 1, length: 3 },
        about: { count: 2, names: [hidden, hidden] },
      },
    ],
  };

  // JSON is for programs: it has what there is, with escapes of its own.
  it.each(formats.filter(format => format !== 'json'))('%s has nothing of it', async format => {
    const text = await renderReport(report, format, facts);
    expect(unseen.filter(char => text.includes(char)).map(codeOf)).toEqual([]);
    expect(text).toMatch(/oe/);
  });
});
