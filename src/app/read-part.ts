import type { DesiredState } from '../core/desired.ts';
import { readingExitCode } from '../core/exit-code.ts';
import { distinctFindings, type Finding } from '../core/finding.ts';
import { compareAll } from '../engine/compare.ts';
import { shardTargets } from '../engine/shard-targets.ts';
import { heedWatchdogs, hostsAmong, lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { tellLimbo } from '../kinds/cs6-calendar/moves-back.ts';
import { targetsOf } from '../kinds/registry.ts';
import { hostsOfShard, type Shard } from '../plan/shard.ts';
import { type Part, renderPart, sealPart } from '../plan/shard-part.ts';
import type { ReadPorts } from '../ports/ports.ts';
import type { ReadContext } from './context.ts';
import type { Failure } from './failure.ts';
import { countOrProblem, isDirectoryUnread, unreadDirectory } from './make-plan.ts';
import { toRead, withEstate } from './open-estate.ts';
import { loadTrusted, type TrustRequest } from './trusted-connections.ts';

/** Which part of which estate is to be read. */
export interface PartRequest extends TrustRequest {
  readonly files: readonly string[];
  readonly shard: Shard;
  readonly only?: readonly string[];
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
  const { files, shard, only } = request;
  const loaded = await loadTrusted(files, request, context);
  return withEstate(toRead(context), loaded, only, async ({ state, connection, warnings }) => {
    const readAt = context.clock.now();
    const found = await compareShard(state, shard, connection.ports, context);
    context.progress.end();
    return readingOf(sealPart({ tool: context.version, shard, readAt, desired: state, warnings, ...found }));
  });
}

async function compareShard(
  state: DesiredState,
  shard: Shard,
  ports: ReadPorts,
  { progress, spans }: ReadContext,
): Promise<Pick<Part, 'comparisons' | 'accounts'>> {
  const targets = shardTargets(targetsOf(state), state, shard);
  const guards = await lookForWatchdogs(hostsAmong(targets), ports);
  const compared = await compareAll(targets, ports, progress.show, spans);
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
