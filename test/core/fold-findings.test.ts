import { describe, expect, it } from 'vitest';
import { countOf, type Finding, foldFindings } from '../../src/core/finding.ts';
import { randomFrom } from '../directories/made-up-accounts.ts';

const finding = (detail: string): Finding => ({ severity: 'note', code: 'a.b', summary: 'x', detail });
const folder = () =>
  foldFindings(
    ({ code }) => code,
    (a, b) => (a.detail < b.detail ? -1 : 1),
  );

function folded(findings: readonly Finding[]): readonly Finding[] {
  const all = folder();
  for (const one of findings) all.add(one);
  return all.all();
}

describe('folding findings that are alike', () => {
  const many = Array.from({ length: 95 }, (_, i) => finding(`uid=${String(i).padStart(3, '0')}`));

  it('keeps the first twenty by their text, whatever order they come in, and counts the others', () => {
    const random = randomFrom(7);
    const shuffled = many.map(one => ({ one, rank: random() })).toSorted((a, b) => a.rank - b.rank);
    const kept = folded(shuffled.map(({ one }) => one));
    expect(kept.map(({ detail }) => detail)).toEqual(many.slice(0, 20).map(({ detail }) => detail));
    expect(kept.map(({ more }) => more)).toEqual([...Array.from({ length: 19 }), 75]);
  });

  it.each([1, 2, 3, 10, 95])('in %i parts and then together gives the same as at once', parts => {
    const some = Array.from({ length: parts }, (_, part) => folded(many.filter((_one, i) => i % parts === part)));
    expect(folded(some.flat())).toEqual(folded(many));
  });

  const about = (name: string, detail = 'no mail'): Finding => ({
    ...finding(detail),
    about: { count: 1, names: [name] },
  });
  const accounts = Array.from({ length: 95 }, (_, i) => about(`uid=${String(i).padStart(3, '0')}`));

  it('makes one of those that say the same, with their number and the first names', () => {
    const random = randomFrom(11);
    const shuffled = accounts.map(one => ({ one, rank: random() })).toSorted((a, b) => a.rank - b.rank);
    expect(folded([...shuffled.map(({ one }) => one), about('uid=x', 'no id')])).toEqual([
      { ...finding('no id'), about: { count: 1, names: ['uid=x'] } },
      {
        ...finding('no mail'),
        about: { count: 95, names: accounts.slice(0, 20).flatMap(one => one.about?.names ?? []) },
      },
    ]);
  });

  it.each([1, 2, 3, 10, 95])('and in %i parts the same', parts => {
    const mixed = [...accounts, ...many].map((one, i) => ({
      ...one,
      detail: i % 3 === 0 ? `${one.detail} ${i % 30}` : one.detail,
    }));
    const some = Array.from({ length: parts }, (_, part) => folded(mixed.filter((_one, i) => i % parts === part)));
    expect(folded(some.flat())).toEqual(folded(mixed));
    expect(folded(mixed).reduce((sum, one) => sum + countOf(one), 0)).toBe(190);
  });
});
