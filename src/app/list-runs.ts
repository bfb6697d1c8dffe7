import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { exitCodes, worstExitCode } from '../core/report.ts';
import type { StepResult } from '../core/run.ts';
import { recordedResults } from '../engine/recorded-results.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import { type KnownRun, type RecordPlace, type RunRecords, unknownRun } from './known-runs.ts';
import { loadFiles } from './load-estate.ts';
import { recordsExitCode, unreadRecords } from './missing-records.ts';
import { toRead } from './open-estate.ts';
import { openRunRecords, runsFolder } from './run-records.ts';

/** Whose runs are to be listed. */
export interface RunsRequest {
  readonly files: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** Which runs are asked for; those that fit all that is given. */
export interface RunFilter {
  /** Begun then or later, ISO 8601, or at most so many milliseconds ago. */
  readonly since?: string | number;
  /** Who carried it out: the whole name, or the user of `user@machine`. */
  readonly by?: string;
  /** A host, or `directory`, that it was to change. */
  readonly target?: string;
}

/** Where records were looked for. */
interface LookedIn {
  /** The local folder of records. */
  readonly folder: string;
  readonly places: readonly RecordPlace[];
  /** `incomplete`: of the hosts that keep records none answered. */
  readonly exitCode: number;
}

/** What is known of runs, the newest first. */
export interface ListedRuns extends LookedIn {
  /** Those that were asked for. */
  readonly runs: readonly KnownRun[];
  /** How many there are in all. */
  readonly known: number;
}

/** A run with the writes of its record. */
interface ReadRun extends KnownRun, Pick<RunRecord, 'writes' | 'open'> {
  /** Absent: the record has every write. Otherwise those of these steps only. */
  readonly knownSteps?: readonly string[];
}

function readRun(run: KnownRun, { writes, open, knownSteps }: RunRecord): ReadRun {
  return { ...run, writes, open, ...(knownSteps && { knownSteps: [...knownSteps] }) };
}

/** One run, with all that its record says. */
export interface ShownRun extends LookedIn {
  /** Absent: there is no run. */
  readonly run?: ReadRun;
  /** What it was to do, and what became of that; or why that cannot be read. */
  readonly work?: { readonly plan: Plan; readonly steps: readonly StepResult[] } | Finding;
}

/** Finds the runs that are asked for; connects to the hosts that keep records. Only both ends of a record are read. */
export async function listRuns(request: RunsRequest & RunFilter, context: ReadContext): Promise<ListedRuns | Failure> {
  const since = beginOf(request.since, context.clock.now());
  return withRecords(request, context, async (records, looked) => {
    const wanted = records.runs.filter(run => !(Date.parse(run.began) < since) && isBy(run, request.by));
    const runs: KnownRun[] = [];
    for (const run of wanted) if (await isAbout(run, request.target, records)) runs.push(run);
    return { ...looked, runs, known: records.runs.length };
  });
}

function beginOf(since: string | number | undefined, now: string): number {
  if (typeof since === 'number') return Date.parse(now) - since;
  return since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
}

function isBy({ head }: KnownRun, by: string | undefined): boolean {
  if (by === undefined) return true;
  const actor = head?.actor?.toLowerCase();
  return actor === by.toLowerCase() || actor?.startsWith(`${by.toLowerCase()}@`) === true;
}

/** Records of earlier versions do not name the targets; their plans do. */
async function isAbout({ name, head }: KnownRun, target: string | undefined, records: RunRecords): Promise<boolean> {
  if (target === undefined) return true;
  if (head?.targets) return head.targets.includes(target);
  const plan = await records.plan(name);
  return 'steps' in plan && plan.steps.some(step => step.target === target);
}

/** Finds one run, and reads its record and its plan. */
export async function showRun(name: string, request: RunsRequest, context: ReadContext): Promise<ShownRun | Failure> {
  return withRecords(request, context, async (records, looked) => {
    const run = records.runs.find(one => one.name === name);
    const record = run && (await records.record(name));
    if (!run || !record) return failure([unknownRun(name, records)]);
    const plan = await records.plan(name);
    const work = 'code' in plan ? plan : { plan, steps: recordedResults(plan, record) };
    return { ...looked, run: readRun(run, record), work };
  });
}

/**
 * Finds the last run, reads its record, and looks for watchdogs on all hosts. The exit code says whether one waits, or the run
 * left something undone. Warns of what waits.
 */
export async function lastRun(request: RunsRequest, context: ReadContext): Promise<ShownRun | Failure> {
  return withRecords(request, context, async (records, looked, estate) => {
    const [newest] = records.runs;
    const record = newest && (await records.record(newest.name));
    const run = record && readRun(newest, record);
    const undone = run && !run.finished?.converged ? [exitCodes.differences] : [];
    const waits = (await anyWatchdog(estate, context)) ? [exitCodes.incomplete] : [];
    return { ...looked, ...(run && { run }), exitCode: worstExitCode([looked.exitCode, ...undone, ...waits]) };
  });
}

/** The hosts of an estate, and how they are asked. */
interface ConnectedEstate extends Pick<DesiredState, 'hosts'> {
  readonly ports: ReadPorts;
}

/** Warns of what could not be read. A folder that is named must be readable, but needs no estate file: without one no host is known. */
async function withRecords<R>(
  { runs, files }: RunsRequest,
  context: ReadContext,
  read: (records: RunRecords, looked: LookedIn, estate: ConnectedEstate | undefined) => Promise<R>,
): Promise<R | Failure> {
  const { state, findings } = await loadFiles(files, context);
  if (!state && runs === undefined) return failure(findings);
  const estate = state ?? { name: '', records: { hosts: [], keep: 0 } };
  const connection = state && (await toRead(context)(state));
  const connected = state && connection && { hosts: state.hosts, ports: connection.ports };
  try {
    const known = await openRunRecords({ runs }, estate, connection?.ports, context);
    const named = runs === undefined ? undefined : known.places.find(({ on, problem }) => on === 'machine' && problem);
    if (named?.problem) return failure([named.problem], estate.name);
    const unread = unreadRecords(known, context.clock.now());
    if (unread.length > 0) context.progress.warn(unread);
    const folder = runsFolder(runs, estate.name, context);
    return await read(known, { folder, places: known.places, exitCode: recordsExitCode(known) }, connected);
  } finally {
    await connection?.close();
  }
}

/** Whether a watchdog waits on a host, or that is not known; records do not say it. Without an estate file no host is asked. */
async function anyWatchdog(estate: ConnectedEstate | undefined, { progress }: ReadContext): Promise<boolean> {
  if (!estate) {
    progress.note('The estate file cannot be read, so the hosts were not asked about waiting watchdogs.');
    return false;
  }
  const hosts = estate.hosts.map(({ name }) => name);
  const { passing, remarks } = await lookForWatchdogs(hosts, estate.ports);
  const findings = [...passing.values(), ...remarks];
  if (findings.length > 0) progress.warn(findings);
  return passing.size > 0 || remarks.some(one => !hasCode(one, 'run.watchdog-acted'));
}
