import { type Change, targetId } from '../core/change.ts';
import { ChangeList } from '../core/change-list.ts';
import { firstOf, groupBy } from '../core/collections.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { type Comparison, chosenOf, type Plan, type Step } from '../core/plan.ts';
import { countStates, endedIn, ResultNotes, resultsOf } from '../core/result-list.ts';
import type { ChangeResult, Results, Run, StepResult } from '../core/run.ts';
import { rowOf, type Stage } from '../core/stages.ts';
import { type FindingCode, hasCode } from '../findings/catalogue.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { setAside } from '../plan/ignore.ts';
import { planLines } from '../plan/plan-file.ts';
import { waitsOf } from '../plan/step-order.ts';
import type { Watchdog } from '../ports/host.ts';
import type { Authority, JournalLine, TargetCounts } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';
import { compareAll } from './compare.ts';
import { executeList } from './execute-list.ts';
import { applyBetweenGates, restartBetweenGates } from './gates.ts';
import { journaled, type Records } from './journaled.ts';
import { lockLost } from './locks.ts';
import { dueRestart, identity, type Recheck, recheck, recheckUndo } from './recheck.ts';
import { resultLine } from './recorded-results.ts';
import { type Execution, type Running, targetOf } from './running.ts';
import { restoreFiles, takeBack } from './take-back.ts';
import { callOff, watchRestart } from './watchdog.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from './watchdogs-waiting.ts';

/** Carries a plan out, step by step, and reads the touched targets again. The plan was checked by the guards. */
export async function executePlan(plan: Plan, execution: Execution): Promise<Run> {
  const startedAt = execution.clock.now();
  await execution.journal.keep('plan', planLines(plan));
  const directory = await serverOf(plan, execution);
  await execution.journal.write(firstLine(plan, execution.by, directory));
  const running = begin(plan, execution);
  const recorded = new Map<string, StepResult>();
  let noted = Promise.resolve();
  for (const tier of tiersOf(plan.steps)) {
    await noted;
    await runTier(tier, running);
    await recordResults(running, recorded);
    noted = execution.journal.write({ line: 'tier', steps: tier.map(({ id }) => id) });
  }
  const steps = plan.steps.flatMap(({ id }) => running.done.get(id) ?? []);
  const interrupted = execution.stopping();
  const lost = running.lost.finding;
  // What was done is brought to the hosts while they are read again.
  const reading = interrupted || lost ? [] : readAgain(plan, execution);
  const [after] = await Promise.all([reading, noted]);
  const run: Run = {
    plan: plan.digest,
    journal: execution.journal.name,
    startedAt,
    endedAt: execution.clock.now(),
    ...directory,
    steps,
    remaining: remainingOf(after, steps),
    unread: after.flatMap(c => (c.unread ? [c.unread] : c.findings.filter(({ open }) => open === 'value'))),
    ...(interrupted && { interrupted }),
    ...(lost && { lost }),
  };
  if (interrupted || lost) return run;
  const converged = run.remaining.length === 0 && run.unread.length === 0;
  await execution.journal.write({ line: 'finished', counts: countStates(run), converged, targets: doneOf(steps) });
  return run;
}

/** Records what became of the steps that have ended. A step of an earlier tier comes again where its result is another now. */
async function recordResults({ done, journal }: Running, recorded: Map<string, StepResult>): Promise<void> {
  const news = [...done].filter(([id, result]) => recorded.get(id) !== result);
  for (const [id, result] of news) recorded.set(id, result);
  await Promise.all(news.map(([, result]) => journal.write(resultLine(result))));
}

/** Steps that may run side by side: those of one tier stand together, in the order in which they wait for each other. */
function tiersOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  return [...groupBy(steps, ({ stage }) => `${rowOf(stage).tier}`).values()];
}

/** Each step begins when those it waits for have ended; what waits for none begins at once. */
async function runTier(steps: readonly Step[], running: Running): Promise<void> {
  const ended = new Map<string, Promise<void>>();
  for (const step of steps) {
    const before = running.waitsOf(step).flatMap(id => ended.get(id) ?? []);
    ended.set(
      step.id,
      Promise.all(before).then(() => runStep(step, running)),
    );
  }
  const results = await Promise.allSettled(ended.values());
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function runStep(step: Step, running: Running): Promise<void> {
  running.atWork.add(step.id);
  tellSteps(running);
  const result = notBegun(step, running) ?? (await executeBetweenGates(step, running));
  running.done.set(step.id, result);
  running.atWork.delete(step.id);
  tellSteps(running);
  const failed = endedIn(result.results, ['failed']);
  if (failed && !running.lost.finding) await takeBack(step, running);
}

/** How many steps are named of those at work. */
const mostNamed = 4;

function tellSteps({ atWork, done, plan, progress }: Running): void {
  const named = firstOf(atWork, mostNamed);
  const more = atWork.size > mostNamed ? ` and ${atWork.size - mostNamed} more` : '';
  const at = named.length > 0 ? `; at work: ${named.join(', ')}${more}` : '';
  progress(`${done.size} of ${plan.steps.length} steps done${at}`);
}

/** A lock that is gone may be noticed at a gate too. */
async function executeBetweenGates(step: Step, running: Running): Promise<StepResult> {
  try {
    return await restartBetweenGates(step, running, () => executeStep(step, running));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    if (hasCode(problem.finding, lockLost)) running.lost.finding ??= problem.finding;
    return notRun(step, problem.finding);
  }
}

function begin(plan: Plan, execution: Execution): Running {
  let writes = 0;
  const records: Records = {
    journal: execution.journal,
    next: () => ++writes,
    replaced: new Map(),
    stopping: () => execution.stopping(),
    prove: write => execution.prove(write),
    contents: new Map(),
  };
  const stages = new Map(plan.steps.map(({ id, stage }) => [id, stage]));
  const known = { plan, waitsOf: waitsOf(plan.steps), stages, records };
  return { ...execution, ...known, gates: { working: new Set() }, done: new Map(), atWork: new Set(), lost: {} };
}

/** The server that the changes of the directory go to. */
async function serverOf({ steps }: Plan, { ports }: Execution): Promise<{ readonly directory?: string }> {
  const server = steps.some(({ target }) => target === 'directory') ? await ports.directory().server() : undefined;
  return server ? { directory: server.url } : {};
}

function firstLine(
  {
    desired,
    digest,
    desiredSha256,
    tool,
    direction,
    undoes,
    andLater = [],
    steps,
    accounts,
    only,
    except,
    origin,
  }: Plan,
  by: Authority,
  directory: { readonly directory?: string },
): JournalLine {
  const changes = steps.reduce((sum, step) => sum + step.changes.length, 0);
  const facts = { estate: desired.name, plan: digest, desired: desiredSha256, tool, direction, changes, accounts };
  const narrowing = { ...(only && { only }), ...(except && { except }), ...(origin && { origin }) };
  return {
    line: 'run',
    formatVersion: 1,
    ...facts,
    targets: [...new Set(steps.map(({ target }) => target))],
    ...directory,
    ...(undoes !== undefined && { undoes: [undoes, ...andLater] }),
    ...narrowing,
    ...by,
  };
}

/** What was done to each target, by each kind; states that none of the changes ended in are left out. */
function doneOf(steps: readonly StepResult[]): readonly TargetCounts[] {
  return steps.map(step => {
    const counts = Object.entries(countStates({ steps: [step] })).filter(([, n]) => n > 0);
    return { target: step.target, kind: step.kind, counts: Object.fromEntries(counts) };
  });
}

/** An undo leaves differences from the wanted state: that is its purpose. */
async function readAgain(plan: Plan, execution: Execution): Promise<readonly Comparison[]> {
  if (plan.direction === 'undo') return [];
  const touched = plan.steps.map(step => targetOf(step, execution.targets));
  const day = execution.clock.now().slice(0, 10);
  const again = (message: string) => execution.progress(`reading again: ${message}`);
  const guarding = lookForWatchdogs(hostsAmong(touched), execution.ports);
  const [guards, compared] = await Promise.all([guarding, compareAll(touched, execution.ports, again)]);
  const { comparisons } = heedWatchdogs(compared, guards);
  // What a plan leaves out differs as before, and that is no failure of the run.
  return setAside(comparisons, plan.desired.ignore, day).comparisons.map(one => ({
    ...one,
    changes: (chosenOf([one], plan)[0]?.changes ?? []).filter(chosenIn(one, plan)),
  }));
}

/** Where a change comes from is known of those that a plan has: of the others nothing was chosen. */
function chosenIn(one: Comparison, { origin, steps }: Plan): (change: Change) => boolean {
  if (!origin) return () => true;
  const own = steps.find(({ id }) => id === targetId(one))?.changes ?? [];
  const chosen = new Set(own.map(identity));
  return change => chosen.has(identity(change));
}

function remainingOf(after: readonly Comparison[], steps: readonly StepResult[]): Run['remaining'] {
  const held = new Set(
    steps.flatMap(({ results }) =>
      endedIn(results, ['held'])
        ? results.flatMap(({ state, change }) => (state === 'held' ? [identity(change)] : []))
        : [],
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

/** The result of a step that may not be begun. */
function notBegun(step: Step, running: Running): StepResult | undefined {
  const { done, irreversible, gates } = running;
  const about = { id: step.id, target: step.target, kind: step.kind };
  if (gates.closed) return { ...about, results: all(step, 'not-run', gates.closed.summary) };
  if (running.lost.finding) return { ...about, results: all(step, 'not-run', running.lost.finding.summary) };
  if (running.stopping()) return { ...about, results: all(step, 'not-run', 'the run was interrupted') };
  if (!irreversible && step.changes.every(change => change.irreversible !== undefined))
    return { ...about, results: all(step, 'held', 'it cannot be undone, and was not allowed') };
  const unlocked = running.unlocked.get(step.target);
  if (unlocked) return notRun(step, unlocked);
  const blocker = running.waitsOf(step).find(id => holdsUp(step, running.stages.get(id), done.get(id)));
  if (blocker !== undefined) return { ...about, results: all(step, 'not-run', `${blocker} failed`) };
  return undefined;
}

/** Carries one step out. */
async function executeStep(planned: Step, running: Running): Promise<StepResult> {
  if (planned.changes instanceof ChangeList) return executeLong(planned, planned.changes, running);
  const changes = [...planned.changes];
  const step = { ...planned, changes };
  const { records, targets, gates } = running;
  const about = { id: step.id, target: step.target, kind: step.kind };
  let meant: readonly Change[] = changes;
  const ports = journaled(running.ports, records, step.id, () => meant.map(({ key }) => key));
  const results = new Map<Change, ChangeResult>();
  let dog: Watchdog | undefined;
  const end = async (result: StepResult): Promise<StepResult> => {
    const acted = await callOff(dog, step);
    return acted ? { ...result, finding: acted } : result;
  };
  try {
    const target = targetOf(step, targets);
    const work = await workOf(step, target, running, ports);
    for (const result of work.settled) results.set(result.change, result);
    meant = work.todo.flatMap(({ changes }) => changes);
    if (step.restore && work.settled.length === 0 && (await restoreFiles(step.restore, ports.host(step.target))))
      return { ...about, results: all(step, 'done', 'byte for byte') };
    const watched = work.todo.length > 0 ? await watchRestart(step, target, running) : undefined;
    // Without a watchdog a restart that cuts the connection could leave the server down for good.
    if (watched && 'code' in watched) return notRun(step, watched);
    dog = watched;
    for await (const result of applyBetweenGates(step, target, work.todo, running, ports))
      results.set(result.change, result);
    const rest = running.stopping() ? 'the run was interrupted' : gates.closed?.summary;
    const finding = gates.closed?.target === step.target ? { finding: gates.closed } : {};
    return await end({ ...about, results: inOrder(step, results, 'not-run', rest), ...finding });
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    if (hasCode(problem.finding, lockLost)) running.lost.finding ??= problem.finding;
    return end({ ...about, results: afterProblem(step, results, problem.finding), finding: problem.finding });
  }
}

/** Carries out a step whose list is too long to be held as objects. Only steps without gates and restarts have such. */
async function executeLong(step: Step, changes: ChangeList, running: Running): Promise<StepResult> {
  const about = { id: step.id, target: step.target, kind: step.kind };
  const ports = journaled(running.ports, running.records, step.id);
  const notes = new ResultNotes(changes);
  try {
    const target = targetOf(step, running.targets);
    const whole = await executeList({ step, changes, target, ports, running, notes });
    const rest = whole ? undefined : 'the run was interrupted';
    return { ...about, results: notes.end({ state: 'not-run', detail: rest }) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    const { finding } = problem;
    if (hasCode(finding, lockLost)) running.lost.finding ??= finding;
    return { ...about, results: notes.end({ state: stateAfter(finding), detail: finding.summary }), finding };
  }
}

function notRun({ id, target, kind, changes }: Step, finding: Finding): StepResult {
  const results = resultsOf(changes, { state: 'not-run', detail: finding.summary });
  return { id, target, kind, results, finding };
}

function workOf(step: Step, target: BoundTarget, running: Running, ports: WritePorts): Promise<Recheck> {
  const { plan, done, targets } = running;
  if (target.activates) return dueRestart(step, target, { done: done.values(), targets }, ports);
  return plan.direction === 'undo' ? recheckUndo(step, target, ports) : recheck(step, target, ports);
}

/** Problems that kept a write from being made because something moved, not because it broke. */
const refusing: ReadonlySet<string> = new Set<FindingCode>([
  'host.file-changed',
  'host.file-locked',
  'host.lock-lost',
  'plan.stale',
]);

function afterProblem(step: Step, results: ReadonlyMap<Change, ChangeResult>, finding: Finding) {
  return inOrder(step, results, stateAfter(finding), finding.summary);
}

function stateAfter({ code }: Finding): 'refused' | 'failed' {
  return refusing.has(code) ? 'refused' : 'failed';
}

function all({ changes }: Step, state: ChangeResult['state'], detail: string): Results {
  return resultsOf(changes, { state, detail });
}

function inOrder(
  step: Step,
  known: ReadonlyMap<Change, ChangeResult>,
  otherwise: ChangeResult['state'],
  detail: string | undefined,
): readonly ChangeResult[] {
  return step.changes.map(
    change => known.get(change) ?? { change, state: otherwise, ...(detail !== undefined && { detail }) },
  );
}

/** `stage`: that of the step whose result it is. */
function holdsUp(step: Step, stage: Stage | undefined, dependency: StepResult | undefined): boolean {
  if (!dependency) return true;
  const tolerated = stage !== undefined && rowOf(step.stage).tolerates?.includes(stage) === true;
  if (dependency.finding) return true;
  if (endedIn(dependency.results, ['not-run', 'taken-back'])) return true;
  return !tolerated && endedIn(dependency.results, ['failed', 'refused', 'unknown']);
}
