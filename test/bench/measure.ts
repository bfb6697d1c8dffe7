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

/** Prints the medians in milliseconds and their ratio: above 1, ours is faster. The first round of each warms up. */
export async function contest({ name, rounds, usual, ours }: Contest): Promise<void> {
  const times: readonly [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    for (const [index, way] of [usual, ours].entries()) {
      const start = performance.now();
      const own = await way.run();
      const took = typeof own === 'number' ? own : performance.now() - start;
      if (round > 0) times[index === 0 ? 0 : 1].push(took);
    }
  }
  const [a, b] = times.map(median);
  const line = `${usual.name} ${a?.toFixed(0)} ms, ${ours.name} ${b?.toFixed(0)} ms, ratio ${((a ?? 0) / (b ?? 1)).toFixed(2)}`;
  process.stdout.write(`${name}: ${line} (medians of ${rounds})\n`);
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] ?? Number.NaN;
}
