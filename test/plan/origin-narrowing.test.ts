import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { hostsOf } from '../../src/core/desired.ts';
import type { Comparison, Narrowing } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { originsOf, wishOf } from '../../src/plan/origins.ts';
import { desiredOf } from '../kinds/cases.ts';

/** A part of a plan by where its changes come from: over one live state, what this file asks for and what was applied last. */
const base = desiredOf({ name: '', live: {}, changes: [] });
const [cs6, cs7] = [hostsOf(base, 'cs6')[0], hostsOf(base, 'cs7')[0]];
const [cohort] = base.cohorts;
if (!cs6 || !cs7 || !cohort) throw new Error('the example has hosts and a cohort');
const desired = {
  ...base,
  hosts: [...['cs6-fe1', 'cs6-be1'].map(name => ({ ...cs6, name })), { ...cs7, name: 'cs7-fe1' }],
  cohorts: ['pilot', 'finance'].map(name => ({ ...cohort, name })),
};

const setting = (key: string, after = 'wanted'): Change => ({
  ...{ action: 'update', item: 'ics.conf', key, before: 'live', after },
});
const move = (uid: string, group: string): Change => ({
  ...{ action: 'create', item: `uid=${uid},o=isp`, key: 'davStore', after: 'one', group, moves: 'cs6->cs7' },
});
const restart: Change = { action: 'restart', item: 'cs6', key: 'service' };

function comparison(target: string, kind: string, stage: Stage, ...changes: readonly Change[]): Comparison {
  return { kind, target, stage, changes, findings: [] };
}
const conf = (host: string, ...changes: readonly Change[]) =>
  comparison(host, 'cs6-ics-conf', 'cs6-config', ...changes);
const davadmin = (...changes: readonly Change[]) => comparison('cs7-fe1', 'cs7-davadmin', 'cs7-config', ...changes);
const moves = (...changes: readonly Change[]) => comparison('directory', 'ldap-cohort', 'accounts', ...changes);
function service(target: string, side: 'cs6' | 'cs7', ...due: readonly Change[]): Comparison {
  return {
    ...comparison(target, `${side}-service`, `${side}-activate`, ...due),
    activates: { stage: `${side}-config`, service: side },
  };
}
const down = (one: Comparison): Comparison => ({
  ...{ ...one, changes: [] },
  unread: { severity: 'error', code: 'host.unreachable', summary: 's', detail: 'd', target: one.target },
});

const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 320, all: true } };
const drift: Narrowing = { origin: ['drift'] };

/** The plan for what drifted: `applied` is what the last run asks for over the same live state. */
function healing(now: readonly Comparison[], applied: readonly Comparison[], narrowing = drift, from = desired) {
  const wish = wishOf(from, applied, '2026-11-22');
  return narrowPlan(buildPlan(from, now, facts), narrowing, now, originsOf(wish, wish));
}
const keysOf = (plan: ReturnType<typeof healing>) =>
  plan.steps.flatMap(({ id, changes }) => changes.map(({ key, item }) => `${id} ${key} ${item}`));

describe('what drifted', () => {
  it('is put back alone, out of the same file and the same cohort, and the rest is counted', () => {
    const now = [
      conf('cs6-fe1', setting('drifted'), setting('new')),
      service('cs6-fe1', 'cs6'),
      moves(move('jdoe', 'pilot'), move('late', 'pilot')),
    ];
    const applied = [conf('cs6-fe1', setting('drifted')), service('cs6-fe1', 'cs6'), moves(move('jdoe', 'pilot'))];
    const plan = healing(now, applied);
    expect(refusals(plan)).toEqual([]);
    expect(keysOf(plan)).toEqual([
      'cs6-fe1/cs6-ics-conf drifted ics.conf',
      'cs6-fe1/cs6-service service cs6',
      'directory/ldap-cohort davStore uid=jdoe,o=isp',
    ]);
    expect(plan.origin).toEqual(['drift']);
    expect(plan.leftOut).toEqual([
      { by: 'origin', target: 'cs6-fe1', kind: 'cs6-ics-conf', changes: 1, restarts: 0 },
      { by: 'origin', target: 'directory', kind: 'ldap-cohort', cohort: 'pilot', changes: 1, restarts: 0 },
    ]);
    const [said] = plan.findings.filter(({ code }) => code === 'plan.left-out');
    expect(said?.detail).toBe('Left out by --origin drift: cs6-fe1 (1 change), cohort pilot (1 change).');
  });

  it('has no restart that only new settings owe, and has one that is due by itself', () => {
    const now = [
      ...[conf('cs6-fe1', setting('new')), service('cs6-fe1', 'cs6')],
      ...[conf('cs6-be1', setting('new')), service('cs6-be1', 'cs6', restart)],
    ];
    const applied = [
      ...[conf('cs6-fe1'), service('cs6-fe1', 'cs6')],
      ...[conf('cs6-be1'), service('cs6-be1', 'cs6', restart)],
    ];
    const plan = healing(now, applied);
    expect(keysOf(plan)).toEqual(['cs6-be1/cs6-service service cs6']);
    expect(plan.leftOut?.map(({ target, changes, restarts }) => [target, changes, restarts])).toEqual([
      ['cs6-fe1', 1, 0],
      ['cs6-fe1', 0, 1],
      ['cs6-be1', 1, 0],
    ]);
  });

  it('comes with the restart that it owes, although what was applied last left that to a person', () => {
    const now = [conf('cs6-fe1', setting('drifted')), service('cs6-fe1', 'cs6')];
    const byHand = { stage: 'cs6-config', service: 'cs6', byHand: true } as const;
    const applied = [conf('cs6-fe1', setting('drifted')), { ...service('cs6-fe1', 'cs6'), activates: byHand }];
    expect(keysOf(healing(now, applied))).toEqual([
      'cs6-fe1/cs6-ics-conf drifted ics.conf',
      'cs6-fe1/cs6-service service cs6',
    ]);
  });

  it('that the file now asks for otherwise is a change, not drift', () => {
    const plan = healing([conf('cs6-fe1', setting('key', 'newer'))], [conf('cs6-fe1', setting('key', 'older'))]);
    expect(plan.steps).toEqual([]);
    expect(plan.leftOut?.length).toBe(1);
  });

  it('counts alone against the limits', () => {
    const many = Array.from({ length: 200 }, (_, i) => move(`u${i}`, 'finance'));
    const now = [moves(move('jdoe', 'pilot'), ...many)];
    expect(refusals(buildPlan(desired, now, facts)).map(({ code }) => code)).toEqual(['plan.too-many-moves']);
    expect(refusals(healing(now, [moves(move('jdoe', 'pilot'))]))).toEqual([]);
  });
});

describe('the order', () => {
  const waiting = moves(move('late', 'pilot'), move('later', 'finance'));

  it('lets drift on CS7 be put back while accounts wait for their wave: they are where they were', () => {
    const now = [waiting, davadmin(setting('localuserattr')), service('cs7-fe1', 'cs7')];
    const plan = healing(now, [moves(), davadmin(setting('localuserattr')), service('cs7-fe1', 'cs7')]);
    expect(refusals(plan)).toEqual([]);
    expect(keysOf(plan)).toEqual(['cs7-fe1/cs7-davadmin localuserattr ics.conf', 'cs7-fe1/cs7-service service cs7']);
  });

  it('lets an account be put back while new settings are not applied', () => {
    const now = [
      ...[conf('cs6-fe1', setting('new')), service('cs6-fe1', 'cs6')],
      ...[davadmin(setting('new')), service('cs7-fe1', 'cs7'), moves(move('jdoe', 'pilot'))],
    ];
    const applied = [
      ...[conf('cs6-fe1'), service('cs6-fe1', 'cs6'), davadmin(), service('cs7-fe1', 'cs7')],
      moves(move('jdoe', 'pilot')),
    ];
    const plan = healing(now, applied);
    expect(refusals(plan)).toEqual([]);
    expect(keysOf(plan)).toEqual(['directory/ldap-cohort davStore uid=jdoe,o=isp']);
  });

  it.each([
    ['a setting that drifted too, and that the file asks for otherwise', [conf('cs6-fe1', setting('url', 'older'))]],
    ['a host that was not in the file', []],
  ] as const)('refuses an account that needs %s', (_, before) => {
    const now = [conf('cs6-fe1', setting('url', 'newer')), conf('cs6-be1', setting('k')), moves(move('jdoe', 'pilot'))];
    const applied = [...before, conf('cs6-be1', setting('k')), moves(move('jdoe', 'pilot'))];
    const plan = healing(now, applied);
    const [refused] = refusals(plan);
    expect(refusals(plan).map(({ code }) => code)).toEqual(['plan.prerequisite-left-out']);
    expect(refused?.detail).toBe(
      [
        'The chosen steps are not safe without these, which are left out:',
        '    cs6-fe1/cs6-ics-conf (planned), needed before directory/ldap-cohort (cohort pilot, drift)',
        'Leave out --origin to apply everything, or leave out what needs these steps:',
      ].join('\n'),
    );
    expect(refused?.next?.[0]?.words).toEqual(['--except', 'ldap-cohort', '--origin', 'drift']);
    const smaller = healing(now, applied, { except: ['ldap-cohort'], ...drift });
    expect([refusals(smaller), keysOf(smaller)]).toEqual([[], ['cs6-be1/cs6-ics-conf k ics.conf']]);
  });

  it('refuses drift that other drift needs, where names leave that out', () => {
    const now = [conf('cs6-fe1', setting('drifted')), moves(move('jdoe', 'pilot'))];
    for (const narrowing of [{ except: ['cs6-fe1'] }, { only: ['pilot'] }])
      expect(refusals(healing(now, now, { ...narrowing, ...drift })).map(({ code }) => code)).toEqual([
        'plan.prerequisite-left-out',
      ]);
  });

  it('refuses new accounts without the drift that they need', () => {
    const now = [conf('cs6-fe1', setting('drifted')), moves(move('late', 'pilot'))];
    const plan = healing(now, [conf('cs6-fe1', setting('drifted')), moves()], { origin: ['planned'] });
    expect(refusals(plan).map(({ code }) => code)).toEqual(['plan.prerequisite-left-out']);
    expect(refusals(plan)[0]?.next).toBeUndefined();
  });
});

describe('a target that cannot be read', () => {
  it('may have drifted, so that nothing is applied', () => {
    const now = [conf('cs6-fe1', setting('drifted')), down(conf('cs6-be1'))];
    const plan = healing(now, [conf('cs6-fe1', setting('drifted')), conf('cs6-be1')]);
    expect([plan.unread, refusals(plan).map(({ unread }) => unread)]).toEqual([['cs6-be1'], [true]]);
  });

  it('and was never asked for cannot have drifted', () => {
    const now = [conf('cs6-fe1', setting('drifted')), down(conf('cs6-be1'))];
    const plan = healing(now, [conf('cs6-fe1', setting('drifted'))]);
    expect([plan.unread, refusals(plan)]).toEqual([[], []]);
    expect(plan.leftOut).toContainEqual(expect.objectContaining({ by: 'origin', target: 'cs6-be1', unread: true }));
  });
});
