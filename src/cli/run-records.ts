import { join } from 'node:path';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import { listFolder, loadFiles, readFileText } from './files.ts';
import type { ReadOutside } from './outside.ts';

/** Where the records of an estate's runs are kept: `--runs`, or where a system keeps what programs remember (XDG base directories). */
export function runsFolder(named: string | undefined, estate: string, { environment }: ReadOutside): string {
  if (named !== undefined) return named;
  const home = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? '.', '.local/state');
  return join(home, 'reconcile', encodeURIComponent(estate));
}

/** The same where only estate files tell the estate; or what is wrong with them. */
export async function findRunsFolder(
  named: string | undefined,
  files: readonly string[],
  outside: ReadOutside,
): Promise<string | { readonly findings: readonly Finding[] }> {
  if (named !== undefined) return named;
  const { state, findings } = await loadFiles(files, outside);
  return state ? runsFolder(undefined, state.name, outside) : { findings };
}

/** The names of the runs of a folder, the newest first; a folder that is not there has none. */
export async function runNames(folder: string, outside: ReadOutside): Promise<readonly string[]> {
  const files = (await listFolder(folder, outside)).filter(name => name.endsWith('.jsonl'));
  return files
    .map(name => name.slice(0, -'.jsonl'.length))
    .toSorted()
    .toReversed();
}

/** The record of a run; nothing where it has not a line. */
export async function readRecord(folder: string, name: string, outside: ReadOutside): Promise<RunRecord | undefined> {
  const text = await readFileText(join(folder, `${name}.jsonl`), outside);
  if (typeof text !== 'string') throw new TargetProblem(text);
  return readRunRecord(name, text);
}

/** The newest record that has a line. The others, which may be long, are not read. */
export async function newestRecord(folder: string, outside: ReadOutside): Promise<RunRecord | undefined> {
  for (const name of await runNames(folder, outside)) {
    const record = await readRecord(folder, name, outside);
    if (record) return record;
  }
  return undefined;
}
