import type { BusyPeriod } from '../../ports/free-busy.ts';
import type { FreeBusyLimits } from './limits.ts';

const day = 86_400_000;

/** What is asked about: whole days around a moment, so that answers of two servers can be compared. */
export function rangeAround(now: number, limits: FreeBusyLimits): BusyPeriod {
  const today = Math.floor(now / day) * day;
  return { start: today - limits.daysBack * day, end: today + limits.daysAhead * day };
}
