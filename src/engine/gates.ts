import { type Change, invert } from '../core/change.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Step } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { ChangeResult, StepResult } from '../core/run.ts';
import { rowOf } from '../core/stages.ts';
import type { LikelyCause, VerifiedCell } from '../core/verification.ts';
import { finding } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { WritePorts } from '../ports/ports.ts';
import type { Gate, GateQuestion, GatesSeen } from './gate.ts';
import { identity, type Recheck, recheckUndo } from './recheck.ts';
import { type Running, targetOf } from './running.ts';
import { takeBack } from './take-back.ts';

/** Between two times that something fails. */
const pause = 5_000;

/** Where a gate stands: before or after what a step does, and what is asked there. */
interface GatePlace {
  readonly gate: Gate;
  readonly when: 'before' | 'after';
  readonly step: Step;
  /** Whether the step itself has something left to do. */
  readonly unfinished: boolean;
  readonly question: GateQuestion;
}

/** What came the last time it was asked, and what of it counts against the gate. */
interface Outcome {
  readonly answer: readonly VerifiedCell[] | Finding;
  readonly failing: readonly VerifiedCell[];
  readonly open: boolean;
}

/**
 * Asks, and gives why nothing further may be begun, or nothing. A look-up counts against the gate when it worked before, or when
 * nothing that the plan has still to do would mend it: it must not demand what is not built yet.
 */
async function passGate(place: GatePlace, running: Running): Promise<Finding | undefined> {
  const outcome = await askUntilOpen(place, running);
  await record(place, outcome, running);
  if (!('code' in outcome.answer) && outcome.open) remember(outcome.answer, running.gates);
  // Whoever interrupted it did not wait for what may have come yet.
  if (outcome.open || running.stopping()) return undefined;
  const closed = closedBy(place, outcome);
  running.gates.closed ??= closed;
  return closed;
}

/** Again and again while something fails that should not, as long as the gate's patience lasts. */
async function askUntilOpen(place: GatePlace, running: Running): Promise<Outcome> {
  const { gate, step, question } = place;
  const { ports } = running;
  const began = ports.elapsed();
  for (;;) {
    await running.prove('host');
    const answer = await ask(gate, question);
    const failing = 'code' in answer ? [] : answer.filter(cell => counts(cell, place, running));
    const open = !('code' in answer) && failing.length === 0;
    const left = gate.wait - (ports.elapsed() - began);
    if (open || left <= 0 || running.stopping()) return { answer, failing, open };
    running.progress(`${step.id}: free/busy fails; asking again for ${Math.ceil(left / 1000)} s`);
    await ports.pause(Math.min(pause, left));
  }
}

async function ask(gate: Gate, question: GateQuestion): Promise<readonly VerifiedCell[] | Finding> {
  try {
    return await gate.ask(question);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

function remember(cells: readonly VerifiedCell[], { working }: GatesSeen): void {
  for (const cell of cells)
    if (cell.state === 'works') working.add(nameOf(cell));
    else working.delete(nameOf(cell));
}

function nameOf({ from, to, host, way, account }: VerifiedCell): string {
  return [from, to, host, way, account].join('\0');
}

function counts(cell: VerifiedCell, place: GatePlace, running: Running): boolean {
  if (cell.state === 'works') return false;
  return running.gates.working.has(nameOf(cell)) || (cell.state === 'fails' && !isPending(cell, place, running));
}

/** Whether the plan still has something to do that would mend it: on the host that was asked, or about a likely cause. */
function isPending(cell: VerifiedCell, { step, unfinished }: GatePlace, { plan, done }: Running): boolean {
  const pending = plan.steps.filter(({ id }) => !done.has(id) && (unfinished || id !== step.id));
  return pending.some(
    one =>
      (one.target === cell.host && rowOf(one.stage).view.by === 'host') || cell.causes.some(cause => mends(one, cause)),
  );
}

/** A step that deletes calendars mends what comes from one that should not be there, on whichever host it was noticed. */
function mends({ target, stage, changes }: Step, cause: LikelyCause): boolean {
  if (rowOf(stage).view.by === 'host-account') return cause.key.startsWith('calendar of ');
  if (cause.target !== target) return false;
  return changes.some(({ action, key }) => action === 'restart' || key.toLowerCase() === cause.key.toLowerCase());
}

/** How many failures are told in full. */
const told = 5;

function closedBy({ step, when }: GatePlace, { answer, failing }: Outcome): Finding {
  const failures = 'code' in answer ? [`${answer.summary}: ${answer.detail}`] : failing.map(describe);
  const more = failures.length > told ? [`and ${failures.length - told} more`] : [];
  const moment = when === 'before' ? 'before it started' : 'after it';
  const next =
    'Completed changes stay, unless they are marked "taken back". Fix the problem, check it with `verify`, and apply again.';
  return finding('verify.gate-closed', {
    detail: [`${step.id}, asked ${moment}:`, ...failures.slice(0, told), ...more, next].join('\n'),
    target: step.target,
  });
}

function describe({ from, to, host, account, detail, causes: [cause] }: VerifiedCell): string {
  const likely = cause ? `\n    likely cause: ${cause.target} ${cause.key}: ${cause.why}` : '';
  return printable(`${from} -> ${to} through ${host}, ${account}: ${detail}${likely}`);
}

/** Who was asked, and what came. */
function record(
  { step, when, question }: GatePlace,
  { answer, failing, open }: Outcome,
  running: Running,
): Promise<void> {
  const { host, moved } = question;
  return running.records.journal.write({
    line: 'gate',
    step: step.id,
    when,
    open,
    ...(host !== undefined && { host }),
    moved: moved.map(({ dn }) => dn),
    asked: ('code' in answer ? [] : answer).map(({ from, to, host: by, way, account, state }) => ({
      ...{ from, to, host: by, way, account, state },
    })),
    failing: 'code' in answer ? [`${answer.code}: ${answer.detail}`] : failing.map(describe),
  });
}

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
    why = 'it was changed since';
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    why = problem.finding.summary;
  }
  for (const change of left.values()) yield { change, state: 'done', detail: `it was not taken back: ${why}` };
}
