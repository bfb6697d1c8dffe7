import type { Plan } from '../core/plan.ts';
import { takeLocks } from '../engine/locks.ts';
import { count } from '../render/style.ts';
import type { Connection, Outside } from './outside.ts';
import { readRecords } from './run-records.ts';

/**
 * After a run that was not finished: says what was half done, and ends the watchdogs it left behind, which would take back
 * what is found in place now. Where that run is still alive its locks keep this one out, and nothing is ended.
 */
export async function settleUnfinished(
  plan: Plan,
  folder: string,
  { ports }: Connection,
  outside: Outside,
): Promise<void> {
  const [last] = await readRecords(folder, outside);
  if (!last || last.finished) return;
  const unknown =
    last.open.length === 0
      ? 'every write has its end recorded'
      : `what became of ${count(last.open.length, 'write')} is not known`;
  outside.stderr(
    `Run ${last.name} was not finished: ${unknown}. What follows is made from what is there now, and finishes it.\n`,
  );
  const hosts = [...plan.desired.cs6, ...plan.desired.cs7].map(({ name }) => name);
  const locks = await takeLocks(hosts, ports, { run: last.name, by: outside.actor });
  if (!('code' in locks)) await locks.release();
}
