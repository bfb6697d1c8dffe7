import { describe, expect, it } from 'vitest';
import { fullDetail } from '../../src/core/finding.ts';
import type { Comparison } from '../../src/core/plan.ts';
import type { Stage } from '../../src/core/stages.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { applyRefusals, refusals } from '../../src/plan/guards.ts';
import { accountsToTellFall, type CountBefore, fallFindings } from '../../src/plan/limits.ts';
import { desiredOf } from '../kinds/cases.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const earlier = (counted: number, all = true): CountBefore => ({ counted, all, run: '20261122T100000000Z-5e232563' });
const limit = (fewerAccounts: number) => ({ ...base.limits, fewerAccounts });

describe('accounts that have become fewer', () => {
  it.each([
    ['by the share', 20, 800, earlier(1000), false],
    ['by more', 20, 799, earlier(1000), true],
    ['more than before', 20, 1001, earlier(1000), false],
    ['by one, where none may', 0, 999, earlier(1000), true],
    ['the same, where none may', 0, 1000, earlier(1000), false],
    ['nearly all, where all may', 100, 1, earlier(1000), false],
    ['without a record', 20, 1, undefined, false],
    ['than were counted at least', 20, 7999, earlier(10_000, false), true],
    ['not certainly', 20, 8000, earlier(10_000, false), false],
  ] as const)('%s', (_, percent, counted, last, refused) => {
    expect(fallFindings(limit(percent), { counted, all: true }, last).length > 0).toBe(refused);
  });

  it('are not told from a count that was ended early, which goes far enough to tell', () => {
    expect(fallFindings(limit(20), { counted: 10, all: false }, earlier(1000))).toEqual([]);
    expect(accountsToTellFall(20, earlier(1001))).toBe(801);
    expect(accountsToTellFall(20, undefined)).toBe(0);
  });

  it('are told with both numbers, the run and the command', () => {
    const [finding] = fallFindings(limit(20), { counted: 7500, all: true }, earlier(10_000));
    expect(finding).toMatchObject({ severity: 'error', code: 'plan.accounts-fell', target: 'directory' });
    expect(finding?.detail).toContain('shows 7,500 accounts; run 20261122T100000000Z-5e232563 saw 10,000.');
    expect(finding?.detail).toContain('25.0 % fewer, the limit is 20 %');
    expect(finding && fullDetail(finding)).toContain('\n    reconcile apply --allow-accounts 7500');
  });

  const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 7500, all: true } };

  it('refuse a plan until the very number is allowed', () => {
    const plan = buildPlan(base, [], { ...facts, before: earlier(10_000) });
    expect(refusals(plan)).toMatchObject([{ code: 'plan.accounts-fell' }]);
    expect(refusals(plan, { accounts: 7499 })).toHaveLength(1);
    expect(refusals(plan, { accounts: 7501 })).toHaveLength(1);
    expect(refusals(plan, { accounts: 7500 })).toEqual([]);
  });

  const step = (target: string, stage: Stage): Comparison => ({
    kind: 'k',
    target,
    stage,
    changes: [{ action: 'create', item: 'i', key: 'k', after: 'v' }],
    findings: [],
  });
  const [cs6 = '', cs7 = ''] = base.hosts.map(({ name }) => name);

  it.each([
    ['moves accounts', step('directory', 'accounts'), 1],
    ['waits for accounts', step(cs7, 'cs7-config'), 1],
    ['has nothing to do with accounts', step(cs6, 'cs6-config'), 0],
  ])('refuse a plan that was made where there are no records and %s', (_, comparison, count) => {
    const at = '2026-11-22T11:00:00.000Z';
    const plan = buildPlan(base, [comparison], facts);
    expect(applyRefusals(plan, {}, { at, before: earlier(10_000) })).toHaveLength(count);
    expect(applyRefusals(plan, { accounts: 7500 }, { at, before: earlier(10_000) })).toEqual([]);
    expect(applyRefusals(plan, {}, { at, before: undefined })).toEqual([]);
  });

  it('do not keep a server down that is only started', () => {
    const start = { action: 'restart', item: 'cs7', key: 'service', before: 'stopped' } as const;
    const plan = buildPlan(base, [{ ...step(cs7, 'cs7-activate'), changes: [start] }], facts);
    expect(applyRefusals(plan, {}, { at: facts.readAt, before: earlier(10_000) })).toEqual([]);
  });

  it('refuse a plan that says so itself once', () => {
    const plan = buildPlan(base, [step('directory', 'accounts')], { ...facts, before: earlier(10_000) });
    expect(applyRefusals(plan, {}, { at: facts.readAt, before: earlier(10_000) })).toHaveLength(1);
  });
});
