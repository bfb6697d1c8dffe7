import { describe, expect, it } from 'vitest';
import type { SiteFacts, SiteRunDetails } from '../../../src/core/site.ts';
import { renderRunPage, renderSite, runPageFile, type SitePage } from '../../../src/report/html/site/render-site.ts';
import { hostileText, spoil } from './hostile-reports.ts';
import { attributes, elements, tagsOf, wordsOf } from './page-elements.ts';
import { planReport, sizes } from './sample-reports.ts';
import { deadRun, emptySiteFacts, goodSiteFacts, runDetails, sampleRun, siteFacts } from './sample-site.ts';

function pagesOf(facts: SiteFacts, withNames = false): readonly SitePage[] {
  const withPage = new Set(facts.runs.map(({ name }) => name));
  const details = facts.runs.map((run): SiteRunDetails => runDetails(run));
  return [
    ...details.map(one => renderRunPage(one, facts.estate, withNames)),
    ...renderSite(facts, { withNames, withPage }),
  ];
}

const sites = { rich: siteFacts, empty: emptySiteFacts, good: goodSiteFacts } as const;
const allPages = Object.entries(sites).flatMap(([name, facts]) =>
  [false, true].flatMap(withNames =>
    pagesOf(facts(), withNames).map(({ file, text }) => ({ name: `${name} ${file} names=${withNames}`, text })),
  ),
);

describe.each(allPages)('$name', ({ text }) => {
  const body = text.replace(/<style>[\s\S]*?<\/style>/, '');

  it('is made of known elements and attributes only', () => {
    const tags = tagsOf(body);
    expect(body.match(/<(?!!doctype html>|\/)/g)).toHaveLength(tags.length);
    expect([...new Set(tags.map(({ tag }) => tag))].filter(tag => !elements.split(' ').includes(tag))).toEqual([]);
    const met = new Set(tags.flatMap(tag => tag.attributes));
    expect([...met].filter(attribute => !attributes.split(' ').includes(attribute))).toEqual([]);
  });

  it('has each id once, and all that it refers to', () => {
    const ids = [...body.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const wanted = [...body.matchAll(/ (?:href="#|aria-labelledby="|aria-describedby=")([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(wanted.filter(id => !ids.includes(id))).toEqual([]);
  });
});

it.each(Object.entries(sites))(
  'the pages of the %s site lead to each other, and to nothing that is missing',
  (_, facts) => {
    const all = pagesOf(facts());
    const files = all.map(({ file }) => file);
    const links = all.flatMap(({ text }) => [...text.matchAll(/ href="([^"#:]+)"/g)].map(([, href]) => href));
    expect(links.filter(href => !files.includes(href ?? ''))).toEqual([]);
    expect(new Set(links).size).toBe(files.length);
    expect(files.at(-1)).toBe('index.html');
  },
);

describe('what the pages say', () => {
  const wordsIn = (file: string, facts: SiteFacts, withNames = false) =>
    wordsOf(pagesOf(facts, withNames).find(page => page.file === file)?.text ?? '');

  it('now: the worst answer first, and all answers with their times', () => {
    const words = wordsIn('index.html', siteFacts());
    expect(words).toContain('Not all good Is every account on exactly one side? 88,247 accounts of 88,410 good.');
    expect(words).toContain(
      'Does free/busy work between the sides? Answer Does not work In a sentence 1 of 8 look-ups',
    );
    expect(words).toContain('Did the last run end well? Answer Done');
    expect(words).toContain('missing davUniqueId found (4 not shown)');
    expect(words).toContain('expected no found yes');
    expect(words).toContain('A host cannot be reached');
    expect(words).toContain('37 split brain');
  });

  it('now: good where all is', () => {
    const words = wordsIn('index.html', goodSiteFacts());
    expect(words).toContain('All good Every question below has a good answer.');
  });

  it('now: what could not be asked is not known', () => {
    const words = wordsIn('index.html', emptySiteFacts());
    expect(words).toContain('Is live as the file says? Answer Not known');
    expect(words).toContain('No run is recorded.');
    expect(words).toContain('No audit has counted the accounts yet.');
  });

  it('drift: expected and found', () => {
    const words = wordsIn('drift.html', siteFacts());
    expect(words).toMatch(/expected no found yes/);
    expect(words).toContain('last changed 2026-11-22 02:14:00 UTC (by the clock of the host)');
    expect(words).not.toContain('root');
    expect(wordsIn('drift.html', siteFacts(), true)).toContain('02:14:00 UTC by root');
  });

  it('runs: who, from which commit, and what came of it', () => {
    const words = wordsIn('runs.html', siteFacts());
    expect(words).toMatch(/2026-11-22 14:05:09 UTC Began|2026-11-22 14:05:09 UTC/);
    expect(words).toMatch(/Done .*mona .*a1b2c3d .*140 done 2 held back .*12 min 33 s/);
    expect(words).toContain('Not every place with records of runs could be read.');
  });

  it('a run: what it did on each target, and its plan', () => {
    const words = wordsIn(runPageFile(sampleRun(22).name), siteFacts());
    for (const one of [
      'applied by mona',
      'pull request 17',
      'signed by jane and ops',
      'allowed: 4,812 moves',
      '59 done',
    ])
      expect(words).toContain(one);
    expect(words).toContain('59 of 88,410 accounts move');
    expect(words).toContain('reconcile undo 20261122T140509123Z-01234562');
  });

  it('a run that died: that nothing is recorded of its end', () => {
    const words = wordsIn(runPageFile(deadRun().name), siteFacts());
    expect(words).toContain('Not finished Its record has no end');
    expect(words).toContain('The outcome of 2 writes is not known');
  });

  it('a run whose plan is gone says so', () => {
    const { text } = renderRunPage({ run: sampleRun(3), open: [] }, 'example.com', false);
    expect(wordsOf(text)).toContain('The plan of this run is not in the records any more, or cannot be read.');
  });

  it('trends: what is counted, what is derived, and where it stops', () => {
    const words = wordsIn('trends.html', siteFacts());
    expect(words).toContain('5.5 % on CS7 79,101 accounts on CS6, 4,905 accounts on CS7');
    expect(words).toContain('12 times the accounts were counted by an audit (solid line).');
    expect(words).toContain('They do not include accounts that were created, deleted, or moved by hand in between.');
    expect(words).toContain(`Before run ${deadRun().name} nothing is known, because it is not known how many`);
    expect(words).toContain('finance From 2026-12-05 Share on CS7 50 % Accounts 19,248 Moves until then about 4,778');
  });
});

/** Every text of a value with a path to it, replaced one by one. */
function mark<T>(value: T, text: (n: number) => string): { readonly marked: T; readonly paths: readonly string[] } {
  const paths: string[] = [];
  const visit = (part: unknown, path: string): unknown => {
    if (typeof part === 'string') {
      if (decides(path, part)) return part;
      paths.push(path);
      return text(paths.length - 1);
    }
    if (Array.isArray(part)) return part.map(one => visit(one, `${path}[]`));
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, visit(inner, `${path}.${key}`)]));
  };
  return { marked: visit(value, '') as T, paths };
}

/** Words that the program chooses from a few, times, and the names of what a plan is about, which the next list has. */
function decides(path: string, text: string): boolean {
  const key = path.replaceAll('[]', '').split('.').at(-1) ?? '';
  const words =
    'command of stage kind action state severity side product from to way direction origins moves platform id problem because onFailure open';
  return (
    words.split(' ').includes(key) ||
    /^\d{4}-\d\d-\d\d/.test(text) ||
    /\.hosts\[\]\.(http|name)$|\.runs\[\]\.name$/.test(path)
  );
}

/** What the pages may name besides accounts: the estate and its parts, and who applied from which commit. */
const named = [
  /\.estate$/,
  '.drift.plan.desired.name',
  // Targets, cohorts, and the texts of the catalogue of findings.
  /\.(target|unread\[\]|group|cohort|host|stores\[\]|store|place|code|summary|means|remedy)$/,
  /\.hosts\[\]\.name$/,
  /\.(only|except|away|leftOut)\[\]/,
  /\.cohorts\[\]\.name$|\.classes\[\]\.name$/,
  // Keys, files and what is asked for: never what looks like a name.
  /\.key$|\.file$|\.item$|\.domain$|\.attribute$|\.item$/,
  // Who, and from what.
  /\.(actor|job|signers\[\]|tool|plan|places\[\]|undoes\[\])$/,
  /\.commit\.(id|author|link|pullRequest\.name|pullRequest\.link)$/,
  /\.(digest|desiredSha256)$/,
  /\.runs\[\]\.finished\.targets\[\]\.(target|kind)$/,
  /\.places\[\]\.place$/,
];

const isNamed = (path: string) => named.some(one => (typeof one === 'string' ? one === path : one.test(path)));

/** Numbers of the marks that a text has. */
function marksIn(text: string): ReadonlySet<number> {
  return new Set([...text.matchAll(/canary(\d+)x/g)].map(([, n]) => Number(n)));
}

describe('without --names', () => {
  const shapes: readonly (readonly [string, (n: number) => string])[] = [
    ['a DN', n => `uid=canary${n}x,ou=People,o=isp`],
    ['a mail address', n => `canary${n}x@example.com`],
    ['a uid', n => `canary${n}x`],
    ['a URL with a login', n => `http://canary${n}x:secret@cs7.example.com/davserver/`],
    ['a URL with a query', n => `http://cs7.example.com/?calid=canary${n}x`],
    ['a URL with a path', n => `http://cs7.example.com/home/canary${n}x`],
    ['words', n => `the entry of canary${n}x is gone`],
  ];

  it.each(shapes)('no text of the facts is on a page as %s, but for those that name no account', (_, shape) => {
    const { marked, paths } = mark(siteFacts(), shape);
    const shown = new Set(
      renderSite(marked, { withNames: false, withPage: new Set() }).flatMap(({ text }) => [...marksIn(text)]),
    );
    expect([...shown].flatMap(n => paths[n] ?? []).filter(path => !isNamed(path))).toEqual([]);
    expect(shown.size).toBeGreaterThan(10);
    const withNames = renderSite(marked, { withNames: true, withPage: new Set() }).flatMap(({ text }) => [
      ...marksIn(text),
    ]);
    expect(new Set(withNames).size).toBeGreaterThan(shown.size);
  });

  it.each(shapes.slice(0, 2))('keys, files and items are no %s either', (_, shape) => {
    const { marked, paths } = mark(siteFacts(), shape);
    const shown = new Set(
      renderSite(marked, { withNames: false, withPage: new Set() }).flatMap(({ text }) => [...marksIn(text)]),
    );
    const careful = /\.(key|file|item|domain|before|after|live)$/;
    expect([...shown].flatMap(n => paths[n] ?? []).filter(path => careful.test(path))).toEqual([]);
  });

  it.each(shapes)('no text of a run and its plan is on its page as %s', (_, shape) => {
    const { marked, paths } = mark(runDetails(), shape);
    const shown = marksIn(renderRunPage(marked, 'example.com', false).text);
    const own = [...named, '.run.name', /^\.run\.head\.(job|only\[\]|except\[\])$/, /\.open\[\]\.step$/];
    const isOwn = (path: string) => own.some(one => (typeof one === 'string' ? one === path : one.test(path)));
    expect([...shown].flatMap(n => paths[n] ?? []).filter(path => !isOwn(path))).toEqual([]);
  });

  it('every kind of failed report is without names too', () => {
    const { marked, paths } = mark(emptySiteFacts(), n => `uid=canary${n}x,ou=People,o=isp`);
    const shown = new Set(
      renderSite(marked, { withNames: false, withPage: new Set() }).flatMap(({ text }) => [...marksIn(text)]),
    );
    expect([...shown].flatMap(n => paths[n] ?? []).filter(path => !isNamed(path))).toEqual([]);
  });
});

it('texts meant ill are only texts', () => {
  // Times of records are checked where they are read.
  const runs = siteFacts().runs.map(run => ({ ...spoil(run, hostileText), began: run.began, ended: run.began }));
  const facts = { ...spoil(siteFacts(), hostileText), samples: siteFacts().samples };
  for (const withNames of [true, false])
    for (const { text } of pagesOf({ ...facts, runs }, withNames)) {
      const body = text.replace(/<style>[\s\S]*?<\/style>/, '');
      expect(body.match(/<(?!!doctype html>|\/)/g)).toHaveLength(tagsOf(body).length);
      expect(text).not.toContain('<script');
      expect(text).not.toContain('<img');
    }
});

it('a site of a large estate stays below 5 MB a page', () => {
  const runs = Array.from({ length: 2000 }, (_, i) => sampleRun(1 + (i % 28)));
  const facts = { ...siteFacts(planReport(sizes.large)), runs };
  for (const { file, text } of renderSite(facts, { withNames: true, withPage: new Set() }))
    expect(text.length, file).toBeLessThan(5_000_000);
});
