import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';

/**
 * What went wrong, as a finding. Anything but a problem of a target is a mistake of ours, and ends other commands; who watches
 * for months must hear of it and go on.
 */
export function findingOf(problem: unknown): Finding {
  if (problem instanceof TargetProblem) return problem.finding;
  return {
    severity: 'error',
    code: 'drift.broke-down',
    summary: 'Something broke down',
    detail: `${printable(problem instanceof Error ? problem.message : String(problem))}\nThis is a mistake of reconcile itself, please report it.`,
  };
}
