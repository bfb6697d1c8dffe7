import { targetId } from '../core/change.ts';
import { withoutConnections } from '../core/connection.ts';
import { planExitCode } from '../core/exit-code.ts';
import type { Finding } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { joinShards, shardTargets } from '../engine/shard-targets.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { refusals } from '../plan/guards.ts';
import { accountsOfParts, joinComparisons, partProblems } from '../plan/shard-merge.ts';
import { type Part, type PartFile, parseParts, unusablePart } from '../plan/shard-part.ts';
import type { LocalContext } from './context.ts';
import { letGoSinceApplied } from './earlier-states.ts';
import { type Failure, failure } from './failure.ts';
import { readFileText } from './files.ts';
import type { PlannedFacts } from './plan-estate.ts';
import { countBefore, runsFolder } from './run-records.ts';

/** The parts that are to be joined. */
export interface MergeRequest {
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
    : [unusablePart(file, 'it does not have what this version looks at')];
}

async function joinParts(parts: readonly Part[], { runs }: MergeRequest, context: LocalContext): Promise<Plan> {
  const [first] = parts;
  if (!first) throw new Error('no parts');
  const { desired, warnings, tool } = first;
  const comparisons = joinComparisons(parts, targetsOf(withoutConnections(desired)).map(targetId), joinShards);
  const folder = runsFolder(runs, desired.name, context);
  const before = await countBefore(folder, context.files);
  const letGo = await letGoSinceApplied(folder, desired, context);
  // The whole is as old as the oldest part of it.
  const readAt = parts.map(part => part.readAt).toSorted()[0] ?? first.readAt;
  const accounts = accountsOfParts(parts, comparisons, before);
  return buildPlan(desired, comparisons, {
    tool,
    readAt,
    accounts,
    warnings: [...warnings, ...letGo],
    ...(before && { before }),
  });
}
