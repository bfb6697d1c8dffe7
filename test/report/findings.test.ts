import { describe, expect, it } from 'vitest';
import { type Finding, foldFindings } from '../../src/core/finding.ts';
import type { Report } from '../../src/core/report.ts';
import { renderReport } from '../../src/report/format.ts';
import { renderFindings } from '../../src/report/text/finding-lines.ts';
import { makeStyle } from '../../src/report/text/layout.ts';
import { plainFacts } from './plain-facts.ts';

function drawn(line: string, column: number, length: number): readonly string[] {
  const finding = {
    severity: 'error',
    code: 'estate.unknown-key',
    summary: 'Unknown key',
    detail: 'Why.\nWhat to do.',
    where: { file: 'estate.yaml', line: 12, column: 3, endColumn: 9 },
    excerpt: { line, column, length },
  } as const;
  return renderFindings([finding], makeStyle(false), false);
}

describe('a finding in a file', () => {
  it('shows the line with a mark under the place, then why and what to do', () => {
    expect(drawn('  bindDN: cn=x', 3, 6)).toEqual([
      'estate.yaml:12:3: error estate.unknown-key: Unknown key',
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

describe('findings that are alike', () => {
  const some = Array.from(
    { length: 47 },
    (_, i): Finding => ({
      severity: 'warning',
      code: 'calendars.owner-ambiguous',
      summary: 'Calendars that may belong to several accounts',
      detail: `Owner ${String(i).padStart(2, '0')}.`,
      target: 'cs6-be1',
    }),
  );
  const folded = foldFindings(({ code }) => code);
  for (const one of some) folded.add(one);
  const lines = (verbose: boolean) => renderFindings(folded.all(), makeStyle(false), verbose);

  it('counts all that it does not show, and says how many of those it can show', () => {
    expect(lines(false).filter(line => line.includes('Owner'))).toHaveLength(3);
    expect(lines(false).at(-1)).toBe('  … and 44 more of calendars.owner-ambiguous; --verbose shows 17 of them');
    expect(renderFindings(folded.all().slice(0, 19), makeStyle(false), false).at(-1)).toMatch(/16 more .* shows all$/);
  });

  it('with --verbose says how many are listed nowhere', () => {
    expect(lines(true).filter(line => line.includes('Owner'))).toHaveLength(20);
    expect(lines(true).at(-1)).toBe('  … and 27 more with this code, not listed');
  });

  it.each(['html', 'markdown', 'junit', 'sarif', 'github'] as const)('%s counts them too', async format => {
    const report: Report = {
      command: 'failed',
      of: 'plan',
      exitCode: 1,
      files: ['estate.yaml'],
      findings: folded.all(),
    };
    const text = await renderReport({ ...report, findings: report.findings.slice(-1) }, format, plainFacts);
    expect(text).toContain('27 more with this code, not listed');
  });

  it('one finding about many names a few of them, and with --verbose all that are kept', () => {
    const names = Array.from({ length: 12 }, (_, i) => `cn=Doe\\, J${i},o=isp`);
    const about: Finding = {
      severity: 'error',
      code: 'cohort.domain-unmapped',
      summary: 'A mail domain that is not mapped',
      detail: 'domains has no example.net.',
      about: { count: 30, names },
    };
    const last = (verbose: boolean) => renderFindings([about], makeStyle(false, 1000), verbose).at(-1);
    expect(last(false)).toBe(`  Found for 30, such as ${names.slice(0, 3).join('; ')}`);
    expect(last(true)).toBe(`  Found for 30, such as ${names.join('; ')}`);
  });
});
