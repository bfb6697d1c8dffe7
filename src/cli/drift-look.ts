import { join } from 'node:path';
import { count, wordFor } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { FileRestore } from '../core/plan.ts';
import { findTraces } from '../drift/last-change.ts';
import type { Look } from '../drift/look.ts';
import { type RunRecord, readRunRecord } from '../engine/run-record.ts';
import { targetsOf } from '../kinds/registry.ts';
import { refusals } from '../plan/guards.ts';
import type { Watching } from '../ports/daemon.ts';
import type { PasswordState } from '../ports/directory.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { noSpans } from '../ports/spans.ts';
import { type BaseOptions, loadEarlier, planWithOrigins } from './base.ts';
import type { Log } from './drift-log.ts';
import { findingOf } from './drift-problem.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { endProgress } from './output.ts';
import type { ReadOutside } from './outside.ts';
import { makePlan } from './plan.ts';
import { runNames, runsFolder } from './run-records.ts';
import { loadTrusted, type Trust, type TrustOptions } from './trusted-connections.ts';
import { withholdPorts } from './withheld-ports.ts';

/** What looks have in common. */
export interface Looking {
  readonly files: readonly string[];
  readonly options: BaseOptions & TrustOptions;
  readonly outside: ReadOutside;
  readonly watching: Pick<Watching, 'elapsed'>;
  readonly log: Log;
}

/**
 * Loads the files, reads the estate and says what differs. Whatever goes wrong is a result, so that the next look finds
 * everything as this one did. Nothing when `signal` came first: then it is left alone, and its connections are closed.
 */
export async function takeLook(looking: Looking, signal: AbortSignal): Promise<Look | undefined> {
  const { outside, watching } = looking;
  const beganAt = outside.clock.now();
  const began = watching.elapsed();
  const outcome = await outcomeOf(looking, signal);
  endProgress(outside);
  if (signal.aborted || !outcome) return undefined;
  return { ...outcome, beganAt, endedAt: outside.clock.now(), seconds: (watching.elapsed() - began) / 1000 };
}

type Outcome = Pick<Look, 'estate' | 'exitCode' | 'result'>;

async function outcomeOf(looking: Looking, signal: AbortSignal): Promise<Outcome | undefined> {
  let estate: string | undefined;
  try {
    const { state, findings, trust } = await loadTrusted(looking.files, looking.options, looking.outside);
    if (!state) return failed(findings);
    estate = state.name;
    const seen = await readEstate({ state, warnings: findings, ...(trust && { trust }) }, looking, signal);
    return seen && { estate, exitCode: seen.report.exitCode, result: { state: 'ended', ...seen } };
  } catch (problem) {
    return { ...(estate !== undefined && { estate }), ...failed([findingOf(problem)]) };
  }
}

function failed(findings: readonly Finding[]): Outcome {
  return { exitCode: exitCodes.error, result: { state: 'failed', findings } };
}

interface LoadedForLook {
  readonly state: DesiredState;
  readonly warnings: readonly Finding[];
  readonly trust?: Trust;
}

type Seen = Omit<Extract<Look['result'], { readonly state: 'ended' }>, 'state'>;

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

async function readEstate(
  { state, warnings, trust }: LoadedForLook,
  looking: Looking,
  signal: AbortSignal,
): Promise<Seen | undefined> {
  const { outside } = looking;
  const { ports: open, close } = await outside.connectToRead(trust?.reachable ?? state, outside.environment);
  const ports = trust ? withholdPorts(open, trust) : open;
  const read = async (): Promise<Seen> => {
    // What it would say to a person belongs into the log here.
    const stderr = (line: string) => looking.log('info', 'look', line.trimEnd());
    const told = await loadEarlier(looking.files, looking.options, state, { ...outside, stderr });
    if ('code' in told) throw new TargetProblem(told);
    const all = { state, warnings: [...warnings, ...told.warnings] };
    const make = () => makePlan(all, looking.options, { ports, close }, outside);
    const { plan, ...origins } = await planWithOrigins(make, told.earlier, state, ports);
    const targets = targetsOf(state);
    const { traces, notAsked } = await findTraces(plan, {
      desired: state,
      targets,
      ports,
      replaced: replacedBefore(state.name, looking),
    });
    if (notAsked > 0)
      looking.log(
        'info',
        'traces-cut',
        `${count(notAsked, 'entry that differs was', 'entries that differ were')} not asked who changed ${wordFor(notAsked, 'it', 'them')}`,
        {
          notAsked,
        },
      );
    const about = { exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
    const password = await passwordOf(ports);
    return { report: { command: 'drift', ...about, ...origins, traces }, ...(password && { password }) };
  };
  const spans = outside.spans ?? noSpans;
  try {
    return await unlessAborted(spans.within('reconcile.look', { estate: state.name }, read), signal);
  } finally {
    // At an interrupt nobody waits for a host that does not answer.
    const closed = close();
    if (signal.aborted) closed.catch(() => {});
    else await closed;
  }
}

/** Bytes of a record that is read for what it replaced; one of many moves is longer, and hosts are seldom in it. */
const longestRecord = 4_000_000;

/** What the last run that replaced something in a step wrote there, as far as records of runs are here. */
function replacedBefore(
  estate: string,
  { outside, options }: Looking,
): (step: string) => Promise<readonly FileRestore[]> {
  const folder = runsFolder(options.runs, estate, outside);
  const recent = async () => {
    const names = (await runNames(folder, outside)).slice(0, 20);
    return Promise.all(names.map(name => readShortRecord(join(folder, `${name}.jsonl`), name, outside)));
  };
  let records: ReturnType<typeof recent> | undefined;
  return async step => {
    records ??= recent();
    return (await records).find(record => record?.replaced.has(step))?.replaced.get(step) ?? [];
  };
}

async function readShortRecord(path: string, name: string, outside: ReadOutside): Promise<RunRecord | undefined> {
  const bytes = await outside.readBytes(path, longestRecord).catch(() => new Uint8Array());
  return bytes.length > longestRecord ? undefined : readRunRecord(name, new TextDecoder().decode(bytes));
}

/** What comes of the work; nothing when the signal comes first. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  work.catch(() => {});
  const settled = new AbortController();
  const aborted = new Promise<undefined>(done => {
    if (signal.aborted) done(undefined);
    signal.addEventListener('abort', () => done(undefined), { once: true, signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}
