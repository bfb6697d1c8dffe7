import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { MoveLimit } from '../../src/core/desired.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { desiredOf } from '../kinds/cases.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });

function planWith(moves: MoveLimit, count: number, total: number, action: Change['action'] = 'create') {
  const changes = Array.from(
    { length: count },
    (_, i): Change => ({ action, item: `uid=${i}`, key: 'davStore', after: 's', group: 'migrated' }),
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
    expect(refusal?.detail).toContain('reconcile apply --allow-moves 4812');
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
