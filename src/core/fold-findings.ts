import type { About, Finding } from './finding.ts';

/** How many that are alike are kept before the others are only counted. */
const mostAlike = 20;

/** How many names a finding keeps of what it is about. */
export const mostNamed = 20;

/**
 * Makes one finding of those that say the same about different things, and counts and names those things. Of findings that
 * `likeness` says are alike and that say something else, some are kept, and what the others are about is counted on the last
 * one kept: the first that come, or with `order` the first by that, so that it does not matter in which order they come. What
 * was folded before may be added too: folding parts and then those together gives the same as folding all at once.
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
      const same = finding.about ? group.kept.findIndex(one => saySame(one, finding)) : -1;
      const known = group.kept[same];
      if (known?.about && finding.about) {
        group.kept[same] = { ...known, about: together(known.about, finding.about) };
        return;
      }
      group.kept.splice(placeOf(finding, group.kept, order), 0, finding);
      const left = group.kept.length > mostAlike ? group.kept.pop() : undefined;
      if (left) group.more += countOf(left);
    },
    all: () =>
      [...alike.values()].flatMap(({ kept, more }) =>
        kept.map((finding, i) => (more > 0 && i === kept.length - 1 ? { ...finding, more } : finding)),
      ),
  };
}

/** How many things a finding is about, and those that are only counted on it. */
export function countOf({ about, more = 0 }: Finding): number {
  return (about?.count ?? 1) + more;
}

function saySame(a: Finding, b: Finding): boolean {
  return (
    a.about !== undefined &&
    a.detail === b.detail &&
    a.severity === b.severity &&
    a.code === b.code &&
    a.target === b.target &&
    a.where?.file === b.where?.file &&
    a.where?.line === b.where?.line
  );
}

function together(one: About, other: About): About {
  const last = one.names.at(-1);
  const full = one.names.length >= mostNamed;
  const news = full ? other.names.filter(name => last !== undefined && name < last) : other.names;
  return {
    count: one.count + other.count,
    names: news.length === 0 ? one.names : [...one.names, ...news].toSorted().slice(0, mostNamed),
  };
}

function placeOf(finding: Finding, kept: readonly Finding[], order: ((a: Finding, b: Finding) => number) | undefined) {
  const place = order ? kept.findIndex(one => order(finding, one) < 0) : -1;
  return place < 0 ? kept.length : place;
}

/** Each finding once: a host that is down, or a password that ends, gives the same one to every kind that asks. */
export function distinctFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map(one => [JSON.stringify(one), one])).values()];
}
