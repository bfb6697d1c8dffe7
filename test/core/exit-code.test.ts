import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { type DesiredIgnore, hostsOf } from '../../src/core/desired.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import { planExitCode, readingExitCode, runExitCode, worstExitCode } from '../../src/core/report.ts';
import type { ResultState, Run } from '../../src/core/run.ts';
import type { Stage } from '../../src/core/stages.ts';
import { finding } from '../../src/findings/catalogue.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { renderReport } from '../../src/report/format.ts';
import { desiredOf } from '../kinds/cases.ts';
import { plainFacts } from '../report/plain-facts.ts';

const single = desiredOf({ name: '', live: {}, changes: [] });
const named = ['a', 'b'].flatMap(name => hostsOf(single, 'cs6').map(host => ({ ...host, name })));
const base = { ...single, hosts: [...named, ...hostsOf(single, 'cs7')] };
const [cs7 = ''] = hostsOf(base, 'cs7').map(({ name }) => name);
const source = { file: 'estate.yaml', line: 9 };

const down: Finding = { severity: 'error', code: 'host.unreachable', summary: 'No answer', detail: 'no route' };
const guard: Finding = { severity: 'error', code: 'cohort.domain-unmapped', summary: 'x', detail: 'y' };
const unknown: Finding = { severity: 'warning', code: 'cs7.option-unclear', summary: 'x', detail: 'y', open: 'value' };
const owed: Finding = { severity: 'warning', code: 'plan.restart-owed', summary: 'x', detail: 'y', open: 'effect' };
const setting: Change = { action: 'update', item: 'f', key: 'k', before: 'a', after: 'b' };
const move: Change = { action: 'create', item: 'uid=a', key: 's', after: 'b', moves: 'cs6->cs7' };

function seen(target: string, stage: Stage, more: Partial<Comparison> = {}): Comparison {
  return { kind: stage, target, stage, changes: [], findings: [], ...more };
}

const differs = { changes: [setting] };
const unread = { unread: down };

function planOf(comparisons: readonly Comparison[], ignore: readonly DesiredIgnore[] = []): Plan {
  const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 1000, all: true } };
  return buildPlan({ ...base, ignore }, comparisons, facts);
}

describe('the exit code of a plan', () => {
  const directory = seen('directory', 'accounts');
  it.each([
    ['in sync', [seen('a', 'cs6-config'), directory], 0],
    ['a difference', [seen('a', 'cs6-config', differs), directory], 2],
    ['a value is not known', [seen('a', 'cs6-config', { findings: [unknown] }), directory], 4],
    [
      'a value is not known, and another differs',
      [seen('a', 'cs6-config', { findings: [unknown], ...differs }), directory],
      4,
    ],
    ['a restart is left to a person', [seen('a', 'cs6-activate', { findings: [owed] }), directory], 0],
    ['a host is down, the rest is in sync', [seen('a', 'cs6-config', unread), directory], 4],
    [
      'a host is down, and another differs',
      [seen('a', 'cs6-config', unread), seen('b', 'cs6-config', differs), directory],
      4,
    ],
    [
      'the directory is down, and a host differs',
      [seen('b', 'cs6-config', differs), seen('directory', 'accounts', unread)],
      4,
    ],
    ['a guard refuses', [seen('a', 'cs6-config', { findings: [guard], ...differs }), directory], 3],
    [
      'a guard refuses although a host is down',
      [seen('a', 'cs6-config', unread), seen('directory', 'accounts', { findings: [guard], changes: [move] })],
      3,
    ],
    [
      'a guard about a host that is in part unread',
      [seen('a', 'cs6-config', unread), seen('a', 'check', { findings: [guard] }), directory],
      3,
    ],
    ['nothing can be read', [seen('a', 'cs6-config', unread), seen('directory', 'accounts', unread)], 1],
  ] as const)('%s', (_, comparisons, code) => {
    expect(planExitCode(planOf(comparisons))).toBe(code);
  });

  it('says of nothing that it is in sync where nothing was read', async () => {
    const plan = planOf(['a', 'b', cs7, 'directory'].map(target => seen(target, 'check', unread)));
    for (const format of ['text', 'html', 'markdown', 'github'] as const) {
      const report = { command: 'check', exitCode: 1, plan, refusals: [] } as const;
      const text = await renderReport(report, format, plainFacts);
      expect(text).not.toMatch(/in sync/i);
      expect(text).toMatch(/nothing could be read/i);
    }
  });
});

describe('a host that the file calls away', () => {
  const entry = { target: 'a', key: 'all', until: '2026-12-31', reason: 'new board', owner: 'ops', source };
  const absent = [seen('a', 'cs6-config', unread), seen('a', 'cs6-activate', unread)];

  it('does not make a check incomplete, and is named with its day', () => {
    const plan = planOf([...absent, seen('b', 'cs6-config'), seen('directory', 'accounts')], [entry]);
    expect(planExitCode(plan)).toBe(0);
    expect(plan.unread).toEqual([]);
    expect(plan.hosts).toBe(2);
    expect(plan.findings).toMatchObject([{ code: 'ignore.away', severity: 'note', target: 'a' }]);
    expect(plan.findings[0]?.detail).toContain('until 2026-12-31: new board (ops)');
  });

  it('keeps what needs every host waiting, and nothing else', () => {
    const others = [
      seen('b', 'cs6-config', differs),
      seen('b', 'cs6-activate', { activates: { stage: 'cs6-config', service: 'CS6' } }),
      seen('directory', 'identity', { changes: [{ ...setting, item: 'uid=b' }] }),
      seen('directory', 'accounts', { changes: [move] }),
      seen(cs7, 'cs7-config', differs),
      seen(cs7, 'cs7-activate', { activates: { stage: 'cs7-config', service: 'CS7' } }),
    ];
    const plan = planOf([...absent, ...others], [entry]);
    expect(plan.steps.map(({ target, stage }) => `${target} ${stage}`)).toEqual([
      'directory identity',
      'b cs6-config',
      'b cs6-activate',
    ]);
    expect(plan.waiting).toBe(2);
    expect(plan.findings[0]).toMatchObject({ code: 'ignore.away', severity: 'warning' });
    expect(planExitCode(plan)).toBe(2);
    expect(planExitCode(planOf([...absent, seen('directory', 'accounts', { changes: [move] })], [entry]))).toBe(2);
  });

  it('counts as unread after its day', () => {
    const plan = planOf([...absent, seen('directory', 'accounts')], [{ ...entry, until: '2026-11-21' }]);
    expect(planExitCode(plan)).toBe(4);
    expect(plan.unread).toEqual(['a']);
  });

  it('is planned like any other where it answers, and the entry is named', () => {
    const plan = planOf([seen('a', 'cs6-config', differs), seen('directory', 'accounts')], [entry]);
    expect(plan.steps.map(({ id }) => id)).toEqual(['a/cs6-config']);
    expect(plan.findings).toMatchObject([{ code: 'ignore.answers', severity: 'note' }]);
  });
});

it.each([
  [[4, 2], 4],
  [[2, 3, 4], 3],
  [[2, 4, 3, 1], 1],
  [[0, 2], 2],
  [[], 0],
])('of %j wins %d', (codes, worst) => {
  expect(worstExitCode(codes)).toBe(worst);
});

it.each([
  [0, 3, false, 0],
  [0, 3, true, 2],
  [1, 3, true, 4],
  [3, 3, true, 1],
])('a reading with %d of %d targets unread, differing: %s', (missing, targets, different, code) => {
  expect(readingExitCode(missing, targets, different)).toBe(code);
});

it.each([
  [['done', 'unchanged'], {}, 0],
  [['done', 'held'], {}, 2],
  [['done', 'refused', 'not-run'], {}, 3],
  [['done', 'refused', 'failed'], {}, 1],
  [['done', 'not-run'], {}, 1],
  [['done', 'held'], { unread: [down] }, 4],
  [['refused'], { unread: [down] }, 3],
  [['refused'], { interrupted: true }, 1],
] as const)('a run with %j and %j', (states, more, code) => {
  const results = states.map((state: ResultState) => ({ change: setting, state }));
  const run: Run = {
    ...{ plan: 'p', journal: 'j', startedAt: '', endedAt: '', remaining: [], unread: [], ...more },
    steps: [{ id: 'a/k', target: 'a', kind: 'k', results }],
  };
  expect(runExitCode(run)).toBe(code);
});

describe('what is not known or not in effect', () => {
  it.each(['text', 'html', 'markdown', 'junit'] as const)('is never called in sync as %s', async format => {
    for (const open of [unknown, owed]) {
      const findings = [{ ...open, target: 'a' }];
      const plan = planOf([seen('a', 'cs6-config', { findings }), seen('directory', 'accounts')]);
      const report = { command: 'check', exitCode: planExitCode(plan), plan, refusals: [] } as const;
      const drawn = await renderReport(report, format, plainFacts);
      expect(drawn).not.toMatch(/In sync/);
      expect(drawn).toContain(open.code);
    }
  });

  it('has its findings marked by the catalogue', () => {
    expect(finding('cs7.option-unclear', { detail: '' }).open).toBe('value');
    expect(finding('calendars.listing-unclear', { detail: '' }).open).toBe('value');
    expect(finding('host.start-not-proved', { detail: '' }).open).toBe('effect');
    expect(finding('plan.restart-owed', { detail: '', severity: 'warning' }).open).toBe('effect');
  });
});
