import { join } from 'node:path';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import type { Outside } from './outside.ts';

/** Where the records of an estate's runs are kept: `--runs`, or where a system keeps what programs remember (XDG base directories). */
export function runsFolder(named: string | undefined, estate: string, { environment }: Outside): string {
  if (named !== undefined) return named;
  const home = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? '.', '.local/state');
  return join(home, 'reconcile', encodeURIComponent(estate));
}

/** The records of a folder, the newest first; a folder that is not there has none. */
export async function readRecords(folder: string, outside: Outside): Promise<readonly RunRecord[]> {
  const names = (await outside.listFolder(folder))
    .filter(file => file.endsWith('.jsonl'))
    .map(file => file.slice(0, -6));
  const records = await Promise.all(
    names
      .toSorted()
      .toReversed()
      .map(async name => readRunRecord(name, await readText(join(folder, `${name}.jsonl`), outside))),
  );
  return records.flatMap(record => record ?? []);
}

async function readText(path: string, outside: Outside): Promise<string> {
  return new TextDecoder().decode(await outside.readBytes(path));
}
