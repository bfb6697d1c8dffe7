import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dark, light } from '../../src/report/html/palette.ts';
import { renderHtml } from '../../src/report/html/render-html.ts';
import { hostileReports } from '../report/html/hostile-reports.ts';
import { planReport, sampleReports, sizes } from '../report/html/sample-reports.ts';
import { startBrowser, type TestBrowser } from './browser.ts';

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

const reports = Object.entries({ ...sampleReports, ...hostileReports });

describe.each(reports)('the page of %s', (name, report) => {
  const text = renderHtml(report());

  it.each([
    { scheme: 'light', width: 1280 },
    { scheme: 'dark', width: 360 },
  ] as const)('in the $scheme scheme at $width pixels', async view => {
    const { ask, complaints, requests } = await browser.show(text, view);
    await ask('openFolds');
    // Texts that are meant ill change nothing of the elements, which a test without a browser holds.
    if (name in sampleReports) expect(await ask('violations')).toEqual([]);
    expect(await ask('overflow')).toBe(0);
    expect([...complaints, ...requests]).toEqual([]);
    const levels = await ask<readonly number[]>('headings');
    expect(levels.filter(level => level === 1)).toEqual([1]);
    for (const [i, level] of levels.entries()) expect(level).toBeLessThanOrEqual((levels[i - 1] ?? 0) + 1);
  });
});

describe.each(Object.entries(sampleReports))('the page of %s in a narrow window', (_, report) => {
  const text = renderHtml(report());

  it.each([320, 400])('has no text or table that runs off at %i pixels', async width => {
    const { ask } = await browser.show(text, { width });
    await ask('openFolds');
    expect(await ask('overflow')).toBe(0);
    expect(await ask('runningOff')).toEqual([]);
  });
});

describe('the picture', () => {
  const pictures = Object.entries({
    ...Object.fromEntries(Object.entries(sizes).map(([name, size]) => [name, () => planReport(size)])),
    ...Object.fromEntries(Object.entries(sampleReports).filter(([name]) => /applied|apply|refused/.test(name))),
    'as many more to do as in sync': () => planReport({ cs6: 36, cs7: 2, domains: 2, movers: 1 }),
    ...hostileReports,
  }).filter(([, report]) => 'plan' in report());

  it.each(pictures.flatMap(([name, report]) => [360, 1280].map(width => ({ name, width, report }))))(
    'of $name at $width pixels has each text in its place',
    async ({ report, width }) => {
      const { ask } = await browser.show(renderHtml(report()), { width });
      const { texts, ...rest } = await ask<{ readonly texts: number }>('misplaced');
      expect(rest).toEqual({ wrong: [], overlapping: 0 });
      expect(texts).toBeGreaterThan(8);
    },
  );
});

interface Focused {
  readonly tag: string;
  readonly text: string;
  readonly id: string;
  readonly outlined: boolean;
  readonly inView: boolean;
  readonly open: boolean;
}

describe('by keyboard', () => {
  it('the first stop leads past the head of the page', async () => {
    const { page, ask } = await browser.show(renderHtml(planReport(sizes.middle)));
    await page.keyboard.press('Tab');
    expect(await ask<Focused>('focused')).toMatchObject({
      tag: 'a',
      text: 'Skip to the content',
      outlined: true,
      inView: true,
    });
    await page.keyboard.press('Enter');
    expect(await ask<Focused>('focused')).toMatchObject({ id: 'main' });
  });

  it('every stop is seen, and folds open and close with Enter and the space bar', async () => {
    const { page, ask } = await browser.show(renderHtml(planReport(sizes.small)));
    const folds = await page.locator('summary').count();
    let met = 0;
    for (let stop = 0; stop < 80; stop++) {
      await page.keyboard.press('Tab');
      const focused = await ask<Focused>('focused');
      if (focused.tag === 'body') break;
      expect(focused).toMatchObject({ outlined: true, inView: true });
      if (focused.tag !== 'summary') continue;
      met++;
      await page.keyboard.press(met % 2 === 0 ? 'Enter' : 'Space');
      expect((await ask<Focused>('focused')).open).toBe(!focused.open);
      await page.keyboard.press('Space');
      expect((await ask<Focused>('focused')).open).toBe(focused.open);
    }
    expect(folds).toBeGreaterThan(3);
    expect(met).toBe(folds);
  });
});

describe('colours', () => {
  const rgb = (hex: string) => `rgb(${[1, 3, 5].map(i => Number.parseInt(hex.slice(i, i + 2), 16)).join(', ')})`;
  const text = renderHtml(sampleReports['in-sync']?.() ?? planReport(sizes.small));

  it.each([
    { view: { scheme: 'light' }, palette: light },
    { view: { scheme: 'dark' }, palette: dark },
  ] as const)('follow the scheme: $view.scheme', async ({ view, palette }) => {
    const { ask } = await browser.show(text, view);
    expect(await ask('colours')).toEqual({ ground: rgb(palette.page), ink: rgb(palette.ink) });
  });

  it('are those of the day on paper, with every fold open', async () => {
    const { page, ask } = await browser.show(renderHtml(planReport(sizes.middle)), { scheme: 'dark', media: 'print' });
    expect(await ask('colours')).toMatchObject({ ink: rgb(light.ink) });
    expect(await page.locator('.names li').first().isVisible()).toBe(true);
  });
});
