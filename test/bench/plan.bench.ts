import { afterAll, it } from 'vitest';
import { buildPlan } from '../../src/plan/build.ts';
import { farmComparisons, farmState } from '../plan/made-up-farm.ts';
import { BenchReport, ours } from './bench-report.ts';
import { inTurns, size } from './measure.ts';

/** What planning costs for many hosts that all differ, in this process: comparisons in, plan out. */
const rounds = size('BENCH_ROUNDS', 3) * 3;
const report = new BenchReport('plan');

afterAll(() => report.end());

it.each([1_000, 2_000])('plans %i hosts', async hosts => {
  const state = farmState(hosts, { roll: '[1, "25%", "100%"]', isPlain: true, windows: true });
  const comparisons = farmComparisons(state);
  const facts = { tool: '0', readAt: '2026-11-22T10:00:00.000Z', accounts: { counted: 0, all: true } };
  const plan = async () => {
    const began = process.cpuUsage();
    const { steps } = buildPlan(state, comparisons, facts);
    const { user, system } = process.cpuUsage(began);
    if (steps.length < hosts) throw new Error(`${steps.length} steps for ${hosts} hosts`);
    return { cpu: (user + system) / 1e6 };
  };
  report.add(`plan ${hosts.toLocaleString('en')} hosts`, await inTurns(rounds, { [ours]: plan }));
});
