import type { Finding } from './finding.ts';

/** How many that are alike are kept before the others are only counted. */
const mostAlike = 20;

/**
 * Keeps some findings of those that `likeness` says are alike, and counts the others on the last one kept: the first that
 * come, or with `order` the first by that, so that it does not matter in which order they come. What was folded before may
 * be added too: folding parts and then those together gives the same as folding all at once.
 */
export function foldFindings(
  likeness: (finding: Finding) => string,
  order?: (a: Finding, b: Finding) => number,
): {
  add(finding: Finding): void;
  all(): readonly Finding[];
} {
  const alike = new Map<string, { readonly kept: Finding[]; more: number }>();
  return {
    add({ more = 0, ...finding }) {
      const id = likeness(finding);
      const group = alike.get(id) ?? { kept: [], more: 0 };
      alike.set(id, group);
      group.more += more;
      group.kept.splice(placeOf(finding, group.kept, order), 0, finding);
      if (group.kept.length <= mostAlike) return;
      group.kept.pop();
      group.more++;
    },
    all: () =>
      [...alike.values()].flatMap(({ kept, more }) =>
        kept.map((finding, i) => (more > 0 && i === kept.length - 1 ? { ...finding, more } : finding)),
      ),
  };
}

function placeOf(finding: Finding, kept: readonly Finding[], order: ((a: Finding, b: Finding) => number) | undefined) {
  const place = order ? kept.findIndex(one => order(finding, one) < 0) : -1;
  return place < 0 ? kept.length : place;
}

/** Each finding once: a host that is down gives the same one to every kind that asks it. */
export function distinctFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map(one => [`${one.code} ${one.detail}`, one])).values()];
}
