import { join } from 'node:path';
import { movesOf } from '../core/change-list.ts';
import { groupBy } from '../core/collections.ts';
import { plannedState, withConnections, withoutConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { chosenOf, type Narrowing, type Plan, type Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { compareUndo } from '../engine/compare-undo.ts';
import { strayFindings } from '../engine/stray-steps.ts';
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
import { type FoundRuns, findRuns, jointTargets, laterRuns, severalRuns } from './find-runs.ts';
import type { RunRecords } from './known-runs.ts';
import { loadFiles } from './load-estate.ts';
import { type BeginAnew, type Heed, type LockWait, waitForLocks } from './lock-wait.ts';
import { unreadRecords } from './missing-records.ts';
import { narrowingProblems, toRead, toWrite, withEstate } from './open-estate.ts';
import { type Approve, notBegun, type RunFacts, runPlan, settleLeftovers } from './run-plan.ts';
import { openRunRecords, runsFolder } from './run-records.ts';
import { obstacles, stepsWithoutHost, type Undoing } from './undo-obstacles.ts';

/** Which run is to be taken back. */
export interface UndoRequest extends Narrowing, LockWait {
  readonly run: string;
  /** All later runs are taken back with it, as one plan. */
  readonly andLater?: boolean;
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
  const found = await findRuns(request, records);
  if ('failed' in found) return found;
  const { run, parts, joint } = found;
  const state = withConnections(run.plan.desired, local);
  const narrowing = narrowingOf(request);
  const problems = narrowingProblems(state, narrowing);
  if (problems.length > 0) return failure(problems, state.name);
  const steps = chosenOf(inverseSteps(run), narrowing);
  const refused = [
    ...goneFindings(stepsWithoutHost(steps, local), steps),
    ...parts.flatMap(part => foreignFindings(part, narrowing, local)),
  ];
  if (refused.length > 0) return refusal(refused, state.name);
  const remarks = [...unreadRecords(records, clock.now()), ...unknownSteps(run), ...severalRuns(parts)];
  const targets = joint ? jointTargets(joint, parts, state, local) : targetsOf(state);
  const later = joint ? { runs: [], unread: [] } : await laterRuns(run, records);
  return { run, later, steps, targets, narrowing, state, local, remarks };
}

/** What of the record of a run is about another directory than the files here, or about what they do not look after. */
function foreignFindings(run: UndoneRun, narrowing: Narrowing, local: DesiredState): readonly Finding[] {
  const steps = chosenOf(inverseSteps(run), narrowing);
  const gone = stepsWithoutHost(steps, local);
  const others = steps.filter(step => !gone.includes(step));
  const state = withConnections(run.plan.desired, local);
  return [...movedDirectory(steps, run, local), ...strayRefusals(others, run, state)];
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
  const found = await findAnywhere(request, local, context);
  if ('failed' in found) return found;
  const { run } = found;
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
  request: Pick<UndoRequest, 'run' | 'runs' | 'andLater'>,
  local: DesiredState,
  context: ReadContext,
): Promise<FoundRuns | Failure> {
  // The latest runs may be known to hosts only.
  const here = request.andLater
    ? undefined
    : await findRuns(request, await openRunRecords(request, local, undefined, context));
  if (here && !('failed' in here)) return here;
  const { ports, close } = await toRead(context)(local);
  try {
    return await findRuns(request, await openRunRecords(request, local, ports, context));
  } finally {
    await close();
  }
}

/** Of a run that died, a host does not know how far it came. */
function unknownSteps({ name, unknown = [] }: UndoneRun): readonly Finding[] {
  if (unknown.length === 0) return [];
  const detail = `The record of run ${name} ends before the run did. It is not known whether these steps were made:\n    ${printable(unknown.join('\n    '))}\nThis undo takes back what is there of them now.`;
  return [finding('undo.steps-unknown', { detail })];
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
  const { targets } = undoing;
  return runPlan(plan, { state, targets, folder, irreversible: false, by }, connection, context, approve);
}

async function planUndo(
  undoing: Undoing,
  { allowed: _, ...by }: Authority,
  { ports }: Connection,
  { clock, version }: Pick<WriteContext, 'clock' | 'version'>,
): Promise<Plan> {
  const { run, steps, targets, narrowing, state, remarks } = undoing;
  const compared = await compareUndo(steps, targets, ports);
  const comparisons = await tellLimbo(state, compared, ports);
  const services = targets.flatMap(({ kind, target, stage, activates }): readonly Restarting[] =>
    activates && !activates.byHand ? [{ kind, target, stage, activates }] : [],
  );
  const findings = [...(await obstacles(undoing, comparisons, ports)), ...limboFindings(comparisons), ...remarks];
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
