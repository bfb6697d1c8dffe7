import { describe, expect, it } from 'vitest';
import type { Finding, Severity } from '../../src/core/finding.ts';
import type { ChangeOrigin } from '../../src/core/plan.ts';
import type { PlanReport, Report } from '../../src/core/report.ts';
import type { ResultState } from '../../src/core/run.ts';
import type { VerifyReport } from '../../src/core/verification.ts';
import { renderReport } from '../../src/report/format.ts';
import { sampleComparisons, sampleEstate, samplePlan } from './html/sample-estate.ts';
import { verifyReport } from './html/sample-reports.ts';
import { plainFacts } from './plain-facts.ts';

/** Numbers below 1 that are the same in every run of the test. */
function chance(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

type Random = () => number;

function pick<T>(random: Random, all: readonly T[]): T {
  const one = all[Math.floor(random() * all.length)];
  if (one === undefined) throw new Error('nothing to pick from');
  return one;
}

function madeFinding(random: Random, i: number): Finding {
  const severity = pick<Severity>(random, ['error', 'warning', 'note']);
  return {
    severity,
    code: `made.${severity}-${Math.floor(random() * 3)}`,
    summary: 'Made up',
    detail: `Number ${i}.`,
    ...(random() < 0.3 && { about: { count: 2 + Math.floor(random() * 9000), names: ['a', 'b'] } }),
    ...(random() < 0.3 && { more: 1 + Math.floor(random() * 500) }),
  };
}

/** A plan of an estate of any size, of which any part is done already, with any findings. */
function madePlan(seed: number): PlanReport {
  const random = chance(seed);
  const size = {
    cs6: 1 + Math.floor(random() * 9),
    cs7: 1 + Math.floor(random() * 4),
    domains: 1 + Math.floor(random() * 3),
    movers: Math.floor(random() * 40),
  };
  const left = sampleComparisons(sampleEstate(size), size.movers).filter(() => random() < 0.7);
  const made = samplePlan(size, left);
  const findings = Array.from({ length: Math.floor(random() * 12) }, (_, i) => madeFinding(random, i));
  const plan = { ...made, findings };
  const origins = plan.steps.map(step =>
    step.changes.map(() => pick<ChangeOrigin>(random, ['planned', 'drift', 'not-applied'])),
  );
  return { command: 'drift', exitCode: plan.steps.length > 0 ? 2 : 0, plan, refusals: [], origins };
}

/** The same carried out, with any ends. */
function madeRun(seed: number): PlanReport {
  const random = chance(seed + 1000);
  const { plan } = madePlan(seed);
  const steps = plan.steps.map(({ id, target, kind, changes }) => {
    const state = pick<ResultState>(random, ['done', 'done', 'failed', 'not-run', 'unchanged', 'held']);
    return { id, target, kind, results: changes.map(change => ({ change, state })) };
  });
  const times = { startedAt: '2026-11-22T14:05:09.000Z', endedAt: '2026-11-22T14:17:42.000Z' };
  const run = { plan: plan.digest, journal: 'run-1', ...times, steps, remaining: [], unread: [] };
  return { command: 'apply', exitCode: 1, plan, refusals: [], run };
}

function madeVerification(seed: number): VerifyReport {
  const random = chance(seed);
  const report = verifyReport();
  const state = () => pick(random, ['works', 'fails', 'unknown'] as const);
  const cells = report.cells.flatMap(cell => (random() < 0.8 ? [{ ...cell, state: state() }] : []));
  const mail = report.mail.flatMap(one => (random() < 0.8 ? [{ ...one, state: state() }] : []));
  return { ...report, cells, mail };
}

/** A page in words, and its numbers: beside the headings, in the table of contents, in the cards above. */
interface PageNumbers {
  readonly words: string;
  readonly contents: ReadonlyMap<string, string>;
  readonly headings: ReadonlyMap<string, string>;
  /** Of the headings within a section. */
  readonly within: ReadonlyMap<string, readonly string[]>;
  readonly figures: ReadonlyMap<string, number>;
  readonly text: string;
}

function wordsOf(html: string): string {
  return html
    .replace(/<(style|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const badge = /<span class="count">([^<]*)<\/span>/;

async function pageOf(report: Report): Promise<PageNumbers> {
  const text = await renderReport(report, 'html', plainFacts);
  const sections = [...text.matchAll(/<section id="([^"]*)"[\s\S]*?<\/section>/g)];
  const badgeOf = (html: string) => badge.exec(html)?.[1] ?? '';
  return {
    text,
    words: wordsOf(text),
    contents: new Map(
      [...text.matchAll(/<a href="#([^"]*)">(.*?)<\/a>/g)].map(([, id = '', html = '']) => [id, badgeOf(html)]),
    ),
    headings: new Map(sections.map(([html, id = '']) => [id, badgeOf(/<h2[\s\S]*?<\/h2>/.exec(html)?.[0] ?? '')])),
    within: new Map(
      sections.map(([html, id = '']) => [id, [...html.matchAll(/<h3>[\s\S]*?<\/h3>/g)].map(([h3]) => badgeOf(h3))]),
    ),
    figures: new Map(
      [...text.matchAll(/<dt>([^<]*)<\/dt><dd><b>([^<]*)<\/b>/g)].map(([, label = '', n = '']) => [label, numberOf(n)]),
    ),
  };
}

function numberOf(text: string): number {
  return Number(text.replaceAll(',', ''));
}

/** How many of something a text like `16 changes, 4 restarts` has. */
function read(text: string, one: string): number {
  return numberOf(new RegExp(`([\\d,]*\\d) ${one}s?\\b`).exec(text)?.[1] ?? '0');
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((all, n) => all + n, 0);
}

async function jsonOf(report: Report): Promise<{ readonly changes: number; readonly restarts: number }> {
  return JSON.parse(await renderReport(report, 'json', plainFacts)).counts;
}

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe.each(seeds)('the numbers of plan %i are the same', seed => {
  const report = madePlan(seed);

  it('in the table of contents and beside the heading', async () => {
    for (const one of [report, madeRun(seed), madeVerification(seed)]) {
      const { contents, headings } = await pageOf(one);
      for (const [id, n] of contents) if (id !== 'main') expect([id, headings.get(id)]).toEqual([id, n]);
    }
  });

  it('of changes: in the head, in each section, in its parts, by origin, as text, as JSON', async () => {
    const { changes, restarts } = await jsonOf(report);
    const { headings, within, words, figures } = await pageOf(report);
    const ids = ['changes', 'irreversible'];
    for (const [one, n] of [
      ['change', changes],
      ['restart', restarts],
    ] as const) {
      expect(sum(ids.map(id => read(headings.get(id) ?? '', one)))).toBe(n);
      expect(sum(ids.flatMap(id => within.get(id) ?? []).map(text => read(text, one)))).toBe(n);
    }
    if (changes + restarts > 0) expect(figures.get('Restarts')).toBe(restarts);
    const origins = ['Planned by this change', 'Drift', 'Not applied yet'].map(label => figures.get(label) ?? 0);
    expect(sum(origins)).toBe(changes);
    if (changes > 0 && !report.plan.findings.some(({ severity }) => severity === 'error'))
      expect(read(words.slice(0, words.indexOf('Restarts')), 'change')).toBe(changes);
    const text = await renderReport(report, 'text', plainFacts);
    if (changes > 0) expect(text).toContain(`Of ${changes} change`);
    const markdown = await renderReport(report, 'markdown', plainFacts);
    expect(sum(['planned by this change', 'drift', 'not applied yet'].map(row => rowOf(markdown, row)))).toBe(changes);
  });

  it('of each host: in the picture and host by host', async () => {
    const { text } = await pageOf(report);
    const table = [...text.matchAll(/<th scope="row"><code>([^<]*)<\/code><\/th>[\s\S]*?<\/tr>/g)];
    const shown = new Map(
      table.map(([row, host = '']) => [host, /\d+ (?:change|restart)s?[^<]*/.exec(row)?.[0] ?? '']),
    );
    for (const [, host = '', said = ''] of text.matchAll(
      /<summary><code>([^<]*)<\/code> <span class="quiet">([^<]*)</g,
    ))
      expect([host, shown.get(host)]).toEqual([host, said]);
  });

  it('of findings: in the table of contents, in the list, in a comment, in a log', async () => {
    const { contents, text } = await pageOf(report);
    const all = sum(report.plan.findings.map(({ more = 0 }) => 1 + more));
    expect(numberOf(contents.get('findings') || '0')).toBe(all);
    const cards = [...text.matchAll(/<article class="finding[\s\S]*?<\/h3>/g)];
    expect(sum(cards.map(([card]) => numberOf(badge.exec(card)?.[1] ?? '1')))).toBe(all);
    const markdown = await renderReport(report, 'markdown', plainFacts);
    expect(sum(['errors?', 'warnings?', 'notes?'].map(row => rowOf(markdown, row)))).toBe(all);
    const log = (await renderReport(report, 'github', plainFacts)).trimEnd().split('\n').at(-1) ?? '';
    expect(sum(['error', 'warning', 'note'].map(level => read(log, level)))).toBe(all);
  });

  it('of a run: its states add up to its changes and restarts', async () => {
    const run = madeRun(seed);
    const { words } = await pageOf(run);
    const [, total = '', states = ''] =
      /((?:[\d,]+ (?:change|restart)s?(?:, )?)+): ((?:[\d,]+ [a-z ]+)+)The steps/.exec(words) ?? [];
    const { changes, restarts } = await jsonOf(run);
    if (changes + restarts === 0) return;
    expect([read(total, 'change'), read(total, 'restart')]).toEqual([changes, restarts]);
    expect(sum([...states.matchAll(/[\d,]+/g)].map(([n]) => numberOf(n)))).toBe(changes + restarts);
  });

  it('of a verification: in the head, in the sections, as text, in a comment', async () => {
    const verified = madeVerification(seed);
    const { figures, contents, words } = await pageOf(verified);
    const of = (all: readonly { readonly state: string }[], state: string) =>
      all.filter(one => one.state === state).length;
    const { cells, mail } = verified;
    expect(figures.get('Look-ups that work')).toBe(of(cells, 'works'));
    expect(figures.get('Look-ups that fail')).toBe(of(cells, 'fails'));
    expect(figures.get('Mail checks that fail') ?? 0).toBe(of(mail, 'fails'));
    expect(read(contents.get('failures') ?? '', 'look-up')).toBe(cells.length - of(cells, 'works'));
    expect(read(contents.get('mail') ?? '', 'mail check')).toBe(mail.length);
    const text = await renderReport(verified, 'text', plainFacts);
    const sentence = /^.*(?:fails?|are not known|is not known)\.$/m.exec(text.trimEnd().split('\n').at(-1) ?? '')?.[0];
    if (sentence !== undefined) expect(words).toContain(sentence);
    const markdown = await renderReport(verified, 'markdown', plainFacts);
    expect(rowOf(markdown, 'look-ups that fail')).toBe(of(cells, 'fails'));
    expect(rowOf(markdown, 'mail checks that fail')).toBe(of(mail, 'fails'));
  });
});

/** The number in a row of the table that a comment begins with; 0 where the row is left out. */
function rowOf(markdown: string, name: string): number {
  return numberOf(new RegExp(`^\\| ${name} \\| ([\\d,]+)`, 'm').exec(markdown)?.[1] ?? '0');
}
