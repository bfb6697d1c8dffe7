import { targetId } from '../core/change.ts';
import { withoutConnections } from '../core/connection.ts';
import type { Finding } from '../core/finding.ts';
import { type DrawCommand, drawAlone } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { joinShards, shardTargets } from '../engine/shard-targets.ts';
import { targetsOf } from '../kinds/registry.ts';
import { buildPlan } from '../plan/build.ts';
import { refusals } from '../plan/guards.ts';
import { accountsOfParts, joinComparisons, partProblems } from '../plan/shard-merge.ts';
import { type Part, type PartFile, parseParts, unusablePart } from '../plan/shard-part.ts';
import { letGoSinceApplied } from './base-states.ts';
import { countBefore } from './count-before.ts';
import { exitCodes, planExitCode } from './exit-code.ts';
import { defaultFile, readFileText } from './files.ts';
import { type CommonOptions, printFailure, reportingOf, reportingOn } from './output.ts';
import type { Outside } from './outside.ts';
import { printPlan } from './plan.ts';
import { runsFolder } from './run-records.ts';

/** The options of `merge`. */
export interface MergeOptions extends CommonOptions {
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** `merge`: joins the parts of a plan to the plan that an undivided run would have made; opens no connection. */
export async function mergeCommand(files: readonly string[], given: MergeOptions, outside: Outside): Promise<number> {
  const { output: saved, ...rest } = given;
  const options = reportingOn(rest, 'plan', files);
  const parts = await loadParts(files, outside);
  if ('findings' in parts) return printFailure(parts.findings, exitCodes.error, options, outside);
  const plan = await mergeParts(parts.parts, options, outside);
  const report = { command: 'plan', exitCode: planExitCode(plan), plan, refusals: refusals(plan) } as const;
  const draw = ofEstate(plan, options.draw ?? drawAlone);
  return printPlan(report, saved, { ...reportingOf(options, plan.desired.name), draw }, outside);
}

/** The command line names parts only: which estate files they were made of stands in the parts. */
function ofEstate({ desired }: Plan, draw: DrawCommand): DrawCommand {
  const { directory, cs6, cs7, cohorts, limits } = desired;
  const named = [...new Set([directory, ...cs6, ...cs7, ...cohorts, limits].map(({ source }) => source.file))];
  const files = named.length === 1 && named[0] === defaultFile ? [] : named.flatMap(file => ['-f', file]);
  return (next, saved) =>
    draw(
      next.verb === undefined || next.verb === 'apply' ? { ...next, words: [...next.words, ...files] } : next,
      saved,
    );
}

async function loadParts(
  files: readonly string[],
  outside: Outside,
): Promise<{ readonly parts: readonly Part[] } | { readonly findings: readonly Finding[] }> {
  const texts = await Promise.all(files.map(async file => ({ file, text: await readFileText(file, outside) })));
  const unreadable = texts.flatMap(({ text }) => (typeof text === 'string' ? [] : [text]));
  const readable = texts.flatMap(({ file, text }) => (typeof text === 'string' ? [{ file, text }] : []));
  const parsed = parseParts(readable, { part: outside.readSchema('part'), plan: outside.planSchema });
  const parts = parsed.flatMap(one => ('part' in one ? [one] : []));
  const findings = [
    ...unreadable,
    ...parsed.flatMap(one => ('part' in one ? incomplete(one) : [one])),
    ...partProblems(parts, outside.clock.now()),
  ];
  return findings.length > 0 ? { findings } : { parts: parts.map(({ part }) => part) };
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

async function mergeParts(parts: readonly Part[], { runs }: MergeOptions, outside: Outside): Promise<Plan> {
  const [first] = parts;
  if (!first) throw new Error('no parts');
  const { desired, warnings, tool } = first;
  const comparisons = joinComparisons(parts, targetsOf(withoutConnections(desired)).map(targetId), joinShards);
  const folder = runsFolder(runs, desired.name, outside);
  const before = await countBefore(folder, outside);
  const letGo = await letGoSinceApplied(folder, desired, outside);
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
