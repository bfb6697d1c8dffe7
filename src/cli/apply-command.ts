import { type ApplyRequest, applyPlan } from '../app/apply-plan.ts';
import type { Failure } from '../app/context.ts';
import type { BaseRequest } from '../app/earlier-states.ts';
import type { LockWait } from '../app/lock-wait.ts';
import type { Approve, RunFacts } from '../app/run-plan.ts';
import type { SignatureRequest } from '../app/saved-plan.ts';
import { undoRun, writeUndoByHand } from '../app/undo-run.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Narrowing } from '../core/plan.ts';
import { exitCodes } from '../core/report.ts';
import { finding } from '../findings/catalogue.ts';
import { readContext, writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import type { NotifyOptions } from './notify-options.ts';
import { isPlanFile, namedFiles } from './options.ts';
import {
  type CommonOptions,
  printFailure,
  printReport,
  reportFiles,
  reportingOn,
  withProvenance,
  writeReports,
} from './output.ts';
import { withRunNotices } from './told-commands.ts';

/** What is allowed by number; see `ApplyRequest`. */
interface AllowanceOptions {
  readonly allowMoves?: number;
  readonly allowMovesBack?: number;
  readonly allowDeletes?: number;
  readonly allowRestarts?: number;
  readonly allowAccounts?: number;
  readonly allowOutsideWindow?: number;
}

/** The options of `apply`. */
export interface ApplyOptions
  extends CommonOptions,
    SignatureRequest,
    AllowanceOptions,
    BaseRequest,
    Narrowing,
    LockWait,
    NotifyOptions {
  readonly yes?: boolean;
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
}

/** What a command line allows by number. */
function allowancesOf(options: AllowanceOptions): ApplyRequest['allowed'] {
  const { allowMoves, allowMovesBack, allowDeletes, allowRestarts, allowAccounts, allowOutsideWindow } = options;
  return {
    ...(allowMoves !== undefined && { moves: allowMoves }),
    ...(allowMovesBack !== undefined && { movesBack: allowMovesBack }),
    ...(allowDeletes !== undefined && { deletes: allowDeletes }),
    ...(allowRestarts !== undefined && { restarts: allowRestarts }),
    ...(allowAccounts !== undefined && { accounts: allowAccounts }),
    ...(allowOutsideWindow !== undefined && { outsideWindow: allowOutsideWindow }),
  };
}

/** `apply`: carries out a saved plan as it was reviewed, or plans, shows and asks first. */
export async function applyCommand(
  files: readonly string[],
  given: ApplyOptions,
  environment: Environment,
): Promise<number> {
  const [plan, ...more] = files.filter(isPlanFile);
  const estateFiles = namedFiles(files.filter(file => !isPlanFile(file)));
  const options = reportingOn(
    given,
    'apply',
    files,
    given.connections === undefined ? estateFiles : [given.connections],
  );
  if (plan !== undefined && more.length > 0) return printFailure(severalPlans([plan, ...more]), options, environment);
  if (!options.origin && (options.base ?? options.applied) !== undefined)
    return printFailure(needsOrigin(), options, environment);
  const request = {
    ...options,
    files: estateFiles,
    plan,
    allowed: allowancesOf(options),
  };
  const { terminal } = environment;
  const onStderr = { ...environment, terminal: { ...terminal, stdout: terminal.stderr } };
  return withRunNotices('apply', options, environment, async tell => {
    const applied = await applyPlan(request, writeContext(environment, options), {
      approve: askFor(options, environment),
      started: async facts => {
        const code = await printRun('apply', facts, options, onStderr);
        await tell(facts);
        return code;
      },
    });
    if ('reported' in applied) return applied.reported;
    const code = await printRun('apply', applied, options, environment);
    await tell(applied);
    return code;
  });
}

function severalPlans(plans: readonly string[]): Failure {
  const detail = `${plans.join(', ')}: apply each plan alone. If they are parts of one plan, join them with "merge".`;
  return { failed: [finding('cli.several-plans', { detail })], exitCode: exitCodes.error };
}

function needsOrigin(): Failure {
  const detail =
    '--base and --applied say where changes come from, and apply asks that only to choose some of them.\nTo put back only what drifted:';
  const next = [nextCommands.onlyDrift()];
  return { failed: [finding('base.needs-origin', { detail, next })], exitCode: exitCodes.error };
}

/** Prints what became of a plan that was to be run; returns the exit code. */
async function printRun(
  command: 'apply' | 'undo',
  result: RunFacts | Failure,
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  if ('failed' in result) return printFailure(result, options, environment);
  const { declined, ...facts } = result;
  const report = { command, ...facts };
  if (!declined) return printReport(report, options, environment);
  environment.terminal.stderr('Nothing was changed.\n');
  const files = reportFiles(options);
  const named = files.length > 0 ? withProvenance(report, environment, options.about) : report;
  const written = await writeReports(named, files, options, environment);
  return written ? report.exitCode : exitCodes.error;
}

/** Shows a plan and asks a person whether to run it, unless the command line agreed beforehand. */
function askFor(options: CommonOptions & { readonly yes?: boolean }, environment: Environment): Approve {
  const { terminal } = environment;
  const { ask } = terminal;
  return async plan => {
    if (options.yes) return true;
    if (!ask) return nobodyToAsk;
    const { color, verbose = false, draw, about } = options;
    const shown = { format: 'text', color, verbose, ...(draw && { draw }), ...(about && { about }) } as const;
    const report = { command: 'plan', exitCode: exitCodes.differences, plan, refusals: [] } as const;
    await printReport(report, shown, { ...environment, terminal: { ...terminal, stdout: terminal.stderr } });
    return (await ask(`Apply plan ${plan.digest.slice(0, 8)}? Type "yes" to apply it: `)).trim() === 'yes';
  };
}

const nobodyToAsk = finding('cli.nobody-to-ask', {
  detail:
    'Standard input is not a terminal, so there is no way to ask. Nothing was changed.\nTo apply without a question:',
  next: [nextCommands.agree()],
});

/** The options of `undo`. */
export interface UndoOptions extends CommonOptions, AllowanceOptions, Narrowing, LockWait, NotifyOptions {
  readonly runs?: string;
  readonly yes?: boolean;
  /** All later runs are taken back with it. */
  readonly andLater?: boolean;
  /** Folder to write LDIF and commands into, for a day without this program. */
  readonly manual?: string;
}

/** `undo RUN`: takes back what a run did, where nobody has changed it since. */
export async function undoCommand(
  run: string,
  files: readonly string[],
  given: UndoOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'undo', files);
  const request = { ...options, run, files, allowed: allowancesOf(options) };
  if (options.manual === undefined) {
    return withRunNotices('undo', options, environment, async tell => {
      const result = await undoRun(request, writeContext(environment, options), askFor(options, environment));
      const code = await printRun('undo', result, options, environment);
      await tell(result);
      return code;
    });
  }
  const written = await writeUndoByHand(request, options.manual, readContext(environment, options));
  if ('failed' in written) return printFailure(written, options, environment);
  environment.terminal.stdout(written.paths.map(path => `${path}\n`).join(''));
  return exitCodes.done;
}
