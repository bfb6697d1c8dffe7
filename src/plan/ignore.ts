import type { Change } from '../core/change.ts';
import { count } from '../core/count.ts';
import type { DesiredIgnore } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Comparison, IgnoredChange } from '../core/plan.ts';
import { finding } from '../findings/catalogue.ts';
import { sameName } from '../ldap/distinguished-name.ts';
import { isAboutHost } from './away.ts';

/** How many days an entry may lie about after its last day before it is an error. */
const graceDays = 14;

/** Comparisons without what the file says to leave alone, and what that was. Plan and apply both go through here. */
export function setAside(
  comparisons: readonly Comparison[],
  entries: readonly DesiredIgnore[],
  day: string,
): { readonly comparisons: readonly Comparison[]; readonly ignored: readonly IgnoredChange[] } {
  const valid = entries.filter(entry => day <= entry.until && !isAboutHost(entry));
  const ignored: IgnoredChange[] = [];
  const kept = comparisons.map(comparison => {
    const changes = comparison.changes.filter(change => {
      const entry = valid.find(e => concerns(e, comparison.target, change));
      if (entry)
        ignored.push({
          target: comparison.target,
          change,
          until: entry.until,
          reason: entry.reason,
          owner: entry.owner,
        });
      return entry === undefined;
    });
    return changes.length === comparison.changes.length ? comparison : { ...comparison, changes };
  });
  return { comparisons: kept, ignored };
}

function concerns(entry: DesiredIgnore, target: string, change: Change): boolean {
  const sameItem = entry.item === undefined || sameName(entry.item, change.item);
  return entry.target === target && entry.key.toLowerCase() === change.key.toLowerCase() && sameItem;
}

/** Entries that are past their day: a reminder first, then an error. */
export function expiryFindings(entries: readonly DesiredIgnore[], day: string): readonly Finding[] {
  return entries
    .filter(entry => day > entry.until)
    .map(entry => {
      const overdue = daysBetween(entry.until, day);
      const left = graceDays - overdue;
      const next =
        left >= 0
          ? `In ${count(left + 1, 'day')} this becomes an error.`
          : `It has been so for ${count(overdue, 'day')}.`;
      return finding('ignore.expired', {
        severity: left >= 0 ? 'warning' : 'error',
        detail: `${entry.target} ${entry.key} was to be left alone until ${entry.until} (${entry.reason}; ask ${entry.owner}). ${next}\nRemove the entry, or give it another day.`,
        where: entry.source,
      });
    });
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
