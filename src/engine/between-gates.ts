import { type Change, invert } from '../core/change.ts';
import { TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import type { ChangeResult, StepResult } from '../core/run.ts';
import { rowOf } from '../core/stages.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { WritePorts } from '../ports/ports.ts';
import type { GateQuestion } from './gate.ts';
import { type GatePlace, passGate } from './pass-gate.ts';
import { identity, type Recheck, recheckUndo } from './recheck.ts';
import { type Running, targetOf } from './running.ts';
import { takeBack } from './take-back.ts';

/** How many accounts of a batch are asked about besides the probe accounts. */
const sample = 3;

/** Restarts a host between two gates, where the run has any: after it what worked by way of the host must work again. */
export async function restartBetweenGates(
  step: Step,
  running: Running,
  execute: () => Promise<StepResult>,
): Promise<StepResult> {
  const { gate, plan } = running;
  if (!gate?.restarts || plan.direction === 'undo' || !targetOf(step, running.targets).activates) return execute();
  const question: GateQuestion = { host: step.target, moved: [] };
  const before = await passGate({ gate, when: 'before', step, unfinished: true, question }, running);
  if (before) return { ...notRun(step, before.summary), finding: before };
  const result = await execute();
  const ran = result.results.every(({ state }) => state === 'done' || state === 'unchanged');
  if (!ran || result.finding || !result.results.some(({ state }) => state === 'done')) return result;
  const after = await passGate({ gate, when: 'after', step, unfinished: false, question }, running);
  if (!after) return result;
  running.done.set(step.id, { ...result, finding: after });
  if (gate.onFailure === 'undo') await takeBack(step, running, 'free/busy failed after the restart');
  return running.done.get(step.id) ?? result;
}

function notRun({ id, target, kind, changes }: Step, detail: string): StepResult {
  return { id, target, kind, results: changes.map(change => ({ change, state: 'not-run', detail })) };
}

/** Carries out the work of a step; accounts that move go in batches, with a gate before the first and after each of them. */
export async function* applyBetweenGates(
  step: Step,
  target: BoundTarget,
  work: Recheck['todo'],
  running: Running,
  ports: WritePorts,
): AsyncIterable<ChangeResult> {
  const gate =
    rowOf(step.stage).view.by === 'cohort' && running.plan.direction === 'forward' ? running.gate : undefined;
  if (step.target === 'directory' && work.length > 0) await running.prove('batch');
  if (!gate) {
    yield* applyWork(target, work, ports);
    return;
  }
  const place = { gate, step } as const;
  const before: GatePlace = { ...place, when: 'before', unfinished: true, question: { moved: [] } };
  if (work.length > 0 && (await passGate(before, running))) return;
  for (let from = 0; from < work.length && !running.stopping(); from += gate.moves) {
    const moved: Change[] = [];
    await running.prove('batch');
    for await (const result of applyWork(target, work.slice(from, from + gate.moves), ports)) {
      if (result.state === 'done') moved.push(result.change);
      yield result;
    }
    if (running.stopping() || moved.length === 0) continue;
    const unfinished = from + gate.moves < work.length;
    const question = { moved: moved.slice(0, sample).map(placed) };
    if (!(await passGate({ ...place, when: 'after', unfinished, question }, running))) continue;
    if (gate.onFailure === 'undo') yield* takeMovesBack(moved, target, ports);
    return;
  }
}

async function* applyWork(target: BoundTarget, work: Recheck['todo'], ports: WritePorts): AsyncIterable<ChangeResult> {
  for await (const outcome of target.apply(work, ports))
    yield { ...outcome, state: outcome.state === 'conflict' ? 'refused' : outcome.state };
}

/** Whom a change was about, and the side it is on after it: one that got another store stays on CS7. */
function placed({ item, moves }: Change): GateQuestion['moved'][number] {
  return { dn: item, side: moves === 'cs7->cs6' ? 'cs6' : 'cs7' };
}

/** Takes back the accounts of a batch; one that somebody else has changed meanwhile stays, and its result says so. */
async function* takeMovesBack(
  moved: readonly Change[],
  target: BoundTarget,
  ports: WritePorts,
): AsyncIterable<ChangeResult> {
  const left = new Map(moved.map(change => [identity(change), change]));
  let why = 'its state is not known';
  try {
    const inverse = moved.flatMap(change => invert(change) ?? []);
    const { todo } = await recheckUndo({ changes: inverse }, target, ports);
    for await (const { change, state } of target.apply(todo, ports)) {
      const own = left.get(identity(change));
      if (state !== 'done' || !own) continue;
      left.delete(identity(change));
      yield { change: own, state: 'taken-back', detail: 'free/busy failed after the batch it was in' };
    }
    why = 'somebody has changed it since';
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    why = problem.finding.summary;
  }
  for (const change of left.values()) yield { change, state: 'done', detail: `it was not taken back: ${why}` };
}
