import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { type Narrowing, type Plan, signedText } from '../core/plan.ts';
import type { PlanReport } from '../core/report.ts';
import { planExitCode } from '../core/report.ts';
import { type Duration, usualAge } from '../core/units.ts';
import { finding } from '../findings/catalogue.ts';
import { refusals } from '../plan/guards.ts';
import { renderPlanFile } from '../plan/plan-file.ts';
import { digestFile } from '../plan/signatures.ts';
import type { LocalFiles } from '../ports/local-files.ts';
import type { ReadConnection } from '../ports/ports.ts';
import type { Clock } from '../ports/progress.ts';
import { ageFinding, readSnapshot, type Snapshot, unusable } from '../snapshot/read.ts';
import { replayPorts } from '../snapshot/replay.ts';
import { type Failure, failure, type ReadContext } from './context.ts';
import { type BaseRequest, loadBase, loadEarlier, notCompared } from './earlier-states.ts';
import { unreadableFile, writeFileText, writePrivateFile } from './files.ts';
import { dayOf } from './load-estate.ts';
import { planWithOrigins } from './make-plan.ts';
import { toRead, withEstate } from './open-estate.ts';
import { openRunRecords } from './run-records.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** What is to be planned, and from what. */
export interface PlanRequest extends BaseRequest, SourceRequest, TrustRequest, Narrowing {
  readonly files: readonly string[];
  /** The day (YYYY-MM-DD) or the time (ISO 8601, with a zone) to plan for, instead of now. */
  readonly at?: string;
  /** The file that the plan is to be saved in for an apply. */
  readonly saveTo?: string | undefined;
}

/** What a plan is reported with, whichever command asked for it. */
export type PlannedFacts = Omit<Exclude<PlanReport, { readonly command: 'apply' | 'undo' }>, 'command'>;

/** Reads the estate, or a snapshot of it, and says what differs; changes nothing. */
export async function planEstate(request: PlanRequest, context: ReadContext): Promise<PlannedFacts | Failure> {
  const { files, live, saveTo } = request;
  if (saveTo !== undefined && live !== undefined) return failure([notForApply(live, saveTo)]);
  const dated = datedContext(request, context);
  if ('code' in dated) return failure([dated]);
  const source = await openSource(request, context);
  if ('code' in source) return failure([source]);
  const { trust, ...loaded } = await loadTrusted(files, request, dated);
  // A snapshot is a file: nothing is contacted.
  const trusting = trust && live === undefined ? { trust } : {};
  const base = loaded.state && (await loadBase(files, request, dated));
  if (base && 'code' in base) return failure([base], loaded.state?.name);
  return withEstate<ReadConnection, PlannedFacts | Failure>(
    source.open,
    { ...loaded, ...trusting },
    request,
    async ({ state, connection, warnings }) => {
      const records = openRunRecords(request, state, live === undefined ? connection.ports : undefined, context);
      const told = await loadEarlier(base, files, request, { state, records }, dated);
      if ('code' in told) return notCompared(told, state.name);
      const wanted = { state, records, warnings: [...warnings, ...told.warnings] };
      const asked = { ...request, ...(request.at !== undefined && { at: dated.clock.now() }) };
      const now = { ...context, clock: source.clock };
      const { plan, ...origins } = await planWithOrigins(wanted, told.earlier, asked, connection.ports, now);
      return { exitCode: planExitCode(plan), plan, refusals: refusals(plan), ...origins, ...source.report };
    },
  );
}

/**
 * The context in which the files are read as of the time that is asked for. A day begins at midnight UTC, as in waves; today is
 * now. Or why nothing is planned for that time.
 */
function datedContext<C extends ReadContext>({ at, saveTo }: PlanRequest, context: C): C | Finding {
  if (at === undefined) return context;
  if (saveTo !== undefined) {
    const detail = `${saveTo} was not written: a plan for another time (--at) cannot be applied. It shows what the file would ask for then, and the live state can be another by then.\nWrite a report with --report. To save a plan for now:`;
    return finding('plan.at-not-for-apply', { detail, next: [{ ...nextCommands.plan(saveTo), without: ['--at'] }] });
  }
  const now = context.clock.now();
  const time = at === dayOf(now) ? now : new Date(at).toISOString();
  if (Date.parse(time) < Date.parse(now))
    return finding('cli.at-in-the-past', {
      detail: `--at ${at} is in the past: it is ${now}.\nName today or a later day.`,
    });
  return { ...context, clock: { now: () => time } };
}

/** What became of a plan that was to be saved. */
export type SavedAs = { readonly file: string } | { readonly unsaved: Finding };

/**
 * Saves a plan for an apply, with its digest for those who sign it where the policy asks for signatures. One that an apply would
 * refuse is not saved: an older plan in that file stays.
 */
export async function savePlan(file: string, plan: Plan, files: LocalFiles): Promise<SavedAs> {
  if (plan.unread.length > 0) return { unsaved: notSaved(file, plan) };
  const unsaved = await writePlan(file, plan, files);
  return unsaved ? { unsaved } : { file };
}

async function writePlan(file: string, plan: Plan, files: LocalFiles): Promise<Finding | undefined> {
  const unsaved = await writePrivateFile(file, renderPlanFile(plan), files);
  if (unsaved || !plan.desired.policy.signatures) return unsaved;
  return writeFileText(digestFile(file), signedText(plan.digest), files);
}

function notSaved(file: string, { unread }: Plan): Finding {
  const detail = `${file} was not written: ${unread.join(', ')} could not be read, and apply would refuse such a plan.\nIf the file exists, it is an older plan.`;
  return finding('plan.not-saved', { detail });
}

/** What is planned from. */
export interface SourceRequest {
  /** A snapshot, instead of the servers. */
  readonly live?: string;
  readonly maxAge?: Duration;
}

/** What is planned from, and what the plan says of it. */
interface PlanSource {
  open(state: DesiredState): Promise<ReadConnection>;
  /** Says when it was read. */
  readonly clock: Clock;
  readonly report: Pick<Exclude<PlanReport, { readonly command: 'apply' | 'undo' }>, 'snapshot'>;
}

/** The estate itself, or the snapshot that is named; or why that cannot be planned from. */
async function openSource(
  { live: file, maxAge = usualAge }: SourceRequest,
  context: ReadContext,
): Promise<PlanSource | Finding> {
  if (file === undefined) return { open: toRead(context), clock: context.clock, report: {} };
  const snapshot = await loadSnapshot(file, context);
  if ('code' in snapshot) return snapshot;
  const { takenAt } = snapshot.head;
  const old = ageFinding(file, snapshot.head, { now: context.clock.now(), most: maxAge });
  if (old) return old;
  return {
    open: async state => ({ ports: replayPorts(snapshot, state), close: async () => {} }),
    clock: { now: () => takenAt },
    report: { snapshot: { file, takenAt } },
  };
}

async function loadSnapshot(file: string, { files, schemas }: ReadContext): Promise<Snapshot | Finding> {
  try {
    return await readSnapshot(file, files.readPacked(file), schemas.read('snapshot'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return code.startsWith('Z_')
      ? unusable(file, 'it is cut off, or not packed with gzip')
      : unreadableFile(file, error);
  }
}

/** Why a plan that was made from a snapshot is not saved for an apply. */
function notForApply(file: string, saveTo: string): Finding {
  return finding('snapshot.not-for-apply', {
    detail: `${file} is a snapshot, and a plan from it cannot be applied. It is older than the servers, has no secrets, and a person who can change it can make a plan look harmless.\nWrite a report with --report. For a plan, read the servers in a job with credentials:`,
    next: [nextCommands.plan(saveTo)],
    where: { file, line: 1 },
  });
}
