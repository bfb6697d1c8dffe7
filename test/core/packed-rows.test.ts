import { expect, it } from 'vitest';
import { KeyPlaces, PackedRows } from '../../src/core/packed-rows.ts';

it('rows come back in their order, and each by its place', () => {
  const rows = new PackedRows<readonly [number, string]>();
  const all = Array.from({ length: 1777 }, (_, number) => [number, `"\n\u2028${number}`] as const);
  for (const [number, row] of all.entries()) {
    expect(rows.length).toBe(number);
    rows.add(row);
  }
  expect([...rows]).toEqual(all);
  for (const place of [0, 499, 500, 1499, 1500, 1776, 3]) expect(rows.at(place)).toEqual(all[place]);
  expect([rows.at(1777), rows.at(99_999), rows.at(-1)]).toEqual([undefined, undefined, undefined]);
});

it('each key keeps the place that it had first, however many there are', () => {
  const places = new KeyPlaces();
  const keys = Array.from({ length: 20_000 }, (_, number) => `uid=${number}`);
  expect(keys.map((key, place) => places.add(key, place)).every(known => known === undefined)).toBe(true);
  expect(keys.every((key, place) => places.get(key) === place && places.add(key, 7) === place)).toBe(true);
  expect(places.size).toBe(20_000);
  expect(['', 'uid=', 'uid=20000', 'UID=1'].map(key => places.get(key))).toEqual(Array(4).fill(undefined));
});
