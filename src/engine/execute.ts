import { canonicalJson, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { rowOf } from '../core/order.ts';
import type { Comparison, Plan, Step } from '../core/plan.ts';
import { type ChangeResult, countStates, type Run, type StepResult } from '../core/run.ts';
import type { BoundTarget, Item } from '../kinds/kind.ts';
import { setAside } from '../plan/ignore.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal, JournalLine } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';
import { compareAll, type Progress } from './compare.ts';
import { journaled } from './journaled.ts';

/** What an apply works with. */
export interface Execution {
  readonly targets: readonly BoundTarget[];
  readonly ports: WritePorts;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Whether changes that cannot be undone are made; else they are held back. */
  readonly irreversible: boolean;
  readonly journal: Journal;
}

/** Carries a plan out, step by step, and reads the touched targets again. The plan was checked by the guards. */
export async function executePlan(plan: Plan, execution: Execution): Promise<Run> {
  const startedAt = execution.clock.now();
  const done = new Map<string, StepResult>();
  await execution.journal.write(firstLine(plan));
  let writes = 0;
  for (const step of plan.steps) {
    execution.progress(`${step.id} (${done.size + 1} of ${plan.steps.length})`);
    const ports = journaled(execution.ports, execution.journal, () => ++writes, step.id);
    done.set(step.id, await executeStep(step, plan, done, { ...execution, ports }));
  }
  const steps = [...done.values()];
  const touched = plan.steps.map(step => targetOf(step, execution));
  const day = execution.clock.now().slice(0, 10);
  const after = setAside(await compareAll(touched, execution.ports), plan.desired.ignore, day).comparisons;
  const run = {
    plan: plan.digest,
    journal: execution.journal.name,
    startedAt,
    endedAt: execution.clock.now(),
    steps,
    remaining: remainingOf(after, steps),
    unread: after.flatMap(c => (c.unread ? [c.unread] : [])),
  };
  const converged = run.remaining.length === 0 && run.unread.length === 0;
  await execution.journal.write({ line: 'finished', counts: countStates(run), converged });
  return run;
}

function firstLine({ desired, digest, desiredSha256, tool, steps }: Plan): JournalLine {
  const changes = steps.reduce((sum, step) => sum + step.changes.length, 0);
  return { line: 'run', formatVersion: 1, estate: desired.name, plan: digest, desired: desiredSha256, tool, changes };
}

function remainingOf(after: readonly Comparison[], steps: readonly StepResult[]): Run['remaining'] {
  const held = new Set(
    steps.flatMap(({ results }) =>
      results.flatMap(({ state, change }) => (state === 'held' ? [identity(change)] : [])),
    ),
  );
  return after
    .map(({ target, kind, changes }) => ({
      target,
      kind,
      changes: changes.filter(change => !held.has(identity(change))),
    }))
    .filter(({ changes }) => changes.length > 0);
}

function targetOf(step: Step, { targets }: Execution): BoundTarget {
  const target = targets.find(t => t.kind === step.kind && t.target === step.target);
  if (!target) throw new Error(`the plan has a step for ${step.id}, which the wanted state does not have`);
  return target;
}

async function executeStep(
  step: Step,
  plan: Plan,
  done: ReadonlyMap<string, StepResult>,
  execution: Execution,
): Promise<StepResult> {
  const about = { id: step.id, target: step.target, kind: step.kind };
  const isHeld = (change: Change) => change.irreversible !== undefined && !execution.irreversible;
  if (step.changes.every(isHeld))
    return { ...about, results: all(step, 'held', 'it cannot be undone, and was not allowed') };
  const blocker = step.after.find(id => holdsUp(step, plan, done.get(id)));
  if (blocker !== undefined) return { ...about, results: all(step, 'not-run', `${blocker} did not end well`) };
  const results = new Map<Change, ChangeResult>();
  try {
    const target = targetOf(step, execution);
    const work = target.activates
      ? await dueRestart(step, target, done, execution)
      : await recheck(step, target, execution);
    for (const result of work.settled) results.set(result.change, result);
    for await (const outcome of target.apply(work.todo, execution.ports)) {
      results.set(outcome.change, { ...outcome, state: outcome.state === 'conflict' ? 'refused' : outcome.state });
    }
    return { ...about, results: inOrder(step, results, 'not-run', undefined) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const state = refusing.has(problem.finding.code) ? 'refused' : 'failed';
    return { ...about, results: inOrder(step, results, state, problem.finding.summary), finding: problem.finding };
  }
}

/** Problems that kept a write from being made because something moved, not because it broke. */
const refusing: ReadonlySet<string> = new Set(['host.file-changed', 'host.file-locked', 'plan.stale']);

function all(step: Step, state: ChangeResult['state'], detail: string): readonly ChangeResult[] {
  return step.changes.map(change => ({ change, state, detail }));
}

function inOrder(
  step: Step,
  known: ReadonlyMap<Change, ChangeResult>,
  otherwise: ChangeResult['state'],
  detail: string | undefined,
) {
  return step.changes.map(
    change => known.get(change) ?? { change, state: otherwise, ...(detail !== undefined && { detail }) },
  );
}

function holdsUp(step: Step, plan: Plan, dependency: StepResult | undefined): boolean {
  if (!dependency) return true;
  const stage = plan.steps.find(s => s.id === dependency.id)?.stage;
  const tolerated = stage !== undefined && rowOf(step.stage).tolerates?.includes(stage) === true;
  if (dependency.finding) return true;
  return dependency.results.some(
    ({ state }) => state === 'not-run' || (!tolerated && (state === 'failed' || state === 'refused')),
  );
}

/** What is to be done now, and what is settled without doing anything. */
interface Recheck {
  readonly todo: readonly { readonly item: Item; readonly changes: readonly Change[] }[];
  readonly settled: readonly ChangeResult[];
}

/** Reads the target once more: only what is still as it was when the plan was made is written. */
async function recheck(step: Step, target: BoundTarget, { ports }: Execution): Promise<Recheck> {
  const wanted = new Map(step.changes.map(change => [identity(change), change]));
  const live = new Map<string, Change>();
  const todo: { item: Item; changes: readonly Change[] }[] = [];
  for await (const item of target.items(ports)) {
    for (const change of item.changes) live.set(identity(change), change);
    const due = item.changes
      .flatMap(change => wanted.get(identity(change)) ?? [])
      .filter(change => equalChange(change, live.get(identity(change))));
    if (due.length > 0) todo.push({ item, changes: due });
  }
  const moved =
    step.basis !== undefined && todo.some(({ item }) => item.basis === undefined || sha256(item.basis) !== step.basis);
  if (moved) throw new TargetProblem(staleBasis(step));
  return { todo, settled: step.changes.flatMap(change => settle(change, live.get(identity(change)))) };
}

function identity(change: Change): string {
  return `${change.item}\0${change.key}`;
}

function equalChange(a: Change, b: Change | undefined): boolean {
  const facts = (change: Change) => canonicalJson([change.action, change.before ?? null, change.after ?? null]);
  return b !== undefined && facts(a) === facts(b);
}

function settle(planned: Change, live: Change | undefined): readonly ChangeResult[] {
  if (!live) return [{ change: planned, state: 'unchanged', detail: 'it was in effect already' }];
  if (equalChange(planned, live)) return [];
  return [{ change: planned, state: 'refused', detail: 'the live value is no longer the one the plan was made for' }];
}

function staleBasis(step: Step): Finding {
  return {
    severity: 'error',
    code: 'plan.stale',
    summary: 'What the plan was made for has changed since',
    detail: `${step.id}: ${step.changes[0]?.item ?? step.target} was edited after the plan was made. Nothing was written to it.\nMake a new plan, and see what changed.`,
    target: step.target,
  };
}

/** A restart is a state: it is due when the service runs with older files, or when this run wrote what it must load. */
async function dueRestart(
  step: Step,
  target: BoundTarget,
  done: ReadonlyMap<string, StepResult>,
  { ports, targets }: Execution,
): Promise<Recheck> {
  const wrote = [...done.values()].some(
    result =>
      result.target === step.target &&
      targets.some(t => t.kind === result.kind && t.target === result.target && t.stage === target.activates?.stage) &&
      result.results.some(r => r.state === 'done'),
  );
  const todo: { item: Item; changes: readonly Change[] }[] = [];
  for await (const item of target.items(ports))
    if (wrote || item.changes.length > 0) todo.push({ item, changes: step.changes });
  const settled: readonly ChangeResult[] =
    todo.length > 0 ? [] : all(step, 'unchanged', 'it runs with the files as they are');
  return { todo, settled };
}
