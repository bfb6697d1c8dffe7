import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { expiryRefusals } from '../plan/expiry.ts';
import { accountsFell, applyRefusals } from '../plan/guards.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { needsSignatures } from '../plan/signatures.ts';
import { type ApplyOptions, allowancesOf } from './apply-options.ts';
import { agreeAndCarryOut, notBegunExitCode } from './carry-out.ts';
import { countBefore } from './count-before.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { loadFiles, readFileText } from './files.ts';
import { firstAidPlan } from './first-aid.ts';
import { printFailure, printReport, reportingOf, reportingOn } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { makePlan } from './plan.ts';
import { runsFolder } from './run-records.ts';
import { checkSignatures, signatureDemand } from './signatures.ts';
import { settleLeftovers, tellUnfinished } from './unfinished.ts';
import { type Loaded, withEstate } from './with-estate.ts';

/** `apply`: carries out a saved plan as it was reviewed, or plans, shows and asks first. */
export async function applyCommand(files: readonly string[], given: ApplyOptions, outside: Outside): Promise<number> {
  const options = reportingOn(given, 'apply', files);
  const [file = '', ...others] = files;
  return file.endsWith('.json') && others.length === 0
    ? applySaved(file, options, outside)
    : applyFiles(files, options, outside);
}

async function applyFiles(files: readonly string[], options: ApplyOptions, outside: Outside): Promise<number> {
  const loaded = await loadFiles(files, outside);
  const demand = loaded.state && signatureDemand(loaded.state.policy, options);
  if (loaded.state && demand) {
    const required = 'required' in demand ? demand.required : 1;
    const unsigned = 'code' in demand ? demand : needsSignatures(files, required, loaded.state.policy.source);
    return printFailure([unsigned], exitCodes.refused, reportingOf(options, loaded.state.name), outside);
  }
  return withEstate(loaded, options, outside, async (state, connection, warnings) => {
    const plan = await makePlan({ state, warnings }, options, connection, outside);
    const aid = firstAidPlan(plan);
    if (!aid) return applyPlan(plan, options, connection, outside);
    outside.stderr(
      `${aid.steps.map(({ target }) => target).join(', ')} does not run, and cannot be asked: it is started first.\n`,
    );
    const started = await applyPlan(aid, options, connection, { ...outside, stdout: outside.stderr });
    if (started !== exitCodes.done) return started;
    return applyPlan(await makePlan({ state, warnings }, options, connection, outside), options, connection, outside);
  });
}

/** What is wrong with the plan as a document is told before anything is connected to. */
async function applySaved(file: string, options: ApplyOptions, outside: Outside): Promise<number> {
  const { plan, ...loaded } = await loadPlan(file, options, outside);
  const refused = plan
    ? [...expiryRefusals(file, plan, outside.clock.now()), ...(await checkSignatures(file, plan, options, outside))]
    : [];
  if (plan && refused.length > 0)
    return printFailure(refused, exitCodes.refused, reportingOf(options, plan.desired.name), outside);
  return withEstate(loaded, options, outside, async (_, connection) =>
    plan ? applyPlan(plan, options, connection, outside) : exitCodes.error,
  );
}

async function loadPlan(
  file: string,
  options: ApplyOptions,
  outside: Outside,
): Promise<Loaded & { readonly plan?: Plan }> {
  const text = await readFileText(file, outside);
  if (typeof text !== 'string') return { findings: [text] };
  if (options.only !== undefined && options.only.length > 0) return { findings: [onlyOnSaved(file)] };
  const { plan, findings } = parsePlanFile(file, text, outside.planSchema);
  return plan ? { plan, state: plan.desired, findings } : { findings };
}

function onlyOnSaved(file: string): Finding {
  const detail = `${file} is carried out as it was reviewed, whole.\nMake a narrower plan: reconcile plan --only … -o ${file}`;
  return { severity: 'error', code: 'cli.only-on-saved-plan', summary: '--only does not go with a saved plan', detail };
}

async function applyPlan(plan: Plan, options: ApplyOptions, connection: Connection, outside: Outside): Promise<number> {
  const folder = runsFolder(options.runs, plan.desired.name, outside);
  const facts = { at: outside.clock.now(), before: await countBefore(folder, outside) };
  const refused = applyRefusals(plan, allowancesOf(options), facts);
  const report = { command: 'apply', plan, refusals: refused } as const;
  if (refused.length > 0) {
    const unsynced = plan.steps.length > 0 || refused.some(finding => !plan.findings.includes(finding));
    return printReport({ ...report, exitCode: unsynced ? exitCodes.refused : planExitCode(plan) }, options, outside);
  }
  await tellUnfinished(folder, outside);
  // A number of accounts that was allowed is recorded also where nothing is to be done, or the next plan would ask again.
  const idle = plan.steps.length === 0;
  const held = await settleLeftovers(plan, connection, outside);
  if (held) return printFailure([held], notBegunExitCode(held), reportingOf(options, plan.desired.name), outside);
  if (idle && !accountsFell(plan)) return printReport({ ...report, exitCode: exitCodes.done }, options, outside);
  const how = { command: 'apply', folder, irreversible: options.allowDeletes !== undefined, ask: !idle } as const;
  return agreeAndCarryOut(plan, how, options, connection, outside);
}
