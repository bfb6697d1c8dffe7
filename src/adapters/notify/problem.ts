import { TargetProblem } from '../../core/finding.ts';
import { type FindingCode, finding } from '../../findings/catalogue.ts';

/** Why a notification cannot be sent, or was not. */
export function notifyProblem(code: Extract<FindingCode, `notify.${string}`>, detail: string): TargetProblem {
  return new TargetProblem(finding(code, { detail }));
}
