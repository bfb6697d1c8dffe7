import { exitCodes, worstExitCode } from '../core/report.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { hasCode } from '../findings/catalogue.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import type { RunRecords } from './known-runs.ts';
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

/** Records of runs, the newest first, the folder of this machine, and whether some host of those that keep them answered. */
export interface ListedRuns {
  readonly folder: string;
  readonly records: readonly RunRecord[];
  /** `incomplete`: of the hosts that keep records none answered. */
  readonly exitCode: number;
}

/** Reads the records of all runs; connects to the hosts that keep them. */
export async function listRuns(request: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  return withRecords(request, context, async ({ runs, record }) => {
    const records = await Promise.all(runs.map(({ name }) => record(name)));
    return records.flatMap(one => one ?? []);
  });
}

/** Reads the record of the last run. */
export async function lastRun(request: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  return withRecords(request, context, async ({ runs: [newest], record }) => {
    const last = newest && (await record(newest.name));
    return last ? [last] : [];
  });
}

/** Warns of what could not be read. A folder that is named needs no estate file, and without one no host is known. */
async function withRecords(
  { runs, files }: RunsRequest,
  context: ReadContext,
  read: (records: RunRecords) => Promise<readonly RunRecord[]>,
): Promise<ListedRuns | Failure> {
  const { state, findings } = await loadFiles(files, context);
  if (!state && runs === undefined) return failure(findings);
  const estate = state ?? { name: '', records: { hosts: [], keep: 0 } };
  const connection = state && (await toRead(context)(state));
  try {
    const known = await openRunRecords({ runs }, estate, connection?.ports, context);
    const unread = unreadRecords(known, context.clock.now());
    if (unread.length > 0) context.progress.warn(unread);
    const exitCode = recordsExitCode(known);
    return { folder: runsFolder(runs, estate.name, context), records: await read(known), exitCode };
  } finally {
    await connection?.close();
  }
}

/** The exit code of a status: whether a watchdog waits, or the last run left something undone. Warns of what waits. */
export async function statusExitCode(
  { records, exitCode }: ListedRuns,
  files: readonly string[],
  context: ReadContext,
): Promise<number> {
  if (await anyWatchdog(files, context)) return exitCodes.incomplete;
  const undone = records.some(record => !record.finished?.converged) ? [exitCodes.differences] : [];
  return worstExitCode([exitCode, ...undone]);
}

/** Whether a watchdog waits on a host, or that is not known; records are on this machine and do not say it. */
async function anyWatchdog(files: readonly string[], context: ReadContext): Promise<boolean> {
  const { progress } = context;
  const { state } = await loadFiles(files, context);
  if (!state) {
    progress.note('The estate file cannot be read, so the hosts were not asked about waiting watchdogs.');
    return false;
  }
  const { ports, close } = await toRead(context)(state);
  try {
    const hosts = state.hosts.map(({ name }) => name);
    const { passing, remarks } = await lookForWatchdogs(hosts, ports);
    const findings = [...passing.values(), ...remarks];
    if (findings.length > 0) progress.warn(findings);
    return passing.size > 0 || remarks.some(one => !hasCode(one, 'run.watchdog-acted'));
  } finally {
    await close();
  }
}
