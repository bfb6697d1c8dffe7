import { exitCodes } from '../core/report.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { hasCode } from '../findings/catalogue.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import type { RunRecords } from './known-runs.ts';
import { loadFiles } from './load-estate.ts';
import { toRead } from './open-estate.ts';
import { openRunRecords, runsFolder } from './run-records.ts';

/** Whose runs are to be listed. */
export interface RunsRequest {
  readonly files: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** Records of runs, the newest first, and the folder they are in. */
export interface ListedRuns {
  readonly folder: string;
  readonly records: readonly RunRecord[];
}

/** Reads the records of all runs; connects to nothing. */
export async function listRuns(request: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  const known = await knownRuns(request, context);
  if ('failed' in known) return known;
  const records = await Promise.all(known.runs.map(({ name }) => known.record(name)));
  return { folder: known.folder, records: records.flatMap(record => record ?? []) };
}

/** Reads the record of the last run. */
export async function lastRun(request: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  const known = await knownRuns(request, context);
  if ('failed' in known) return known;
  const [newest] = known.runs;
  const record = newest && (await known.record(newest.name));
  return { folder: known.folder, records: record ? [record] : [] };
}

interface RunsOfFolder extends RunRecords {
  readonly folder: string;
}

/** A folder that is named needs no estate file. */
async function knownRuns({ runs, files }: RunsRequest, context: ReadContext): Promise<RunsOfFolder | Failure> {
  const { state, findings } = await loadFiles(files, context);
  if (!state && runs === undefined) return failure(findings);
  const estate = state ?? { name: '', records: { hosts: [], keep: 0 } };
  const records = await openRunRecords({ runs }, estate, undefined, context);
  const problem = records.places.find(one => one.problem)?.problem;
  if (problem) return failure([problem], state?.name);
  return { ...records, folder: runsFolder(runs, estate.name, context) };
}

/** The exit code of a status: whether a watchdog waits, or the last run left something undone. Warns of what waits. */
export async function statusExitCode(
  { records }: ListedRuns,
  files: readonly string[],
  context: ReadContext,
): Promise<number> {
  if (await anyWatchdog(files, context)) return exitCodes.incomplete;
  return records.some(record => !record.finished?.converged) ? exitCodes.differences : exitCodes.done;
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
