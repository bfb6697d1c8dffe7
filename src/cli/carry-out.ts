import type { Change } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Run } from '../core/run.ts';
import { executePlan } from '../engine/execute.ts';
import { lockNeeds, takeLocks } from '../engine/locks.ts';
import { targetsOf } from '../kinds/registry.ts';
import { findWriteProblem } from '../kinds/shared/write-check.ts';
import { exitCodes, runExitCode, worstExitCode } from './exit-code.ts';
import { startsOnly } from './first-aid.ts';
import { gateOf } from './gate.ts';
import {
  type CommonOptions,
  endProgress,
  printFailure,
  printReport,
  progressOf,
  reportFiles,
  reportingOf,
  writeReports,
} from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { movedMeanwhile } from './unfinished.ts';

/** Why a run is not begun although everything could be read. */
const refusing: ReadonlySet<string> = new Set([
  'run.locked',
  'run.watchdog-called-off',
  'directory.writes-elsewhere',
  'directory.writes-refused',
]);

/** The exit code of a run that was not begun. */
export function notBegunExitCode({ code }: Finding): number {
  return refusing.has(code) ? exitCodes.refused : exitCodes.error;
}

/** How a plan is carried out. */
export interface CarryOutOptions {
  /** What the plan is about, with how its targets are reached: from the files here, never from the plan. */
  readonly state: DesiredState;
  readonly command: 'apply' | 'undo';
  /** Folder of the records. */
  readonly folder: string;
  readonly irreversible: boolean;
  /** Whether somebody is asked first. */
  readonly ask: boolean;
}

/** Asks, carries out what was agreed to, and tells; gives the exit code. */
export async function agreeAndCarryOut(
  plan: Plan,
  how: CarryOutOptions,
  given: CommonOptions & { readonly yes?: boolean },
  connection: Connection,
  outside: Outside,
): Promise<number> {
  const options = reportingOf(given, plan.desired.name);
  const answer = !how.ask || (await agreed(plan, options, outside));
  if (typeof answer !== 'boolean') {
    return printFailure([answer], exitCodes.refused, options, outside);
  }
  if (!answer) {
    outside.stderr('Nothing was done.\n');
    const report = { command: how.command, exitCode: exitCodes.differences, plan, refusals: [] };
    const written = await writeReports(report, reportFiles(options), options, outside);
    return written ? exitCodes.differences : exitCodes.error;
  }
  const run = await carryOut(plan, how, connection, outside);
  if ('code' in run) {
    return printFailure([run], notBegunExitCode(run), options, outside);
  }
  const { command } = how;
  const waits = plan.waiting ? [exitCodes.differences] : [];
  const exitCode = worstExitCode([runExitCode(run), ...waits]);
  return printReport({ command, plan, refusals: [], run, exitCode }, options, outside);
}

/** Whether somebody agrees to the plan, or why nobody can be asked. */
async function agreed(
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
      detail: 'Standard input is not a terminal. Nothing was written.\nAgree beforehand:',
      next: [nextCommands.agree()],
    };
  }
  await printReport(
    { command: 'plan', exitCode: exitCodes.differences, plan, refusals: [] },
    {
      format: 'text',
      color: options.color,
      verbose: options.verbose ?? false,
      ...(options.draw && { draw: options.draw }),
    },
    { ...outside, stdout: outside.stderr },
  );
  return (await outside.ask(`Apply plan ${plan.digest.slice(0, 8)}? Only "yes" applies it: `)).trim() === 'yes';
}

function directoryChanges({ steps }: Plan): readonly Change[] {
  return steps.flatMap(({ target, changes }) => (target === 'directory' ? changes : []));
}

/** The run, or why it was not begun: the directory takes no changes, somebody else is at work, or no record can be kept. */
async function carryOut(
  plan: Plan,
  { state, folder, irreversible }: CarryOutOptions,
  connection: Connection,
  outside: Outside,
): Promise<Run | Finding> {
  const name = `${outside.clock.now().replace(/[-:.]/g, '')}-${plan.digest.slice(0, 8)}`;
  let stopping = false;
  const listening = outside.onInterrupt(() => {
    stopping = true;
    endProgress(outside);
    outside.stderr('Stopping when what is in hand is done. Interrupt once more to stop at once.\n');
  });
  try {
    const unwritable = await findWriteProblem(directoryChanges(plan), connection.ports.directory());
    if (unwritable) return unwritable;
    const locks = await takeLocks(lockNeeds(plan), connection.ports, outside.claim(name));
    if ('code' in locks) return locks;
    const moved = movedMeanwhile(locks.calledOff);
    if (moved) {
      await locks.release();
      return moved;
    }
    const journal = await outside.openJournal(folder, name).catch(async (problem: unknown) => {
      await locks.release();
      throw problem;
    });
    // A server that is only started has nothing to lose, and what it lacks is built after it.
    const gate = startsOnly(plan) ? undefined : gateOf(state, connection.ports);
    const execution = {
      targets: targetsOf(state),
      ports: connection.ports,
      clock: outside.clock,
      progress: progressOf(outside),
      irreversible,
      journal,
      stopping: () => stopping,
      prove: locks.renew,
      unlocked: locks.unlocked,
      ...(gate && { gate }),
    };
    return await executePlan(plan, execution).finally(async () => {
      sayUnreleased(await locks.release(), outside);
      await journal.close();
    });
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  } finally {
    listening();
    endProgress(outside);
  }
}

function sayUnreleased(problems: readonly Finding[], outside: Outside): void {
  endProgress(outside);
  for (const { target, detail } of problems)
    outside.stderr(
      `The lock of ${target} could not be given back, and a watchdog of this run may still wait there: ${printable(detail)}\nThe next apply takes it over.\n`,
    );
}
