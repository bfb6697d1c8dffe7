import { count } from '../core/count.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { anyLockHeld, takeLocks } from '../engine/locks.ts';
import type { Connection, Outside } from './outside.ts';
import { newestRecord } from './run-records.ts';

/** Says what a run that was not finished has left half done, as far as its record is here. */
export async function tellUnfinished(folder: string, outside: Outside): Promise<void> {
  const last = await newestRecord(folder, outside);
  if (!last || last.finished) return;
  const unknown =
    last.open.length === 0
      ? 'every write has its end recorded'
      : `what became of ${count(last.open.length, 'write')} is not known`;
  outside.stderr(
    `Run ${last.name} was not finished: ${unknown}. What follows is made from what is there now, and finishes it.\n`,
  );
}

/**
 * Ends the watchdogs that a dead run may have left behind on any host, which would take back what is in place now. They
 * stand under its lock. Gives the finding where its holder may still be alive.
 */
export async function settleLeftovers(
  { desired, digest }: Plan,
  { ports }: Connection,
  outside: Outside,
): Promise<Finding | undefined> {
  const hosts = [...desired.cs6, ...desired.cs7].map(({ name }) => name);
  if (!(await anyLockHeld(hosts, ports))) return undefined;
  const locks = await takeLocks(hosts, ports, outside.claim(`settling-${digest.slice(0, 8)}`));
  if ('code' in locks) return locks;
  await locks.release();
  return undefined;
}
