import { join } from 'node:path';
import { plannedState, withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import { compareUndo } from '../engine/compare-undo.ts';
import { strayFindings } from '../engine/stray-steps.ts';
import { targetsOf } from '../kinds/registry.ts';
import { wantedDigest } from '../plan/build.ts';
import { parsePlanFile } from '../plan/plan-file.ts';
import { buildUndo, inverseSteps, type Restarting, type UndoneRun } from '../plan/undo.ts';
import { undoByHand } from '../plan/undo-by-hand.ts';
import { agreeAndCarryOut, notBegunExitCode } from './carry-out.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles, readFileText, writePrivateFile } from './files.ts';
import { type CommonOptions, printFailure, printReport, reportingOf, reportingOn } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { findRunsFolder, readRecord, runNames, runsFolder } from './run-records.ts';
import { settleLeftovers } from './unfinished.ts';
import { withEstate } from './with-estate.ts';

/** The options of `undo`. */
export interface UndoOptions extends CommonOptions {
  readonly runs?: string;
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** Folder to write LDIF and commands into, for a day without this program. */
  readonly manual?: string;
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
  const strays = [...movedDirectory(steps, found, local), ...strayRefusals(steps, found, state)];
  if (strays.length > 0) return printFailure(strays, exitCodes.refused, reportingOf(options, state.name), outside);
  return withEstate({ state, findings: [] }, options, outside, (_, connection) =>
    undo({ run: found, state, steps }, options, connection, outside),
  );
}

function stepsToUndo(run: UndoneRun, { only }: UndoOptions): readonly Step[] {
  const chosen = ({ target, kind, id }: Step) => only?.some(name => [target, kind, id].includes(name)) ?? true;
  return inverseSteps(run).filter(chosen);
}

/** What of a record the files here do not look after: records are files too, and may be kept where others write. */
function strayRefusals(steps: readonly Step[], run: UndoneRun, state: DesiredState): readonly Finding[] {
  const whole = steps.map(step => ({ ...step, restore: run.replaced.get(step.id) ?? [] }));
  return strayFindings({ steps: whole, direction: 'undo' }, targetsOf(state));
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
): Promise<UndoneRun | { readonly findings: readonly Finding[] }> {
  const known = await runNames(folder, outside);
  const record = known.includes(name) ? await readRecord(folder, name, outside) : undefined;
  if (!record) return { findings: [unknownRun(folder, name, known)] };
  const file = join(folder, `${name}.plan.json`);
  const text = await readFileText(file, outside);
  if (typeof text !== 'string') return { findings: [text] };
  const { plan, findings } = parsePlanFile(file, text, outside.planSchema);
  if (!plan) return { findings };
  return plan.direction === 'undo' ? { findings: [undoOfUndo(name)] } : { name, plan, replaced: record.replaced };
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

/** A run, what it asked for with how its targets are reached today, and what of it is to be taken back. */
interface Undoing {
  readonly run: UndoneRun;
  readonly state: DesiredState;
  readonly steps: readonly Step[];
}

async function undo(
  { run, state, steps }: Undoing,
  options: UndoOptions,
  connection: Connection,
  outside: Outside,
): Promise<number> {
  const settled = await settleLeftovers(state, connection, options, outside);
  if ('code' in settled) return printFailure([settled], notBegunExitCode(settled), options, outside);
  const targets = targetsOf(state);
  const comparisons = await compareUndo(steps, targets, connection.ports);
  const services = targets.flatMap(({ kind, target, stage, activates }): readonly Restarting[] =>
    activates ? [{ kind, target, stage, activates }] : [],
  );
  const facts = { tool: outside.version, readAt: outside.clock.now() };
  const plan = buildUndo(run, comparisons, services, facts);
  const report = { command: 'undo', plan, refusals: [] } as const;
  if (plan.steps.length === 0) return printReport({ ...report, exitCode: exitCodes.done }, options, outside);
  const folder = runsFolder(options.runs, plan.desired.name, outside);
  const how = { command: 'undo', state, folder, irreversible: false, ask: true } as const;
  return agreeAndCarryOut(plan, how, options, connection, outside);
}
