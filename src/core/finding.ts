/** Where something stands: a file of the user's, or a file on a host. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
}

/** `error` keeps a plan from being applied, `warning` asks for attention, `note` tells. */
export type Severity = 'error' | 'warning' | 'note';

/** A problem or a remark, collected instead of thrown. */
export interface Finding {
  readonly severity: Severity;
  /** `<area>.<problem>`, stable across releases; what scripts match on. */
  readonly code: string;
  /** Fixed text for the code: no names, no numbers. */
  readonly summary: string;
  /** What exactly, why it matters and what to do; may have several lines. */
  readonly detail: string;
  readonly where?: SourcePosition;
  /** The host, `directory`, or nothing where the finding concerns the file itself. */
  readonly target?: string;
}

/**
 * Thrown when a target (a host or the directory) cannot be read or written in full.
 * Carries the finding to show; anything else that is thrown is a bug of ours.
 */
export class TargetProblem extends Error {
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.code}: ${finding.summary}\n${finding.detail}`);
    this.name = 'TargetProblem';
    this.finding = finding;
  }
}
