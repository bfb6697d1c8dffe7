import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { Narrowing, Plan } from '../core/plan.ts';
import { exitCodes, planExitCode } from '../core/report.ts';
import { planToStart } from '../plan/build.ts';
import { type Allowances, accountsFell, allowedByOption, applyRefusals } from '../plan/guards.ts';
import { needsSignatures } from '../plan/signatures.ts';
import { outsideWindow } from '../plan/windows.ts';
import type { Authority } from '../ports/journal.ts';
import type { Connection } from '../ports/ports.ts';
import { countBefore } from './applied-before.ts';
import { type Failure, refusal, type WriteContext } from './context.ts';
import { type BaseRequest, loadBase, loadEarlier, notCompared } from './earlier-states.ts';
import type { RunRecords } from './known-runs.ts';
import { loadFiles } from './load-estate.ts';
import { type BeginAnew, beginAnew, type Heed, type LockWait, waitForLocks } from './lock-wait.ts';
import { planWithOrigins } from './make-plan.ts';
import { type OpenEstate, toWrite, withEstate } from './open-estate.ts';
import {
  type Approve,
  movedMeanwhile,
  notBegun,
  noteUnfinished,
  type RunFacts,
  runPlan,
  settleLeftovers,
} from './run-plan.ts';
import { openRunRecords, runsFolder } from './run-records.ts';
import { loadSavedPlan, type SignatureRequest, signatureDemand } from './saved-plan.ts';

/** What is to be applied. */
export interface ApplyRequest extends SignatureRequest, BaseRequest, Narrowing, LockWait {
  readonly files: readonly string[];
  /** A saved plan, which has to be of these files; left out: a plan is made. */
  readonly plan?: string | undefined;
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
  readonly allowed: Allowances;
}

/** How a person takes part in an apply. */
export interface ApplyDialogue {
  readonly approve: Approve;
  /** Gets what became of starting stopped services, before the rest is planned; returns the exit code of reporting it. */
  readonly started: (facts: RunFacts | Failure) => Promise<number>;
}

/** The result of an apply; nothing more is to be reported where the exit code is all there is. */
export type Applied = RunFacts | Failure | { readonly reported: number };

/** Applies a saved plan as it was reviewed, or makes a plan and applies that. */
export async function applyPlan(
  request: ApplyRequest,
  context: WriteContext,
  dialogue: ApplyDialogue,
): Promise<Applied> {
  return waitForLocks<Applied>(request, context, heed => attempt(request, context, dialogue, heed));
}

async function attempt(
  request: ApplyRequest,
  context: WriteContext,
  dialogue: ApplyDialogue,
  heed: Heed,
): Promise<Applied | BeginAnew> {
  const { plan, files, connections, allowed } = request;
  const by = context.readProvenance(connections === undefined ? files : [connections]);
  const named = <A extends Applied>(applied: A): A => ('plan' in applied ? { ...by, ...applied } : applied);
  const started = (facts: RunFacts | Failure) => dialogue.started(named(facts));
  const asked = { ...request, by: { ...by, allowed: allowedByOption(allowed) } };
  const applied =
    plan === undefined
      ? await applyFiles(asked, context, { ...dialogue, started }, heed)
      : await applySaved(plan, asked, context, dialogue.approve, heed);
  return applied === beginAnew ? applied : named(applied);
}

/** An apply with who carries it out, and on whose word. */
interface AskedApply extends ApplyRequest {
  readonly by: Authority;
}

async function applyFiles(
  request: AskedApply,
  context: WriteContext,
  dialogue: ApplyDialogue,
  heed: Heed,
): Promise<Applied | BeginAnew> {
  const loaded = await loadFiles(request.files, context);
  const unsigned = loaded.state && unsignedFinding(loaded.state, request);
  if (unsigned) return refusal([unsigned], loaded.state?.name);
  return withEstate<Connection, Applied | BeginAnew>(toWrite(context), loaded, request, async estate =>
    heed(await applyLive(estate, request, context, dialogue, heed), estate.connection.ports),
  );
}

/** Plans from the live state and applies that; what does not run is started first. */
async function applyLive(
  estate: OpenEstate<Connection>,
  request: AskedApply,
  context: WriteContext,
  { approve, started }: ApplyDialogue,
  heed: Heed,
): Promise<Applied | BeginAnew> {
  const { state, connection } = estate;
  const { held, records } = await settleFirst(state, request, connection, context);
  if (held) return held;
  const planned = await planRecorded(estate, request, context, records);
  if ('failed' in planned) return planned;
  const { plan } = planned;
  const start = planToStart(plan);
  if (!start) return applyTo(estate, planned, request, context, approve);
  const names = start.steps.map(({ target }) => target).join(', ');
  context.progress.note(`${names} does not run, so it cannot be asked and is started first.`);
  const first = await heed(
    await applyTo(estate, { ...planned, plan: start }, request, context, approve),
    connection.ports,
  );
  if (first === beginAnew) return beginAnew;
  const reported = await started(first);
  if (reported !== exitCodes.done) return { reported };
  const rest = await planRecorded(estate, request, context, openRunRecords(request, state, connection.ports, context));
  return 'failed' in rest ? rest : applyTo(estate, rest, request, context, approve);
}

/** A plan, and what is known of the runs before it. */
interface RecordedPlan {
  readonly plan: Plan;
  readonly records: RunRecords;
}

async function planRecorded(
  { state, warnings, connection: { ports } }: OpenEstate<Connection>,
  request: ApplyRequest,
  context: WriteContext,
  records: Promise<RunRecords>,
): Promise<RecordedPlan | Failure> {
  const { files } = request;
  const base = await loadBase(files, request, context);
  if (base && 'code' in base) return notCompared(base, state.name);
  const told = await loadEarlier(base, files, request, { state, records }, context);
  if ('code' in told) return notCompared(told, state.name);
  const wanted = { state, records, warnings: [...warnings, ...told.warnings] };
  const { plan } = await planWithOrigins(wanted, told.earlier, request, ports, context);
  return { plan, records: await records };
}

/** Files have no signatures: where the policy asks for some, only a saved plan is applied. */
function unsignedFinding({ policy }: DesiredState, request: SignatureRequest): Finding | undefined {
  const demand = signatureDemand(policy, request);
  if (!demand || 'code' in demand) return demand;
  return needsSignatures(demand.required, policy.source);
}

async function applySaved(
  file: string,
  request: AskedApply,
  context: WriteContext,
  approve: Approve,
  heed: Heed,
): Promise<RunFacts | Failure | BeginAnew> {
  const saved = await loadSavedPlan(file, request, context);
  if ('failed' in saved) return saved;
  const loaded = { state: saved.state, findings: [] };
  const open = () => toWrite(context)(saved.reachable);
  return withEstate<Connection, RunFacts | Failure | BeginAnew>(open, loaded, request, async estate => {
    const { state, connection } = estate;
    const first = await settleFirst(state, request, connection, context);
    if (first.held) return heed(first.held, connection.ports);
    const records = await first.records;
    const by = { ...request.by, ...(saved.signers.length > 0 && { signers: saved.signers }) };
    const applied = await applyTo(estate, { plan: saved.plan, records }, { ...request, by }, context, approve);
    return heed(applied, connection.ports);
  });
}

async function applyTo(
  { state, connection }: OpenEstate<Connection>,
  { plan, records }: RecordedPlan,
  { runs, allowed, by }: AskedApply,
  context: WriteContext,
  approve: Approve,
): Promise<RunFacts | Failure> {
  const estate = plan.desired.name;
  const facts = { at: context.clock.now(), before: countBefore(records) };
  const refused = applyRefusals(plan, allowed, facts);
  if (refused.length > 0) return { exitCode: planExitCode(plan, refused), plan, refusals: refused };
  await noteUnfinished(records, context);
  const idle = plan.steps.length === 0;
  const moved = idle ? await leftSince(state, connection, context) : undefined;
  if (moved) return notBegun(moved, estate);
  // A number of accounts that was allowed is recorded also where nothing is to be done, or the next plan would ask again.
  if (idle && !accountsFell(plan)) return { exitCode: planExitCode(plan), plan, refusals: [] };
  const irreversible = allowed.deletes !== undefined;
  const outside = outsideWindow(plan, facts.at, irreversible);
  const authority = { ...by, ...(outside.length > 0 && { outsideWindow: outside }) };
  const folder = runsFolder(runs, estate, context);
  const request = { state, folder, irreversible, by: authority };
  return runPlan(plan, request, connection, context, idle ? async () => true : approve);
}

/** Before anything else is read than the records of runs, which are asked for in the same turn; the failure where the apply ends there. */
async function settleFirst(
  state: DesiredState,
  request: ApplyRequest,
  connection: Connection,
  context: WriteContext,
): Promise<{ readonly held?: Failure; readonly records: Promise<RunRecords> }> {
  const records = openRunRecords(request, state, connection.ports, context);
  // Whoever awaits them meets the problem.
  records.catch(() => {});
  const settled = await settleLeftovers(state, connection, context);
  return 'code' in settled ? { held: notBegun(settled, state.name), records } : { records };
}

/** A run that began after the estate was read, or died since, has made "nothing to do" untrue. */
async function leftSince(
  state: DesiredState,
  connection: Connection,
  context: WriteContext,
): Promise<Finding | undefined> {
  const settled = await settleLeftovers(state, connection, context);
  return 'code' in settled ? settled : movedMeanwhile(settled.calledOff);
}
