import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { AccountCount, Comparison, Plan } from '../core/plan.ts';
import { compareAll } from '../engine/compare.ts';
import { countAccounts } from '../kinds/common/survey.ts';
import { registry } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { narrowPlan, refusals } from '../plan/guards.ts';
import { accountsToCount } from '../plan/limits.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { loadFiles, writeFileText } from './files.ts';
import { type CommonOptions, endProgress, printFindings, printReport, progressOf } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { withEstate } from './with-estate.ts';

/** The options of `plan` and `--check`. */
export interface PlanOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly output?: string;
}

/** `plan` and `--check`: reads, compares, prints; changes nothing. */
export async function planCommand(
  command: 'plan' | 'check',
  files: readonly string[],
  options: PlanOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadFiles(files, outside), options, outside, async (state, connection, warnings) => {
    const plan = await makePlan({ state, warnings }, options.only, connection, outside);
    const unsaved =
      options.output === undefined ? undefined : await writeFileText(options.output, renderPlanFile(plan), outside);
    const report = { command, exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
    const exitCode = printReport(report, options, outside, unsaved ? undefined : options.output);
    if (!unsaved) return exitCode;
    printFindings([unsaved], options, outside);
    return exitCodes.error;
  });
}

/** Reads the estate and plans; `only` narrows what is to be changed. */
export async function makePlan(
  { state, warnings }: { readonly state: DesiredState; readonly warnings: readonly Finding[] },
  only: readonly string[] | undefined,
  connection: Connection,
  outside: Outside,
): Promise<Plan> {
  const targets = registry.flatMap(bind => bind(state));
  const readAt = outside.clock.now();
  const comparisons = await compareAll(targets, connection.ports, progressOf(outside));
  const accounts = await accountsOf(state, comparisons, connection);
  endProgress(outside);
  const plan = buildPlan(state, comparisons, { tool: outside.version, readAt, accounts, warnings });
  return only === undefined || only.length === 0 ? plan : narrowPlan(plan, only);
}

/** How many accounts there are; a directory that could not be read has none to count. */
async function accountsOf(
  state: DesiredState,
  comparisons: readonly Comparison[],
  { ports }: Connection,
): Promise<AccountCount> {
  if (comparisons.some(({ target, unread }) => target === 'directory' && unread)) return { counted: 0, all: false };
  return countAccounts(state.directory, ports.directory(), accountsToCount(state, comparisons));
}
