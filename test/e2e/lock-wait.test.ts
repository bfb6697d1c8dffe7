import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../src/adapters/open-ports.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { startDemoEstate } from '../../src/lab/demo-estate.ts';
import type { Rehearsal } from '../../src/ports/rehearsal.ts';
import { estateSchema } from '../kinds/cases.ts';
import { until } from '../tools/until.ts';
import { reconcile, reportOf } from './cli.ts';

/** Two pipelines on one estate: the second waits for the lock of the first, and then starts from what is live. */
let rehearsal: Rehearsal;
let plan: string;

beforeAll(async () => {
  rehearsal = await startDemoEstate({ hosts: 2, users: 20 });
  plan = join(rehearsal.folder, 'plan.json');
});
afterAll(async () => rehearsal?.stop());

const run = (...words: readonly string[]) => reconcile(words, rehearsal.environment);

/** Another run takes the lock of a host, and gives it back when it is told to. */
async function holdLock(): Promise<() => Promise<void>> {
  const { state } = loadEstate(rehearsal.file, readFileSync(rehearsal.file, 'utf8'), estateSchema);
  if (!state) throw new Error('the estate file is not valid');
  const [host] = state.hosts;
  const connection = connect(state, rehearsal.environment);
  const claim = { run: 'other-run', by: 'anna@elsewhere', expiry: 900_000, isDead: () => false };
  const taken = await connection.ports.host(host?.name ?? '').lock(claim);
  if (taken.state !== 'held') throw new Error('the lock is taken');
  return async () => {
    await taken.lock.release();
    await connection.close();
  };
}

/** The built program, as far as it has got. */
function start(...words: readonly string[]) {
  const env = { ...process.env, ...rehearsal.environment, COLUMNS: '1000' };
  const child = spawn(process.execPath, ['dist/reconcile.cjs', ...words, '--runs', join(rehearsal.folder, 'runs')], {
    env,
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  const waits = until(() => said.stderr.includes('Waiting for its lock'), 'it waits');
  return { child, ended, waits };
}

it('two at once: both end well, and the second finds nothing to do', async () => {
  const [first, second] = await Promise.all([
    run('apply', '--yes', '--format', 'json', '--lock-wait', '5m', rehearsal.file),
    pause(300).then(() => run('apply', '--yes', '--format', 'json', '--lock-wait', '5m', rehearsal.file)),
  ]);
  expect([first.code, second.code, first.stderr + second.stderr]).toEqual([
    0,
    0,
    expect.stringContaining('held by run'),
  ]);
  const steps = [first, second].map(ran => reportOf(ran).plan.steps.length);
  expect(steps.filter(number => number === 0)).toHaveLength(1);
});

it('the plan is made from what is live after the wait', async () => {
  const release = await holdLock();
  const program = start('apply', '--yes', '--lock-wait', '5m', rehearsal.file);
  await program.waits;
  await rehearsal.meddle();
  await release();
  const ran = await program.ended;
  expect([ran.code, ran.stderr]).toEqual([
    0,
    expect.stringMatching(/held by run other-run of anna@elsewhere[\s\S]*is free, after/),
  ]);
  expect(ran.stdout).toMatch(/Read again: in sync/);
});

it('a saved plan is checked again after the wait', async () => {
  await rehearsal.meddle();
  expect((await run('plan', '-o', plan, rehearsal.file)).code).toBe(2);
  const release = await holdLock();
  const program = start('apply', plan, '-f', rehearsal.file, '--yes', '--lock-wait', '5m');
  await program.waits;
  const whole = readFileSync(rehearsal.file, 'utf8');
  writeFileSync(rehearsal.file, whole.replace('moves: 25%', 'moves: 24%'));
  await release();
  const refused = await program.ended;
  writeFileSync(rehearsal.file, whole);
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('is free, after')]);
  expect((await run('apply', plan, '-f', rehearsal.file, '--yes', '--lock-wait', '5m')).code).toBe(0);
});

it('gives up in time, and at Ctrl-C; nothing is written', async () => {
  await rehearsal.meddle();
  const release = await holdLock();
  const late = await run('apply', '--yes', '--lock-wait', '3s', rehearsal.file);
  expect([late.code, late.stderr]).toEqual([3, expect.stringContaining('Gave up after 3 s of waiting.')]);
  const program = start('apply', '--yes', '--lock-wait', '5m', rehearsal.file);
  await program.waits;
  program.child.kill('SIGINT');
  const interrupted = await program.ended;
  expect([interrupted.code, interrupted.stderr]).toEqual([
    3,
    expect.stringMatching(/Interrupted after \d+ s of waiting\./),
  ]);
  await release();
  expect((await run('check', rehearsal.file)).code).toBe(2);
});
