import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { AccountCount, Comparison, Plan } from '../core/plan.ts';
import { compareAll } from '../engine/compare.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/moves-back.ts';
import { targetsOf } from '../kinds/registry.ts';
import { countAccounts } from '../kinds/shared/survey.ts';
import type { CountBefore } from '../plan/account-fall.ts';
import { buildPlan } from '../plan/build.ts';
import { narrowPlan } from '../plan/guards.ts';
import { accountsToCount } from '../plan/limits.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { ReadContext } from './context.ts';
import { letGoSinceApplied } from './earlier-states.ts';
import { countBefore, runsFolder } from './run-records.ts';

/** What a plan is narrowed to and compared with. */
export interface MakePlanRequest {
  /** Hosts, `directory` or kinds: nothing else is changed. */
  readonly only?: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
  readonly base?: string;
}

/** Reads the estate over open connections and plans. */
export async function makePlan(
  { state, warnings }: { readonly state: DesiredState; readonly warnings: readonly Finding[] },
  { only, runs, base }: MakePlanRequest,
  ports: ReadPorts,
  context: ReadContext,
): Promise<Plan> {
  const targets = targetsOf(state);
  const readAt = context.clock.now();
  const guards = await lookForWatchdogs(hostsAmong(targets), ports);
  const compared = await compareAll(targets, ports, context.progress.show, context.spans);
  const { comparisons: read, remarks } = heedWatchdogs(compared, guards);
  const folder = runsFolder(runs, state.name, context);
  const before = await countBefore(folder, context.files);
  const counted = await accountsOf(state, read, before, ports);
  const accounts = 'code' in counted ? { counted: 0, all: false } : counted;
  const comparisons = 'code' in counted ? unreadDirectory(read, counted) : await tellLimbo(state, read, ports);
  context.progress.end();
  // A base says more exactly than the records what this revision leaves out.
  const letGo = base === undefined ? await letGoSinceApplied(folder, state, context) : [];
  const said = [...warnings, ...letGo, ...remarks];
  const facts = { tool: context.version, readAt, accounts, warnings: said, ...(before && { before }) };
  const plan = buildPlan(state, comparisons, facts);
  return only === undefined || only.length === 0 ? plan : narrowPlan(plan, only, comparisons);
}

/** How many accounts there are; a directory that could not be read has none to count. */
async function accountsOf(
  state: DesiredState,
  comparisons: readonly Comparison[],
  before: CountBefore | undefined,
  ports: ReadPorts,
): Promise<AccountCount | Finding> {
  if (isDirectoryUnread(comparisons)) return { counted: 0, all: false };
  return countOrProblem(state, accountsToCount(state, comparisons, before), ports);
}

/** Whether something of the directory could not be read. */
export function isDirectoryUnread(comparisons: readonly Comparison[]): boolean {
  return comparisons.some(({ target, unread }) => target === 'directory' && unread);
}

/** Counts the accounts, as far as `most`; or says why they cannot be counted. */
export async function countOrProblem(
  { directory }: DesiredState,
  most: number,
  ports: ReadPorts,
): Promise<AccountCount | Finding> {
  try {
    return await countAccounts(directory, ports.directory(), most);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

/** Where counting the accounts shows that the directory cannot be read whole, nothing that was read of it counts. */
export function unreadDirectory(comparisons: readonly Comparison[], unread: Finding): readonly Comparison[] {
  return comparisons.map(one => (one.target === 'directory' ? { ...one, changes: [], findings: [], unread } : one));
}
