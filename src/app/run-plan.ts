import { resolve } from 'node:path';
import { findWriteProblem } from '../accounts/modify-accounts.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { PlanReport } from '../core/report.ts';
import { exitCodes, runExitCode, worstExitCode } from '../core/report.ts';
import type { Run } from '../core/run.ts';
import { count } from '../core/units.ts';
import { executePlan } from '../engine/execute.ts';
import { guardedHosts, type Locks, lockNeeds, takeLocks } from '../engine/locks.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { type FindingCode, finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { startsOnly } from '../plan/build.ts';
import type { Authority, Journal } from '../ports/journal.ts';
import type { Connection } from '../ports/ports.ts';
import type { Progress } from '../ports/progress.ts';
import { type Failure, refusal, type WriteContext } from './context.ts';
import { keepJournal } from './kept-journal.ts';
import type { RunRecords } from './known-runs.ts';
import { gateOf } from './verify-estate.ts';

/** How a plan is run. */
export interface RunRequest {
  /** What the plan is about, with how its targets are reached: from the files here, never from the plan. */
  readonly state: DesiredState;
  /** Its targets, where several states say what they are. */
  readonly targets?: readonly BoundTarget[];
  /** Folder of the records. */
  readonly folder: string;
  /** Whether what cannot be undone is allowed. */
  readonly irreversible: boolean;
  readonly by: Authority;
}

/** What became of a plan that was to be run. */
export type RunFacts = Omit<Extract<PlanReport, { readonly command: 'apply' | 'undo' }>, 'command'> & {
  /** A person said no: nothing was done. */
  readonly declined?: true;
};

/** Asks a person whether to run a plan; the finding is why nobody can be asked. */
export type Approve = (plan: Plan) => Promise<boolean | Finding>;

/** Why a run is not begun although everything could be read. */
const refusing: ReadonlySet<string> = new Set<FindingCode>([
  'run.locked',
  'run.watchdog-called-off',
  'directory.writes-elsewhere',
  'directory.writes-refused',
  'records.none-accepted',
]);

/** A run that was not begun. */
export function notBegun(finding: Finding, estate: string): Failure {
  const exitCode = refusing.has(finding.code) ? exitCodes.refused : exitCodes.error;
  return { failed: [finding], exitCode, estate };
}

/** Runs a plan that a person approves. */
export async function runPlan(
  plan: Plan,
  request: RunRequest,
  connection: Connection,
  context: WriteContext,
  approve: Approve,
): Promise<RunFacts | Failure> {
  const estate = plan.desired.name;
  const approved = await approve(plan);
  if (typeof approved !== 'boolean') return refusal([approved], estate);
  if (!approved) return { exitCode: exitCodes.differences, plan, refusals: [], declined: true };
  const run = await begin(plan, request, connection, context);
  if ('code' in run) return notBegun(run, estate);
  const waits = plan.waiting ? [exitCodes.differences] : [];
  return { exitCode: worstExitCode([runExitCode(run), ...waits]), plan, refusals: [], run };
}

/** The run, or why it was not begun: the directory takes no changes, another run is at work, or no record can be kept. */
async function begin(
  plan: Plan,
  request: RunRequest,
  connection: Connection,
  context: WriteContext,
): Promise<Run | Finding> {
  let stopping = false;
  const { progress } = context;
  const stopListening = context.onInterrupt(() => {
    stopping = true;
    progress.note(
      'Stopping after the writes and restarts in progress. The next apply does the rest.\nPress Ctrl-C again to stop at once. Then the outcome of these writes is not known until the next apply looks.',
    );
  });
  try {
    const unwritable = await findWriteProblem(directorySteps(plan), connection.ports.directory());
    if (unwritable) return unwritable;
    return await runLocked(plan, request, connection, context, () => stopping);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  } finally {
    stopListening();
    progress.end();
  }
}

function directorySteps({ steps }: Plan): Plan['steps'] {
  return steps.filter(({ target }) => target === 'directory');
}

async function runLocked(
  plan: Plan,
  { state, targets = targetsOf(state), folder, irreversible, by }: RunRequest,
  { ports }: Connection,
  { clock, claim, openJournal, progress }: WriteContext,
  stopping: () => boolean,
): Promise<Run | Finding> {
  const name = `${clock.now().replace(/[-:.]/g, '')}-${plan.digest.slice(0, 8)}`;
  const locks = await takeLocks(lockNeeds(plan), ports, claim(name));
  if ('code' in locks) return locks;
  const journal = movedMeanwhile(locks.calledOff) ?? (await openOrRelease(() => openJournal(folder, name), locks));
  if ('code' in journal) {
    await locks.release();
    return journal;
  }
  const kept = keepJournal(journal, {
    ...{ estate: plan.desired.name, desired: JSON.stringify(plan.desired), keep: state.records.keep },
    hosts: state.records.hosts.map(host => ({ name: host, writer: ports.records(host) })),
    // What tells this process from others is of no use to a person who looks for a file.
    copy: `${claim(name).by.split(' ')[0]}:${resolve(folder, `${name}.jsonl`)}`,
    now: clock.now,
  });
  // A server that is only started has nothing to lose, and what it lacks is built after it.
  const gate = startsOnly(plan) ? undefined : gateOf(state, ports);
  const execution = {
    ...{ targets, ports, clock, progress: progress.show, irreversible, by, journal: kept, stopping },
    ...{ prove: locks.renew, unlocked: locks.unlocked },
    ...(gate && { gate }),
  };
  try {
    const run = await executePlan(plan, execution).finally(() => kept.end());
    const unkept = await kept.end();
    return unkept.length > 0 ? { ...run, unkept } : run;
  } finally {
    noteUnreleased(await locks.release(), progress);
    await journal.close();
  }
}

async function openOrRelease(open: () => Promise<Journal>, locks: Locks): Promise<Journal> {
  return open().catch(async (problem: unknown) => {
    await locks.release();
    throw problem;
  });
}

function noteUnreleased(problems: readonly Finding[], { note }: Progress): void {
  for (const { target, detail } of problems)
    note(
      `The lock of ${target} could not be released, and a watchdog of this run may still wait there: ${printable(detail)}\nThe next apply takes over the lock.`,
    );
}

/** Notes what a run that was not finished has left half done, as far as its record is known. */
export async function noteUnfinished(
  { runs: [newest], record }: RunRecords,
  { progress }: Pick<WriteContext, 'progress'>,
): Promise<void> {
  if (!newest || newest.finished) return;
  const last = await record(newest.name);
  if (!last) return;
  progress.note(
    `Run ${last.name} did not finish: ${leftOpen(last)}. This plan starts from the present state and finishes the work.`,
  );
}

/** What is not known of a run that did not finish, in words. */
export function leftOpen({ open, knownSteps }: Pick<RunRecord, 'open' | 'knownSteps'>): string {
  if (knownSteps)
    return knownSteps.size === 0
      ? 'it is not known which of its steps were made'
      : `it is not known which steps were made besides ${printable([...knownSteps].join(', '))}`;
  return open.length === 0
    ? 'no write was left unfinished'
    : `the outcome of ${count(open.length, 'write')} is not known`;
}

/**
 * Takes over the locks that dead runs have left on any host and calls their watchdogs off, which would take back later what is in
 * place now: to be awaited before anything is read. Returns the finding where a run is still at work, and how many were called off.
 */
export async function settleLeftovers(
  desired: DesiredState,
  { ports }: Connection,
  { claim, progress }: Pick<WriteContext, 'claim' | 'progress'>,
): Promise<Finding | { readonly calledOff: number }> {
  const names = desired.hosts.map(({ name }) => name);
  const hosts = await guardedHosts(names, ports);
  if (hosts.length === 0) return { calledOff: 0 };
  const { remarks } = await lookForWatchdogs(hosts, ports);
  const locks = await takeLocks({ hosts }, ports, claim('settling'));
  if ('code' in locks) return locks;
  if (remarks.length > 0) progress.warn(remarks);
  if (locks.calledOff > 0)
    progress.note(`${count(locks.calledOff, 'watchdog')} of an earlier run stopped. The hosts stay as they are now.`);
  const locked = hosts.filter(host => !locks.unlocked.has(host));
  await Promise.all(locked.map(host => ports.host(host).acknowledge()));
  const [unreleased] = await locks.release();
  return unreleased ?? { calledOff: locks.calledOff };
}

/** What was read is not true any more where a watchdog was called off after that: it may have acted, or its run may have written. */
export function movedMeanwhile(calledOff: number): Finding | undefined {
  if (calledOff === 0) return undefined;
  return finding('run.watchdog-called-off', {
    detail: `${count(calledOff, 'watchdog')} of a run that has ended meanwhile. The changes of that run were not read. Nothing was written.\nRun the same command again.`,
  });
}
