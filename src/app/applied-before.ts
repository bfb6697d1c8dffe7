import { type PlannedState, plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import { isNarrowed } from '../core/plan.ts';
import { wantedDigest } from '../plan/build.ts';
import type { CountBefore } from '../plan/limits.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';

/** What the newest run asked for that was carried out to the end and whole, also of hosts that are not in the file any more. */
export async function lastAppliedState(
  records: RunRecords,
  today: DesiredState | PlannedState,
): Promise<{ readonly name: string; readonly desired: PlannedState } | undefined> {
  const planned = plannedState(today);
  const digest = wantedDigest(planned);
  for (const { name, head } of records.runs.filter(isComplete)) {
    // Mostly nothing has changed since: then it need not be read.
    const desired = head?.desired === digest ? planned : await records.desired(name);
    if (desired) return { name: `run ${name}`, desired };
  }
  return undefined;
}

/** Whether a run left the whole estate as its files asked for it. */
function isComplete({ head, finished }: KnownRun): boolean {
  return finished?.converged === true && head !== undefined && head.direction !== 'undo' && !isNarrowed(head);
}

/** How many accounts the last run saw that was finished and saw any. An undo counts nothing: it has the number of the run that it took back. */
export function countBefore({ runs }: RunRecords): CountBefore | undefined {
  for (const { name, head, finished } of runs) {
    const accounts = head?.accounts;
    if (finished && accounts && accounts.counted > 0 && head.direction !== 'undo')
      return { counted: accounts.counted, all: accounts.all, run: name };
  }
  return undefined;
}
