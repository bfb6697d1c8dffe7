import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../bench/bench-report.ts';
import { speedChart } from './speed-chart.ts';
import { measuredOf, reachedOf, speedGoals } from './speed-goals.ts';
import { speedPage, speedResults } from './speed-page.ts';

const results = speedResults();

/** `npx vitest run test/docs -u` writes both anew after a measurement. */
it('docs/speed.md has the figures that were measured, and no others', async () => {
  await expect(speedPage(readFileSync('docs/speed.md', 'utf8'), results)).toMatchFileSnapshot('../../docs/speed.md');
});

it('docs/speed.svg is drawn of them, and small', async () => {
  await expect(speedChart(results)).toMatchFileSnapshot('../../docs/speed.svg');
  expect(speedChart(results).length).toBeLessThan(15_000);
});

it('docs/speed.md shows every measurement', () => {
  const page = readFileSync('docs/speed.md', 'utf8');
  const blocks = [...page.matchAll(/<!-- results: (\S+) -->/g)].map(([, name]) => name);
  expect(blocks).toEqual(expect.arrayContaining(['goals', 'machine', ...results.map(({ bench }) => bench)]));
});

describe('a goal', () => {
  const spread = (median: number) => ({ median, least: median, most: median });
  const [cpu, , ratio, , , , faster] = speedGoals;
  const result: BenchResult = {
    ...{ bench: 'hosts', date: '', machine: '', load: 0, versions: {} },
    rows: [{ work: 'check 2 hosts', way: 'reconcile', rounds: 3, figures: { cpu: spread(0.5) } }],
    ratios: [
      { work: 'check 50 hosts', peer: 'ssh, 32 at once', rounds: 3, figures: { cpu: spread(2) } },
      { work: 'check 50 hosts', peer: 'ansible-playbook --check --diff', rounds: 3, figures: { wall: spread(0.02) } },
    ],
  };

  it.each([
    { what: 'a figure', goal: cpu, measured: 0.5, reached: 'must' },
    { what: 'a ratio', goal: ratio, measured: 2, reached: 'neither' },
    { what: 'a ratio the other way round', goal: faster, measured: 50, reached: 'goal' },
  ])('is compared with $what', ({ goal, measured, reached }) => {
    if (goal === undefined) throw new Error('no such goal');
    expect(measuredOf(goal, [result])).toBe(measured);
    expect(reachedOf(goal, measured)).toBe(reached);
  });
});
