import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderRunPage, renderSite } from '../../src/report/html/site/render-site.ts';
import { deadRun, emptySiteFacts, goodSiteFacts, runDetails, siteFacts } from '../report/html/sample-site.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const sites = [
  { site: 'a rich', facts: siteFacts(), withNames: false },
  { site: 'a rich, named', facts: siteFacts(), withNames: true },
  { site: 'an empty', facts: emptySiteFacts(), withNames: false },
  { site: 'a good', facts: goodSiteFacts(), withNames: false },
];

const pages = sites.flatMap(({ site, facts, withNames }) => {
  const withPage = new Set(facts.runs.map(({ name }) => name));
  const runs = facts.runs.length === 0 ? [] : [runDetails(), runDetails(deadRun())];
  const all = [
    ...renderSite(facts, { withNames, withPage }),
    ...runs.map(run => renderRunPage(run, facts.estate, withNames)),
  ];
  return all.map(({ file, text }) => ({ site, file, text }));
});

const views = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 400, scheme: 'light' },
  { width: 400, scheme: 'dark' },
] as const;

describe.each(pages)('$file of $site site', ({ text }) => {
  it.each(views)('at $width pixels in the $scheme scheme', async view => {
    const { ask, complaints, requests } = await browser.show(text, view);
    await ask('openFolds');
    expect(await ask('violations')).toEqual([]);
    expect(await ask('overflow')).toBe(0);
    if (view.width === 400) expect(await ask('runningOff')).toEqual([]);
    expect([...complaints, ...requests]).toEqual([]);
    const levels = await ask<readonly number[]>('headings');
    expect(levels.filter(level => level === 1)).toEqual([1]);
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
  });
});

const charts = pages.filter(({ text, file }) => file === 'trends.html' && text.includes('class="picture chart'));

it.each(charts.flatMap(page => [400, 1280].map(width => ({ ...page, width }))))(
  'the charts of $site site at $width pixels have each text in the picture',
  async ({ text, width }) => {
    const { ask } = await browser.show(text, { width });
    const { texts, ...rest } = await ask<{ readonly texts: number }>('misplaced');
    expect(rest).toEqual({ wrong: [], overlapping: 0 });
    expect(texts).toBeGreaterThan(5);
  },
);
