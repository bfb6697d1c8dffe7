import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { accountsFell, applyRefusals } from '../plan/guards.ts';
import { needsSignatures } from '../plan/signatures.ts';
import { type ApplyOptions, allowancesOf } from './apply-options.ts';
import { loadSavedPlan } from './apply-saved.ts';
import { agreeAndCarryOut, notBegunExitCode } from './carry-out.ts';
import { countBefore } from './count-before.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { isPlanFile, loadFiles, namedFiles } from './files.ts';
import { firstAidPlan } from './first-aid.ts';
import { printFailure, printReport, reportingOf, reportingOn } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { makePlan } from './plan.ts';
import { runsFolder } from './run-records.ts';
import { signatureDemand } from './signatures.ts';
import { movedMeanwhile, settleLeftovers, tellUnfinished } from './unfinished.ts';
import { withEstate } from './with-estate.ts';

/** `apply`: carries out a saved plan as it was reviewed, or plans, shows and asks first. */
export async function applyCommand(files: readonly string[], given: ApplyOptions, outside: Outside): Promise<number> {
  const options = reportingOn(given, 'apply', files);
  const [plan, ...more] = files.filter(isPlanFile);
  if (plan === undefined) return applyFiles(files, options, outside);
  if (more.length > 0) return printFailure([severalPlans([plan, ...more])], exitCodes.error, options, outside);
  return applySaved(plan, namedFiles(files.filter(file => !isPlanFile(file))), options, outside);
}

function severalPlans(plans: readonly string[]): Finding {
  const detail = `${plans.join(', ')}: each is carried out by an apply of its own, or they are parts of one plan, which "merge" joins.`;
  return { severity: 'error', code: 'cli.several-plans', summary: 'More than one saved plan', detail };
}

async function applyFiles(files: readonly string[], options: ApplyOptions, outside: Outside): Promise<number> {
  const loaded = await loadFiles(files, outside);
  const demand = loaded.state && signatureDemand(loaded.state.policy, options);
  if (loaded.state && demand) {
    const required = 'required' in demand ? demand.required : 1;
    const unsigned = 'code' in demand ? demand : needsSignatures(required, loaded.state.policy.source);
    return printFailure([unsigned], exitCodes.refused, reportingOf(options, loaded.state.name), outside);
  }
  return withEstate(loaded, options, outside, async (state, connection, warnings) => {
    const held = await settleFirst(state, connection, options, outside);
    if (held !== undefined) return held;
    const plan = await makePlan({ state, warnings }, options, connection, outside);
    const aid = firstAidPlan(plan);
    if (!aid) return applyPlan({ plan, state }, options, connection, outside);
    outside.stderr(
      `${aid.steps.map(({ target }) => target).join(', ')} does not run, and cannot be asked: it is started first.\n`,
    );
    const started = await applyPlan({ plan: aid, state }, options, connection, { ...outside, stdout: outside.stderr });
    if (started !== exitCodes.done) return started;
    const rest = await makePlan({ state, warnings }, options, connection, outside);
    return applyPlan({ plan: rest, state }, options, connection, outside);
  });
}

async function applySaved(
  file: string,
  estateFiles: readonly string[],
  options: ApplyOptions,
  outside: Outside,
): Promise<number> {
  const saved = await loadSavedPlan(file, estateFiles, options, outside);
  if ('findings' in saved) {
    return printFailure(saved.findings, saved.exitCode, reportingOf(options, saved.estate), outside);
  }
  const { plan, state } = saved;
  return withEstate({ state, findings: [] }, options, outside, async (_, connection) => {
    const held = await settleFirst(state, connection, options, outside);
    return held ?? applyPlan({ plan, state }, options, connection, outside);
  });
}

async function applyPlan(
  { plan, state }: { readonly plan: Plan; readonly state: DesiredState },
  options: ApplyOptions,
  connection: Connection,
  outside: Outside,
): Promise<number> {
  const folder = runsFolder(options.runs, plan.desired.name, outside);
  const facts = { at: outside.clock.now(), before: await countBefore(folder, outside) };
  const refused = applyRefusals(plan, allowancesOf(options), facts);
  const report = { command: 'apply', plan, refusals: refused } as const;
  if (refused.length > 0) {
    return printReport({ ...report, exitCode: planExitCode(plan, refused) }, options, outside);
  }
  await tellUnfinished(folder, outside);
  // A number of accounts that was allowed is recorded also where nothing is to be done, or the next plan would ask again.
  const idle = plan.steps.length === 0;
  const moved = idle ? await leftSince(state, connection, options, outside) : undefined;
  if (moved) return printFailure([moved], notBegunExitCode(moved), reportingOf(options, plan.desired.name), outside);
  if (idle && !accountsFell(plan)) return printReport({ ...report, exitCode: planExitCode(plan) }, options, outside);
  const irreversible = options.allowDeletes !== undefined;
  const how = { command: 'apply', state, folder, irreversible, ask: !idle } as const;
  return agreeAndCarryOut(plan, how, options, connection, outside);
}

/** Before anything is read; the exit code where the apply ends there. */
async function settleFirst(
  state: DesiredState,
  connection: Connection,
  options: ApplyOptions,
  outside: Outside,
): Promise<number | undefined> {
  const settled = await settleLeftovers(state, connection, options, outside);
  if (!('code' in settled)) return undefined;
  return printFailure([settled], notBegunExitCode(settled), reportingOf(options, state.name), outside);
}

/** A run that began after the estate was read, or died since, has made "nothing to do" untrue. */
async function leftSince(
  state: DesiredState,
  connection: Connection,
  options: ApplyOptions,
  outside: Outside,
): Promise<Finding | undefined> {
  const settled = await settleLeftovers(state, connection, options, outside);
  return 'code' in settled ? settled : movedMeanwhile(settled.calledOff);
}
