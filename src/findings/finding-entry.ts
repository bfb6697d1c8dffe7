import type { Open, Severity } from '../core/finding.ts';
import type { NextCommand } from '../core/next-command.ts';

/** What is fixed for a finding code. All texts but the summary are whole sentences. */
export interface FindingEntry {
  /** A list where it depends on the case: the code that makes the finding then chooses one of them. */
  readonly severity: Severity | readonly Severity[];
  /** A few words without names and numbers. */
  readonly summary: string;
  /** What it leaves open, where a report must not call the estate in sync because of it. */
  readonly open?: Open;
  /** What is the case when this finding is shown. */
  readonly means: string;
  /** Why it matters, or why it is refused. */
  readonly why: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The command that every finding with a target ends with. */
  readonly next?: (target: string) => NextCommand;
  /** The part of the vendor's chapter it comes from. */
  readonly chapter?: string;
}

/** Entries by their code, `<area>.<problem>`. */
export type Findings<Area extends string> = Readonly<Record<`${Area}.${string}`, FindingEntry>>;
