import { targetId } from '../core/change.ts';
import { withoutConnections } from '../core/connection.ts';
import type { DesiredState } from '../core/desired.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { planExitCode, readingExitCode } from '../core/report.ts';
import { compareAll, joinShards, shardTargets } from '../engine/compare.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/cs6-calendar.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { refusals } from '../plan/guards.ts';
import { hostsOfShard, type Shard } from '../plan/shard.ts';
import { accountsOfParts, checkoutOfParts, joinComparisons, partProblems } from '../plan/shard-merge.ts';
import { type Part, type PartFile, parseParts, renderPart, sealPart, unusablePart } from '../plan/shard-part.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { type RecordedBefore, recordedBefore } from './applied-before.ts';
import { type Failure, failure, type LocalContext, type ReadContext } from './context.ts';
import { readFileText } from './files.ts';
import { countOrProblem, isDirectoryUnread, unreadDirectory } from './make-plan.ts';
import { toRead, withEstate } from './open-estate.ts';
import type { PlannedFacts } from './plan-estate.ts';
import { openRunRecords } from './run-records.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** Which part of which estate is to be read. */
export interface PartRequest extends TrustRequest {
  readonly files: readonly string[];
  readonly shard: Shard;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** What was found in one part of the estate. */
export interface PartReading {
  readonly shard: Shard;
  /** The limits are for the whole: no part is refused. */
  readonly exitCode: number;
  readonly facts: {
    readonly hosts: readonly string[];
    readonly changes: number;
    readonly unread: readonly string[];
  };
  /** Why something could not be read. */
  readonly findings: readonly Finding[];
  /** The part as a file, which `merge` joins with the others. */
  readonly text: string;
}

/** Compares one of several parts of the estate; changes nothing. */
export async function readPart(request: PartRequest, context: ReadContext): Promise<PartReading | Failure> {
  const { files, shard } = request;
  const loaded = await loadTrusted(files, request, context);
  return withEstate(toRead(context), loaded, undefined, async ({ state, connection, warnings }) => {
    const readAt = context.clock.now();
    const recorded =
      shard.number > 1 ? undefined : recordedFor(state, request, connection.ports, { ...context, readAt });
    const found = await compareShard(state, shard, connection.ports, context);
    const known = recorded && { recorded: await recorded };
    context.progress.end();
    const by = context.readProvenance(files);
    return readingOf(
      sealPart({ tool: context.version, by, shard, readAt, desired: state, warnings, ...known, ...found }),
    );
  });
}

/** What runs have left, for the whole plan: hosts are asked in the same turn as for the part. */
async function recordedFor(
  state: DesiredState,
  request: Pick<PartRequest, 'runs'>,
  ports: ReadPorts,
  context: ReadContext & { readonly readAt: string },
): Promise<RecordedBefore> {
  const records = await openRunRecords(request, state, ports, context);
  return recordedBefore(records, { state, hosts: state.records.hosts }, context.readAt);
}

async function compareShard(
  state: DesiredState,
  shard: Shard,
  ports: ReadPorts,
  { progress, spans }: ReadContext,
): Promise<Pick<Part, 'comparisons' | 'accounts'>> {
  const targets = shardTargets(targetsOf(state), state, shard);
  const guarding = lookForWatchdogs(hostsAmong(targets), ports);
  const [guards, compared] = await Promise.all([guarding, compareAll(targets, ports, progress.show, spans)]);
  // What watchdogs did is about one part, and the warnings of all parts are the same: it is said by "reconcile lock list".
  const heeded = heedWatchdogs(compared, guards);
  const comparisons = await tellLimbo(state, heeded.comparisons, ports);
  if (shard.number > 1 || isDirectoryUnread(comparisons)) return { comparisons };
  // To the end: how far accounts have to be counted is known when all parts are.
  const accounts = await countOrProblem(state, Number.POSITIVE_INFINITY, ports);
  return 'code' in accounts ? { comparisons: unreadDirectory(comparisons, accounts) } : { comparisons, accounts };
}

function readingOf(part: Part): PartReading {
  const { shard, desired, comparisons } = part;
  const unread = comparisons.filter(one => one.unread);
  const changes = comparisons.reduce((sum, one) => sum + one.changes.length, 0);
  return {
    shard,
    exitCode: readingExitCode(unread.length, comparisons.length, changes > 0),
    facts: {
      hosts: [...hostsOfShard(desired, shard)],
      changes,
      unread: [...new Set(unread.map(({ target }) => target))],
    },
    findings: distinctFindings(unread.flatMap(one => one.unread ?? [])),
    text: renderPart(part),
  };
}

/** The parts that are to be joined. */
interface MergeRequest {
  readonly parts: readonly string[];
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** Joins the parts of a plan to the plan that an undivided run would have made; connects to nothing. */
export async function mergeParts(request: MergeRequest, context: LocalContext): Promise<PlannedFacts | Failure> {
  const loaded = await loadParts(request.parts, context);
  if ('failed' in loaded) return loaded;
  const plan = await joinParts(loaded.parts, request, context);
  return { exitCode: planExitCode(plan), plan, refusals: refusals(plan) };
}

async function loadParts(
  names: readonly string[],
  { files, schemas, clock }: LocalContext,
): Promise<{ readonly parts: readonly Part[] } | Failure> {
  const texts = await Promise.all(names.map(async file => ({ file, text: await readFileText(file, files) })));
  const unreadable = texts.flatMap(({ text }) => (typeof text === 'string' ? [] : [text]));
  const readable = texts.flatMap(({ file, text }) => (typeof text === 'string' ? [{ file, text }] : []));
  const parsed = parseParts(readable, { part: schemas.read('part'), plan: schemas.plan });
  const parts = parsed.flatMap(one => ('part' in one ? [one] : []));
  const findings = [
    ...unreadable,
    ...parsed.flatMap(one => ('part' in one ? incomplete(one) : [one])),
    ...partProblems(parts, clock.now()),
  ];
  return findings.length > 0 ? failure(findings) : { parts: parts.map(({ part }) => part) };
}

/** A part has all that it should look at, or what it lacks would pass for in sync. */
function incomplete({ file, part }: PartFile): readonly Finding[] {
  const wanted = shardTargets(targetsOf(withoutConnections(part.desired)), part.desired, part.shard)
    .map(targetId)
    .toSorted();
  const there = part.comparisons.map(targetId).toSorted();
  return wanted.join('\n') === there.join('\n')
    ? []
    : [unusablePart(file, 'it lacks something that this version reads')];
}

async function joinParts(parts: readonly Part[], { runs }: MergeRequest, context: LocalContext): Promise<Plan> {
  const [first] = parts;
  if (!first) throw new Error('no parts');
  const { desired, warnings, tool } = first;
  const comparisons = joinComparisons(parts, targetsOf(withoutConnections(desired)).map(targetId), joinShards);
  // The whole is as old as the oldest part of it.
  const readAt = parts.map(part => part.readAt).toSorted()[0] ?? first.readAt;
  const { before, findings } =
    parts.find(part => part.recorded)?.recorded ?? (await recordedHere(desired, runs, readAt, context));
  const accounts = accountsOfParts(parts, comparisons, before);
  return buildPlan(desired, comparisons, {
    tool,
    by: { ...context.readProvenance([]), ...checkoutOfParts(parts) },
    readAt,
    accounts,
    warnings: [...warnings, ...findings],
    ...(before && { before }),
  });
}

/** What this machine alone knows, where no part says it. */
async function recordedHere(
  desired: Part['desired'],
  runs: string | undefined,
  readAt: string,
  context: LocalContext,
): Promise<RecordedBefore> {
  const records = await openRunRecords({ runs }, withoutConnections(desired), undefined, context);
  return recordedBefore(records, { state: desired, hosts: [] }, readAt);
}
