import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { Watchdog } from '../ports/host.ts';
import { type Running, targetOf } from './running.ts';

/** How long a restart may take before a host helps itself, in milliseconds; longer than any restart waits for health. */
const patience = 900_000;

/** What a host got before a restart; `none` where nothing would have to be restored. */
export type Dog = { readonly none: true } | { readonly watchdog: Watchdog };

/**
 * Before a restart: a watchdog on the host, which puts the files that this run wrote back as they were and starts the
 * service unless it is told in time that all is well. So a connection that goes away in the middle, or a run
 * that dies, leaves no host down for longer. Gives the finding where it cannot be started.
 */
export async function watchRestart(step: Step, running: Running): Promise<Dog | Finding> {
  const target = targetOf(step, running.targets);
  const files = writtenFor(step, running);
  if (!target.activates || target.restart.length === 0) return { none: true };
  try {
    const watch = { name: step.kind, files, commands: target.restart, patience };
    return { watchdog: await running.ports.host(step.target).watch(watch) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

function writtenFor(step: Step, { plan, targets, records }: Running) {
  const { activates } = targetOf(step, targets);
  const earlier = plan.steps.filter(one => one.target === step.target && one.stage === activates?.stage);
  return earlier
    .flatMap(one => records.replaced.get(one.id) ?? [])
    .flatMap(({ path, backup, written }) => {
      const content = records.contents.get(written);
      return content ? [{ path, backup, written: content }] : [];
    });
}

/** The run is there to see what became of the restart: the watchdog has nothing more to do, however it went. */
export async function callOff(dog: Dog, step: Step, running: Running): Promise<void> {
  if ('none' in dog) return;
  try {
    await dog.watchdog.confirm();
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const result = running.done.get(step.id);
    if (result) running.done.set(step.id, { ...result, finding: problem.finding });
  }
}
