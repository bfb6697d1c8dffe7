import { exitCodes } from '../core/report.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { hasCode } from '../findings/catalogue.ts';
import type { Failure, ReadContext } from './context.ts';
import { loadFiles } from './load-estate.ts';
import { toRead } from './open-estate.ts';
import { findRunsFolder, newestRecord, readRecord, runNames } from './run-records.ts';

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
export async function listRuns({ runs, files }: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  const folder = await findRunsFolder(runs, files, context);
  if (typeof folder !== 'string') return folder;
  const names = await runNames(folder, context.files);
  const records = await Promise.all(names.map(name => readRecord(folder, name, context.files)));
  return { folder, records: records.flatMap(record => record ?? []) };
}

/** Reads the record of the last run. */
export async function lastRun({ runs, files }: RunsRequest, context: ReadContext): Promise<ListedRuns | Failure> {
  const folder = await findRunsFolder(runs, files, context);
  if (typeof folder !== 'string') return folder;
  const record = await newestRecord(folder, context.files);
  return { folder, records: record ? [record] : [] };
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
