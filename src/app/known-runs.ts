import type { PlannedState } from '../core/connection.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import type { RunRecord } from '../engine/run-record.ts';
import type { FinishedLine, RunLine } from '../ports/journal.ts';

/** A run as both ends of its record describe it. */
export interface KnownRun {
  readonly name: string;
  /** When it was begun and when its last line was written, ISO 8601; `ended` is absent where only the end of the run would say it. */
  readonly began: string;
  readonly ended?: string;
  readonly head?: RunLine;
  /** Absent: the run died, was interrupted, or is at work. */
  readonly finished?: FinishedLine;
  /** Its plan and its journal are there: it can be undone. */
  readonly whole: boolean;
  /** Where its record is: the local folder, names of hosts. */
  readonly places: readonly string[];
}

/** A place that keeps records: the local folder, or a host. */
export interface RecordPlace {
  readonly place: string;
  /** Why its records cannot be read; then it has none. */
  readonly problem?: Finding;
}

/** All that is known of the runs of an estate. What cannot be read is no reason to stop: the place says why. */
export interface RunRecords {
  /** The newest first. */
  readonly runs: readonly KnownRun[];
  readonly places: readonly RecordPlace[];
  /** The record of a run; nothing where it has not a line, or more than so many bytes. Throws TargetProblem. */
  record(name: string, most?: number): Promise<RunRecord | undefined>;
  /** The plan that a run carried out, or why it cannot be read. */
  plan(name: string): Promise<Plan | Finding>;
  /** What a run asked for; nothing where that cannot be read. */
  desired(name: string): Promise<PlannedState | undefined>;
}
