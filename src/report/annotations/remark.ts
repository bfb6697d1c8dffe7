import type { Severity, SourcePosition } from '../../core/finding.ts';

/**
 * One thing to look at, of whatever report: what formats that are lists of problems (SARIF, annotations) are drawn from.
 * Changes of a plan are remarks too.
 */
export interface Remark {
  /** A finding's code, or `change/cs6-ics-conf` and the like of what is no finding. */
  readonly rule: string;
  readonly level: Severity;
  /** Fixed text for the rule. */
  readonly title: string;
  /** What exactly; printable, may have several lines. */
  readonly message: string;
  /** The line of the user's file it is about; where nothing asks for it by name, the nearest there is. */
  readonly where: SourcePosition;
  /** The line on a host that says otherwise. */
  readonly live?: { readonly target: string; readonly position: SourcePosition };
  readonly target?: string;
  /** What makes it the same remark in another run; nothing in it changes with the numbers of the day. */
  readonly identity: readonly string[];
}
