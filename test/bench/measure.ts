import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type BenchReport, ours as oursName } from './bench-report.ts';
import type { Figures } from './figures.ts';

/** Runs a shell line to its end. */
export const shell = (line: string): Promise<unknown> =>
  promisify(execFile)('/bin/sh', ['-c', line], { maxBuffer: 1 << 30 });

/** A number of the environment, or what is usual. */
export function size(name: string, usual: number): number {
  return Number(process.env[name] ?? usual);
}

/** Ways to do the same, by name. */
export type Ways = Readonly<Record<string, () => Promise<Figures>>>;

/**
 * Runs all ways of a round one after the other, in the opposite order in every second round, so that a machine that slows down
 * slows them all. A first round warms up and counts for nothing, unless a run is so long that it does not matter.
 */
export async function inTurns(
  rounds: number,
  ways: Ways,
  warmsUp = true,
): Promise<Readonly<Record<string, readonly Figures[]>>> {
  const runs: Record<string, Figures[]> = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let round = warmsUp ? 0 : 1; round <= rounds; round += 1) {
    const order = Object.entries(ways);
    for (const [name, run] of round % 2 === 0 ? order : order.toReversed()) {
      const figures = await run();
      if (round > 0) runs[name]?.push(figures);
    }
  }
  return runs;
}

/** Two ways of doing the same; one may return its own milliseconds. */
export interface Contest {
  readonly name: string;
  readonly rounds: number;
  readonly report: BenchReport;
  readonly usual: { readonly name: string; readonly run: () => Promise<unknown> };
  readonly ours: { readonly name: string; readonly run: () => Promise<unknown> };
}

/** Takes both in turns, and reports wall times. */
export async function contest({ name, rounds, report, usual, ours }: Contest): Promise<void> {
  const runs = await inTurns(rounds, { [usual.name]: () => timed(usual.run), [oursName]: () => timed(ours.run) });
  report.add(name, runs);
}

/** Wall time, its own where it knows it better. */
async function timed(run: () => Promise<unknown>): Promise<Figures> {
  const start = performance.now();
  const own = await run();
  return { wall: (typeof own === 'number' ? own : performance.now() - start) / 1000 };
}
