import { TargetProblem } from '../../core/finding.ts';
import { type FindingCode, finding } from '../../findings/catalogue.ts';

/** Rejects every request of a connection that is lost. Its message is printable and holds nothing secret. */
export class WireLost extends Error {
  /** Whether the request may have reached the server; then it may have been carried out too. */
  readonly sent: boolean;

  constructor(reason: string, sent: boolean) {
    super(reason);
    this.name = 'WireLost';
    this.sent = sent;
  }
}

/** A problem with the directory; the lines become its detail. What they hold from outside is already printable. */
export function directoryProblem(
  code: Extract<FindingCode, `directory.${string}`>,
  ...lines: readonly string[]
): TargetProblem {
  return new TargetProblem(finding(code, { detail: lines.join('\n'), target: 'directory' }));
}
