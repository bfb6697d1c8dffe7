import { expect, it } from 'vitest';
import type { Change } from '../../src/core/change.ts';
import {
  ChangeList,
  ChangeSorter,
  countFacts,
  longList,
  movesOf,
  packChanges,
  replaceChanges,
  withFacts,
} from '../../src/core/change-list.ts';

const source = { file: 'estate.yaml', line: 3 };

const change = (number: number): Change => ({
  action: 'create',
  item: `uid=u${String(number).padStart(7, '0')},o=isp`,
  key: 'davUniqueId',
  after: `id-${number}`,
  group: number % 3 === 0 ? 'staff' : 'rest',
  source,
});

const changes = (count: number) => Array.from({ length: count }, (_, number) => change(number));

it('a list has the same changes as the array that it was packed from', () => {
  const all = [
    ...changes(1234),
    { ...change(1), action: 'update', before: 'a', after: ['b', 'c'], moves: 'cs6->cs7' } as const,
    { ...change(2), action: 'delete', before: 'x', irreversible: 'gone', withClass: true } as const,
  ];
  const list = packChanges(all);
  expect([...list]).toEqual(all);
  expect(JSON.stringify(list)).toBe(JSON.stringify([...list]));
  expect(list.length).toBe(all.length);
  for (const place of [0, 499, 500, 1235, 1236, -1]) expect(list.at(place), `at ${place}`).toEqual(all.at(place));
  for (const [from, to] of [
    [0, 3],
    [498, 503],
    [1230, 9999],
    [-2, undefined],
    [7, 7],
  ] as const)
    expect(list.slice(from, to), `${from} to ${to}`).toEqual(all.slice(from, to));
  expect([...list.filter((_, place) => place % 7 === 0)]).toEqual(all.filter((_, place) => place % 7 === 0));
  expect(list.map(({ item }, place) => `${item}${place}`)).toEqual(all.map(({ item }, place) => `${item}${place}`));
  expect(list.flatMap(({ item }) => [item, item])).toEqual(all.flatMap(({ item }) => [item, item]));
  expect(list.some(({ moves }) => moves !== undefined)).toBe(true);
  expect(list.every(({ moves }) => moves !== undefined)).toBe(false);
});

it('facts are counted without reading the list, and moves among them are found', () => {
  const list = packChanges([...changes(999), { ...change(5), moves: 'cs7->cs6' }]);
  expect(countFacts(list, ({ group }) => group === 'staff')).toBe(333);
  expect(list.counts.map(({ count }) => count).toSorted()).toEqual([1, 333, 666]);
  expect(withFacts(list, ({ group }) => group === 'nobody').length).toBe(0);
  expect(withFacts(list, () => true)).toBe(list);
  expect(movesOf([{ changes: list }], 'cs7->cs6')).toHaveLength(1);
  expect(movesOf([{ changes: list }], 'cs6->cs7')).toEqual([]);
});

it('a list says whether all of its values are alike', () => {
  const same = changes(3).map(one => ({ ...one, after: 'same', group: 'rest' }));
  expect(packChanges(same).counts).toMatchObject([{ count: 3, alike: true }]);
  expect(packChanges([...same, { ...change(1), after: 'other' }]).counts).toMatchObject([{ count: 4, alike: false }]);
});

it.each([0, 1, longList, longList + 1, 4 * longList, 4 * longList + 1, 9 * longList])(
  '%i changes are sorted as an array would be, whatever the order they come in',
  count => {
    const all = changes(count);
    const keyOf = ({ group, item }: Change) => `${group}\0${item}`;
    const sorter = new ChangeSorter(keyOf);
    // A step that has no divisor in common with the number meets each once.
    for (let i = 0; i < count; i++) sorter.add(all[(i * 7919) % count] ?? change(0));
    const sorted = sorter.end();
    expect(sorted instanceof ChangeList).toBe(count > longList);
    const expected = all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    expect(sorted.length).toBe(count);
    expect(sorted.map(({ item }) => item)).toEqual(expected.map(({ item }) => item));
  },
);

it('the digest is of what the changes say, in their order', () => {
  const digest = (all: readonly Change[]) => packChanges(all).sha256;
  const all = changes(600);
  const reordered = all.map(({ action, item, ...rest }) => ({ ...rest, item, action }));
  expect(digest(reordered)).toBe(digest(all));
  expect(digest(all.toReversed())).not.toBe(digest(all));
  expect(digest(all.with(599, { ...change(599), after: 'other' }))).not.toBe(digest(all));
  expect(digest(all.with(3, { ...change(3), source: { ...source, line: 4 } }))).not.toBe(digest(all));
});

it('what takes the place of a list is a list too', () => {
  const list = packChanges(changes(700));
  const replaced = replaceChanges(list, one => (one.group === 'staff' ? { ...one, reason: 'x' } : undefined));
  expect(replaced).toBeInstanceOf(ChangeList);
  expect(replaced.length).toBe(234);
  expect(replaced.every(({ reason }) => reason === 'x')).toBe(true);
});
