import { describe, expect, it } from 'vitest';
import { HashCollector } from '../../src/audit/hash-list.ts';

function collect(texts: Iterable<string>): HashCollector {
  const collector = new HashCollector();
  for (const text of texts) collector.add(text);
  return collector;
}

describe('a list of hashes', () => {
  it('knows what was added, each once, and what came more than once', () => {
    const collector = collect(['b', 'a', '', 'b', 'a', 'c', 'b']);
    const [all, twice] = [collector.unique(), collector.repeated()];
    expect([all.size, twice.size]).toEqual([4, 2]);
    expect(['a', 'b', 'c', ''].map(text => all.has(text))).toEqual([true, true, true, true]);
    expect(['a', 'b', 'c', ''].map(text => twice.has(text))).toEqual([true, true, false, false]);
    expect([all.has('d'), all.indexOf('ab')]).toEqual([false, -1]);
    expect(['a', 'b', 'c', ''].map(text => all.indexOf(text)).toSorted()).toEqual([0, 1, 2, 3]);
  });

  it('can be empty, and added to after it was asked', () => {
    const collector = new HashCollector();
    expect([collector.unique().size, collector.unique().has('a')]).toEqual([0, false]);
    for (const text of ['a', 'b']) collector.add(text);
    collector.repeated();
    collector.add('a');
    expect([collector.unique().size, collector.repeated().has('a')]).toEqual([2, true]);
  });

  it('tells 200,000 alike texts apart, and counts what two lists share', () => {
    const texts = Array.from({ length: 200_000 }, (_, i) => `uid=user${i},ou=people,o=isp`);
    const all = collect(texts).unique();
    expect(all.size).toBe(texts.length);
    expect(texts.every(text => all.has(text))).toBe(true);
    const some = collect([...texts.filter((_, i) => i % 3 === 0), 'x', 'y']).unique();
    expect([all.countShared(some), some.countShared(all)]).toEqual([66_667, 66_667]);
  });
});
