import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fenceFunctions } from '../../src/adapters/ssh/fence-script.ts';
import {
  claimScript,
  clearScript,
  dropScript,
  lookScript,
  renewScript,
  takeOverScript,
} from '../../src/adapters/ssh/lock-script.ts';
import { confirmScript, startScript } from '../../src/adapters/ssh/watchdog-script.ts';

/* The protocol of the lock as a model, which spin searches whole; see the head of lock.pml. */
const model = join(import.meta.dirname, 'lock.pml');

/** How often each of these may happen, at any step. */
interface Mishaps {
  readonly BREAKS?: 1;
  readonly CRASHES?: 1;
  readonly LOSSES?: 1;
  readonly KILLS?: 1;
  readonly MISJUDGED?: 1;
}

const none = { BREAKS: 0, CRASHES: 0, LOSSES: 0, KILLS: 0, MISJUDGED: 0 };

/** What pan says, which ends with 0 also where it has found something, and whether it has left a trail. */
function search(mishaps: Mishaps, variant?: string): { readonly said: string; readonly trail: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'protocol-'));
  try {
    copyFileSync(model, join(folder, 'lock.pml'));
    const counts = Object.entries({ ...none, ...mishaps }).map(([name, count]) => `-D${name}=${count}`);
    const run = (program: string, words: readonly string[]) =>
      execFileSync(program, words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    run('spin', [...counts, ...(variant ? [`-D${variant}`] : []), '-a', 'lock.pml']);
    // What is refuted is refuted within a moment: compiling it well would take longer than the search.
    run('gcc', [
      variant ? '-O0' : '-O1',
      '-w',
      '-DSAFETY',
      '-DNOCLAIM',
      '-DCOLLAPSE',
      '-DVECTORSZ=2048',
      '-o',
      'pan',
      'pan.c',
    ]);
    const said = run(join(folder, 'pan'), ['-m200000']);
    return { said, trail: existsSync(join(folder, 'lock.pml.trail')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PROTOCOL_WHOLE=1 searches the larger ones too; it takes a minute. */
const larger: readonly Mishaps[] = [
  { BREAKS: 1, CRASHES: 1 },
  { CRASHES: 1, LOSSES: 1 },
];

test.each<Mishaps>([
  ...(process.env['PROTOCOL_WHOLE'] === '1' ? larger : []),
  { BREAKS: 1 },
  { CRASHES: 1, KILLS: 1 },
  { CRASHES: 1, MISJUDGED: 1 },
  { KILLS: 1, MISJUDGED: 1 },
  { LOSSES: 1 },
])('two runs with %j at any step: no error', mishaps => {
  const { said, trail } = search(mishaps);
  expect(said).toMatch(/errors: 0$/m);
  expect(said).not.toContain('max search depth too small');
  expect(trail).toBe(false);
});

test.each<[string, Mishaps, RegExp]>([
  ['UNFENCED', { BREAKS: 1 }, /assertion violated +!\((writing|gone)/],
  ['UNFENCED', { MISJUDGED: 1 }, /assertion violated +!\((writing|gone)/],
  ['HASTY', { MISJUDGED: 1 }, /assertion violated +!\(writing/],
  ['FORGETFUL', { LOSSES: 1 }, /assertion violated +!\((doomed|writing)/],
  ['HEEDLESS', { MISJUDGED: 1 }, /assertion violated +!\(writing/],
])('as the program was, %s, with %j: refuted', (variant, mishaps, why) => {
  const { said, trail } = search(mishaps, variant);
  expect(said).toMatch(why);
  expect(trail).toBe(true);
});

test('the model and the scripts have the same steps', () => {
  const fence = { own: '0'.repeat(24), mark: '1'.repeat(24) };
  const words = { own: 'a', run: 'r', by: 'b' };
  const watch = { name: 'w', files: [], commands: [], patience: 1_000 };
  const scripts = [
    claimScript(words),
    takeOverScript(words, 'beat-a', ''),
    clearScript(''),
    lookScript(),
    renewScript('a'),
    dropScript('a', 1),
    startScript(watch, 'a', fence),
    confirmScript('w', 'a'),
  ].map(({ functions, body }) => `${functions}\n${body}`);
  const steps = (text: string, pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(match => match[1]))].sort();
  const coded = steps([fenceFunctions(fence), ...scripts].join('\n'), /^\s*# step (\S+)$/gm);
  expect(steps(readFileSync(model, 'utf8'), /\bSTEP\((?!x\))(\w+)\)/g)).toEqual(coded);
});
