import { targetId } from '../core/change.ts';
import { withConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { type JointRun, joinRuns } from '../engine/joint-run.ts';
import { jointTarget, type TargetOfRun } from '../engine/joint-target.ts';
import type { RunRecord } from '../engine/run-record.ts';
import { writtenSteps } from '../engine/written-changes.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { UndoneRun } from '../plan/undo.ts';
import { type Failure, failure, refusal } from './context.ts';
import { type RunRecords, unknownRun } from './known-runs.ts';
import type { LaterRuns } from './undo-obstacles.ts';

/** What is taken back: a run, or several as one. */
export interface FoundRuns {
  readonly run: UndoneRun;
  /** Each of them, the oldest first. */
  readonly parts: readonly UndoneRun[];
  readonly joint?: JointRun;
}

/** Finds a run, or with `andLater` it and all later ones. */
export async function findRuns(
  { run: name, andLater }: { readonly run: string; readonly andLater?: boolean },
  records: RunRecords,
): Promise<FoundRuns | Failure> {
  const run = await findRun(name, records);
  if ('failed' in run) return run;
  if (!andLater) return run.plan.direction === 'undo' ? failure([undoOfUndo(name)]) : { run, parts: [run] };
  const ahead = records.runs.filter(one => one.ahead && one.name >= name);
  if (ahead.length > 0)
    return refusal(
      ahead.map(one => orderUnknown(one.name)),
      run.plan.desired.name,
    );
  const later = await findLater(name, records);
  const parts = [run, ...later.flatMap(one => ('unread' in one ? [] : [one]))];
  const problems = [
    ...later.flatMap(one => ('unread' in one ? [unreadLater(one.unread)] : [])),
    ...outsideUndos(parts),
  ];
  if (problems.length > 0) return refusal(problems, run.plan.desired.name);
  const joint = joinRuns(run, parts.slice(1));
  return { run: joint, parts, joint };
}

/** The later runs that wrote something, or may have, the oldest first; only the name where it is not known what one wrote. */
async function findLater(name: string, records: RunRecords): Promise<readonly LaterRun[]> {
  const names = records.runs.map(run => run.name).filter(other => other > name);
  const found: LaterRun[] = [];
  for (const other of names.toSorted()) {
    const record = await records.record(other).catch(unreadable);
    if (record === undefined || (record !== 'unreadable' && record.writes === 0 && !record.knownSteps)) continue;
    const plan = await records.plan(other);
    const unread = record === 'unreadable' || 'code' in plan;
    found.push(unread ? { unread: other } : undoneRun(other, plan, record));
  }
  return found;
}

type LaterRun = UndoneRun | { readonly unread: string };

/** An undo can be among them where what it took back is, too: then both cancel out. */
function outsideUndos(parts: readonly UndoneRun[]): readonly Finding[] {
  const names = new Set(parts.map(({ name }) => name));
  return parts.flatMap(({ name, plan: { direction, undoes = '', andLater = [] } }) =>
    direction === 'undo' && ![undoes, ...andLater].every(one => names.has(one)) ? [undoOfEarlier(name, undoes)] : [],
  );
}

function unreadLater(name: string): Finding {
  const detail = `The record of run ${name} cannot be read, so it is not known what it wrote. Nothing was changed.\nUndo each run that can be read alone, the newest first.`;
  return finding('undo.runs-unknown', { detail });
}

function orderUnknown(name: string): Finding {
  const detail = `Run ${name} begins in the future, so it is not known which of these runs came last. Nothing was changed.\nCheck the clocks of the machines, and undo each run alone, the newest first.`;
  return finding('undo.runs-unknown', { detail });
}

function undoOfEarlier(name: string, undoes: string): Finding {
  const detail = `Run ${name} took back run ${printable(undoes)}, which is older than the runs that you want to undo.\nStart with that run, or apply the estate file of that time.`;
  return finding('undo.of-an-undo', { detail });
}

async function findRun(name: string, records: RunRecords): Promise<UndoneRun | Failure> {
  const known = records.runs.some(run => run.name === name);
  if (!known) return failure([unknownRun(name, records)]);
  const plan = await records.plan(name);
  if ('code' in plan) return failure([plan]);
  const record = await records.record(name);
  if (!record) return failure([unknownRun(name, records)]);
  return undoneRun(name, plan, record);
}

function undoneRun(name: string, plan: Plan, record: RunRecord): UndoneRun {
  const steps = writtenSteps(plan, record);
  const unknown = steps.filter(({ id }) => record.knownSteps && !record.knownSteps.has(id)).map(({ id }) => id);
  return { name, plan, steps, replaced: record.replaced, ...(unknown.length > 0 && { unknown }) };
}

/** What later runs wrote, the oldest first; and those whose records cannot be read. */
export async function laterRuns({ name }: UndoneRun, records: RunRecords): Promise<LaterRuns> {
  const later = await findLater(name, records);
  return {
    runs: later.flatMap(one => ('unread' in one ? [] : [{ name: one.name, steps: one.steps }])),
    unread: later.flatMap(one => ('unread' in one ? [one.unread] : [])),
  };
}

function unreadable(problem: unknown): 'unreadable' {
  if (!(problem instanceof TargetProblem)) throw problem;
  return 'unreadable';
}

function undoOfUndo(name: string): Finding {
  const detail = `${name} is itself an undo.\nApply the estate file to restore its state.`;
  return finding('undo.of-an-undo', { detail });
}

/** The targets of several runs: what each of them left is held against what that run wanted. */
export function jointTargets(
  { steps, writer }: JointRun,
  parts: readonly UndoneRun[],
  state: DesiredState,
  local: DesiredState,
): readonly BoundTarget[] {
  const all = parts.map(({ name, plan }) => ({ name, targets: targetsOf(withConnections(plan.desired, local)) }));
  const joined = steps.flatMap(step => {
    const writers = new Set(step.changes.map(change => writer(step.id, change)));
    const ofRuns = all.toReversed().flatMap(({ name, targets }): readonly TargetOfRun[] => {
      const target = targets.find(one => targetId(one) === step.id);
      return target && writers.has(name) ? [{ target, owns: change => writer(step.id, change) === name }] : [];
    });
    const [newest, ...others] = ofRuns;
    return newest ? [jointTarget(newest, others)] : [];
  });
  const ids = new Set(joined.map(targetId));
  return [...targetsOf(state).filter(target => !ids.has(targetId(target))), ...joined];
}

/** Says which runs are taken back as one. */
export function severalRuns(parts: readonly UndoneRun[]): readonly Finding[] {
  if (parts.length < 2) return [];
  const names = parts.map(({ name }) => `    ${name}`).toReversed();
  const detail = `This takes back ${count(parts.length, 'run')} as one plan:\n${names.join('\n')}\nA setting that several of them changed gets back the value from before the first.`;
  return [finding('undo.several-runs', { detail })];
}
