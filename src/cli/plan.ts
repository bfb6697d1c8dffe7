import { count } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { AccountCount, Comparison, Plan } from '../core/plan.ts';
import { signedText } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Report } from '../core/report.ts';
import { compareAll } from '../engine/compare.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/moves-back.ts';
import { targetsOf } from '../kinds/registry.ts';
import { countAccounts } from '../kinds/shared/survey.ts';
import type { CountBefore } from '../plan/account-fall.ts';
import { buildPlan } from '../plan/build.ts';
import { narrowPlan, refusals } from '../plan/guards.ts';
import { accountsToCount } from '../plan/limits.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { digestFile, signCommand } from '../plan/signatures.ts';
import { type BaseOptions, loadEarlier, planWithOrigins } from './base.ts';
import { letGoSinceApplied } from './base-states.ts';
import { countBefore } from './count-before.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { writeFileText, writePrivateFile } from './files.ts';
import { type LiveOptions, notForApply, openLive } from './live.ts';
import {
  type CommonOptions,
  endProgress,
  printFailure,
  printFindings,
  printReport,
  progressOf,
  reportingOf,
  reportingOn,
} from './output.ts';
import type { Outside, ReadConnection, ReadOutside } from './outside.ts';
import { runsFolder } from './run-records.ts';
import { type ShardOptions, shardCommand } from './shard.ts';
import { loadTrusted, type TrustOptions } from './trusted-connections.ts';
import { unreadDirectory } from './unread-directory.ts';
import { withEstateOver } from './with-estate.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions, BaseOptions, LiveOptions, ShardOptions, TrustOptions {
  readonly only?: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** `plan` and `--check`: reads, compares, prints; changes nothing. */
export async function planCommand(
  command: 'plan' | 'check',
  files: readonly string[],
  given: PlanOptions,
  outside: Outside,
): Promise<number> {
  if (given.shard) return shardCommand(given.shard, files, reportingOn(given, command, files), outside);
  const { saved, options } = sortOptions(command, files, given);
  const refuse = (finding: Finding) => printFailure([finding], exitCodes.error, options, outside);
  if (saved !== undefined && options.live !== undefined) return refuse(notForApply(options.live, saved));
  const live = await openLive(options, outside);
  if ('code' in live) return refuse(live);
  const { trust, ...loaded } = await loadTrusted(files, options, outside);
  // A snapshot is a file: nothing is contacted.
  const trusting = trust && options.live === undefined ? { trust } : {};
  const told = loaded.state ? await loadEarlier(files, options, loaded.state, outside) : { warnings: [] };
  if ('code' in told) return printFailure([told], exitCodes.error, reportingOf(options, loaded.state?.name), outside);
  return withEstateOver(live.open, { ...loaded, ...trusting }, options, outside, async (state, connection, found) => {
    const make = () =>
      makePlan({ state, warnings: [...found, ...told.warnings] }, options, connection, {
        ...outside,
        clock: live.clock,
      });
    const { plan, ...origins } = await planWithOrigins(make, told.earlier, state, connection.ports);
    const facts = { exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
    return printPlan({ command, ...facts, ...origins, ...live.report }, saved, options, outside);
  });
}

/** Prints a plan, and saves it where a file is named for that; gives the exit code. */
export async function printPlan(
  report: Extract<Report, { readonly command: 'plan' | 'check' | 'drift' }>,
  saved: string | undefined,
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  const { plan } = report;
  // One that was saved there before stays, so that only the message tells that it is another.
  const useless = saved !== undefined && plan.unread.length > 0;
  const unsaved = saved === undefined || useless ? undefined : await savePlan(saved, plan, outside);
  const exitCode = await printReport(report, options, outside, unsaved || useless ? undefined : saved);
  if (useless) {
    printFindings([notSaved(saved, plan)], { ...options, format: 'text' }, outside);
    return exitCode;
  }
  if (!unsaved) {
    if (saved !== undefined && options.format === 'text') sayHowToSign(saved, plan, outside);
    return exitCode;
  }
  printFindings([unsaved], { ...options, format: 'text' }, outside);
  return exitCodes.error;
}

/** `plan -o` saves the plan for apply; everywhere else `-o` is the report's. */
function sortOptions(
  command: 'plan' | 'check',
  files: readonly string[],
  given: PlanOptions,
): { readonly saved: string | undefined; readonly options: PlanOptions } {
  if (command === 'check') return { saved: undefined, options: reportingOn(given, command, files) };
  const { output: saved, ...rest } = given;
  return { saved, options: reportingOn(rest, command, files) };
}

/** Writes a plan, and its digest for those who sign it where the policy asks for signatures. */
async function savePlan(file: string, plan: Plan, outside: Outside): Promise<Finding | undefined> {
  const unsaved = await writePrivateFile(file, renderPlanFile(plan), outside);
  if (unsaved || !plan.desired.policy.signatures) return unsaved;
  return writeFileText(digestFile(file), signedText(plan.digest), outside);
}

function notSaved(file: string, { unread }: Plan): Finding {
  const detail = `${file} was not written: ${unread.join(', ')} could not be read, and apply would refuse such a plan.\nIf the file exists, it is an older plan.`;
  return { severity: 'warning', code: 'plan.not-saved', summary: 'The plan was not saved', detail };
}

function sayHowToSign(file: string, { desired }: Plan, { stdout }: Outside): void {
  const { signatures } = desired.policy;
  if (!signatures) return;
  const signers = count(signatures.required, 'signer');
  stdout(`It takes ${signers}. To sign it:\n    ${printable(signCommand(file))}\n`);
}

/** Reads the estate and plans; `only` narrows what is to be changed. */
export async function makePlan(
  { state, warnings }: { readonly state: DesiredState; readonly warnings: readonly Finding[] },
  { only, runs, base }: Pick<PlanOptions, 'only' | 'runs' | 'base'>,
  connection: ReadConnection,
  outside: ReadOutside,
): Promise<Plan> {
  const targets = targetsOf(state);
  const readAt = outside.clock.now();
  const guards = await lookForWatchdogs(hostsAmong(targets), connection.ports);
  const compared = await compareAll(targets, connection.ports, progressOf(outside), outside.spans);
  const { comparisons: read, remarks } = heedWatchdogs(compared, guards);
  const folder = runsFolder(runs, state.name, outside);
  const before = await countBefore(folder, outside);
  const counted = await accountsOf(state, read, before, connection);
  const accounts = 'code' in counted ? { counted: 0, all: false } : counted;
  const comparisons =
    'code' in counted ? unreadDirectory(read, counted) : await tellLimbo(state, read, connection.ports);
  endProgress(outside);
  // A base says more exactly than the records what this revision leaves out.
  const letGo = base === undefined ? await letGoSinceApplied(folder, state, outside) : [];
  const said = [...warnings, ...letGo, ...remarks];
  const facts = { tool: outside.version, readAt, accounts, warnings: said, ...(before && { before }) };
  const plan = buildPlan(state, comparisons, facts);
  return only === undefined || only.length === 0 ? plan : narrowPlan(plan, only, comparisons);
}

/** How many accounts there are; a directory that could not be read has none to count. */
async function accountsOf(
  state: DesiredState,
  comparisons: readonly Comparison[],
  before: CountBefore | undefined,
  { ports }: ReadConnection,
): Promise<AccountCount | Finding> {
  if (comparisons.some(({ target, unread }) => target === 'directory' && unread)) return { counted: 0, all: false };
  try {
    return await countAccounts(state.directory, ports.directory(), accountsToCount(state, comparisons, before));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}
