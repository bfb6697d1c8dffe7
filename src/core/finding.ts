import { count } from './count.ts';
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

/** Several things with the same to be said about them. */
export interface About {
  readonly count: number;
  /** The first of them in their order; not all where there are many. */
  readonly names: readonly string[];
}

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
  /** What it is about, where the same is said of several accounts or names; `detail` names none of them then. */
  readonly about?: About;
  /** How many more there are with the same code whose own findings were not kept. */
  readonly more?: number;
  /** The host, `directory`, or nothing where the finding concerns the file itself. */
  readonly target?: string;
  /** Set where it says that `target` could not be read: that keeps a plan from being whole, and is no guard that refuses it. */
  readonly unread?: true;
  /** Commands that help, which stand below the detail. */
  readonly next?: readonly NextCommand[];
}

/** How many names of what a finding is about are shown where there is no room for all. */
const fewNames = 3;

/**
 * The detail of a finding with its commands below, each on a line of its own, what it is about (at most so many names), and
 * how many more there are.
 */
export function fullDetail(
  { detail, next = [], about, more = 0 }: Pick<Finding, 'detail' | 'next' | 'about' | 'more'>,
  most = fewNames,
): string {
  return [
    detail,
    ...next.map(command => `    ${drawAlone(command)}`),
    ...(about ? [aboutLine(about, most)] : []),
    ...(more > 0 ? [`… and ${count(more, 'more', 'more')} with this code, not listed`] : []),
  ].join('\n');
}

function aboutLine(about: About, most: number): string {
  const names = about.names.slice(0, most);
  const listed = names.join('; ');
  if (about.count === 1) return `Found for ${listed}`;
  return `Found for ${about.count.toLocaleString('en-US')}${names.length < about.count ? ', such as' : ':'} ${listed}`;
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
