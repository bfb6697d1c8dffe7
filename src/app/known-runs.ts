import type { PlannedState } from '../core/connection.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { finding } from '../findings/catalogue.ts';
import type { FinishedLine, RunLine } from '../ports/journal.ts';

/** A run as both ends of its record describe it. */
export interface KnownRun {
  readonly name: string;
  /** When it was begun and when its last line was written, ISO 8601; `ended` is absent where that line is not known. */
  readonly began: string;
  readonly ended?: string;
  readonly head?: RunLine;
  /** Absent: the run died, was interrupted, or is at work. */
  readonly finished?: FinishedLine;
  /** Its plan and its journal are there: it can be undone. */
  readonly whole: boolean;
  /** How much of its journal is there: parts on a host; here it is all there is, and more than any number. */
  readonly length: number;
  /** It begins in the future: the clock of a machine is wrong, and it is not known whether other runs came later. */
  readonly ahead?: true;
  /** Where its record is: the local folder, names of hosts. The first is the one that is read. */
  readonly places: readonly string[];
}

/** A place that keeps records. */
export interface RecordPlace {
  /** The local folder, or the name of a host. */
  readonly place: string;
  readonly on: 'machine' | 'host';
  /** Why its records cannot be read; then it has none. */
  readonly problem?: Finding;
}

/** All that is known of the runs of an estate. What cannot be read is no reason to stop: the place says why. */
export interface RunRecords {
  /** The newest first; those from the future are the last. */
  readonly runs: readonly KnownRun[];
  readonly places: readonly RecordPlace[];
  /** The record of a run; nothing where it has not a line, or more than so many bytes. Throws TargetProblem. */
  record(name: string, most?: number): Promise<RunRecord | undefined>;
  /** The plan that a run carried out, or why it cannot be read. */
  plan(name: string): Promise<Plan | Finding>;
  /** What a run asked for; nothing where that cannot be read. */
  desired(name: string): Promise<PlannedState | undefined>;
}

/** The finding that no run has such a name, with the names of the last ones. */
export function unknownRun(name: string, { runs, places }: RunRecords): Finding {
  const where = places.map(({ place }) => place).join(', ');
  const newest = runs.slice(0, 5).map(run => run.name);
  const last = runs.length === 0 ? `${where} has no records.` : `The last ones:\n    ${newest.join('\n    ')}`;
  return finding('run.unknown', { detail: `"${name}" is not among the records in ${where}.\n${last}` });
}
