import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { AccountCount, Comparison, Plan } from '../core/plan.ts';
import { signedText } from '../core/plan-signature.ts';
import { printable } from '../core/printable.ts';
import { compareAll } from '../engine/compare.ts';
import { countAccounts } from '../kinds/common/survey.ts';
import { registry } from '../kinds/registry.ts';
import type { CountBefore } from '../plan/account-fall.ts';
import { buildPlan } from '../plan/build.ts';
import { narrowPlan, refusals } from '../plan/guards.ts';
import { accountsToCount } from '../plan/limits.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { digestFile, signCommand } from '../plan/signatures.ts';
import { count } from '../render/style.ts';
import { countBefore } from './count-before.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { loadFiles, writeFileText } from './files.ts';
import { type CommonOptions, endProgress, printFindings, printReport, progressOf } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { runsFolder } from './run-records.ts';
import { withEstate } from './with-estate.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly output?: string;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** `plan` and `--check`: reads, compares, prints; changes nothing. */
export async function planCommand(
  command: 'plan' | 'check',
  files: readonly string[],
  options: PlanOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadFiles(files, outside), options, outside, async (state, connection, warnings) => {
    const plan = await makePlan({ state, warnings }, options, connection, outside);
    const unsaved = options.output === undefined ? undefined : await savePlan(options.output, plan, outside);
    const report = { command, exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
    const exitCode = printReport(report, options, outside, unsaved ? undefined : options.output);
    if (!unsaved) {
      if (options.output !== undefined && options.format === 'text') sayHowToSign(options.output, plan, outside);
      return exitCode;
    }
    printFindings([unsaved], options, outside);
    return exitCodes.error;
  });
}

/** Writes a plan, and its digest for those who sign it where the policy asks for signatures. */
async function savePlan(file: string, plan: Plan, outside: Outside): Promise<Finding | undefined> {
  const unsaved = await writeFileText(file, renderPlanFile(plan), outside);
  if (unsaved || !plan.desired.policy.signatures) return unsaved;
  return writeFileText(digestFile(file), signedText(plan.digest), outside);
}

function sayHowToSign(file: string, { desired }: Plan, { stdout }: Outside): void {
  const { signatures } = desired.policy;
  if (!signatures) return;
  const signers = count(signatures.required, 'signer');
  stdout(`It takes ${signers} of ${printable(signatures.signers)}. To sign it:\n    ${printable(signCommand(file))}\n`);
}

/** Reads the estate and plans; `only` narrows what is to be changed. */
export async function makePlan(
  { state, warnings }: { readonly state: DesiredState; readonly warnings: readonly Finding[] },
  { only, runs }: Pick<PlanOptions, 'only' | 'runs'>,
  connection: Connection,
  outside: Outside,
): Promise<Plan> {
  const targets = registry.flatMap(bind => bind(state));
  const readAt = outside.clock.now();
  const read = await compareAll(targets, connection.ports, progressOf(outside));
  const before = await countBefore(runsFolder(runs, state.name, outside), outside);
  const counted = await accountsOf(state, read, before, connection);
  const accounts = 'code' in counted ? { counted: 0, all: false } : counted;
  const comparisons = 'code' in counted ? unreadDirectory(read, counted) : read;
  endProgress(outside);
  const facts = { tool: outside.version, readAt, accounts, warnings, ...(before && { before }) };
  const plan = buildPlan(state, comparisons, facts);
  return only === undefined || only.length === 0 ? plan : narrowPlan(plan, only);
}

/** Where counting the accounts shows that the directory cannot be read whole, nothing that was read of it counts. */
function unreadDirectory(comparisons: readonly Comparison[], unread: Finding): readonly Comparison[] {
  return comparisons.map(one => (one.target === 'directory' ? { ...one, changes: [], findings: [], unread } : one));
}

/** How many accounts there are; a directory that could not be read has none to count. */
async function accountsOf(
  state: DesiredState,
  comparisons: readonly Comparison[],
  before: CountBefore | undefined,
  { ports }: Connection,
): Promise<AccountCount | Finding> {
  if (comparisons.some(({ target, unread }) => target === 'directory' && unread)) return { counted: 0, all: false };
  try {
    return await countAccounts(state.directory, ports.directory(), accountsToCount(state, comparisons, before));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}
