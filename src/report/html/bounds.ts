/**
 * What keeps a page bounded whatever the estate: so many of each are drawn, and the others are counted. They are chosen so that
 * a page stays below 5 MB also where every drawn character has to be escaped; a test holds it.
 */
export const bounds = {
  /** Names of hosts or accounts that all folded changes of a page list together. */
  names: 3000,
  /** Folded changes of a page, and the headings they stand under. */
  changes: 180,
  blocks: 60,
  findings: 120,
  /** Lines of tables: hosts, steps, cohorts. */
  rows: 240,
  cells: 100,
  /** Characters of a name, of a value, of a detail. */
  name: 120,
  value: 300,
  detail: 1500,
} as const;

/** The first of a list, and how many more there are. */
export function bounded<T>(all: readonly T[], most: number): { readonly shown: readonly T[]; readonly more: number } {
  return { shown: all.slice(0, most), more: Math.max(0, all.length - most) };
}

/** The most each of several lists may draw so that all together draw no more than `total`: short ones leave theirs to the long. */
export function fairShare(sizes: readonly number[], total: number): number {
  let left = total;
  const ascending = sizes.toSorted((a, b) => a - b);
  for (const [i, size] of ascending.entries()) {
    const others = ascending.length - i;
    if (size * others > left) return Math.floor(left / others);
    left -= size;
  }
  return total;
}
