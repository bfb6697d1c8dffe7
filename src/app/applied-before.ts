import { type PlannedState, plannedState } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { isNarrowed } from '../core/plan.ts';
import { wantedDigest } from '../plan/build.ts';
import type { CountBefore } from '../plan/limits.ts';
import { letGoFindings } from '../plan/origins.ts';
import type { KnownRun, RunRecords } from './known-runs.ts';
import { managedTargets } from './load-estate.ts';
import { missingRecords } from './missing-records.ts';

/** What a plan is made with that runs have left. */
export interface RecordedBefore {
  readonly before?: CountBefore;
  /** What the file does not ask for any more, and what is not checked because it is not recorded. */
  readonly findings: readonly Finding[];
}

/** What is compared. */
interface Compared {
  readonly state: DesiredState | PlannedState;
  /** The hosts of the file that keep records. */
  readonly hosts: readonly string[];
  /** What the command names. */
  readonly base?: string | undefined;
  readonly applied?: string | undefined;
}

/** What the records say to a plan, and what they do not. */
export async function recordedBefore(
  records: RunRecords,
  { state, hosts, base, applied }: Compared,
  now: string,
): Promise<RecordedBefore> {
  const before = countBefore(records);
  const last = await lastAppliedState(records, state);
  const origins = base === undefined ? {} : ({ origins: applied === undefined ? 'recorded' : 'named' } as const);
  const known = { counted: before !== undefined, applied: last !== undefined, hosts, ...origins };
  // A base says more exactly than the records what this revision leaves out.
  const asked = base === undefined && last ? letGo(last, plannedState(state)) : [];
  return { ...(before && { before }), findings: [...asked, ...missingRecords(records, known, now)] };
}

function letGo(last: AppliedState, today: PlannedState): readonly Finding[] {
  return letGoFindings(managedTargets(last.desired), managedTargets(today), last.name);
}

/** What a run asked for. */
export interface AppliedState {
  readonly name: string;
  readonly desired: PlannedState;
}

/** What the newest run asked for that was carried out to the end and whole, also of hosts that are not in the file any more. */
export async function lastAppliedState(
  records: RunRecords,
  today: DesiredState | PlannedState,
): Promise<AppliedState | undefined> {
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
