import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import type { PlanReport } from '../../src/core/report.ts';
import type { Run } from '../../src/core/run.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { renderJson } from '../../src/report/format.ts';
import { detailLines } from '../../src/report/text/finding-lines.ts';
import { flow, makeStyle, prose, table } from '../../src/report/text/layout.ts';
import { renderText } from '../../src/report/text/render-text.ts';
import { textWidth } from '../../src/report/view/words.ts';
import { desiredOf } from '../kinds/cases.ts';
import { hugePlan } from './html/hostile-reports.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const desired = {
  ...base,
  hosts: [
    ...['cs6-fe1', 'cs6-fe2', 'cs6-be1', 'cs6-be2', 'cs6-be3'].flatMap(name =>
      hostsOf(base, 'cs6').map(host => ({ ...host, name })),
    ),
    ...['cs7-fe1', 'cs7-fe2'].flatMap(name => hostsOf(base, 'cs7').map(host => ({ ...host, name }))),
  ],
};

const source = { file: 'sites/estate.yaml', line: 21, column: 5 };

function setting(before: string | undefined, line = 212): Change {
  const live = before === undefined ? {} : { before, live: { file: '/etc/opt/SUNWics5/config/ics.conf', line } };
  return {
    action: before === undefined ? 'create' : 'update',
    item: 'ics.conf',
    key: 'local.autoprovision',
    after: 'no',
    source,
    ...live,
  };
}

function comparison(
  target: string,
  kind: string,
  stage: Stage,
  changes: readonly Change[],
  more: Partial<Comparison> = {},
): Comparison {
  return { kind, target, stage, changes, findings: [], ...more };
}

const moves = ['adams', 'ahmed', 'akers', 'allen'].map(
  (uid): Change => ({
    action: 'create',
    item: `uid=${uid},ou=People,o=isp`,
    key: 'davStore',
    moves: 'cs6->cs7',
    after: 'defaultbackend',
    group: 'migrated',
    source,
  }),
);

const accounts = comparison('directory', 'ldap-cohort', 'accounts', moves);

const hosts: readonly Comparison[] = [
  ...hostsOf(desired, 'cs6').map(({ name }, i) =>
    comparison(name, 'cs6-ics-conf', 'cs6-config', [setting('yes', 212 + (i % 2))]),
  ),
  ...hostsOf(desired, 'cs6').map(({ name }) =>
    comparison(name, 'cs6-service', 'cs6-activate', [], { activates: { stage: 'cs6-config', service: 'CS6' } }),
  ),
  comparison('cs7-fe1', 'cs7-davadmin', 'cs7-config', [
    {
      action: 'update',
      item: 'davadmin config',
      key: 'davcore.uriinfo.subjectattributes',
      before: ['cn', 'mail'],
      after: ['cn', 'mail', 'xcs7user'],
      source,
    },
  ]),
];

function planOf(comparisons: readonly Comparison[]): Plan {
  return buildPlan(desired, comparisons, {
    tool: '0',
    readAt: '2026-11-22T14:02:11.000Z',
    accounts: { counted: 88_410, all: true },
  });
}

function text(
  report: PlanReport,
  options: { readonly color?: boolean; readonly verbose?: boolean; readonly savedPlan?: string } = {},
): string {
  // The digest changes with every field a plan gets; what it is over is tested elsewhere.
  return renderText(report, { color: false, verbose: false, ...options }).replace(/Plan [0-9a-f]{8}/, 'Plan 01234567');
}

function reportOf(plan: Plan): PlanReport {
  return { command: 'plan', exitCode: 2, plan, refusals: refusals(plan) };
}

it('a plan', async () => {
  await expect(text(reportOf(planOf([...hosts, accounts])), { savedPlan: 'plan.json' })).toMatchFileSnapshot(
    'golden/plan.txt',
  );
});

it('the same, folding nothing', async () => {
  await expect(text(reportOf(planOf([...hosts, accounts])), { verbose: true })).toMatchFileSnapshot(
    'golden/plan-verbose.txt',
  );
});

it('a plan that is refused, with text from outside made harmless', async () => {
  const unread = {
    severity: 'error',
    code: 'host.unreachable',
    summary: 'A host does not answer',
    detail: 'cs6-be1: \u001b[2J\u202egone',
    target: 'cs6-be1',
  } as const;
  const plan = planOf([
    comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config', [setting('\u001b]0;x\u0007')]),
    comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config', [], { unread }),
  ]);
  await expect(text(reportOf(plan))).toMatchFileSnapshot('golden/refused.txt');
});

it('an apply that did not end well', async () => {
  const plan = planOf(hosts.slice(0, 2));
  const change = setting('yes');
  const run: Run = {
    plan: plan.digest,
    journal: '20261122T140211Z-01234567',
    startedAt: 'a',
    endedAt: 'b',
    steps: [
      {
        id: 'cs6-fe1/cs6-ics-conf',
        target: 'cs6-fe1',
        kind: 'cs6-ics-conf',
        results: [{ change, state: 'done', detail: 'backup cs6-fe1:/x' }],
      },
      {
        id: 'cs6-fe1/cs6-service',
        target: 'cs6-fe1',
        kind: 'cs6-service',
        results: [{ change, state: 'failed', detail: 'start-cal exited with 255\n    why' }],
      },
      {
        id: 'cs6-fe2/cs6-ics-conf',
        target: 'cs6-fe2',
        kind: 'cs6-ics-conf',
        results: [{ change, state: 'not-run', detail: 'cs6-fe1/cs6-service did not end well' }],
      },
    ],
    remaining: [{ target: 'cs6-fe2', kind: 'cs6-ics-conf', changes: [change] }],
    unread: [],
  };
  await expect(text({ command: 'apply', exitCode: 1, plan, refusals: [], run })).toMatchFileSnapshot(
    'golden/apply-failed.txt',
  );
});

it('what is ignored is shown, and by whom', async () => {
  const ignored = { target: 'cs6-be1', change: setting('yes'), until: '2027-01-31', reason: 'load test', owner: 'ops' };
  await expect(text(reportOf({ ...planOf([]), ignored: [ignored] }))).toMatchFileSnapshot('golden/ignored.txt');
});

it('colour adds nothing but colour', () => {
  const report = reportOf(planOf([...hosts, accounts]));
  const painted = text(report, { color: true });
  expect(painted).toContain('\u001b[');
  // biome-ignore lint/complexity/useRegexLiterals: the escape character is clearer as a string
  expect(painted.replace(new RegExp('\u001b\\[[0-9;]*m', 'g'), '')).toBe(text(report));
});

it('JSON has every fact of the plan', () => {
  const report = reportOf(planOf([...hosts, accounts]));
  expect(JSON.parse(renderJson(report))).toMatchObject(JSON.parse(JSON.stringify(report)));
});

describe('the width', () => {
  const style = (width: number) => makeStyle(false, width);

  it('is kept by every line of every report but for words that are longer', () => {
    for (const columns of [60, 80, 132]) {
      const lines = renderText(hugePlan(3, ''), { color: false, verbose: false, columns }).split('\n');
      for (const line of lines) {
        const longest = Math.max(...line.split(' ').map(textWidth));
        if (textWidth(line) > columns) expect(longest + 11, line).toBeGreaterThan(columns);
      }
    }
  });

  it('goes on with an indented line, between cells first and between words then', () => {
    const cells = [
      { text: 'one cell' },
      { text: 'another cell' },
      { text: 'a cell that is longer than a line has room for' },
    ];
    expect(flow(cells, style(24))).toEqual([
      'one cell  another cell',
      '    a cell that is',
      '    longer than a line',
      '    has room for',
    ]);
    expect(prose('Words fill the lines that there are.', style(24), { by: 2 })).toEqual([
      '  Words fill the lines',
      '    that there are.',
    ]);
  });

  it('is counted in cells: wide characters have two, accents none', () => {
    const cells = ['会社', 'e\u0301tat', '👩‍💻', 'plain'].map(text => ({ text }));
    expect(cells.map(({ text }) => textWidth(text))).toEqual([4, 4, 2, 5]);
    expect(flow(cells, style(18))).toEqual(['会社  e\u0301tat  👩‍💻', '    plain']);
    expect(
      table(
        ['name', 'n'],
        [
          [{ text: '会社' }, { text: '1' }],
          [{ text: 'acme' }, { text: '2' }],
        ],
        style(80),
      ),
    ).toEqual(['name  n', '会社  1', 'acme  2']);
  });

  it('that a table does not have makes its rows lists', () => {
    const rows = [
      ['finance', '1', '2'],
      ['all', '', '3'],
    ].map(row => row.map(text => ({ text })));
    expect(table(['cohort', 'on both', 'on none'], rows, style(20))).toEqual([
      'finance  on both: 1',
      '    on none: 2',
      'all  on none: 3',
    ]);
  });

  it('never cuts a word or a command', () => {
    const url = `http://${'x'.repeat(90)}.example.com/`;
    expect(prose(`see ${url} for more`, style(40))).toEqual(['see', `  ${url}`, '  for more']);
    const command = `    reconcile apply ${'y'.repeat(90)} --yes`;
    expect(detailLines(`Run:\n${command}`, style(40))).toEqual(['  Run:', `  ${command}`]);
  });
});

it('with quiet a plan is its errors and what it comes to', () => {
  const quiet = (report: PlanReport) => renderText(report, { color: false, verbose: false, quiet: true });
  expect(quiet(reportOf(planOf([])))).toBe('In sync.\n');
  expect(quiet(reportOf(planOf([...hosts, accounts])))).toMatch(
    /^Plan [0-9a-f]{8}: 6 hosts change, [^\n]*\n {2}5 restarts\n$/,
  );
});
