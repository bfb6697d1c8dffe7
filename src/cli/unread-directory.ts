import type { Finding } from '../core/finding.ts';
import type { Comparison } from '../core/plan.ts';

/** Where counting the accounts shows that the directory cannot be read whole, nothing that was read of it counts. */
export function unreadDirectory(comparisons: readonly Comparison[], unread: Finding): readonly Comparison[] {
  return comparisons.map(one => (one.target === 'directory' ? { ...one, changes: [], findings: [], unread } : one));
}
