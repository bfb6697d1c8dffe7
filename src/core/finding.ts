import { drawAlone, type NextCommand } from './next-command.ts';

/** Where something stands: a file of the user's, or a file on a host. Lines and columns count from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The column after the last character; findings in a file of the user's have it. */
  readonly endColumn?: number;
}

/** A line of a user's file, made printable and cut to fit, without secrets, and what is meant in it. */
export interface Excerpt {
  readonly line: string;
  /** Counts from 1, in `line`. */
  readonly column: number;
  readonly length: number;
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
  /** What stands at `where`. */
  readonly excerpt?: Excerpt;
  /** How many more items of the target there are with the same to be said about them. */
  readonly more?: number;
  /** The host, `directory`, or nothing where the finding concerns the file itself. */
  readonly target?: string;
  /** Commands that help, which stand below the detail. */
  readonly next?: readonly NextCommand[];
}

/** The detail of a finding with its commands below, each on a line of its own. */
export function fullDetail({ detail, next = [] }: Pick<Finding, 'detail' | 'next'>): string {
  return [detail, ...next.map(command => `    ${drawAlone(command)}`)].join('\n');
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
