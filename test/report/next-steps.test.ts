import { expect, it } from 'vitest';
import type { DesiredGates } from '../../src/core/desired.ts';
import { gateLines } from '../../src/report/view/plan-view.ts';
import { moves, planOf, step } from '../engine/gated-run.ts';

const restart = { action: 'restart', item: 'cs6', key: 'service' } as const;
const wave = [step('directory', 'accounts', moves('a', 'b', 'c'))];
const restarts = ['cs6-fe1', 'cs6-be1'].map(host => step(host, 'cs6-activate', [restart]));
const gates: DesiredGates = { moves: 500, restarts: true, onFailure: 'stop', wait: 90 };

it.each([
  ['every 500 moves and each of 2 restarts; a failure stops the run.', gates, [...wave, ...restarts]],
  ['the restart; a failure stops the run.', gates, restarts.slice(1)],
  [
    'every 1 move; a failure undoes the last changes and stops the run.',
    { ...gates, moves: 1, restarts: false, onFailure: 'undo' as const },
    [...wave, ...restarts],
  ],
])('%s', (text, wanted, steps) => {
  const plan = planOf(steps);
  expect(gateLines(plan)).toEqual([]);
  const desired = { ...plan.desired, verify: { probes: [], gates: wanted } };
  expect(gateLines({ ...plan, desired })).toEqual([`Gate: free/busy is asked before and after ${text}`]);
  expect(gateLines({ ...plan, desired, steps: [] })).toEqual([]);
  expect(gateLines({ ...plan, desired, direction: 'undo' })).toEqual([]);
});
