import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import type { ChangeWindow } from '../../src/core/change-window.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { fullDetail } from '../../src/core/finding.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { applyRefusals, refusals } from '../../src/plan/guards.ts';
import { narrowPlan } from '../../src/plan/narrowing.ts';
import { desiredOf } from '../kinds/cases.ts';

const base = desiredOf({ name: '', live: {}, changes: [] });
const [cs6] = hostsOf(base, 'cs6');
if (!cs6) throw new Error('the example has a host');

const weekend: ChangeWindow = { days: ['sat', 'sun'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' };
const always: ChangeWindow = {
  days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
  from: '00:00',
  to: '24:00',
  zone: 'UTC',
};
const windows: Readonly<Record<string, readonly ChangeWindow[]>> = {
  shut: [weekend],
  alike: [{ ...weekend }],
  open: [weekend, always],
};
const desired = {
  ...base,
  hosts: [
    ...['shut', 'alike', 'open', 'free'].map(name => {
      const own = windows[name];
      return { ...cs6, name, ...(own && { windows: own }) };
    }),
    ...hostsOf(base, 'cs7'),
  ],
};

const tuesday = '2026-11-24T09:00:00.000Z';
const saturday = '2026-11-28T22:00:00.000Z';
const change: Change = { action: 'update', item: 'ics.conf', key: 'k', before: 'a', after: 'b' };
const changing = (target: string, ...changes: readonly Change[]): Comparison => ({
  kind: 'cs6-ics-conf',
  target,
  stage: 'cs6-config',
  changes: changes.length > 0 ? changes : [change],
  findings: [],
});
const accounts: Comparison = { ...changing('directory'), kind: 'ldap-unique-id', stage: 'identity' };

function planOf(...comparisons: readonly Comparison[]) {
  return buildPlan(desired, comparisons, { tool: '0', readAt: tuesday, accounts: { counted: 9, all: true } });
}
const refusedAt = (at: string, ...comparisons: readonly Comparison[]) =>
  applyRefusals(planOf(...comparisons), {}, { at, before: undefined });

describe('the window of a host', () => {
  it('refuses an apply outside, with the time there and when it opens', () => {
    const [refusal] = refusedAt(tuesday, changing('shut'), changing('alike'), changing('open'), changing('free'));
    expect(refusal).toMatchObject({ severity: 'error', code: 'plan.outside-window' });
    expect(refusal && fullDetail(refusal)).toBe(
      'shut, alike: it is Tue 2026-11-24 10:00 in Europe/Berlin; the window (sat, sun 22:00-06:00 Europe/Berlin) opens next on Sat 2026-11-28 22:00 in Europe/Berlin.\n' +
        'Apply during the window, or allow it for this run:\n    reconcile apply --allow-outside-window 2',
    );
  });

  it.each([
    ['inside', saturday, [changing('shut')]],
    ['on hosts without one', tuesday, [changing('free')]],
    ['where one of several is open', tuesday, [changing('open')]],
    ['on a host that is not changed', tuesday, [changing('free'), accounts]],
    ['in the directory', tuesday, [accounts]],
  ])('refuses nothing %s', (_, at, comparisons) => {
    expect(refusedAt(at, ...comparisons)).toEqual([]);
  });

  it('is lifted by the number of hosts and by no smaller one', () => {
    const plan = planOf(changing('shut'), changing('alike'));
    const refused = (outsideWindow: number) =>
      applyRefusals(plan, { outsideWindow }, { at: tuesday, before: undefined });
    expect([refused(1).length, refused(2).length, refused(9).length]).toEqual([1, 0, 0]);
  });

  it('does not count a step that only deletes until deletions are allowed', () => {
    const plan = planOf(changing('shut', { ...change, irreversible: 'calendars' }));
    const at = { at: tuesday, before: undefined };
    expect(applyRefusals(plan, {}, at)).toEqual([]);
    expect(applyRefusals(plan, { deletes: 1 }, at)).toMatchObject([{ code: 'plan.outside-window' }]);
  });

  it('is a note in a plan, which refuses nothing, and follows --only', () => {
    const plan = planOf(changing('shut'), changing('free'));
    expect(plan.findings).toMatchObject([{ severity: 'note', code: 'plan.outside-window' }]);
    expect(refusals(plan)).toEqual([]);
    const codes = (only: string) => narrowPlan(plan, { only: [only] }, []).findings.map(({ code }) => code);
    expect(codes('free')).toEqual(['plan.left-out']);
    expect(codes('shut')).toEqual(['plan.outside-window', 'plan.left-out']);
  });
});
