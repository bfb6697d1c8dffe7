import { describe, expect, it } from 'vitest';
import { type Change, invert } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import type { PlanReport } from '../../src/core/report.ts';
import { type Stage, stages, tierTitles } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { renderReport } from '../../src/report/format.ts';
import { planCounts } from '../../src/report/view/plan-counts.ts';
import { desiredOf } from '../kinds/cases.ts';
import { plainFacts } from './plain-facts.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const [cs6 = ''] = hostsOf(base, 'cs6').map(({ name }) => name);
const [cohort = ''] = base.cohorts.map(({ name }) => name);
const account = 'uid=jdoe,ou=People,o=isp';
const source = { file: 'estate.yaml', line: 7 };

/** A change of each stage, and how it is counted in a summary and in a table. */
const examples: readonly (readonly [string, Stage, string, Change, string, string])[] = [
  [
    'check',
    'check',
    cs6,
    { action: 'update', item: 'file', key: 'key-of-check', before: 'a', after: 'b' },
    '1 host changes',
    '| host changes | 1 |',
  ],
  [
    'identity',
    'identity',
    'directory',
    { action: 'create', item: account, key: 'key-of-id', after: 'x' },
    '1 unique id',
    '| unique id | 1 |',
  ],
  [
    'cs6-config',
    'cs6-config',
    cs6,
    { action: 'create', item: 'file', key: 'key-of-cs6', after: 'x' },
    '1 host changes',
    '| host changes | 1 |',
  ],
  [
    'cs6-activate',
    'cs6-activate',
    cs6,
    { action: 'restart', item: 'CS6', key: 'service' },
    '1 restart',
    '| restart | 1 |',
  ],
  [
    'a move to CS7',
    'accounts',
    'directory',
    { action: 'create', item: account, key: 'key-of-move', after: 'x', group: cohort, moves: 'cs6->cs7' },
    '1 move to CS7, 0 back to CS6',
    '| move to CS7 | 1 |',
  ],
  [
    'a move back to CS6',
    'accounts',
    'directory',
    { action: 'delete', item: account, key: 'key-of-move', before: 'x', group: cohort, moves: 'cs7->cs6' },
    '0 moves to CS7, 1 back to CS6',
    '| back to CS6 | 1 |',
  ],
  [
    'a move of a cohort that the file does not have',
    'accounts',
    'directory',
    { action: 'delete', item: account, key: 'key-of-move', before: 'x', group: 'gone', moves: 'cs7->cs6' },
    '0 moves to CS7, 1 back to CS6',
    '| back to CS6 | 1 |',
  ],
  [
    'another store',
    'accounts',
    'directory',
    { action: 'update', item: account, key: 'key-of-store', before: 'x', after: 'y', group: cohort },
    '0 moves to CS7, 0 back to CS6, 1 other store',
    '| other store | 1 |',
  ],
  [
    'cs7-config',
    'cs7-config',
    'cs7',
    { action: 'create', item: 'o', key: 'key-of-cs7', after: 'x' },
    '1 host changes',
    '| host changes | 1 |',
  ],
  [
    'cs7-activate',
    'cs7-activate',
    'cs7',
    { action: 'restart', item: 'CS7', key: 'service' },
    '1 restart',
    '| restart | 1 |',
  ],
  [
    'cs6-logins',
    'cs6-logins',
    'directory',
    { action: 'create', item: account, key: 'key-of-login', after: 'x', group: cohort },
    '1 login to CS6',
    '| login to CS6 | 1 |',
  ],
  [
    'cs6-calendars',
    'cs6-calendars',
    cs6,
    { action: 'delete', item: 'jdoe', key: 'key-of-calendars', before: ['a'], group: cohort, irreversible: 'gone' },
    '1 deletion',
    '| deletion | 1 |',
  ],
];

const formats = ['text', 'json', 'markdown', 'html', 'junit', 'sarif', 'github'] as const;

it('every stage of the table has an example', () => {
  expect(new Set(examples.map(([, stage]) => stage))).toEqual(new Set(stages.map(({ stage }) => stage)));
});

describe.each(examples)('%s', (_, stage, target, change, counted, row) => {
  it.each(formats)('is seen as %s', async format => {
    const shown = await renderReport(reportOf(stage, target, change), format, plainFacts);
    expect(shown).toContain(change.action === 'restart' ? 'restart' : change.key);
  });

  it.each(['text', 'github'] as const)('is counted as %s', async format => {
    expect(await renderReport(reportOf(stage, target, change), format, plainFacts)).toContain(counted);
  });

  it('is counted as markdown and json', async () => {
    const report = reportOf(stage, target, change);
    expect(await renderReport(report, 'markdown', plainFacts)).toContain(row);
    const json: unknown = JSON.parse(await renderReport(report, 'json', plainFacts));
    expect(json).toMatchObject({
      counts: {
        stages: { [stage]: 1 },
        movesToCs7: change.moves === 'cs6->cs7' ? 1 : 0,
        movesBackToCs6: change.moves === 'cs7->cs6' ? 1 : 0,
        restarts: change.action === 'restart' ? 1 : 0,
        hosts: target === 'directory' ? 0 : 1,
      },
    });
  });
});

describe.each(examples)('%s', (_, stage, target, change, __, row) => {
  it('is counted as html', async () => {
    const words = wordsOf(await renderReport(reportOf(stage, target, change), 'html', plainFacts));
    const [, name = ''] = row.split(/ ?\| ?/);
    const label = planCounts({ steps: reportOf(stage, target, change).plan.steps }).find(
      ({ one, many }) => one === name || many === name,
    )?.label;
    expect(label).toBeDefined();
    expect(words).toContain(` ${label} 1 `);
  });

  it('is one failure as junit, and one result as sarif', async () => {
    const report = reportOf(stage, target, change);
    expect((await renderReport(report, 'junit', plainFacts)).match(/<failure type="change\//g)).toHaveLength(1);
    const log = JSON.parse(await renderReport(report, 'sarif', plainFacts));
    const rules: readonly string[] = log.runs[0].results.map(({ ruleId }: { readonly ruleId: string }) => ruleId);
    expect(rules.filter(rule => rule.startsWith('change/'))).toHaveLength(1);
  });
});

/** The words of a page, without its tags. */
function wordsOf(page: string): string {
  return page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

describe.each(formats)('as %s', format => {
  const setting: Change = { action: 'delete', item: 'file', key: 'key-of-setting', before: 'x' };

  it('a change of a host that the file does not have is seen', async () => {
    expect(await renderReport(reportOf('cs6-config', 'gone', setting), format, plainFacts)).toContain('key-of-setting');
  });

  it('a change of a host that cannot be undone is seen', async () => {
    const lost = { ...setting, irreversible: 'nothing brings it back' };
    const shown = await renderReport(reportOf('cs6-config', cs6, lost), format, plainFacts);
    expect(shown).toContain('key-of-setting');
    expect(shown).toMatch(/irreversible|[Cc]annot be undone/);
  });
});

it('the page says once above the calendars to delete that this cannot be undone', async () => {
  const lost: Change = { action: 'delete', item: 'jdoe', key: 'calendars', before: ['a'], irreversible: 'gone' };
  const page = await renderReport(reportOf('cs6-calendars', cs6, lost), 'html', plainFacts);
  const headings = [...page.matchAll(/<h[23][^>]*>(.*?)<\/h[23]>/gs)].map(([, text = '']) => wordsOf(text));
  expect(headings.filter(text => text.includes('undone'))).toEqual(['What cannot be undone 1 change ']);
  expect(headings.join('\n')).toContain(`Calendars on ${cs6}, deleted once CS7 answers`);
});

it('every tier of the table has a title', () => {
  expect(tierTitles).toHaveLength(new Set(stages.map(({ tier }) => tier)).size);
});

describe('accounts of two cohorts that get the same store', () => {
  const accounts = (group: string) =>
    ['a', 'b'].map((uid): Change => {
      const item = `uid=${uid}-${group},o=isp`;
      return { action: 'update', item, key: 'davStore', before: 'x', after: 'y', group };
    });

  it.each(formats.filter(format => format !== 'json'))('are told apart as %s', async format => {
    const report = reportOf('accounts', 'directory', ...accounts('one'), ...accounts('two'));
    const drawn = await renderReport(report, format, plainFacts);
    const shown = format === 'html' ? wordsOf(drawn) : drawn;
    expect(shown).toMatch(/cohort one/i);
    expect(shown).toMatch(/cohort two/i);
    expect(shown).toContain('2 accounts');
    expect(shown).not.toContain('4 accounts of');
  });
});

describe('a cohort whose accounts move both ways', () => {
  const both = ['a', 'b', 'c'].map(
    (uid): Change => ({
      ...{ item: `uid=${uid},o=isp`, key: 'davStore', group: cohort, source },
      ...(uid === 'a'
        ? { action: 'create', after: 'x', moves: 'cs6->cs7' }
        : { action: 'delete', before: 'x', moves: 'cs7->cs6' }),
    }),
  );

  it.each([
    [
      'text',
      `cohort ${cohort}  1 of 320 accounts moves cs6 -> cs7 (0.3 %, limit 10 %), 2 of 320 accounts move back cs7 -> cs6`,
    ],
    [
      'markdown',
      `cohort ${cohort}  1 of 320 accounts moves cs6 -&gt; cs7 (0.3 %, limit 10 %), 2 of 320 accounts move back cs7 -&gt; cs6`,
    ],
    ['junit', `2 accounts of cohort ${cohort} (uid=b, uid=c) move back cs7 -&gt; cs6`],
    ['sarif', 'Accounts are to move back to Calendar Server 6'],
    ['github', `2 accounts of cohort ${cohort} (uid=b, uid=c) move back cs7 -> cs6`],
  ] as const)('has them apart as %s', async (format, said) => {
    expect(await renderReport(reportOf('accounts', 'directory', ...both), format, plainFacts)).toContain(said);
  });

  it('has them apart as html', async () => {
    const words = wordsOf(await renderReport(reportOf('accounts', 'directory', ...both), 'html', plainFacts));
    expect(words).toContain('1 of 320 accounts moves CS6 → CS7');
    expect(words).toContain('2 of 320 accounts move back CS7 → CS6');
    expect(words).toMatch(/Moves to CS7 1 of 320 accounts Moves back to CS6 2 of 320 accounts/);
  });
});

it('taking a move back is a move the other way', () => {
  const there: Change = { action: 'create', item: account, key: 'davStore', after: 'x', moves: 'cs6->cs7' };
  expect(invert(there)).toEqual({ action: 'delete', item: account, key: 'davStore', before: 'x', moves: 'cs7->cs6' });
  expect(invert({ action: 'update', item: account, key: 'davStore', before: 'x', after: 'y' })?.moves).toBeUndefined();
});

function reportOf(stage: Stage, target: string, ...changes: readonly Change[]): PlanReport {
  const name = target === 'cs7' ? (hostsOf(base, 'cs7')[0]?.name ?? '') : target;
  const comparison: Comparison = { kind: 'kind', stage, target: name, changes, findings: [] };
  const plan = buildPlan(base, [comparison], {
    tool: '0',
    readAt: '2026-11-22T14:02:11.000Z',
    accounts: { counted: 320, all: true },
  });
  return { command: 'plan', exitCode: 2, plan, refusals: [] };
}
