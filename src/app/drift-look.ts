import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { FileRestore } from '../core/plan.ts';
import { planExitCode } from '../core/report.ts';
import { count, wordFor } from '../core/units.ts';
import { findTraces } from '../drift/last-change.ts';
import { targetsOf } from '../kinds/registry.ts';
import { refusals } from '../plan/guards.ts';
import type { PasswordState } from '../ports/directory.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { Log } from '../ports/progress.ts';
import { noSpans } from '../ports/progress.ts';
import type { DriftSeen } from '../watch/drift-watch.ts';
import type { LookOutcome } from '../watch/watched.ts';
import { problemOf, type ReadContext } from './context.ts';
import { type BaseRequest, loadBase, loadEarlier } from './earlier-states.ts';
import type { RunRecords } from './known-runs.ts';
import { planWithOrigins } from './make-plan.ts';
import { withholdPorts } from './open-estate.ts';
import { openRunRecords } from './run-records.ts';
import { loadTrusted, type Trust, type TrustRequest } from './trusted-connections.ts';
import { failedLook } from './watch-estate.ts';

/** What is looked at. */
export interface LookRequest extends BaseRequest, TrustRequest {
  readonly files: readonly string[];
}

/** What looks have in common. */
interface Looking {
  readonly request: LookRequest;
  readonly context: ReadContext;
  readonly log: Log;
}

/** Loads the files, reads the estate and says what differs. */
export async function lookForDrift(looking: Looking): Promise<LookOutcome<DriftSeen>> {
  let estate: string | undefined;
  try {
    const loaded = await loadTrusted(looking.request.files, looking.request, looking.context);
    const { state, findings, trust } = loaded;
    estate = loaded.name;
    if (!state) return failedLook(findings, estate);
    estate = state.name;
    const seen = await readEstate({ state, warnings: findings, ...(trust && { trust }) }, looking);
    return { estate, exitCode: seen.report.exitCode, result: { state: 'ended', seen } };
  } catch (problem) {
    return failedLook([problemOf(problem)], estate);
  }
}

interface LoadedForLook {
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  readonly trust?: Trust;
}

/** A directory that cannot be reached is in the plan as unread. */
function passwordOf(ports: ReadPorts): Promise<PasswordState | undefined> {
  return ports
    .directory()
    .password()
    .catch((problem: unknown) => {
      if (problem instanceof TargetProblem) return undefined;
      throw problem;
    });
}

async function readEstate(loaded: LoadedForLook, looking: Looking): Promise<DriftSeen> {
  const { state, trust } = loaded;
  const { connections, variables, spans = noSpans } = looking.context;
  const { ports: open, close } = await connections.toRead(trust?.reachable ?? state, variables);
  const ports = trust ? withholdPorts(open, trust) : open;
  try {
    return await spans.within('reconcile.look', { estate: state.name }, () => lookAt(loaded, looking, ports));
  } finally {
    await close();
  }
}

async function lookAt({ state, warnings }: LoadedForLook, looking: Looking, ports: ReadPorts): Promise<DriftSeen> {
  const { request, log } = looking;
  // A note for a person belongs into the log here.
  const progress = { ...looking.context.progress, note: (text: string) => log('info', 'look', text) };
  const context = { ...looking.context, progress };
  const base = await loadBase(request.files, request, context);
  if (base && 'code' in base) throw new TargetProblem(base);
  const records = openRunRecords(request, state, ports, context);
  const told = await loadEarlier(base, request.files, request, { state, records }, context);
  if ('code' in told) throw new TargetProblem(told);
  const wanted = { state, records, warnings: [...warnings, ...told.warnings] };
  const { plan, ...origins } = await planWithOrigins(wanted, told.earlier, request, ports, context);
  const replaced = replacedBefore(await records);
  const { traces, notAsked } = await findTraces(plan, { desired: state, targets: targetsOf(state), ports, replaced });
  if (notAsked > 0) logCut(notAsked, log);
  const about = { exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
  const password = await passwordOf(ports);
  const kinds = targetsOf(state).map(({ target, kind }) => ({ target, kind }));
  return { report: { command: 'drift', ...about, ...origins, traces }, kinds, ...(password && { password }) };
}

function logCut(notAsked: number, log: Log): void {
  const what = count(notAsked, 'entry that differs was', 'entries that differ were');
  log('info', 'traces-cut', `${what} not asked who changed ${wordFor(notAsked, 'it', 'them')}`, { notAsked });
}

/** Bytes of a record that is read for what it replaced; one of many moves is longer, and hosts are seldom in it. */
const longestRecord = 4_000_000;

/** How many of the newest runs are asked what they replaced. */
const recentRuns = 20;

/** What the last run that replaced something in a step wrote there, as far as records of runs are known. */
function replacedBefore({ runs, record }: RunRecords): (step: string) => Promise<readonly FileRestore[]> {
  const recent = () =>
    Promise.all(runs.slice(0, recentRuns).map(({ name }) => record(name, longestRecord).catch(unread)));
  let records: ReturnType<typeof recent> | undefined;
  return async step => {
    records ??= recent();
    return (await records).find(one => one?.replaced.has(step))?.replaced.get(step) ?? [];
  };
}

/** Without the record a change is told of all the same, but not what a run has to do with it. */
function unread(problem: unknown): undefined {
  if (!(problem instanceof TargetProblem)) throw problem;
}
