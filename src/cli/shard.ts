import { type Command, InvalidArgumentError, Option } from 'commander';
import { count } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import { distinctFindings, type Finding, TargetProblem } from '../core/finding.ts';
import type { AccountCount, Comparison } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { compareAll } from '../engine/compare.ts';
import { shardTargets } from '../engine/shard-targets.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/moves-back.ts';
import { targetsOf } from '../kinds/registry.ts';
import { countAccounts } from '../kinds/shared/survey.ts';
import { hostsOfShard, parseShard, type Shard } from '../plan/shard.ts';
import { type Part, renderPart, sealPart } from '../plan/shard-part.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { BaseOptions } from './base.ts';
import { exitCodes, readingExitCode } from './exit-code.ts';
import { writePrivateFile } from './files.ts';
import type { LiveOptions } from './live.ts';
import { type CommonOptions, endProgress, printFailure, printFindings, progressOf } from './output.ts';
import type { Outside } from './outside.ts';
import { loadTrusted, type TrustOptions } from './trusted-connections.ts';
import { unreadDirectory } from './unread-directory.ts';
import { withEstate } from './with-estate.ts';

/** What `plan` may be asked besides, most of which a part cannot answer. */
interface PartOptions extends CommonOptions, BaseOptions, LiveOptions, TrustOptions {
  readonly only?: readonly string[];
}

/** The option that makes a plan one of several parts. */
export interface ShardOptions {
  readonly shard?: Shard;
}

/** Gives a command `--shard`. */
export function addShardOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--shard <i/n>',
      'look at one of n parts only, which `merge` joins; with -o the part is saved',
    ).argParser(shardOf),
  );
}

function shardOf(text: string): Shard {
  const shard = parseShard(text);
  if (shard) return shard;
  throw new InvalidArgumentError('It is a number, a slash and how many there are, 999 at most: 2/4.');
}

/** `plan --shard` and `--check --shard`: compares a part of the estate and saves what was found; changes nothing. */
export async function shardCommand(
  shard: Shard,
  files: readonly string[],
  { output, ...options }: PartOptions,
  outside: Outside,
): Promise<number> {
  const alone = others(options);
  if (alone.length > 0) return printFailure([partAlone(alone)], exitCodes.error, options, outside);
  return withEstate(
    await loadTrusted(files, options, outside),
    options,
    outside,
    async (state, { ports }, warnings) => {
      const readAt = outside.clock.now();
      const found = await compareShard(state, shard, ports, outside);
      endProgress(outside);
      const part = sealPart({ tool: outside.version, shard, readAt, desired: state, warnings, ...found });
      const unsaved = output === undefined ? undefined : await writePrivateFile(output, renderPart(part), outside);
      outside.stdout(options.format === 'json' ? json(part) : text(part, unsaved ? undefined : output));
      const unread = distinctFindings(part.comparisons.flatMap(one => one.unread ?? []));
      const problems = [...unread, ...(unsaved ? [unsaved] : [])];
      if (problems.length > 0) printFindings(problems, { ...options, format: 'text' }, outside);
      return unsaved ? exitCodes.error : exitCodeOf(part);
    },
  );
}

async function compareShard(
  state: DesiredState,
  shard: Shard,
  ports: ReadPorts,
  outside: Outside,
): Promise<Pick<Part, 'comparisons' | 'accounts'>> {
  const targets = shardTargets(targetsOf(state), state, shard);
  const guards = await lookForWatchdogs(hostsAmong(targets), ports);
  const compared = await compareAll(targets, ports, progressOf(outside), outside.spans);
  // What watchdogs did is about one part, and the warnings of all parts are the same: it is said by "reconcile lock list".
  const heeded = heedWatchdogs(compared, guards);
  const comparisons = await tellLimbo(state, heeded.comparisons, ports);
  if (shard.number > 1 || comparisons.some(({ target, unread }) => target === 'directory' && unread))
    return { comparisons };
  const accounts = await countAll(state, ports);
  return 'code' in accounts ? { comparisons: unreadDirectory(comparisons, accounts) } : { comparisons, accounts };
}

/** To the end: how far accounts have to be counted is known when all parts are. */
async function countAll({ directory }: DesiredState, ports: ReadPorts): Promise<AccountCount | Finding> {
  try {
    return await countAccounts(directory, ports.directory(), Number.POSITIVE_INFINITY);
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

/** The limits are for the whole: no part is refused. */
function exitCodeOf({ comparisons }: Part): number {
  const unread = comparisons.filter(one => one.unread).length;
  return readingExitCode(
    unread,
    comparisons.length,
    comparisons.some(({ changes }) => changes.length > 0),
  );
}

function factsOf({ shard, desired, comparisons }: Part) {
  const unread = [...new Set(comparisons.filter(one => one.unread).map(({ target }) => target))];
  const changes = comparisons.reduce((sum: number, one: Comparison) => sum + one.changes.length, 0);
  return { hosts: [...hostsOfShard(desired, shard)], changes, unread };
}

function text(part: Part, saved: string | undefined): string {
  const { number, of } = part.shard;
  const { hosts, changes, unread } = factsOf(part);
  const lines = [
    `Part ${number} of ${of}: ${hosts.length === 0 ? 'no host' : hosts.join(', ')}, and its share of the accounts. ${count(changes, 'difference')}.`,
    ...(unread.length > 0 ? [`Could not be read: ${unread.join(', ')}.`] : []),
    ...(saved === undefined ? [] : [`${printable(saved)} has it; "merge" makes the plan of all ${of} parts.`]),
  ];
  return `${lines.join('\n')}\n`;
}

function json(part: Part): string {
  return `${JSON.stringify({ command: 'plan', shard: part.shard, exitCode: exitCodeOf(part), ...factsOf(part) }, null, 2)}\n`;
}

function others({ only, base, applied, live, report, format }: PartOptions): readonly string[] {
  const named = { only, base, applied, live, report };
  const asked = Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`]));
  return ['text', 'json'].includes(format) ? asked : [...asked, `--format ${format}`];
}

function partAlone(names: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'part.alone',
    summary: 'A part of a plan takes no such option',
    detail: `${names.join(', ')}: a part knows what it found, and only all of them together are a plan that can be reported, narrowed or told apart.\nLeave it out here. merge has --report and --format.`,
  };
}
