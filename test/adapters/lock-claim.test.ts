import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { claimOfThisProcess } from '../../src/adapters/local/lock-claim.ts';

const own = claimOfThisProcess('r');

/** The same claim, with some of what tells its process changed. */
function holder(change: (by: string) => string) {
  return { by: change(own.by) };
}

test('a living holder is not dead', () => {
  expect(own.by).toMatch(/@\S+ process \d+ \(started \d+, boot [0-9a-f-]{36}, pid:\[\d+\]\)$/);
  expect(own.isDead(own)).toBe(false);
});

test('of a machine of the same name nobody is known to be dead, whatever the numbers of its processes', () => {
  const gone = (by: string) => by.replace(/process \d+/, 'process 4194303');
  expect(own.isDead(holder(gone))).toBe(true);
  const elsewhere = (by: string) => gone(by).replace(/boot [0-9a-f]{8}/, 'boot 00000000');
  expect(own.isDead(holder(elsewhere))).toBe(false);
  expect(own.isDead(holder(by => gone(by).replace(/pid:\[\d+\]/, 'pid:[1]')))).toBe(false);
});

test('a process whose number is used again is dead', () => {
  expect(own.isDead(holder(by => by.replace(/started \d+/, 'started 1')))).toBe(true);
});

test('a process that was killed is dead, and was not before', async () => {
  const child = spawn('sleep', ['60']);
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'latin1');
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  const other = holder(by => by.replace(/process \d+ \(started \d+/, `process ${child.pid} (started ${started}`));
  expect(own.isDead(other)).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(own.isDead(other)).toBe(true);
});

test.each(['', 'root@vm process 1', 'root@vm in pid:[4026531836] process 4194303', 'x (started 1, boot y, pid:[1])'])(
  'of a holder that says less nobody is known to be dead: %j',
  by => {
    expect(own.isDead({ by })).toBe(false);
  },
);
