import { expect, it } from 'vitest';
import { type HostCount, hostsOf } from '../../src/core/desired.ts';
import type { Comparison } from '../../src/core/plan.ts';
import { batchesOf, orderSteps, waitsOf } from '../../src/plan/step-order.ts';
import { desiredOf } from '../kinds/cases.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `h${i + 1}`);
const sizes = (roll: readonly HostCount[], count: number) => batchesOf(names(count), roll).map(batch => batch.length);

it.each([
  ['nothing said: one by one', [], 3, [1, 1, 1]],
  ['canary, a quarter, all', [{ hosts: 1 }, { percent: 25 }, { percent: 100 }], 12, [1, 2, 9]],
  ['of few hosts each batch has one at least', [{ hosts: 1 }, { percent: 25 }, { percent: 100 }], 3, [1, 1, 1]],
  ['what the last leaves goes one by one', [{ hosts: 2 }], 4, [2, 1, 1]],
  ['no more batches than hosts', [{ hosts: 1 }, { hosts: 2 }, { hosts: 3 }], 1, [1]],
  ['no hosts', [{ percent: 100 }], 0, []],
] as const)('%s', (_, roll, count, expected) => {
  expect(sizes(roll, count)).toEqual(expected);
  expect(batchesOf(names(count), roll).flat()).toEqual(names(count));
});

it('a host of a batch waits for every host of the one before, and for none of its own; in a part, for the one before that is in it', () => {
  const base = desiredOf({ name: '', live: {}, changes: [] });
  const [first] = hostsOf(base, 'cs6');
  if (!first) throw new Error('no host');
  const cs6 = names(5).map(name => ({ ...first, name }));
  const desired = { ...base, hosts: cs6, roll: { cs6: [{ hosts: 1 }, { hosts: 3 }, { percent: 100 }], cs7: [] } };
  const change = { action: 'update', item: 'i', key: 'k' } as const;
  const comparisons = cs6.flatMap(({ name }): readonly Comparison[] => [
    { kind: 'conf', stage: 'cs6-config', target: name, changes: [change], findings: [] },
    { kind: 'service', stage: 'cs6-activate', target: name, changes: [change], findings: [] },
  ]);
  const steps = orderSteps(comparisons, desired);
  const waits = waitsOf(steps);
  const after = new Map(steps.map(step => [step.id, waits(step)]));
  const canary = ['h1/conf', 'h1/service'];
  expect(after.get('h1/conf')).toEqual([]);
  expect(after.get('h1/service')).toEqual(['h1/conf']);
  expect(after.get('h2/conf')).toEqual(canary);
  expect(after.get('h3/conf')).toEqual(canary);
  expect(after.get('h3/service')).toEqual(['h3/conf', ...canary]);
  expect(after.get('h4/conf')).toEqual(['h2/conf', 'h2/service', 'h3/conf', 'h3/service']);
  expect(after.get('h5/conf')).toEqual(['h2/conf', 'h2/service', 'h3/conf', 'h3/service']);
  const part = steps.filter(({ target }) => !['h2', 'h3'].includes(target));
  const last = part.at(-1);
  expect(last && waitsOf(part)(last)).toEqual(['h5/conf', ...canary]);
});
