import type { ManagedTarget } from './declared.ts';
import type { DoctorReport } from './examination.ts';
import type { Finding, Provenance } from './finding.ts';
import type { ChangeOrigin, Plan } from './plan.ts';
import { countStates } from './result-list.ts';
import type { Run } from './run.ts';
import type { VerifyReport } from './verification.ts';

/** The same for every command; in `--help` too. */
export const exitCodes = {
  /** In sync, or done. */
  done: 0,
  /** Also where nothing at all could be read. */
  error: 1,
  /** Changes are pending. */
  differences: 2,
  /** A guard refused. */
  refused: 3,
  /** A target could not be read, whatever the others show. */
  incomplete: 4,
} as const;

/** What `--help` says about them. */
export const exitCodeHelp = `
Exit codes:
  0  in sync, or done
  1  error, or nothing could be read
  2  differences: changes are pending
  3  refused by a guard: the plan must not be applied
  4  incomplete: a target could not be read
If several apply, the first of 1, 3, 4, 2 is returned.`;

/** The one that wins: what could not be seen or must not be done is never taken for an ordinary difference. */
export function worstExitCode(codes: readonly number[]): number {
  const order: readonly number[] = [exitCodes.error, exitCodes.refused, exitCodes.incomplete, exitCodes.differences];
  return order.find(code => codes.includes(code)) ?? exitCodes.done;
}

/** What is known of a reading: whether all, some or none of it could be read, and whether something differs. */
export function readingExitCode(unread: number, targets: number, differs: boolean): number {
  return worstExitCode([
    ...(unread > 0 ? [unread >= targets ? exitCodes.error : exitCodes.incomplete] : []),
    ...(differs ? [exitCodes.differences] : []),
  ]);
}

/** Of a plan, and of one that may not be applied; a target that could not be read is no guard. */
export function planExitCode(
  { steps, findings, unread, nothingRead, waiting = 0 }: Plan,
  refused: readonly Finding[] = findings.filter(({ severity }) => severity === 'error'),
): number {
  return worstExitCode([
    ...(nothingRead ? [exitCodes.error] : []),
    ...(refused.some(finding => !finding.unread) ? [exitCodes.refused] : []),
    ...(unread.length > 0 || findings.some(({ open }) => open === 'value') ? [exitCodes.incomplete] : []),
    ...(steps.length + waiting > 0 ? [exitCodes.differences] : []),
  ]);
}

/** Of an apply that was begun. What was not begun because something else was refused is no error of its own. */
export function runExitCode(run: Run): number {
  const counts = countStates(run);
  const stopped = counts['not-run'] + counts['taken-back'] > 0 || run.steps.some(({ finding }) => finding);
  const unfinished = counts.refused === 0 && (stopped || run.remaining.length > 0);
  return worstExitCode([
    ...(counts.failed + counts.unknown > 0 || run.interrupted || run.lost || unfinished ? [exitCodes.error] : []),
    ...(counts.refused > 0 ? [exitCodes.refused] : []),
    ...(run.unread.length > 0 ? [exitCodes.incomplete] : []),
    ...(counts.held > 0 ? [exitCodes.differences] : []),
  ]);
}

/** One named part of a page. */
export interface PageSection {
  readonly heading: string;
  /** Prose, to be wrapped; `lines` are kept as they are and stand below it. */
  readonly text?: string;
  /** Each is wrapped for itself. */
  readonly items?: readonly string[];
  readonly lines?: readonly string[];
}

/** A page of explanation, before it is drawn. */
export interface Page {
  readonly title: string;
  /** What the title is, such as "a finding code". */
  readonly subtitle?: string;
  readonly sections: readonly PageSection[];
}

/**
 * What a command found and did: every output format is drawn from this one object. `managed` is all that the kinds look after
 * for the plan's wanted state, whether it differs or not; drawing a report for people adds it.
 */
export type Report =
  | (Provenance & {
      readonly command: 'validate';
      readonly exitCode: number;
      /** The name in the files, where that could be read. */
      readonly estate?: string;
      readonly files: readonly string[];
      readonly findings: readonly Finding[];
    })
  | (Provenance & {
      readonly command: 'plan' | 'check' | 'drift';
      readonly exitCode: number;
      readonly plan: Plan;
      readonly refusals: readonly Finding[];
      /** With a base: where each change comes from, in the order of `plan.steps` and of the changes of each step. */
      readonly origins?: readonly (readonly ChangeOrigin[])[];
      /** What is known of who made live differ, and when. */
      readonly traces?: readonly Trace[];
      /** The reading it was planned from, where that was not live. */
      readonly snapshot?: { readonly file: string; readonly takenAt: string };
      readonly managed?: readonly ManagedTarget[];
    })
  | (Provenance & {
      readonly command: 'apply' | 'undo';
      readonly exitCode: number;
      readonly plan: Plan;
      readonly refusals: readonly Finding[];
      /** Absent where nothing was begun: nothing to do, refused, or answered with no. */
      readonly run?: Run;
      readonly managed?: readonly ManagedTarget[];
    })
  | AuditReport
  | VerifyReport
  | DoctorReport
  | FailedReport;

/** The reports that carry a plan. */
export type PlanReport = Exclude<Report, { readonly command: 'validate' | 'audit' | 'verify' | 'doctor' | 'failed' }>;

/** The commands that report. */
export type ReportedCommand = Exclude<Report['command'], 'failed'>;

/** A command that ended before it had anything else to tell: a file is wrong, something is refused, nobody is there to agree. */
export interface FailedReport extends Provenance {
  readonly command: 'failed';
  /** The command that was asked for. */
  readonly of: ReportedCommand;
  readonly exitCode: number;
  /** The name in the files, where that could be read. */
  readonly estate?: string;
  /** The estate files, or the saved plan, that were named. */
  readonly files: readonly string[];
  readonly findings: readonly Finding[];
}

/** What a directory or a host tells about the last change of something that differs. */
export interface Trace {
  /** Id of the plan's step. */
  readonly step: string;
  readonly item: string;
  readonly key: string;
  /** A DN, or those who may write a file; absent where nothing tells. */
  readonly by?: string;
  /** ISO 8601. */
  readonly at?: string;
  /** One printable line: what that is known from. */
  readonly from: string;
}

/**
 * Where an account is: whether it has the local-user attribute (CS7 takes it for its own), crossed with whether it has a
 * calendar on CS6 (CS6 does). `unknown`: a host that may have one could not be read.
 */
export type AuditState = 'good-cs6' | 'good-cs7' | 'split-brain' | 'limbo' | 'unknown';

/** What else is wrong with an account, or with a calendar of CS6. */
export type AuditProblem =
  | 'wrong-side'
  | 'wrong-store'
  | 'unknown-store'
  | 'several-stores'
  | 'no-unique-id'
  | 'nothing-to-copy'
  | 'duplicate-unique-id'
  | 'no-mail'
  | 'duplicate-mail'
  | 'domain-unmapped'
  | 'login-open'
  | 'login-denied-on-cs6'
  | 'status-overrides'
  | 'virtual-value'
  | 'shared-calendar'
  | 'orphan-calendar'
  | 'ownerless-calendar';

/** All accounts or calendars about which the same is to be said. */
export interface AuditClass {
  readonly name: AuditState | AuditProblem;
  readonly of: 'accounts' | 'calendars';
  readonly count: number;
  /** The names of the first few. */
  readonly examples: readonly string[];
  readonly means: string;
  readonly remedy: string;
}

/** A cohort and where its accounts are. */
export interface AuditedCohort {
  readonly name: string;
  /** Where its accounts have to be; without one: on CS6. */
  readonly store?: string;
  /** The percentage of them whose wave has come. */
  readonly share?: number;
  readonly accounts: number;
  readonly states: Readonly<Record<AuditState, number>>;
  /** How many accounts that fit it too an earlier cohort took. */
  readonly overlaps: readonly { readonly cohort: string; readonly accounts: number }[];
}

/** Every account against the truth table, counted. */
export interface AuditReport extends Provenance {
  readonly command: 'audit';
  readonly exitCode: number;
  readonly estate: string;
  /** The estate files. */
  readonly files: readonly string[];
  readonly readAt: string;
  /** CS6 hosts and how many calendars each lists; without a number it could not be read. */
  readonly hosts: readonly { readonly name: string; readonly calendars?: number }[];
  /** The hosts, and `directory`, that could not be read whole. */
  readonly unread: readonly string[];
  /** Absent where the directory could not be read whole. */
  readonly accounts?: {
    readonly all: number;
    /** On one side, and nothing else is wrong with them. */
    readonly good: number;
    readonly states: Readonly<Record<AuditState, number>>;
    readonly cohorts: readonly AuditedCohort[];
  };
  /** What is not good; a class that nobody is in is left out. */
  readonly classes: readonly AuditClass[];
  /** The stores that count as known: those the cohorts name. */
  readonly stores: readonly string[];
  readonly findings: readonly Finding[];
}

/** A line of an audit's list: an account, or a calendar that is nobody's. */
export interface AuditRow {
  readonly dn?: string;
  /** Of a calendar: its owner. */
  readonly uid: readonly string[];
  readonly mail: readonly string[];
  readonly cohort?: string;
  readonly state?: AuditState;
  /** The values of the local-user attribute. */
  readonly stores: readonly string[];
  readonly problems: readonly AuditProblem[];
  readonly calendar?: string;
  /** The CS6 host that lists the calendar. */
  readonly host?: string;
}
