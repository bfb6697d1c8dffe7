import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import type { Run } from '../core/run.ts';
import { executePlan } from '../engine/execute.ts';
import { lockedHosts, takeLocks } from '../engine/locks.ts';
import { registry } from '../kinds/registry.ts';
import { exitCodes } from './exit-code.ts';
import { endProgress, progressOf } from './output.ts';
import type { Connection, Outside } from './outside.ts';

/** The exit code of a run that was not begun. */
export function notBegunExitCode({ code }: Finding): number {
  return code === 'run.locked' ? exitCodes.refused : exitCodes.error;
}

/** How a plan is carried out. */
export interface CarryOutOptions {
  /** Folder of the records. */
  readonly folder: string;
  readonly irreversible: boolean;
}

/** The run, or why it was not begun: somebody else is at work, or its record could not be kept. */
export async function carryOut(
  plan: Plan,
  { folder, irreversible }: CarryOutOptions,
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
    const locks = await takeLocks(lockedHosts(plan), connection.ports, outside.claim(name));
    if ('code' in locks) return locks;
    const journal = await outside.openJournal(folder, name).catch(async (problem: unknown) => {
      await locks.release();
      throw problem;
    });
    const execution = {
      targets: registry.flatMap(bind => bind(plan.desired)),
      ports: connection.ports,
      clock: outside.clock,
      progress: progressOf(outside),
      irreversible,
      journal,
      stopping: () => stopping,
      alive: () => locks.renew(),
      unlocked: locks.unlocked,
    };
    return await executePlan(plan, execution).finally(async () => {
      await locks.release();
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
