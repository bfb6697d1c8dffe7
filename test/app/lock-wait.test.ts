import { expect, it } from 'vitest';
import type { Failure } from '../../src/app/context.ts';
import { type BeginAnew, type LockWait, waitForLocks } from '../../src/app/lock-wait.ts';
import { type Finding, TargetProblem } from '../../src/core/finding.ts';
import { durationText } from '../../src/core/units.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type { HostGuard, LockHolder } from '../../src/ports/host.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';

/* What waits for the lock of another run: with a clock that only the waiting moves. */
const holder = (run: string, more: Partial<LockHolder> = {}): LockHolder => {
  return { run, by: 'ops@desk', identity: run, state: 'idle', silent: 2_000, ...more };
};

const refused = (code: 'run.locked' | 'run.watchdog-called-off' | 'host.unreachable' = 'run.locked'): Failure => {
  return { failed: [finding(code, { detail: 'cs6-fe1 is held.', target: 'cs6-fe1' })], exitCode: 3 };
};

interface World {
  /** Who holds the lock after so many milliseconds; a finding where the host cannot say. */
  readonly holds: (now: number) => LockHolder | Finding | undefined;
  /** What the attempts come back with; afterwards they are done. */
  readonly attempts: readonly (Failure | { readonly plan: string })[];
  readonly interruptedAt?: number;
  readonly dead?: string;
}

async function run(world: World, { lockWait }: LockWait) {
  let now = 0;
  let made = 0;
  const notes: string[] = [];
  const shown: string[] = [];
  const stops: (() => void)[] = [];
  const { ports } = memoryPorts({});
  const guard = async (): Promise<HostGuard> => {
    const found = world.holds(now);
    if (found && 'code' in found) throw new TargetProblem(found);
    return { watchdogs: [], acted: [], ...(found && { holder: found }) };
  };
  const clocked = {
    ...ports,
    host: () => ({ ...ports.host('x'), guard }),
    elapsed: () => now,
    pause: async (milliseconds: number) => {
      expect(milliseconds).toBeGreaterThan(0);
      now += milliseconds;
      if (world.interruptedAt !== undefined && now >= world.interruptedAt) for (const stop of stops) stop();
    },
  };
  const progress = {
    show: (m: string) => shown.push(m),
    end: () => {},
    note: (m: string) => notes.push(m),
    warn: () => {},
  };
  const context = {
    claim: (name: string) => ({ run: name, by: '', isDead: (one: LockHolder) => one.run === world.dead }),
    onInterrupt: (stop: () => void) => {
      stops.push(stop);
      return () => void stops.splice(stops.indexOf(stop), 1);
    },
    progress,
  };
  type Result = Failure | { readonly plan: string };
  const result = await waitForLocks<Result>(
    { ...(lockWait && { lockWait }) },
    context,
    async (heed): Promise<Result | BeginAnew> => {
      const attempt = world.attempts[made] ?? { plan: 'done' };
      made += 1;
      return heed(attempt, clocked);
    },
  );
  return { result, made, now, notes, shown, listening: stops.length };
}

const tenMinutes = { lockWait: { text: '10m', milliseconds: 600_000 } };
const detailOf = ({ result }: Awaited<ReturnType<typeof run>>) =>
  'failed' in result ? result.failed[0]?.detail : undefined;

it('does not wait unless it is asked to, and not for other refusals', async () => {
  const without = await run({ holds: () => holder('a'), attempts: [refused()] }, {});
  expect(without).toMatchObject({ made: 1, now: 0, notes: [], result: refused() });
  const other = await run({ holds: () => holder('a'), attempts: [refused('host.unreachable')] }, tenMinutes);
  expect(other).toMatchObject({ made: 1, now: 0, notes: [] });
  expect(await run({ holds: () => undefined, attempts: [] }, tenMinutes)).toMatchObject({ made: 1, now: 0 });
});

it('waits until the lock is free, says for whom, and begins anew', async () => {
  const done = await run(
    { holds: now => (now < 125_000 ? holder('a') : undefined), attempts: [refused()] },
    tenMinutes,
  );
  expect(done).toMatchObject({ made: 2, now: 125_000, result: { plan: 'done' }, listening: 0 });
  expect(done.notes).toEqual([
    'cs6-fe1 is held by run a of ops@desk, last heard of 2 s ago.\nWaiting for its lock, 10m at most in all. Ctrl-C ends the wait.',
    'The lock of cs6-fe1 is free, after 2 min 5 s. Starting again from the present state.',
  ]);
  expect(done.shown.at(-1)).toBe('waiting for the lock of cs6-fe1: 2 min of 10m');
});

it('says so when another run has it, and waits no longer for both than it was allowed', async () => {
  const holds = (now: number) => (now < 20_000 ? holder('a') : holder('b \u001b[2J'));
  const late = await run(
    { holds, attempts: [refused(), refused(), refused()] },
    { lockWait: { text: '42s', milliseconds: 42_000 } },
  );
  expect(late).toMatchObject({ now: 42_000, made: 1, result: { exitCode: 3 }, listening: 0 });
  expect(late.notes.map(note => note.split('\n')[0])).toEqual([
    'cs6-fe1 is held by run a of ops@desk, last heard of 2 s ago.',
    expect.stringMatching(/^cs6-fe1 is held by run b [^\u001b]*of ops@desk/),
  ]);
  expect(detailOf(late)).toBe('cs6-fe1 is held.\nGave up after 42 s of waiting.');
});

it('the time that is allowed counts over all attempts', async () => {
  const holds = (now: number) => (Math.floor(now / 10_000) % 2 === 0 ? holder(`run ${now}`) : undefined);
  const late = await run(
    { holds, attempts: Array(99).fill(refused()) },
    { lockWait: { text: '1m', milliseconds: 60_000 } },
  );
  expect(late.now).toBe(60_000);
  expect(late.made).toBeLessThan(10);
  expect(detailOf(late)).toContain('Gave up after 1 min of waiting.');
});

it.each([
  ['is known to be dead', holder('dead')],
  ['was silent for longer than a run may be', holder('a', { silent: 900_001 })],
])('does not wait for a holder that %s', async (_, one) => {
  const done = await run({ holds: () => one, attempts: [refused()], dead: 'dead' }, tenMinutes);
  expect(done).toMatchObject({ made: 2, now: 5_000 });
});

it('a lock that is free at the first look is looked at once more: two attempts never follow each other at once', async () => {
  const late = await run({ holds: () => undefined, attempts: Array(999).fill(refused()) }, tenMinutes);
  expect([late.now, late.made <= 121]).toEqual([600_000, true]);
});

it('a holder that died before it had signed its lock has no name, and is waited for like any other', async () => {
  const holds = (now: number) => (now < 12_000 ? holder('', { identity: '' }) : undefined);
  const done = await run({ holds, attempts: [refused()] }, tenMinutes);
  expect(done).toMatchObject({ made: 2, now: 15_000 });
});

it('a host that cannot say any more is left to the next attempt', async () => {
  const holds = (now: number) => (now < 10_000 ? holder('a') : finding('host.unreachable', { detail: 'x' }));
  const done = await run({ holds, attempts: [refused()] }, tenMinutes);
  expect(done).toMatchObject({ made: 2, now: 10_000 });
  expect(done.notes.at(-1)).toBe(
    'cs6-fe1 cannot say who holds its lock, after 10 s. Starting again from the present state.',
  );
});

it('ends at an interrupt within a moment', async () => {
  const done = await run({ holds: () => holder('a'), attempts: [refused()], interruptedAt: 12_300 }, tenMinutes);
  expect(done).toMatchObject({ made: 1, now: 12_500, listening: 0 });
  expect(detailOf(done)).toBe('cs6-fe1 is held.\nInterrupted after 13 s of waiting.');
});

it('begins anew at once where watchdogs of a run were called off that had ended meanwhile', async () => {
  const done = await run({ holds: () => undefined, attempts: [refused('run.watchdog-called-off')] }, tenMinutes);
  expect(done).toMatchObject({ made: 2, now: 0, notes: [] });
});

it.each([
  [0, '0 s'],
  [59_400, '59 s'],
  [59_600, '1 min'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
])('%i milliseconds are %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
