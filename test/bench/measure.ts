import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a shell line to its end. */
export const shell = (line: string): Promise<unknown> =>
  promisify(execFile)('/bin/sh', ['-c', line], { maxBuffer: 1 << 30 });

/** Two ways of doing the same, taken in turns so that both meet the same machine; one may return its own milliseconds. */
export interface Contest {
  readonly name: string;
  readonly rounds: number;
  readonly usual: { readonly name: string; readonly run: () => Promise<unknown> };
  readonly ours: { readonly name: string; readonly run: () => Promise<unknown> };
}

/**
 * Prints the medians in milliseconds, and the median of each round's ratio: above 1, ours is faster. Both ways of a round run
 * one after the other, ours first in every second round, so that a machine that slows down slows both. The first warms up.
 */
export async function contest({ name, rounds, usual, ours }: Contest): Promise<void> {
  const times: { readonly usual: number; readonly ours: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const first = await timed(round % 2 === 0 ? usual : ours);
    const second = await timed(round % 2 === 0 ? ours : usual);
    if (round > 0) times.push(round % 2 === 0 ? { usual: first, ours: second } : { usual: second, ours: first });
  }
  const milliseconds = (way: 'usual' | 'ours') => median(times.map(time => time[way])).toFixed(0);
  const ratio = median(times.map(time => time.usual / time.ours)).toFixed(2);
  const line = `${usual.name} ${milliseconds('usual')} ms, ${ours.name} ${milliseconds('ours')} ms, ratio ${ratio}`;
  process.stdout.write(`${name}: ${line} (medians of ${rounds})\n`);
}

/** Milliseconds, its own where it knows them better. */
async function timed({ run }: Contest['usual']): Promise<number> {
  const start = performance.now();
  const own = await run();
  return typeof own === 'number' ? own : performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
}
