import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import type { PlanReport, Report } from '../../src/core/report.ts';
import { countCharacters, fitDocument, type Section } from '../../src/report/markdown/fit.ts';
import { codeSpan } from '../../src/report/markdown/markup.ts';
import { hiddenMark, mostCharacters, renderMarkdown } from '../../src/report/markdown/render-markdown.ts';
import { hostileReports, hugePlan } from './html/hostile-reports.ts';
import { auditReport, planReport, sampleReports, sizes, verifyReport } from './html/sample-reports.ts';

const meantIll =
  '@org/team @somebody <img src=x> </details> <!-- [a](http://evil.example) www.evil.example #12 **b** ~~s~~ a|b \\| `x` ```y';

const draw = (report: Report) => renderMarkdown(report, { now: '2026-11-22T15:02:11.000Z' });

/** As GitHub makes HTML of it: HTML of the text stays, links are made of bare addresses. */
function toHtml(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

/** What is left of a page without its code: there names of people become links, and elements become elements. */
function withoutCode(html: string): string {
  return html.replace(/<pre>[\s\S]*?<\/pre>/g, '').replace(/<code>[\s\S]*?<\/code>/g, '');
}

const count = (text: string, part: string) => text.split(part).length - 1;

/** Every host differs in its own way, and there are many cohorts and findings. */
function largePlan(hosts: number, text: string): PlanReport {
  const { plan, ...report } = hugePlan(3_000, text);
  const [step] = plan.steps.filter(({ stage }) => stage === 'cs6-config');
  if (!step) throw new Error('a plan without a host');
  const steps = Array.from({ length: hosts }, (_, i) => ({
    ...step,
    id: `host${i}/cs6-ics-conf`,
    target: `host${i}${text}`,
    changes: Array.from({ length: 1 + (i % 40) }, (__, k) => ({
      action: 'update' as const,
      item: 'ics.conf',
      key: `key.${i}.${k}${text}`,
      before: `before ${text}`,
      after: `after ${i}${text}`,
    })),
  }));
  const finding: Finding = { severity: 'warning', code: 'x.y', summary: text, detail: `${text}\n${text}` };
  const findings = Array.from({ length: 300 }, () => finding);
  return { ...report, plan: { ...plan, steps: [...steps, ...plan.steps], findings } };
}

describe('a report that is too long for a comment', () => {
  it.each([
    ['many hosts', largePlan(300, '')],
    ['more hosts than headings fit', largePlan(3_000, '')],
    ['text meant ill', largePlan(200, meantIll)],
    ['pictures of two code units', largePlan(200, '😀'.repeat(90))],
    ['backticks', largePlan(120, '`'.repeat(300))],
  ])('%s: fits, and uses what there is', (_, report) => {
    const text = draw(report);
    expect(countCharacters(text)).toBeLessThanOrEqual(mostCharacters);
    expect(countCharacters(text)).toBeGreaterThan(0.9 * mostCharacters);
    expect(text).toMatch(/… [\d,]+ (?:change|part|remark)s?.* left out …/);
    const html = toHtml(text);
    expect(count(html, '<details>')).toBe(count(html, '</details>'));
    expect(count(html, '<details>')).toBe(count(text, '\n<details><summary>'));
    // A fence that is cut would take what follows into its block.
    for (const block of html.match(/<pre>[\s\S]*?<\/pre>/g) ?? [])
      expect(block).not.toContain('details&gt;&lt;summary');
  });

  it('has the summary first', () => {
    const text = draw(largePlan(300, ''));
    expect(text.indexOf('hosts change')).toBeLessThan(1_000);
  });
});

describe('text from outside', () => {
  const spoilt: readonly (readonly [string, Report])[] = [
    ['a large plan', largePlan(30, meantIll)],
    ...Object.entries(hostileReports).map(([name, make]) => [name, make()] as const),
    ['an audit', { ...auditReport(), estate: meantIll, unread: [meantIll] }],
    [
      'a verification',
      { ...verifyReport(), cells: verifyReport().cells.map(cell => ({ ...cell, host: meantIll, detail: meantIll })) },
    ],
    [
      'a failure',
      {
        command: 'failed',
        of: 'plan',
        exitCode: 1,
        files: [meantIll],
        findings: [{ severity: 'error', code: meantIll, summary: meantIll, detail: meantIll, target: meantIll }],
      },
    ],
  ];

  it.each(spoilt)('%s: names nobody, links nowhere and makes no element', (_, report) => {
    const [mark = '', ...lines] = draw(report).split('\n');
    expect(mark).toMatch(/^<!-- [^<>]* -->$/);
    const page = withoutCode(toHtml(lines.join('\n')));
    expect(page).not.toMatch(/@|evil|<img|<script|<a |onerror|<del>|<!--/);
  });

  it.each(spoilt)('%s: keeps its tables in form', (_, report) => {
    for (const table of toHtml(draw(report)).match(/<table>[\s\S]*?<\/table>/g) ?? []) {
      const rows = table.match(/<tr>[\s\S]*?<\/tr>/g) ?? [];
      expect(new Set(rows.map(row => (row.match(/<t[hd]/g) ?? []).length)).size).toBe(1);
    }
  });

  it.each(['`', '``a`', ' a ', 'a|b', '', '\n\n', '\\`'])('%j stays what it is in a code span', text => {
    const shown = toHtml(codeSpan(text));
    expect(shown).toMatch(/^<p><code>[^<]*<\/code><\/p>$/);
  });
});

describe('the hidden mark', () => {
  it.each([
    ['example.com', '<!-- reconcile:example.com:plan -->'],
    ['my-site', '<!-- reconcile:my-site:plan -->'],
    ['a--b -->x', '<!-- reconcile:a%2D%2Db%20%2D%2D%3Ex:plan -->'],
    ['\ud800', '<!-- reconcile:%EF%BF%BD:plan -->'],
  ])('of %j', (name, mark) => {
    const report = planReport(sizes.small);
    expect(hiddenMark({ ...report, plan: { ...report.plan, desired: { ...report.plan.desired, name } } })).toBe(mark);
  });

  it('is the same when the command fails, so that the same comment is edited', () => {
    const failed: Report = {
      command: 'failed',
      of: 'plan',
      exitCode: 1,
      estate: 'example.com',
      files: [],
      findings: [],
    };
    expect(draw(failed).split('\n')[0]).toBe(draw(planReport(sizes.small)).split('\n')[0]);
  });
});

describe('fitting', () => {
  const section = (pieces: number, size: number): Section => ({
    open: '<\n',
    pieces: Array.from({ length: pieces }, (_, i) => `${i}`.padEnd(size - 1, '漢').concat('\n')),
    close: '>\n',
    left: n => `left ${n}\n`,
  });
  const sections = [section(3, 10), section(500, 20), section(40, 100), section(0, 1), section(1, 400)];

  it.each([100, 150, 333, 1_000, 5_000, 20_000])('into %d characters counts what is left out', most => {
    const text = fitDocument(
      { head: 'head\n', sections, foot: 'foot\n' },
      most,
      (n, pieces) => `gone ${n} ${pieces}\n`,
    );
    expect(countCharacters(text)).toBeLessThanOrEqual(most);
    expect(text).toMatch(/^head\n[\s\S]*foot\n$/);
    const shown = (text.match(/^\d/gm) ?? []).length;
    const left = [...text.matchAll(/^(?:left|gone \d+) (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
    expect(shown + left).toBe(544);
    expect(count(text, '<\n')).toBe(count(text, '>\n'));
  });
});

describe('golden', () => {
  it.each(['plan-small', 'refused', 'drift', 'apply-failed', 'audit', 'verify', 'validate', 'failed'])(
    '%s',
    async name => {
      const report = sampleReports[name]?.();
      if (!report) throw new Error(name);
      // The digest changes with every field a plan gets; what it is over is tested elsewhere.
      await expect(draw(report).replace(/plan `[0-9a-f]{8}`/, 'plan `01234567`')).toMatchFileSnapshot(
        `golden/markdown/${name}.md`,
      );
    },
  );
});
