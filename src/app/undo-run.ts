import { join } from 'node:path';
import { movesOf } from '../core/change.ts';
import { groupBy } from '../core/collections.ts';
import { plannedState, withConnections, withoutConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { chosenOf, type Narrowing, type Plan, type Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import type { OtherRun } from '../engine/built-on.ts';
import { compareUndo } from '../engine/recheck.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { writtenSteps } from '../engine/written-changes.ts';
import { finding } from '../findings/catalogue.ts';
import { tellLimbo } from '../kinds/cs6-calendar/cs6-calendar.ts';
import { targetsOf } from '../kinds/registry.ts';
import { wantedDigest } from '../plan/build.ts';
import { type Allowances, allowedByOption, refusals } from '../plan/guards.ts';
import { limitFindings } from '../plan/limits.ts';
import {
  buildUndo,
  inverseSteps,
  type Restarting,
  type UndoComparison,
  type UndoneRun,
  undoByHand,
} from '../plan/undo.ts';
import { outsideWindow, windowRefusals } from '../plan/windows.ts';
import type { Authority } from '../ports/journal.ts';
import type { Connection } from '../ports/ports.ts';
import { type Failure, failure, type ReadContext, refusal, type WriteContext } from './context.ts';
import { writePrivateFile } from './files.ts';
import { type RunRecords, unknownRun } from './known-runs.ts';
import { loadFiles } from './load-estate.ts';
import { type BeginAnew, type Heed, type LockWait, waitForLocks } from './lock-wait.ts';
import { unreadRecords } from './missing-records.ts';
import { narrowingProblems, toRead, toWrite, withEstate } from './open-estate.ts';
import { type Approve, notBegun, type RunFacts, runPlan, settleLeftovers } from './run-plan.ts';
import { openRunRecords, runsFolder } from './run-records.ts';
import { type LaterRuns, obstacles, stepsWithoutHost, type Undoing } from './undo-obstacles.ts';

/** Which run is to be taken back. */
export interface UndoRequest extends Narrowing, LockWait {
  readonly run: string;
  readonly files: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
  readonly allowed: Allowances;
}

/** Takes back what a run did, where nothing was built on it since. */
export async function undoRun(
  request: UndoRequest,
  context: WriteContext,
  approve: Approve,
): Promise<RunFacts | Failure> {
  return waitForLocks<RunFacts | Failure>(request, context, heed => undoNow(request, context, approve, heed));
}

async function undoNow(
  request: UndoRequest,
  context: WriteContext,
  approve: Approve,
  heed: Heed,
): Promise<RunFacts | Failure | BeginAnew> {
  const { state: local, findings } = await loadFiles(request.files, context);
  if (!local) return failure(findings);
  const open = toWrite(context);
  const loaded = { state: local, findings: [] };
  return withEstate<Connection, RunFacts | Failure | BeginAnew>(open, loaded, undefined, async ({ connection }) => {
    const records = await openRunRecords(request, local, connection.ports, context);
    const undoing = await prepareUndo(request, records, local, context);
    if ('failed' in undoing) return undoing;
    const by = context.readProvenance(request.files);
    const authority = { ...by, allowed: allowedByOption(request.allowed) };
    const undone = await undo(undoing, { ...request, by: authority }, connection, context, approve);
    return heed('failed' in undone ? undone : { ...by, ...undone }, connection.ports);
  });
}

/** What is to be taken back; or why that is refused before the hosts are asked. */
async function prepareUndo(
  request: UndoRequest,
  records: RunRecords,
  local: DesiredState,
  { clock }: Pick<WriteContext, 'clock'>,
): Promise<Undoing | Failure> {
  const found = await findRun(request.run, records);
  if ('failed' in found) return found;
  const state = withConnections(found.plan.desired, local);
  const narrowing = narrowingOf(request);
  const problems = narrowingProblems(state, narrowing);
  if (problems.length > 0) return failure(problems, state.name);
  const steps = chosenOf(inverseSteps(found), narrowing);
  const gone = stepsWithoutHost(steps, local);
  const strays = [...goneFindings(gone, steps), ...movedDirectory(steps, found, local)];
  const others = steps.filter(step => !gone.includes(step));
  const refused = [...strays, ...strayRefusals(others, found, state)];
  if (refused.length > 0) return refusal(refused, state.name);
  const remarks = [...unreadRecords(records, clock.now()), ...unknownSteps(found)];
  return { run: found, later: await laterRuns(found, records), steps, narrowing, state, local, remarks };
}

/**
 * Writes LDIF and commands that take a run back without this program, into a folder; returns the paths. Connects to the hosts
 * that keep records, and only where this machine does not have that of the run.
 */
export async function writeUndoByHand(
  request: Omit<UndoRequest, 'allowed'>,
  folder: string,
  context: ReadContext,
): Promise<{ readonly paths: readonly string[] } | Failure> {
  const { state: local, findings } = await loadFiles(request.files, context);
  if (!local) return failure(findings);
  const run = await findAnywhere(request, local, context);
  if ('failed' in run) return run;
  const narrowing = narrowingOf(request);
  const problems = narrowingProblems(withoutConnections(run.plan.desired), narrowing);
  if (problems.length > 0) return failure(problems, run.plan.desired.name);
  const { ldif, commands } = undoByHand({ ...run, steps: chosenOf(run.steps, narrowing) });
  const files = [
    { path: join(folder, `undo-${run.name}.ldif`), text: ldif },
    { path: join(folder, `undo-${run.name}.txt`), text: commands },
  ];
  const written = await Promise.all(files.map(({ path, text }) => writePrivateFile(path, text, context.files)));
  const unwritten = written.flatMap(problem => problem ?? []);
  return unwritten.length > 0 ? failure(unwritten) : { paths: files.map(({ path }) => path) };
}

/** A host that the estate files do not name any more cannot be reached; the command takes back the rest. */
function goneFindings(gone: readonly Step[], steps: readonly Step[]): readonly Finding[] {
  if (gone.length === 0) return [];
  const rest = [...new Set(steps.map(({ target }) => target))].filter(
    name => !gone.some(({ target }) => target === name),
  );
  const names = [...new Set(gone.map(({ target }) => target))];
  return names.map(target =>
    finding('undo.host-gone', {
      detail: `The run changed ${target}, but these files do not say how to reach it.\nName the estate files of that time (-f FILE), or leave the host out:`,
      target,
      next: rest.length > 0 ? [nextCommands.only(rest)] : undefined,
    }),
  );
}

function narrowingOf({ only, except }: Narrowing): Narrowing {
  return { ...(only && { only }), ...(except && { except }) };
}

/**
 * What of a record the files here do not look after: records are files too, and may be kept where others write. The whole plan
 * of the run counts, with the files that the record says were replaced: what does not fit is refused, not passed over.
 */
function strayRefusals(
  others: readonly Step[],
  { plan, replaced }: UndoneRun,
  state: DesiredState,
): readonly Finding[] {
  const targets = new Set(others.map(({ target }) => target));
  const recorded = plan.steps.flatMap(step => {
    const changes = step.changes.filter(({ action }) => action !== 'restart');
    const restore = replaced.get(step.id) ?? [];
    const isAsked = targets.has(step.target) && changes.length + restore.length > 0;
    const isForeign = restore.some(({ path }) => !changes.some(({ item }) => item === path));
    return isAsked || isForeign ? [{ ...step, changes, restore }] : [];
  });
  return strayFindings({ steps: recorded, direction: 'undo' }, targetsOf(state));
}

/** What a record says of the directory is not believed over the files: it names entries, attributes and classes. */
function movedDirectory(steps: readonly Step[], run: UndoneRun, local: DesiredState): readonly Finding[] {
  const { url: _, ...then } = run.plan.desired.directory;
  const { url: __, ...now } = plannedState(local).directory;
  const concerned = steps.some(({ target }) => target === 'directory');
  if (!concerned || wantedDigest(then) === wantedDigest(now)) return [];
  const detail = `Run ${run.name} used another directory than these estate files: its base, accounts, uniqueId or localUser differ.\nUndo it with the files of that time (-f FILE), or leave the directory out with --except directory.`;
  return [finding('undo.other-directory', { detail, target: 'directory' })];
}

async function findAnywhere(
  request: Pick<UndoRequest, 'run' | 'runs'>,
  local: DesiredState,
  context: ReadContext,
): Promise<UndoneRun | Failure> {
  const here = await findRun(request.run, await openRunRecords(request, local, undefined, context));
  if (!('failed' in here)) return here;
  const { ports, close } = await toRead(context)(local);
  try {
    return await findRun(request.run, await openRunRecords(request, local, ports, context));
  } finally {
    await close();
  }
}

async function findRun(name: string, records: RunRecords): Promise<UndoneRun | Failure> {
  const known = records.runs.some(run => run.name === name);
  if (!known) return failure([unknownRun(name, records)]);
  const plan = await records.plan(name);
  if ('code' in plan) return failure([plan]);
  const record = await records.record(name);
  if (!record) return failure([unknownRun(name, records)]);
  if (plan.direction === 'undo') return failure([undoOfUndo(name)]);
  const steps = writtenSteps(plan, record);
  const unknown = steps.filter(({ id }) => record.knownSteps && !record.knownSteps.has(id)).map(({ id }) => id);
  return { name, plan, steps, replaced: record.replaced, ...(unknown.length > 0 && { unknown }) };
}

/** What later runs wrote, the oldest first; and those whose records cannot be read. */
async function laterRuns({ name }: UndoneRun, records: RunRecords): Promise<LaterRuns> {
  const names = records.runs.map(run => run.name).filter(other => other > name);
  const runs: OtherRun[] = [];
  const unread: string[] = [];
  for (const other of names.toSorted()) {
    const record = await records.record(other).catch(unreadable);
    if (record === undefined || (record !== 'unreadable' && record.writes === 0 && !record.knownSteps)) continue;
    const plan = await records.plan(other);
    if (record === 'unreadable' || 'code' in plan) unread.push(other);
    else runs.push({ name: other, steps: writtenSteps(plan, record) });
  }
  return { runs, unread };
}

function unreadable(problem: unknown): 'unreadable' {
  if (!(problem instanceof TargetProblem)) throw problem;
  return 'unreadable';
}

/** Of a run that died, a host does not know how far it came. */
function unknownSteps({ name, unknown = [] }: UndoneRun): readonly Finding[] {
  if (unknown.length === 0) return [];
  const detail = `The record of run ${name} ends before the run did. It is not known whether these steps were made:\n    ${printable(unknown.join('\n    '))}\nThis undo takes back what is there of them now.`;
  return [finding('undo.steps-unknown', { detail })];
}

function undoOfUndo(name: string): Finding {
  const detail = `${name} is itself an undo.\nApply the estate file to restore its state.`;
  return finding('undo.of-an-undo', { detail });
}

async function undo(
  undoing: Undoing,
  request: UndoRequest & { readonly by: Authority },
  connection: Connection,
  context: WriteContext,
  approve: Approve,
): Promise<RunFacts | Failure> {
  const { state } = undoing;
  const settled = await settleLeftovers(state, connection, context);
  if ('code' in settled) return notBegun(settled, state.name);
  const plan = await planUndo(undoing, request.by, connection, context);
  const refused = undoRefusals(plan, undoing, request.allowed);
  if (refused.length > 0) {
    const exitCode = plan.unread.length === refused.length ? exitCodes.incomplete : exitCodes.refused;
    return { exitCode, plan, refusals: refused };
  }
  if (plan.steps.length === 0) return { exitCode: exitCodes.done, plan, refusals: [] };
  const folder = runsFolder(request.runs, plan.desired.name, context);
  const outside = outsideWindow({ desired: undoing.local, steps: plan.steps }, plan.readAt, false);
  const by = { ...request.by, ...(outside.length > 0 && { outsideWindow: outside }) };
  return runPlan(plan, { state, folder, irreversible: false, by }, connection, context, approve);
}

async function planUndo(
  undoing: Undoing,
  { allowed: _, ...by }: Authority,
  { ports }: Connection,
  { clock, version }: Pick<WriteContext, 'clock' | 'version'>,
): Promise<Plan> {
  const { run, steps, narrowing, state, remarks } = undoing;
  const targets = targetsOf(state);
  const compared = await compareUndo(steps, targets, ports);
  const comparisons = await tellLimbo(state, compared, ports);
  const services = targets.flatMap(({ kind, target, stage, activates }): readonly Restarting[] =>
    activates && !activates.byHand ? [{ kind, target, stage, activates }] : [],
  );
  const findings = [
    ...(await obstacles(undoing, comparisons, targets, ports)),
    ...limboFindings(comparisons),
    ...remarks,
  ];
  const facts = { tool: version, by, readAt: clock.now(), findings, narrowing };
  return buildUndo(run, comparisons, services, facts);
}

function undoRefusals(plan: Plan, { local }: Undoing, allowed: Allowances): readonly Finding[] {
  const guarded = { ...plan, findings: [...plan.findings, ...limitFindings(local, plan.steps, plan.accounts)] };
  return [
    ...refusals(guarded, allowed),
    ...windowRefusals({ desired: local, steps: plan.steps }, plan.readAt, {
      allowed: allowed.outsideWindow,
      irreversible: false,
    }),
  ];
}

/** That accounts go back is what was asked for, and needs no number; that CS6 has nothing of one is said. */
function limboFindings(comparisons: readonly UndoComparison[]): readonly Finding[] {
  const back = movesOf(comparisons, 'cs7->cs6').filter(({ reason }) => reason !== undefined);
  const groups = groupBy(back, ({ reason = '' }) => reason);
  if (groups.size === 0) return [];
  const lines = [...groups].map(
    ([reason, same]) => `${count(same.length, 'account')} ${reason}, such as ${same[0]?.item ?? ''}`,
  );
  return [
    finding('undo.limbo', {
      detail: `${lines.join('\n')}\nEverything that they entered on CS7 stays there. If the accounts should stay, leave them out with --except.`,
      target: 'directory',
    }),
  ];
}
