import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/core/finding.ts';
import { foldFindings } from '../../src/core/fold-findings.ts';
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
});
