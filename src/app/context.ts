import { type Finding, TargetProblem } from '../core/finding.ts';
import type { CheckSignature } from '../core/plan.ts';
import { messageOf } from '../core/printable.ts';
import { exitCodes, type FailedReport } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import type { Claim } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import type { LocalFiles, OpenRevision, ReadProvenance, Schemas } from '../ports/local-files.ts';
import type { Connections, Routes, Variables } from '../ports/ports.ts';
import type { Clock, Progress, Spans } from '../ports/progress.ts';

/** What a use case needs that connects to no server. */
export interface LocalContext {
  readonly files: LocalFiles;
  readonly schemas: Schemas;
  readonly clock: Clock;
  /** The environment variables that estate files may name. */
  readonly variables: Variables;
  /** The version of the program, which plans carry. */
  readonly version: string;
  readonly openRevision: OpenRevision;
  readonly readProvenance: ReadProvenance;
  readonly routes: Routes;
  readonly progress: Progress;
}

/** What a use case needs that reads servers and can change nothing there. */
export interface ReadContext extends LocalContext {
  readonly connections: Pick<Connections, 'toRead'>;
  /** Absent: no spans are collected. */
  readonly spans?: Spans;
}

/** What a use case needs that looks at how servers are set up, and can change nothing there. */
export interface ExamineContext extends LocalContext {
  readonly connections: Pick<Connections, 'toExamine'>;
}

/** What a use case needs that reads servers and asks mail servers, and can change nothing there. */
export interface MailContext extends ReadContext {
  readonly connections: Pick<Connections, 'toRead' | 'toMail'>;
}

/** What a use case needs that changes servers. */
export interface WriteContext extends ReadContext {
  readonly connections: Connections;
  /** Who takes the locks of a run. */
  readonly claim: (run: string) => Claim;
  /** Begins the record of a run as a new file in a folder. */
  readonly openJournal: (folder: string, name: string) => Promise<Journal>;
  readonly checkSignature: CheckSignature;
  /** Calls back at the first interrupt; a second one ends the program. Returns what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
}

/** Why a use case ended before it had a result of its own. */
export interface Failure {
  readonly failed: readonly Finding[];
  readonly exitCode: number;
  /** The name of the estate, where it is known. */
  readonly estate?: string | undefined;
}

/** The failure that these findings are: something is wrong with what was asked. */
export function failure(failed: readonly Finding[], estate?: string): Failure {
  return { failed, exitCode: exitCodes.error, estate };
}

/** The failure that these findings are: a guard refuses. */
export function refusal(failed: readonly Finding[], estate?: string): Failure {
  return { failed, exitCode: exitCodes.refused, estate };
}

/** The report of a command that ended before it found anything out. */
export function failedReport(
  of: FailedReport['of'],
  files: readonly string[],
  { failed: findings, exitCode, estate }: Failure,
): FailedReport {
  return { command: 'failed', of, exitCode, ...(estate !== undefined && { estate }), files, findings };
}

/**
 * What went wrong, as a finding. Anything but a problem of a target is a mistake of ours, and ends other commands; a program
 * that watches for months reports it and goes on.
 */
export function problemOf(problem: unknown): Finding {
  if (problem instanceof TargetProblem) return problem.finding;
  return finding('drift.broke-down', {
    detail: `${messageOf(problem)}\nThis is a mistake of reconcile itself. Report it.`,
  });
}
