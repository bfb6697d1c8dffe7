import type { Plan } from '../core/plan.ts';
import { countStates, type Run } from '../core/run.ts';

/** The same for every command; in `--help` too. */
export const exitCodes = {
  /** In sync, or done. */
  done: 0,
  error: 1,
  /** Changes are pending. */
  differences: 2,
  /** A guard refused. */
  refused: 3,
  /** A target could not be read, and what was read is in sync. */
  incomplete: 4,
} as const;

/** What `--help` says about them. */
export const exitCodeHelp = `
Exit codes:
  0  in sync, or done
  1  error
  2  differences: changes are pending
  3  refused by a guard: this plan may not be applied
  4  incomplete: a target could not be read, and what was read is in sync`;

/** Of a plan: a guard that refuses is told first, then differences, then what could not be read. */
export function planExitCode(plan: Plan): number {
  const unreadable = plan.unread.length > 0;
  const guarded = plan.findings.some(f => f.severity === 'error') && !unreadable;
  if (guarded) return exitCodes.refused;
  if (plan.steps.length > 0) return exitCodes.differences;
  return unreadable ? exitCodes.incomplete : exitCodes.done;
}

/** Of an apply that was begun. */
export function runExitCode(run: Run): number {
  const counts = countStates(run);
  if (run.lost) return exitCodes.error;
  if (counts.failed + counts.unknown > 0) return exitCodes.error;
  if (counts.refused > 0) return exitCodes.refused;
  if (run.interrupted || counts['not-run'] + counts['taken-back'] > 0 || run.steps.some(({ finding }) => finding))
    return exitCodes.error;
  if (run.remaining.length > 0 || run.unread.length > 0) return exitCodes.error;
  return counts.held > 0 ? exitCodes.differences : exitCodes.done;
}
