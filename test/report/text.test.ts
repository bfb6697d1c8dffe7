import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import type { PlanReport } from '../../src/core/report.ts';
import type { Run } from '../../src/core/run.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { renderJson } from '../../src/report/format.ts';
import { renderText } from '../../src/report/text/render-text.ts';
import { desiredOf } from '../kinds/cases.ts';

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
        results: [{ change, state: 'failed', detail: 'start-cal ended with 255\n    why' }],
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
