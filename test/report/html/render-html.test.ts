import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dark, light, type Palette } from '../../../src/report/html/palette.ts';
import { renderHtml } from '../../../src/report/html/render-html.ts';
import { hostileReports, hostileText, hugePlan, hugeRun } from './hostile-reports.ts';
import { attributes, elements, tagsOf, wordsOf as words } from './page-elements.ts';
import { planReport, refusedReport, sampleReports, sizes, verifyReport } from './sample-reports.ts';

const reports = Object.entries({ ...sampleReports, ...hostileReports });

describe.each(reports)('the page of %s', (_name, report) => {
  const text = renderHtml(report());
  const body = text.replace(/<style>[\s\S]*?<\/style>/, '');

  it('is made of known elements and attributes only', () => {
    const tags = tagsOf(body);
    expect(body.match(/<(?!!doctype html>|\/)/g)).toHaveLength(tags.length);
    expect([...new Set(tags.map(({ tag }) => tag))].filter(tag => !elements.split(' ').includes(tag))).toEqual([]);
    const met = new Set(tags.flatMap(tag => tag.attributes));
    expect([...met].filter(attribute => !attributes.split(' ').includes(attribute))).toEqual([]);
  });

  it('shows what hides or turns the direction round', () => {
    expect(text).not.toMatch(
      /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Default_Ignorable_Code_Point}\p{Surrogate}\u2028\u2029]/u,
    );
  });

  it('has a policy that allows its own style and nothing else', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(text).toContain(
      `content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; img-src data:; base-uri &#39;none&#39;; form-action &#39;none&#39;"`,
    );
    expect(style).not.toMatch(/url\(|@import/);
  });

  it('has each id once, and all that it refers to', () => {
    const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const wanted = [...body.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby=")([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(wanted.filter(id => !ids.includes(id))).toEqual([]);
  });
});

it('text from outside stands there to be read', () => {
  const text = renderHtml(hostileReports['hostile-plan']?.() ?? refusedReport());
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).toContain('\\u202eevil\\u2066');
  expect(text).toContain('\\u200b\\ufeff\\u00ad');
  expect(text).not.toContain(hostileText);
});

it.each([
  [1, false],
  [3, true],
  [4, false],
] as const)('a command that failed with %i says that nothing was written: %s', (exitCode, says) => {
  const finding = { severity: 'error', code: 'run.journal-unwritable', summary: 'x', detail: 'y' } as const;
  const text = renderHtml({ command: 'failed', of: 'apply', exitCode, files: ['estate.yaml'], findings: [finding] });
  expect(text.includes('Nothing was written')).toBe(says);
});

describe('what is told', () => {
  it.each([
    {
      name: 'plan-middle',
      says: [
        '142 changes',
        'Apply exactly this: reconcile apply out/plan.json',
        'reconcile apply --allow-deletes 2',
        '6 hosts restart',
        'Restarts 6 limit 100 %',
        '59 of 88,410 accounts',
        '16 changes, 4 restarts, one by one cs6-fe1 , cs6-be1',
      ],
    },
    { name: 'in-sync', says: ['In sync', 'Left alone for a while', 'load test', 'until 2027-01-31'] },
    {
      name: 'refused',
      says: ['Refused', 'reconcile apply --allow-moves 12000', 'ssh root@cs6-be1.example.com true'],
    },
    {
      name: 'drift',
      says: [
        'Expected and found',
        'differs user.invite.autoprovision on cs6-fe1 , cs6-be1 , cs6-fe2 , cs6-be2 drift expected no found yes expected at',
        'expected yes found not set',
        'planned by this change',
        'not applied yet',
        'last changed 2026-11-22 02:14:00 UTC by root',
        'taken 2026-11-22 06:00:00 UTC , 3 hours before: not from live',
      ],
    },
    { name: 'applied', says: ['Done', '2 held back', '12 min 33 s', 'reconcile undo 20261122T140509Z-01234567'] },
    {
      name: 'apply-failed',
      says: ['Not finished', '1 failed', 'start-cal exited with 255:', 'Error: could not open the database'],
    },
    {
      name: 'verify',
      says: [
        '1 of 8 look-ups fails, 1 of 2 mail checks fails',
        'asmith@example.com through cs6-fe2',
        'HTTP 302 to http://oldcal.example.com/davserver/wcap/get_freebusy.wcap after 12 ms',
        'service.wcap.freebusy.redirecturl on cs6-fe2 : It is what CS6 refers to. owned by estate.yaml:24',
      ],
    },
    {
      name: 'audit',
      says: [
        '88,247 accounts of 88,410 good',
        'not read: cs6-be2',
        '37 split brain',
        'split brain 37 accounts',
        'match cohort finance too',
      ],
    },
    { name: 'validate', says: ['9 errors', '5 bindDN : cn=x', 'Did you mean &quot;bindDn&quot;?'] },
    { name: 'failed', says: ['Not done', 'reconcile apply', 'A host does not answer'] },
  ])('of $name', ({ name, says }) => {
    const report = sampleReports[name];
    const text = words(report ? renderHtml(report(), { savedPlan: 'out/plan.json', now: '2026-11-22T09:00:00Z' }) : '');
    for (const one of says) expect(text).toContain(one);
  });

  it('look-ups that fail alike are told once, with whom they are about', () => {
    const report = verifyReport();
    const [failing] = report.cells.filter(({ state }) => state === 'fails');
    if (!failing) throw new Error('none fails');
    const cells = [...report.cells, { ...failing, account: 'bsmith@example.com' }];
    const text = words(renderHtml({ ...report, cells }));
    expect(text).toContain('2 of 9 look-ups fail');
    expect(text).toContain('asmith@example.com , bsmith@example.com through cs6-fe2');
  });

  it('equal changes of hosts are told once, with the lines that ask for them and that say otherwise', () => {
    const text = words(renderHtml(planReport(sizes.large)));
    expect(text).toMatch(
      /change local\.autoprovision on cs6-fe1 , cs6-be1 , cs6-fe2 and 20 more − before: yes \+ after: no asked for at estate\.yaml:13/,
    );
    expect(text).toMatch(/live at ics\.conf:202 , ics\.conf:203/);
  });
});

describe('100,000 changes', () => {
  it.each([
    { name: 'equal ones', text: '' },
    { name: 'each its own, with long texts', text: '<'.repeat(600) },
  ])('$name: a page of less than 5 MB that counts what it does not draw', ({ text }) => {
    const page = renderHtml(hugePlan(100_000, text));
    expect(page.length).toBeLessThan(5_000_000);
    const [counted] = /The first 250 accounts|[\d,]+ more changes not shown here/.exec(page) ?? [];
    expect(counted).toBe(text === '' ? 'The first 250 accounts' : '99,831 more changes not shown here');
  });
});

it('a thousand hosts, cohorts, findings and failures with long texts stay below 5 MB too', () => {
  expect(renderHtml(hugeRun(1000, '"<'.repeat(600))).length).toBeLessThan(5_000_000);
});

describe.each([
  { name: 'light', palette: light },
  { name: 'dark', palette: dark },
])('the $name palette', ({ palette }) => {
  const texts: readonly (readonly [keyof Palette, readonly (keyof Palette)[]])[] = [
    [
      'ink',
      [
        'page',
        'card',
        'sunken',
        'goodSoft',
        'badSoft',
        'warnSoft',
        'noteSoft',
        'cs6Soft',
        'cs7Soft',
        'directorySoft',
        'addedMark',
        'removedMark',
      ],
    ],
    ['quiet', ['page', 'card', 'sunken', 'goodSoft', 'badSoft', 'cs6Soft', 'cs7Soft', 'directorySoft']],
    ['link', ['page', 'card', 'sunken']],
    ['good', ['card', 'goodSoft']],
    ['warn', ['page', 'card', 'warnSoft']],
    ['bad', ['page', 'card', 'badSoft']],
    ['note', ['page', 'card', 'noteSoft']],
    ['cs6', ['card', 'cs6Soft']],
    ['cs7', ['card', 'cs7Soft']],
    ['directory', ['card', 'directorySoft']],
  ];

  it.each(texts)('%s can be read on every ground it stands on', (text, grounds) => {
    for (const ground of grounds)
      expect(contrast(palette[text], palette[ground]), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });

  it('lines that mean something are seen', () => {
    for (const ground of ['page', 'card', 'cs6Soft', 'cs7Soft'] as const)
      for (const line of ['edge', 'focus', 'good', 'warn', 'bad', 'note'] as const)
        expect(contrast(palette[line], palette[ground]), `${line} on ${ground}`).toBeGreaterThanOrEqual(3);
  });
});

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(i => {
    const part = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
