import { join } from 'node:path';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import type { CountBefore } from '../plan/account-fall.ts';
import type { ReadOutside } from './outside.ts';
import { runNames } from './run-records.ts';

/** Bytes of a record in which its first line ends, and its last one begins. */
const headBytes = 65_536;

/**
 * How many accounts the last run saw that was finished and saw any. Of each record only both ends are read: that of a run
 * which moved a million accounts has hundreds of megabytes in between.
 */
export async function countBefore(folder: string, outside: ReadOutside): Promise<CountBefore | undefined> {
  for (const name of await runNames(folder, outside)) {
    const record = await readRecordEnds(folder, name, outside);
    const accounts = record?.head?.accounts;
    if (!record?.finished || !accounts || accounts.counted === 0) continue;
    if (!(await isUndo(join(folder, `${name}.plan.json`), outside)))
      return { counted: accounts.counted, all: accounts.all, run: name };
  }
  return undefined;
}

/** A run as the first and the last lines of its record tell; nothing where there are none. */
export async function readRecordEnds(
  folder: string,
  name: string,
  outside: ReadOutside,
): Promise<RunRecord | undefined> {
  return readRunRecord(name, await bothEnds(join(folder, `${name}.jsonl`), outside));
}

/** An undo counts nothing: its record has the number of the run that it took back. The direction stands before all that is long. */
async function isUndo(plan: string, outside: ReadOutside): Promise<boolean> {
  const begin = await outside.readBytes(plan, headBytes).catch(() => new Uint8Array());
  return new TextDecoder().decode(begin).includes('"direction":"undo"');
}

/** Lines that are cut in two are no lines of a record, and are passed over. */
async function bothEnds(path: string, outside: ReadOutside): Promise<string> {
  try {
    const ends = [await outside.readBytes(path, headBytes), await outside.readEnd(path, headBytes)];
    return ends.map(bytes => new TextDecoder().decode(bytes)).join('\n');
  } catch {
    // A record that cannot be read tells nothing; an apply would say so itself.
    return '';
  }
}
