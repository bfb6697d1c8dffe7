import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import { type HostCount, hostsOf, type MoveLimit } from '../../src/core/desired.ts';
import { fullDetail } from '../../src/core/finding.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { accountsToCount } from '../../src/plan/limits.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { desiredOf } from '../kinds/cases.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });

function planWith(moves: MoveLimit, count: number, total: number, action: Change['action'] = 'create') {
  const changes = Array.from(
    { length: count },
    (_, i): Change => ({
      ...{ action, item: `uid=${i}`, key: 'davStore', after: 's', group: 'migrated' },
      ...(action === 'create' && { moves: 'cs6->cs7' }),
    }),
  );
  const accounts = {
    kind: 'ldap-cohort',
    target: 'directory',
    stage: 'accounts',
    changes,
    findings: [],
  } as const;
  return buildPlan({ ...base, limits: { ...base.limits, moves } }, [accounts], {
    tool: '0',
    readAt: '2026-11-22T10:00:00.000Z',
    accounts: { counted: total, all: true },
  });
}

describe('the limit of moves', () => {
  it.each([
    ['a share that is reached', { percent: 5 }, 50, 1000, true],
    ['a share that is passed', { percent: 5 }, 51, 1000, false],
    ['a share of very few', { percent: 5 }, 10, 12, true],
    ['a number that is reached', { accounts: 3 }, 3, 1000, true],
    ['a number that is passed', { accounts: 3 }, 4, 1000, false],
    ['none at all', { accounts: 0 }, 1, 1000, false],
  ] as const)('%s', (_, limit, count, total, allowed) => {
    expect(refusals(planWith(limit, count, total)).length === 0).toBe(allowed);
  });

  it('says all the numbers, and the command that allows it', () => {
    const [refusal] = refusals(planWith({ percent: 5 }, 4812, 88_410));
    expect(refusal).toMatchObject({ code: 'plan.too-many-moves' });
    expect(refusal?.detail).toContain('4,812 of 88,410 accounts (5.4 %), the limit is 5 %');
    expect(refusal && fullDetail(refusal)).toContain('\n    reconcile apply --allow-moves 4812');
  });

  it('is lifted by that number and by no smaller one', () => {
    const plan = planWith({ percent: 5 }, 100, 1000);
    expect(refusals(plan, { moves: 99 })).toHaveLength(1);
    expect(refusals(plan, { moves: 100 })).toEqual([]);
  });

  it('another store on the same side is no move', () => {
    expect(refusals(planWith({ accounts: 0 }, 100, 1000, 'update'))).toEqual([]);
  });
});

describe('the limit of one cohort', () => {
  const limited = (limit: MoveLimit, count: number) => {
    const plan = planWith({ accounts: 0 }, count, 1000);
    const cohorts = base.cohorts.map(cohort => (cohort.name === 'migrated' ? { ...cohort, limit } : cohort));
    const comparisons = plan.steps.map(step => ({ ...step, findings: [] }));
    return buildPlan({ ...plan.desired, cohorts }, comparisons, {
      tool: '0',
      readAt: plan.readAt,
      accounts: plan.accounts,
    });
  };

  it.each([
    ['a share that is reached', { percent: 20 }, 200, true],
    ['a share that is passed', { percent: 20 }, 201, false],
    ['a number that is reached', { accounts: 7 }, 7, true],
    ['a number that is passed', { accounts: 7 }, 8, false],
  ] as const)('counts instead of that of all: %s', (_, limit, count, allowed) => {
    expect(refusals(limited(limit, count)).length === 0).toBe(allowed);
  });

  it('is named, with its place', () => {
    const [refusal] = refusals(limited({ accounts: 7 }, 8));
    expect(refusal?.detail).toContain('raise cohorts.migrated.limit');
    expect(refusal?.where).toEqual(base.cohorts[0]?.source);
  });

  it('decides how far accounts are counted', () => {
    const cohorts = base.cohorts.map(cohort => ({ ...cohort, limit: { percent: 1 } }));
    const comparisons = planWith({ percent: 5 }, 500, 1000).steps.map(step => ({ ...step, findings: [] }));
    expect(accountsToCount({ ...base, cohorts }, comparisons)).toBe(50_000);
    expect(accountsToCount(base, comparisons)).toBe(10_000);
    const before = { counted: 100_000, all: true, run: 'r' };
    expect(accountsToCount(base, [], before)).toBe(80_000);
  });
});

describe('the limit of restarts', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const [host] = hostsOf(base, 'cs6');
  const restarting = (target: string): Comparison => ({
    kind: 'cs6-service',
    target,
    stage: 'cs6-activate',
    changes: [{ action: 'restart', item: 'cs6', key: 'service' }],
    findings: [],
  });
  const planOf = (restarts: HostCount, count: number) => {
    if (!host) throw new Error('the example has a host');
    const desired = {
      ...base,
      hosts: names.map(name => ({ ...host, name })),
      limits: { ...base.limits, restarts },
    };
    return buildPlan(desired, names.slice(0, count).map(restarting), {
      tool: '0',
      readAt: '2026-11-22T10:00:00.000Z',
      accounts: { counted: 9, all: true },
    });
  };

  it.each([
    ['all, unless told', { percent: 100 }, 5, true],
    ['a share that is reached', { percent: 40 }, 2, true],
    ['a share that is passed', { percent: 40 }, 3, false],
    ['a share in between is not rounded up', { percent: 59 }, 3, false],
    ['a share of less than one host lets one through', { percent: 1 }, 1, true],
    ['and no second one', { percent: 1 }, 2, false],
    ['none', { percent: 0 }, 1, false],
    ['a number that is reached', { hosts: 2 }, 2, true],
    ['a number that is passed', { hosts: 2 }, 3, false],
  ] as const)('%s', (_, limit, count, allowed) => {
    expect(refusals(planOf(limit, count)).length === 0).toBe(allowed);
  });

  it('says all the numbers, and is lifted by the right one', () => {
    const plan = planOf({ percent: 40 }, 3);
    const [refusal] = refusals(plan);
    expect(refusal).toMatchObject({ code: 'plan.too-many-restarts' });
    expect(refusal?.detail).toContain('3 of 5 hosts would be restarted, the limit is 40 % (2 of them)');
    expect(refusal && fullDetail(refusal)).toContain('\n    reconcile apply --allow-restarts 3');
    expect(refusals(plan, { restarts: 2 })).toHaveLength(1);
    expect(refusals(plan, { restarts: 3 })).toEqual([]);
  });

  it('is found anew for fewer hosts', () => {
    const plan = planOf({ hosts: 2 }, 4);
    expect(refusals(narrowPlan(plan, { only: ['a', 'b'] }, []))).toEqual([]);
    expect(refusals(narrowPlan(plan, { only: ['a', 'b', 'c'] }, []))[0]?.detail).toContain('3 of 5 hosts');
  });
});

describe('moves back to CS6', () => {
  const back = (n: number, reason?: string) => {
    const changes = Array.from(
      { length: n },
      (_, i): Change => ({
        ...{ action: 'delete', item: `uid=${i}`, key: 'davStore', before: 's', moves: 'cs7->cs6', group: 'migrated' },
        ...(reason !== undefined && { reason }),
      }),
    );
    const comparison: Comparison = {
      kind: 'ldap-cohort',
      target: 'directory',
      stage: 'accounts',
      changes,
      findings: [],
    };
    return buildPlan({ ...base, limits: { ...base.limits, moves: { percent: 100 } } }, [comparison], {
      tool: '0',
      readAt: '2026-11-22T10:00:00.000Z',
      accounts: { counted: 1000, all: true },
    });
  };

  it.each([1, 10, 500])('%d of them are refused whatever the limit of moves is', n => {
    expect(refusals(back(n)).map(({ code }) => code)).toEqual(['plan.moves-back']);
    expect(refusals(back(n), { moves: 1000 })).toHaveLength(1);
    expect(refusals(back(n), { movesBack: n - 1 })).toHaveLength(1);
    expect(refusals(back(n), { movesBack: n })).toEqual([]);
  });

  it('are named up to five, with what they are afterwards', () => {
    const [refusal] = refusals(back(47, 'in limbo afterwards'));
    expect(refusal?.detail).toContain('47 accounts of cohort migrated, in limbo afterwards:\n    uid=0\n');
    expect(refusal?.detail).toContain('    uid=4\n    and 42 more\n');
    expect(refusal?.next).toEqual([{ words: ['--allow-moves-back', '47'] }]);
  });
});
