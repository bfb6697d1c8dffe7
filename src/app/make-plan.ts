import { countAccounts } from '../accounts/read-accounts.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import {
  type AccountCount,
  type ChangeOrigin,
  type Comparison,
  isNarrowed,
  type Narrowing,
  type Plan,
} from '../core/plan.ts';
import { compareAll } from '../engine/compare.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/cs6-calendar.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { accountsToCount, type CountBefore } from '../plan/limits.ts';
import { narrowPlan } from '../plan/narrowing.ts';
import { labelOrigins } from '../plan/origins.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { recordedBefore } from './applied-before.ts';
import { compareEarlier } from './compare-earlier.ts';
import type { ReadContext } from './context.ts';
import type { Earlier } from './earlier-states.ts';
import type { RunRecords } from './known-runs.ts';

/** What a plan is narrowed to and compared with. */
export interface MakePlanRequest extends Narrowing {
  /** The estate files. */
  readonly files: readonly string[];
  /** The time to plan for, where that is another than now, ISO 8601. */
  readonly at?: string;
  readonly base?: string;
  readonly applied?: string;
}

/** What is wanted, with warnings about it, and what is known of earlier runs, asked for in the same turn as the hosts: nothing before there is a file. */
export interface Wanted {
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  readonly records?: Promise<RunRecords>;
}

/** A plan, and with earlier states where each of its changes comes from, in the order of its steps and of their changes. */
export interface PlanWithOrigins {
  readonly plan: Plan;
  readonly origins?: readonly (readonly ChangeOrigin[])[];
}

/** Reads the estate over open connections and plans. */
export async function makePlan(
  wanted: Wanted,
  request: MakePlanRequest,
  ports: ReadPorts,
  context: ReadContext,
): Promise<Plan> {
  return (await planWithOrigins(wanted, undefined, request, ports, context)).plan;
}

/** The same, and tells where changes come from, by earlier states; a plan that is narrowed by that needs them. */
export async function planWithOrigins(
  wanted: Wanted,
  earlier: Earlier | undefined,
  request: MakePlanRequest,
  ports: ReadPorts,
  context: ReadContext,
): Promise<PlanWithOrigins> {
  const { files, at, only, except, origin } = request;
  const readAt = context.clock.now();
  const [{ comparisons, findings, ...read }, compared] = await Promise.all([
    readEstate(wanted, request, ports, context),
    earlier && compareEarlier(earlier, wanted.state, ports),
  ]);
  const { origins, unread = [] } = compared?.(comparisons, (at ?? readAt).slice(0, 10)) ?? {};
  context.progress.end();
  // What is chosen by its origin is not chosen where that is not known.
  const unknown = origin ? unread.map(one => ({ ...one, severity: 'error' as const })) : unread;
  const whole = buildPlan(wanted.state, comparisons, {
    tool: context.version,
    by: context.readProvenance(files),
    readAt,
    ...read,
    warnings: [...wanted.warnings, ...findings, ...unknown],
    ...(at !== undefined && { at }),
  });
  const narrowing = { ...(only && { only }), ...(except && { except }), ...(origin && { origin }) };
  const plan = isNarrowed(narrowing) ? narrowPlan(whole, narrowing, comparisons, origins) : whole;
  return { plan, ...(origins && { origins: labelOrigins(plan.steps, origins) }) };
}

/** What an estate was found to be. */
interface EstateReading {
  readonly comparisons: readonly Comparison[];
  readonly accounts: AccountCount;
  readonly before?: CountBefore;
  /** What records say, or do not, and what watchdogs did. */
  readonly findings: readonly Finding[];
}

async function readEstate(
  { state, records: asked }: Wanted,
  { base, applied }: MakePlanRequest,
  ports: ReadPorts,
  { clock, progress, spans }: ReadContext,
): Promise<EstateReading> {
  const targets = targetsOf(state);
  const readAt = clock.now();
  // One trip to each host, the look at the watchdogs first.
  const guarding = lookForWatchdogs(hostsAmong(targets), ports);
  const wanted = { state, base, applied, hosts: state.records.hosts };
  // Beside the rest, for it may need a further part of a record.
  const recorded = Promise.resolve(asked).then(records =>
    records ? recordedBefore(records, wanted, readAt) : undefined,
  );
  // Whoever awaits it meets the problem.
  recorded.catch(() => {});
  const [guards, compared] = await Promise.all([guarding, compareAll(targets, ports, progress.show, spans)]);
  const { comparisons: read, remarks } = heedWatchdogs(compared, guards);
  const { before, findings = [] } = (await recorded) ?? {};
  const counted = await accountsOf(state, read, before, ports);
  const isUnread = 'code' in counted;
  const accounts = isUnread ? { counted: 0, all: false } : counted;
  const comparisons = isUnread ? unreadDirectory(read, counted) : await tellLimbo(state, read, ports);
  return { comparisons, accounts, ...(before && { before }), findings: [...findings, ...remarks] };
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
