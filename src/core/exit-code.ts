import type { Finding } from './finding.ts';
import type { Plan } from './plan.ts';
import { countStates, type Run } from './run.ts';

/** The same for every command; in `--help` too. */
export const exitCodes = {
  /** In sync, or done. */
  done: 0,
  /** Also where nothing at all could be read. */
  error: 1,
  /** Changes are pending. */
  differences: 2,
  /** A guard refused. */
  refused: 3,
  /** A target could not be read, whatever the others show. */
  incomplete: 4,
} as const;

/** What `--help` says about them. */
export const exitCodeHelp = `
Exit codes:
  0  in sync, or done
  1  error, or nothing at all could be read
  2  differences: changes are pending
  3  refused by a guard: this plan may not be applied
  4  incomplete: a target could not be read
Of several the first of 1, 3, 4, 2 counts.`;

/** The one that wins: what could not be seen or must not be done is never taken for an ordinary difference. */
export function worstExitCode(codes: readonly number[]): number {
  const order: readonly number[] = [exitCodes.error, exitCodes.refused, exitCodes.incomplete, exitCodes.differences];
  return order.find(code => codes.includes(code)) ?? exitCodes.done;
}

/** What is known of a reading: whether all, some or none of it could be read, and whether something differs. */
export function readingExitCode(unread: number, targets: number, differs: boolean): number {
  return worstExitCode([
    ...(unread > 0 ? [unread >= targets ? exitCodes.error : exitCodes.incomplete] : []),
    ...(differs ? [exitCodes.differences] : []),
  ]);
}

/** Of a plan, and of one that may not be applied; a target that could not be read is no guard. */
export function planExitCode(
  { steps, findings, unread, nothingRead, waiting = 0 }: Plan,
  refused: readonly Finding[] = findings.filter(({ severity }) => severity === 'error'),
): number {
  return worstExitCode([
    ...(nothingRead ? [exitCodes.error] : []),
    ...(refused.some(finding => !finding.unread) ? [exitCodes.refused] : []),
    ...(unread.length > 0 ? [exitCodes.incomplete] : []),
    ...(steps.length + waiting > 0 ? [exitCodes.differences] : []),
  ]);
}

/** Of an apply that was begun. What was not begun because something else was refused is no error of its own. */
export function runExitCode(run: Run): number {
  const counts = countStates(run);
  const stopped = counts['not-run'] + counts['taken-back'] > 0 || run.steps.some(({ finding }) => finding);
  const unfinished = counts.refused === 0 && (stopped || run.remaining.length > 0);
  return worstExitCode([
    ...(counts.failed + counts.unknown > 0 || run.interrupted || run.lost || unfinished ? [exitCodes.error] : []),
    ...(counts.refused > 0 ? [exitCodes.refused] : []),
    ...(run.unread.length > 0 ? [exitCodes.incomplete] : []),
    ...(counts.held > 0 ? [exitCodes.differences] : []),
  ]);
}
