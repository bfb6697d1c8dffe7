import { expect } from 'vitest';
import type { RunOnce } from './killed-runs.ts';
import { recordOf, writesOf } from './records.ts';

/** Writes that can be under way at once, as many that were made and whose last lines are not on disk, and one that was only recorded. */
const mostUnderWay = 65;

/** A stopped server may be stopped again: only its start proves anything. */
const repeatable = / run \.\/(stop-cal|asadmin stop-domain)/;

/** Every write of every record is accounted for: made once, and open only where its run was killed. */
export function expectAccounted(folder: string, runs: readonly RunOnce[], serial: boolean): void {
  for (const { name, killedAt } of runs) {
    const record = recordOf(folder, name);
    const open = writesOf(folder, name).filter(({ state }) => state === undefined);
    const [, what, moment] = /^(.*) (begun|made|before|after)$/.exec(killedAt ?? '') ?? [];
    if (moment === 'begun' || moment === 'made') {
      expect(record?.finished, `${name}, killed at ${killedAt}`).toBeUndefined();
      expect(open.length, `${name}, killed at ${killedAt}`).toBeGreaterThan(0);
      expect(open.length).toBeLessThanOrEqual(mostOpen(what, serial));
    } else {
      expect(open, `${name}, killed at ${killedAt}`).toEqual([]);
      expect(record?.finished !== undefined).toBe(killedAt === undefined || killedAt === 'finished after');
    }
    expect((record?.open ?? []).map(({ write }) => write)).toEqual(open.map(({ begin }) => begin.write));
  }
  expectOnce(folder, runs);
}

/** The stop and the start of a server are begun together, and sent together. */
function mostOpen(what: string | undefined, serial: boolean): number {
  if (what?.includes(' run ')) return 2;
  return serial || !what?.includes(' modify ') ? 1 : mostUnderWay;
}

function expectOnce(folder: string, runs: readonly RunOnce[]): void {
  const times = new Map<string, number>();
  /** Made, although their record does not say so. */
  const made = new Set<string>();
  for (const { name, killedAt } of runs) {
    for (const { what, state } of writesOf(folder, name)) {
      expect(made, `${name} writes what is written already: ${what}`).not.toContain(what);
      if (state === 'done' || state === 'exit 0') times.set(what, (times.get(what) ?? 0) + 1);
      else expect(state, `${name}: ${what}`).toBeUndefined();
    }
    const last = writesOf(folder, name).filter(({ state }) => state === undefined);
    const together = last.slice(1).every(({ sentWithFormer }) => sentWithFormer);
    if (killedAt?.endsWith(' made') && together)
      for (const { what } of last) if (!repeatable.test(what)) made.add(what);
  }
  const twice = [...times].filter(([what, count]) => count > 1 && !repeatable.test(what));
  expect(twice, 'nothing is done twice').toEqual([]);
}
