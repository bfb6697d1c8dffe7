import type { Finding } from './finding.ts';

/** How many that are alike are kept before the others are only counted. */
const mostAlike = 20;

/** Keeps the first findings of those that `likeness` says are alike, and counts the others on the last one kept. */
export function foldFindings(likeness: (finding: Finding) => string): {
  add(finding: Finding): void;
  all(): readonly Finding[];
} {
  const alike = new Map<string, { readonly kept: Finding[]; more: number }>();
  return {
    add(finding) {
      const id = likeness(finding);
      const group = alike.get(id) ?? { kept: [], more: 0 };
      alike.set(id, group);
      if (group.kept.length < mostAlike) group.kept.push(finding);
      else group.more++;
    },
    all: () =>
      [...alike.values()].flatMap(({ kept, more }) =>
        kept.map((finding, i) => (more > 0 && i === kept.length - 1 ? { ...finding, more } : finding)),
      ),
  };
}
