import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { refusals } from '../plan/guards.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { carryOut } from './carry-out.ts';
import { exitCodes, planExitCode, runExitCode } from './exit-code.ts';
import { loadFiles, readFileText } from './files.ts';
import { type CommonOptions, printFindings, printReport } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { makePlan } from './plan.ts';
import { runsFolder } from './run-records.ts';
import { type Loaded, withEstate } from './with-estate.ts';

/** The options of `apply`. */
export interface ApplyOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** How many accounts may change sides although that is over the limit. */
  readonly allowMoves?: number;
  /** Of how many accounts the CS6 calendars may be deleted. */
  readonly allowDeletes?: number;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** `apply`: carries out a saved plan as it was reviewed, or plans, shows and asks first. */
export async function applyCommand(files: readonly string[], options: ApplyOptions, outside: Outside): Promise<number> {
  const [file = '', ...others] = files;
  const isPlan = file.endsWith('.json') && others.length === 0;
  const saved = isPlan ? await loadPlan(file, options, outside) : undefined;
  return withEstate(
    saved ?? (await loadFiles(files, outside)),
    options,
    outside,
    async (state, connection, warnings) => {
      const plan = saved?.plan ?? (await makePlan({ state, warnings }, options.only, connection, outside));
      return applyPlan(plan, options, connection, outside);
    },
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
  const refused = refusals(plan, {
    ...(options.allowMoves !== undefined && { moves: options.allowMoves }),
    ...(options.allowDeletes !== undefined && { deletes: options.allowDeletes }),
  });
  const report = { command: 'apply', plan, refusals: refused } as const;
  if (refused.length > 0) {
    const exitCode = plan.steps.length === 0 ? planExitCode(plan) : exitCodes.refused;
    return printReport({ ...report, exitCode }, options, outside);
  }
  if (plan.steps.length === 0) return printReport({ ...report, exitCode: exitCodes.done }, options, outside);
  const answer = await agreed(plan, options, outside);
  if (typeof answer !== 'boolean') {
    printFindings([answer], options, outside);
    return exitCodes.refused;
  }
  if (!answer) {
    outside.stderr('Nothing was done.\n');
    return exitCodes.differences;
  }
  const folder = runsFolder(options.runs, plan.desired.name, outside);
  const run = await carryOut(plan, { folder, irreversible: options.allowDeletes !== undefined }, connection, outside);
  if ('code' in run) {
    printFindings([run], options, outside);
    return exitCodes.error;
  }
  return printReport({ ...report, run, exitCode: runExitCode(run) }, options, outside);
}

/** Whether somebody agrees to the plan, or why nobody can be asked. */
export async function agreed(
  plan: Plan,
  options: CommonOptions & { readonly yes?: boolean },
  outside: Outside,
): Promise<boolean | Finding> {
  if (options.yes) return true;
  if (!outside.ask) {
    return {
      severity: 'error',
      code: 'cli.nobody-to-ask',
      summary: 'Nobody is there to agree to the plan',
      detail: 'Standard input is not a terminal. Nothing was written.\nAgree beforehand:\n    reconcile apply --yes',
    };
  }
  printReport(
    { command: 'plan', exitCode: exitCodes.differences, plan, refusals: [] },
    { ...options, format: 'text' },
    { ...outside, stdout: outside.stderr },
  );
  return (await outside.ask(`Apply plan ${plan.digest.slice(0, 8)}? Only "yes" applies it: `)).trim() === 'yes';
}
