import type { BusyPeriod } from '../../ports/free-busy.ts';

/** The times of `all` that `others` together do not cover whole. */
export function uncovered(all: readonly BusyPeriod[], others: readonly BusyPeriod[]): readonly BusyPeriod[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of others.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return all.filter(
    one => one.end > one.start && !merged.some(({ start, end }) => start <= one.start && one.end <= end),
  );
}
