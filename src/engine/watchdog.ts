import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Step } from '../core/plan.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { Watchdog, WatchedFile } from '../ports/host.ts';
import type { Running } from './running.ts';

/** How long a restart may take before a host helps itself, in milliseconds; longer than any restart waits for health. */
const patience = 900_000;

/**
 * Before a restart: a watchdog on the host, which puts the files that this run wrote back as they were and starts the
 * service unless it is told in time that all is well. So a connection that goes away in the middle, or a run
 * that dies, leaves no host down for longer. Gives the finding where it cannot be started, and nothing where nothing is restarted.
 */
export async function watchRestart(
  step: Step,
  target: BoundTarget,
  running: Running,
): Promise<Watchdog | Finding | undefined> {
  if (!target.activates || target.restart.length === 0) return undefined;
  const files = writtenFor(step, target.activates.stage, running);
  try {
    const { alive } = target;
    const watch = { name: step.kind, files, commands: target.restart, patience, ...(alive && { alive }) };
    return await running.ports.host(step.target).watch(watch);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

function writtenFor({ target }: Step, stage: Step['stage'], { plan, records }: Running) {
  return plan.steps
    .filter(one => one.target === target && one.stage === stage)
    .flatMap(one => records.replaced.get(one.id) ?? [])
    .flatMap(({ path, backup, written, original }): readonly WatchedFile[] => {
      const before = original === undefined ? undefined : records.contents.get(original);
      const content = records.contents.get(written);
      return before && content && backup !== undefined ? [{ path, backup, before, written: content }] : [];
    });
}

/**
 * The run is there to see what became of the restart: the watchdog has nothing more to do, however it went. Gives what is wrong
 * with that: it acted, or it could not be called off and will act.
 */
export async function callOff(dog: Watchdog | undefined, step: Step): Promise<Finding | undefined> {
  if (!dog) return undefined;
  try {
    await dog.confirm();
    return undefined;
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return hasCode(problem.finding, 'host.watchdog-acted') ? problem.finding : leftFinding(step, problem.finding, dog);
  }
}

function leftFinding({ target, kind }: Step, why: Finding, { until }: Watchdog): Finding {
  return finding('run.watchdog-left', {
    detail: [
      `${target}: the watchdog ${kind} still waits, and puts the host back at about ${new Date(until).toISOString()}.`,
      `${why.summary}: ${why.detail}`,
      'The next apply stops it, even without changes, and so does this command:',
    ].join('\n'),
    target,
    next: [nextCommands.breakLock(target)],
  });
}
