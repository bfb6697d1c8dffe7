import { join } from 'node:path';
import { movesOf } from '../core/change.ts';
import { plannedState, withConnections } from '../core/connection.ts';
import { count } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { groupBy } from '../core/group-by.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Step } from '../core/plan.ts';
import { builtOn, type OtherRun, obstacleFindings } from '../engine/built-on.ts';
import { compareUndo } from '../engine/compare-undo.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { writtenSteps } from '../engine/written-changes.ts';
import { tellLimbo } from '../kinds/cs6-calendar/moves-back.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import { wantedDigest } from '../plan/build.ts';
import { refusals } from '../plan/guards.ts';
import { limitFindings } from '../plan/limits.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { buildUndo, inverseSteps, type Restarting, type UndoComparison, type UndoneRun } from '../plan/undo.ts';
import { undoByHand } from '../plan/undo-by-hand.ts';
import { windowRefusals } from '../plan/windows.ts';
import { type AllowanceOptions, allowancesOf } from './apply-options.ts';
import { agreeAndCarryOut, notBegunExitCode } from './carry-out.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles, readFileText, writePrivateFile } from './files.ts';
import { type CommonOptions, printFailure, printReport, reportingOf, reportingOn } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { findRunsFolder, readRecord, runNames, runsFolder } from './run-records.ts';
import { onCs7After, orderObstacles, stepsWithoutHost } from './undo-safety.ts';
import { settleLeftovers } from './unfinished.ts';
import { withEstate } from './with-estate.ts';

/** The options of `undo`. */
export interface UndoOptions extends CommonOptions, AllowanceOptions {
  readonly runs?: string;
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** Folder to write LDIF and commands into, for a day without this program. */
  readonly manual?: string;
}

/** A run, and the folder of its record. */
interface FoundRun extends UndoneRun {
  readonly folder: string;
}

/** What later runs wrote, and the names of those of which that is not known. */
interface LaterRuns {
  readonly runs: readonly OtherRun[];
  readonly unread: readonly string[];
}

/** `undo RUN`: takes back what a run did, where nobody has changed it since. */
export async function undoCommand(
  name: string,
  files: readonly string[],
  given: UndoOptions,
  outside: Outside,
): Promise<number> {
  const options = reportingOn(given, 'undo', files);
  const folder = await findRunsFolder(options.runs, files, outside);
  const found = typeof folder === 'string' ? await findRun(folder, name, outside) : folder;
  if ('findings' in found) return printFailure(found.findings, exitCodes.error, options, outside);
  if (options.manual !== undefined) return writeByHand(found, options.manual, options, outside);
  const { state: local, ...loaded } = await loadFiles(files, outside);
  if (!local) return printFailure(loaded.findings, exitCodes.error, options, outside);
  const state = withConnections(found.plan.desired, local);
  const steps = stepsToUndo(found, options);
  const gone = stepsWithoutHost(steps, local);
  const strays = [...goneFindings(gone, steps), ...movedDirectory(steps, found, local)];
  const others = steps.filter(step => !gone.includes(step));
  const refused = [...strays, ...strayRefusals(others, found, state)];
  if (refused.length > 0) return printFailure(refused, exitCodes.refused, reportingOf(options, state.name), outside);
  const undoing = { run: found, later: await laterRuns(found, outside), steps, state, local };
  return withEstate({ state, findings: [] }, options, outside, (_, connection) =>
    undo(undoing, options, connection, outside),
  );
}

/** A host that the estate files do not name any more cannot be reached; the command takes back the rest. */
function goneFindings(gone: readonly Step[], steps: readonly Step[]): readonly Finding[] {
  if (gone.length === 0) return [];
  const rest = [...new Set(steps.map(({ target }) => target))].filter(
    name => !gone.some(({ target }) => target === name),
  );
  const names = [...new Set(gone.map(({ target }) => target))];
  const finding = (target: string): Finding => ({
    severity: 'error',
    code: 'undo.host-gone',
    summary: 'The estate files do not name a host of the run any more',
    detail: `${target} was changed by the run, and nothing says how it is reached now.\nName the estate files of that time (-f FILE), or leave the host out:`,
    target,
    ...(rest.length > 0 && { next: [nextCommands.only(rest)] }),
  });
  return names.map(finding);
}

function stepsToUndo(run: UndoneRun, { only }: UndoOptions): readonly Step[] {
  const chosen = ({ target, kind, id }: Step) => only?.some(name => [target, kind, id].includes(name)) ?? true;
  return inverseSteps(run).filter(chosen);
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
  const detail = `Run ${run.name} was about another directory than the estate files describe now: its base, accounts, uniqueId or localUser differ.\nTake it back with the files of that time (-f FILE), or leave the directory out with --only.`;
  return [
    {
      severity: 'error',
      code: 'undo.other-directory',
      summary: 'The run was about another directory',
      detail,
      target: 'directory',
    },
  ];
}

/** Writes what takes the run back without this program; connects to nothing. */
async function writeByHand(run: UndoneRun, folder: string, options: CommonOptions, outside: Outside): Promise<number> {
  const { ldif, commands } = undoByHand(run);
  const files = [
    { path: join(folder, `undo-${run.name}.ldif`), text: ldif },
    { path: join(folder, `undo-${run.name}.txt`), text: commands },
  ];
  const problems = (await Promise.all(files.map(({ path, text }) => writePrivateFile(path, text, outside)))).flatMap(
    problem => problem ?? [],
  );
  if (problems.length > 0) return printFailure(problems, exitCodes.error, options, outside);
  outside.stdout(files.map(({ path }) => `${path}\n`).join(''));
  return exitCodes.done;
}

async function findRun(
  folder: string,
  name: string,
  outside: Outside,
): Promise<FoundRun | { readonly findings: readonly Finding[] }> {
  const known = await runNames(folder, outside);
  const record = known.includes(name) ? await readRecord(folder, name, outside) : undefined;
  if (!record) return { findings: [unknownRun(folder, name, known)] };
  const file = join(folder, `${name}.plan.json`);
  const text = await readFileText(file, outside);
  if (typeof text !== 'string') return { findings: [text] };
  const { plan, findings } = parsePlanFile(file, text, outside.planSchema);
  if (!plan) return { findings };
  if (plan.direction === 'undo') return { findings: [undoOfUndo(name)] };
  return { name, plan, folder, steps: writtenSteps(plan, record), replaced: record.replaced };
}

/** What later runs wrote, the oldest first; and those whose records cannot be read. */
async function laterRuns({ name, folder }: FoundRun, outside: Outside): Promise<LaterRuns> {
  const names = (await runNames(folder, outside)).filter(other => other > name).toReversed();
  const runs: OtherRun[] = [];
  const unread: string[] = [];
  for (const other of names) {
    const record = await readRecord(folder, other, outside);
    const file = join(folder, `${other}.plan.json`);
    if (!record || record.writes === 0) continue;
    const text = await readFileText(file, outside);
    const { plan } = typeof text === 'string' ? parsePlanFile(file, text, outside.planSchema) : {};
    if (plan) runs.push({ name: other, steps: writtenSteps(plan, record) });
    else unread.push(other);
  }
  return { runs, unread };
}

function unknownRun(folder: string, name: string, known: readonly string[]): Finding {
  const last =
    known.length === 0 ? `${folder} has no records.` : `The last ones:\n    ${known.slice(0, 5).join('\n    ')}`;
  return {
    severity: 'error',
    code: 'run.unknown',
    summary: 'There is no record of that run',
    detail: `"${name}" is not among the records in ${folder}.\n${last}`,
  };
}

function undoOfUndo(name: string): Finding {
  const detail = `${name} took back an earlier run.\nApply the estate file to have its state again.`;
  return { severity: 'error', code: 'undo.of-an-undo', summary: 'That run was an undo itself', detail };
}

/** A run, what came after it, what it asked for with how its targets are reached today, and what of it is to be taken back. */
interface Undoing {
  readonly run: UndoneRun;
  readonly later: LaterRuns;
  readonly steps: readonly Step[];
  readonly state: DesiredState;
  /** The wanted state of the files here: its windows and limits hold. */
  readonly local: DesiredState;
}

async function undo(undoing: Undoing, options: UndoOptions, connection: Connection, outside: Outside): Promise<number> {
  const settled = await settleLeftovers(undoing.state, connection, options, outside);
  if ('code' in settled) return printFailure([settled], notBegunExitCode(settled), options, outside);
  const { run, steps, state, local } = undoing;
  const targets = targetsOf(state);
  const compared = await compareUndo(steps, targets, connection.ports);
  const comparisons = await tellLimbo(state, compared, connection.ports);
  const services = targets.flatMap(({ kind, target, stage, activates }): readonly Restarting[] =>
    activates ? [{ kind, target, stage, activates }] : [],
  );
  const findings = [...(await obstacles(undoing, comparisons, targets, connection)), ...limboFindings(comparisons)];
  const readAt = outside.clock.now();
  const plan = buildUndo(run, comparisons, services, { tool: outside.version, readAt, findings });
  const guarded = { ...plan, findings: [...plan.findings, ...limitFindings(local, plan.steps, plan.accounts)] };
  const refused = [
    ...refusals(guarded, allowancesOf(options)),
    ...windowRefusals({ desired: local, steps: plan.steps }, readAt, {
      allowed: options.allowOutsideWindow,
      irreversible: false,
    }),
  ];
  const report = { command: 'undo', plan, refusals: refused } as const;
  if (refused.length > 0) {
    const exitCode = plan.unread.length === refused.length ? exitCodes.incomplete : exitCodes.refused;
    return printReport({ ...report, exitCode }, options, outside);
  }
  if (plan.steps.length === 0) return printReport({ ...report, exitCode: exitCodes.done }, options, outside);
  const folder = runsFolder(options.runs, plan.desired.name, outside);
  const how = { command: 'undo', state, folder, irreversible: false, ask: true } as const;
  return agreeAndCarryOut(plan, how, options, connection, outside);
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
    {
      severity: 'warning',
      code: 'undo.limbo',
      summary: 'Accounts would go back to CS6 that it may have no calendar of',
      detail: `${lines.join('\n')}\nWhat they entered on CS7 stays there. Leave the accounts out with --only where they are to stay.`,
      target: 'directory',
    },
  ];
}

/** What stands in the way, by the records of other runs and by what is live. */
async function obstacles(
  { run, later, steps, state }: Undoing,
  comparisons: readonly UndoComparison[],
  targets: readonly BoundTarget[],
  { ports }: Connection,
): Promise<readonly Finding[]> {
  const unread = later.unread.map(unreadRun);
  const due = comparisons.filter(({ changes }) => changes.length > 0);
  const ordered = due.some(({ step }) => ['identity', 'cs6-config', 'accounts'].includes(step.stage));
  const onCs7 = ordered ? await onCs7After(comparisons, state, ports) : new Map<string, string>();
  if ('code' in onCs7) return [...unread, onCs7];
  const chosen = new Set(steps.map(({ id }) => id));
  const rest = { name: run.name, steps: run.steps.filter(({ id }) => !chosen.has(id)) };
  const built = builtOn(comparisons, [rest, ...later.runs]);
  const live = await orderObstacles(due, onCs7, { state, targets, ports });
  return [...unread, ...obstacleFindings([...live, ...built], comparisons)];
}

function unreadRun(name: string): Finding {
  return {
    severity: 'warning',
    code: 'undo.later-unread',
    summary: 'What a later run wrote is not known',
    detail: `The plan of run ${name} cannot be read. What it built on this run is not seen, except for accounts that are on CS7 now.`,
  };
}
