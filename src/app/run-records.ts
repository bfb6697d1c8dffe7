import { join } from 'node:path';
import type { PlannedState } from '../core/connection.ts';
import { TargetProblem } from '../core/finding.ts';
import { isNarrowed, type Plan } from '../core/plan.ts';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import type { CountBefore } from '../plan/limits.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { Variables } from '../ports/ports.ts';
import { type Failure, failure, type LocalContext } from './context.ts';
import { listFolder, readFileText } from './files.ts';
import { type LoadContext, loadFiles } from './load-estate.ts';

/** Where the records of an estate's runs are kept: the named folder, or where a system keeps what programs remember (XDG base directories). */
export function runsFolder(
  named: string | undefined,
  estate: string,
  { variables }: { readonly variables: Variables },
): string {
  if (named !== undefined) return named;
  const home = variables['XDG_STATE_HOME'] || join(variables['HOME'] ?? '.', '.local/state');
  return join(home, 'reconcile', encodeURIComponent(estate));
}

/** The same where only estate files say which estate it is. */
export async function findRunsFolder(
  named: string | undefined,
  estateFiles: readonly string[],
  context: LoadContext,
): Promise<string | Failure> {
  if (named !== undefined) return named;
  const { state, findings } = await loadFiles(estateFiles, context);
  return state ? runsFolder(undefined, state.name, context) : failure(findings);
}

/** The names of the runs of a folder, the newest first; a folder that does not exist has none. */
export async function runNames(folder: string, files: LocalFiles): Promise<readonly string[]> {
  const names = (await listFolder(folder, files)).filter(name => name.endsWith('.jsonl'));
  return names
    .map(name => name.slice(0, -'.jsonl'.length))
    .toSorted()
    .toReversed();
}

/** The record of a run; nothing where it has not a line. */
export async function readRecord(folder: string, name: string, files: LocalFiles): Promise<RunRecord | undefined> {
  const text = await readFileText(join(folder, `${name}.jsonl`), files);
  if (typeof text !== 'string') throw new TargetProblem(text);
  return readRunRecord(name, text);
}

/** The newest record that has a line. The others, which may be long, are not read. */
export async function newestRecord(folder: string, files: LocalFiles): Promise<RunRecord | undefined> {
  for (const name of await runNames(folder, files)) {
    const record = await readRecord(folder, name, files);
    if (record) return record;
  }
  return undefined;
}

/** The plan that was kept beside the record of a run; nothing where it cannot be read. */
export async function readRunPlan(
  folder: string,
  name: string,
  { files, schemas }: Pick<LocalContext, 'files' | 'schemas'>,
): Promise<Plan | undefined> {
  const file = planOfRun(folder, name);
  const text = await readFileText(file, files);
  return typeof text === 'string' ? parsePlanFile(file, text, schemas.plan).plan : undefined;
}

/** The path of that plan. */
export function planOfRun(folder: string, name: string): string {
  return join(folder, `${name}.plan.json`);
}

/** What the newest run asked for that was carried out to the end and whole, also of hosts that are not in the file any more. */
export async function lastAppliedState(
  folder: string,
  context: Pick<LocalContext, 'files' | 'schemas'>,
): Promise<{ readonly name: string; readonly desired: PlannedState } | undefined> {
  for (const name of await runNames(folder, context.files)) {
    const record = await readRecordEnds(folder, name, context.files);
    if (!record?.finished?.converged) continue;
    const plan = await readRunPlan(folder, name, context);
    if (plan?.direction === 'forward' && !isNarrowed(plan)) return { name: `run ${name}`, desired: plan.desired };
  }
  return undefined;
}

/** Bytes of a record in which its first line ends, and its last one begins. */
const headBytes = 65_536;

/**
 * How many accounts the last run saw that was finished and saw any. Of each record only both ends are read: that of a run
 * which moved a million accounts has hundreds of megabytes in between.
 */
export async function countBefore(folder: string, files: LocalFiles): Promise<CountBefore | undefined> {
  for (const name of await runNames(folder, files)) {
    const record = await readRecordEnds(folder, name, files);
    const accounts = record?.head?.accounts;
    if (!record?.finished || !accounts || accounts.counted === 0) continue;
    if (!(await isUndo(planOfRun(folder, name), files)))
      return { counted: accounts.counted, all: accounts.all, run: name };
  }
  return undefined;
}

/** A run as the first and the last lines of its record describe it; nothing where it has none. */
async function readRecordEnds(folder: string, name: string, files: LocalFiles): Promise<RunRecord | undefined> {
  return readRunRecord(name, await bothEnds(join(folder, `${name}.jsonl`), files));
}

/** An undo counts nothing: its record has the number of the run that it took back. The direction stands before all that is long. */
async function isUndo(plan: string, files: LocalFiles): Promise<boolean> {
  const begin = await files.read(plan, headBytes).catch(() => new Uint8Array());
  return new TextDecoder().decode(begin).includes('"direction":"undo"');
}

/** Lines that are cut in two are no lines of a record, and are passed over. */
async function bothEnds(path: string, files: LocalFiles): Promise<string> {
  try {
    const ends = [await files.read(path, headBytes), await files.readEnd(path, headBytes)];
    return ends.map(bytes => new TextDecoder().decode(bytes)).join('\n');
  } catch {
    // A record that cannot be read says nothing; an apply would report that itself.
    return '';
  }
}
