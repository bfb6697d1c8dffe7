import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison, Plan } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { parsePlanFile, renderPlanFile } from '../../src/plan/plan-file.ts';
import { waitsOf } from '../../src/plan/step-order.ts';
import { desiredOf } from '../kinds/cases.ts';

const fileText = (of: Plan) => [...renderPlanFile(of)].join('');

const base = desiredOf({ name: '', live: {}, changes: [] });
const [cs6, cs7] = [hostsOf(base, 'cs6')[0], hostsOf(base, 'cs7')[0]];
if (!cs6 || !cs7) throw new Error('the example has hosts');
const desired = {
  ...base,
  hosts: [
    ...['cs6-fe1', 'cs6-be1'].map(name => ({ ...cs6, name })),
    ...['cs7-fe1', 'cs7-fe2'].map(name => ({ ...cs7, name })),
  ],
};

const change: Change = { action: 'update', item: 'x', key: 'k', before: 'a', after: 'b' };

function comparison(target: string, kind: string, stage: Stage, changes: readonly Change[] = [change]): Comparison {
  return { kind, target, stage, changes, findings: [] };
}

function service(target: string, side: 'cs6' | 'cs7'): Comparison {
  const activates = { stage: `${side}-config`, service: side } as const;
  return { ...comparison(target, `${side}-service`, `${side}-activate`, []), activates };
}

function everything(): readonly Comparison[] {
  return [
    comparison('cs7-fe2', 'cs7-davadmin', 'cs7-config'),
    service('cs7-fe2', 'cs7'),
    service('cs7-fe1', 'cs7'),
    comparison('directory', 'ldap-cohort', 'accounts'),
    comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config'),
    service('cs6-fe1', 'cs6'),
    comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config'),
    service('cs6-be1', 'cs6'),
    comparison('cs7-fe1', 'cs7-davadmin', 'cs7-config'),
    comparison('cs7-fe1', 'cs7-domain-map', 'cs7-config'),
    comparison('directory', 'ldap-unique-id', 'identity'),
  ];
}

function plan(comparisons: readonly Comparison[]): Plan {
  return buildPlan(desired, comparisons, {
    tool: '0',
    readAt: '2026-11-22T10:00:00.000Z',
    accounts: { counted: 320, all: true },
  });
}

function drawn({ steps }: Plan): readonly string[] {
  return steps.map(({ id, after, batch }) => {
    const inBatch = batch === undefined ? '' : ` in batch ${batch}`;
    return `${id}${inBatch}${after.length > 0 ? ` after ${after.join(', ')}` : ''}`;
  });
}

describe('the order', () => {
  it('of everything', () => {
    expect(drawn(plan(everything()))).toEqual([
      'directory/ldap-unique-id',
      'cs6-fe1/cs6-ics-conf in batch 1',
      'cs6-fe1/cs6-service in batch 1 after cs6-fe1/cs6-ics-conf',
      'cs6-be1/cs6-ics-conf in batch 2',
      'cs6-be1/cs6-service in batch 2 after cs6-be1/cs6-ics-conf',
      'directory/ldap-cohort after identity, cs6-config, cs6-activate',
      'cs7-fe1/cs7-davadmin in batch 1 after identity, accounts',
      'cs7-fe1/cs7-domain-map in batch 1 after identity, accounts, cs7-fe1/cs7-davadmin',
      'cs7-fe1/cs7-service in batch 1 after cs7-fe1/cs7-domain-map',
      'cs7-fe2/cs7-davadmin in batch 2 after identity, accounts',
      'cs7-fe2/cs7-service in batch 2 after cs7-fe2/cs7-davadmin',
    ]);
  });

  it('of everything, as an apply waits for it', () => {
    const { steps } = plan(everything());
    const waits = waitsOf(steps);
    const [cs6, cs7] = [
      ['cs6-fe1/cs6-ics-conf', 'cs6-fe1/cs6-service', 'cs6-be1/cs6-ics-conf', 'cs6-be1/cs6-service'],
      ['cs7-fe1/cs7-davadmin', 'cs7-fe1/cs7-domain-map', 'cs7-fe1/cs7-service'],
    ];
    const accounts = ['directory/ldap-unique-id', 'directory/ldap-cohort'];
    expect(steps.map(step => [step.id, waits(step)])).toEqual([
      ['directory/ldap-unique-id', []],
      [cs6[0], []],
      [cs6[1], cs6.slice(0, 1)],
      [cs6[2], cs6.slice(0, 2)],
      [cs6[3], [cs6[2], ...cs6.slice(0, 2)]],
      ['directory/ldap-cohort', ['directory/ldap-unique-id', cs6[0], cs6[2], cs6[1], cs6[3]]],
      [cs7[0], accounts],
      [cs7[1], [...accounts, cs7[0]]],
      [cs7[2], [cs7[1]]],
      ['cs7-fe2/cs7-davadmin', [...accounts, ...cs7]],
      ['cs7-fe2/cs7-service', ['cs7-fe2/cs7-davadmin', ...cs7]],
    ]);
  });

  it('a step that waits for something unknown never begins', () => {
    const { steps } = plan(everything());
    const [step] = steps;
    if (!step) throw new Error('no steps');
    expect(waitsOf(steps)({ ...step, after: ['cs6-fe9/cs6-service'] })).toEqual(['cs6-fe9/cs6-service']);
  });

  it('a service whose configuration does not change is left alone', () => {
    expect(
      plan([
        service('cs6-fe1', 'cs6'),
        comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config'),
        service('cs6-be1', 'cs6'),
      ]).steps.map(s => s.id),
    ).toEqual(['cs6-be1/cs6-ics-conf', 'cs6-be1/cs6-service']);
  });

  it('equal comparisons give the same digest, and a line that moved is not another wish', () => {
    const moved = {
      ...desired,
      hosts: desired.hosts.map(host => ({ ...host, source: { file: 'estate.yaml', line: 99 } })),
    };
    const again = buildPlan(moved, everything(), {
      tool: '0',
      readAt: '2026-11-22T10:00:00.000Z',
      accounts: { counted: 320, all: true },
    });
    expect(plan(everything()).digest).toBe(plan(everything()).digest);
    expect(again.desiredSha256).toBe(plan(everything()).desiredSha256);
  });
});

const unread = { severity: 'error', code: 'host.unreachable', summary: 's', detail: 'd', target: 'cs6-be1' } as const;

describe('guards', () => {
  it('a target that could not be read refuses the whole plan, and is told once', () => {
    const down = ['cs6-ics-conf', 'cs6-service'].map(kind => ({
      ...comparison('cs6-be1', kind, 'cs6-config', []),
      unread,
    }));
    const made = plan([comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config'), ...down]);
    expect(made.unread).toEqual(['cs6-be1']);
    expect(refusals(made)).toEqual([{ ...unread, unread: true }]);
    expect(made.hosts).toBe(3);
  });

  it('--only leaves out a target that no chosen step depends on', () => {
    const down = { ...comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config', []), unread };
    const made = narrowPlan(
      plan([comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config'), down]),
      { only: ['cs6-fe1'] },
      [],
    );
    expect(refusals(made)).toEqual([]);
    expect(drawn(made)).toEqual(['cs6-fe1/cs6-ics-conf in batch 1']);
  });

  it('--only a kind keeps what could not be read of it, also where nothing else of it differs', () => {
    const down = { ...comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config', []), unread };
    const all = [comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config', []), down];
    for (const only of ['cs6-ics-conf', 'cs6-be1/cs6-ics-conf', 'cs6-be1'])
      expect(narrowPlan(plan(all), { only: [only] }, all).unread).toEqual(['cs6-be1']);
    for (const only of ['cs6-fe1/cs6-ics-conf', 'cs6-service'])
      expect(narrowPlan(plan(all), { only: [only] }, all).unread).toEqual([]);
  });

  it('--only does not move accounts while a CS6 host could not be read, or is not in order', () => {
    const down = { ...comparison('cs6-be1', 'cs6-ics-conf', 'cs6-config', []), unread };
    const accounts = comparison('directory', 'ldap-cohort', 'accounts');
    expect(refusals(narrowPlan(plan([accounts, down]), { only: ['directory'] }, []))).toMatchObject([unread]);
    const pending = narrowPlan(
      plan([accounts, comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config')]),
      { only: ['directory'] },
      [],
    );
    expect(refusals(pending)).toMatchObject([{ code: 'plan.prerequisite-left-out', target: 'cs6-fe1' }]);
  });
});

describe('a saved plan', () => {
  const schema: object = JSON.parse(readFileSync('schemas/plan.schema.json', 'utf8'));
  const text = fileText(plan(everything()));

  it('comes back as it was', () => {
    expect(parsePlanFile('plan.json', text, schema)).toEqual({ plan: plan(everything()), findings: [] });
  });

  it.each([
    ['cut short', text.slice(0, -40), 'plan.not-json'],
    ['of another format', text.replace('"formatVersion": 2', '"formatVersion": 3'), 'plan.unknown-format'],
    ['without its steps', text.replace('"steps"', '"stops"'), 'plan.unknown-format'],
    ['changed by hand', text.replace('"after": "b"', '"after": "c"'), 'plan.tampered'],
  ])('%s is refused', (_, broken, code) => {
    expect(parsePlanFile('plan.json', broken, schema).findings).toMatchObject([{ severity: 'error', code }]);
  });
});

describe('a restart that the file leaves to a person', () => {
  const config = comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config');
  const byHand = service('cs6-fe1', 'cs6');
  const never = { ...byHand, activates: { stage: 'cs6-config', service: 'cs6', byHand: true } } as const;
  const move = comparison('directory', 'ldap-cohort', 'accounts');

  it('is no step, and is said', () => {
    const made = plan([config, never]);
    expect(made.steps.map(({ id }) => id)).toEqual(['cs6-fe1/cs6-ics-conf']);
    expect(made.findings.map(({ code, severity }) => [code, severity])).toEqual([['plan.restart-owed', 'warning']]);
    expect(refusals(made)).toEqual([]);
  });

  it('refuses what needs it to be in effect, until the host is changed alone', () => {
    const all = [config, never, move];
    const made = plan(all);
    expect(refusals(made).map(({ code, next }) => [code, next?.[0]?.words])).toEqual([
      ['plan.restart-owed', ['--only', 'cs6-fe1']],
    ]);
    const narrow = narrowPlan(made, { only: ['cs6-fe1'] }, all);
    expect(narrow.steps.map(({ id }) => id)).toEqual(['cs6-fe1/cs6-ics-conf']);
    expect(refusals(narrow)).toEqual([]);
  });

  it('of a back end of CS7 refuses nothing that does not need it', () => {
    const cs7Config = comparison('cs7-fe1', 'cs7-davadmin', 'cs7-config');
    const left = {
      ...service('cs7-fe1', 'cs7'),
      activates: { stage: 'cs7-config', service: 'cs7', byHand: true },
    } as const;
    expect(refusals(plan([move, cs7Config, left]))).toEqual([]);
  });
});

it('what stands against a restart refuses a plan that has one, and no other', () => {
  const cluster = {
    code: 'cs6.cluster-restart',
    severity: 'warning',
    summary: '',
    detail: '',
    target: 'cs6-fe1',
  } as const;
  const clustered = { ...service('cs6-fe1', 'cs6'), findings: [cluster] };
  expect(refusals(plan([clustered]))).toEqual([]);
  const changed = plan([clustered, comparison('cs6-fe1', 'cs6-ics-conf', 'cs6-config')]);
  expect(refusals(changed).map(({ code }) => code)).toEqual(['cs6.cluster-restart']);
});
