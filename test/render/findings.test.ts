import { describe, expect, it } from 'vitest';
import { renderFindings } from '../../src/render/findings.ts';
import { makeStyle } from '../../src/render/style.ts';

function drawn(line: string, column: number, length: number): readonly string[] {
  const finding = {
    severity: 'error',
    code: 'estate.unknown-key',
    summary: 'A key that means nothing here',
    detail: 'Why.\nWhat to do.',
    where: { file: 'estate.yaml', line: 12, column: 3, endColumn: 9 },
    excerpt: { line, column, length },
  } as const;
  return renderFindings([finding], makeStyle(false), false);
}

describe('a finding in a file', () => {
  it('shows the line with a mark under the place, then why and what to do', () => {
    expect(drawn('  bindDN: cn=x', 3, 6)).toEqual([
      'estate.yaml:12:3: error estate.unknown-key: A key that means nothing here',
      '   12 |   bindDN: cn=x',
      '      |   ^^^^^^',
      '  Why.',
      '  What to do.',
    ]);
  });

  it('the mark stands where a terminal shows the place', () => {
    expect(drawn('漢字: x', 5, 1)[2]).toBe('      |       ^');
    expect(drawn('e\u0301: x', 5, 1)[2]).toBe('      |    ^');
    expect(drawn('\u{1f600}: x', 5, 1)[2]).toBe('      |     ^');
  });

  it('the mark is never without a width', () => {
    expect(drawn('', 1, 1)[2]).toBe('      | ^');
    expect(drawn('\u0301', 1, 1)[2]).toBe('      | ^');
  });
});
