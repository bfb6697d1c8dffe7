import { TargetProblem } from '../../core/finding.ts';
import { type FindingCode, finding } from '../../findings/catalogue.ts';

/** A problem with the directory; the lines become its detail. What they hold from outside is already printable. */
export function directoryProblem(
  code: Extract<FindingCode, `directory.${string}`>,
  ...lines: readonly string[]
): TargetProblem {
  return new TargetProblem(finding(code, { detail: lines.join('\n'), target: 'directory' }));
}
