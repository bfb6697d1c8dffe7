import { type Finding, TargetProblem } from '../core/finding.ts';
import { directoryProof } from '../engine/locks.ts';
import { waitingFinding } from '../engine/watchdogs-waiting.ts';
import { finding } from '../findings/catalogue.ts';
import type { BrokenLock, HostGuard } from '../ports/host.ts';
import type { Connection, ReadConnection } from '../ports/ports.ts';
import { type Failure, failure, type ReadContext, type WriteContext } from './context.ts';
import { loadFiles } from './load-estate.ts';
import { toRead, toWrite, withEstate } from './open-estate.ts';

/** The lock of a host and the watchdogs there, or why that cannot be read. */
export interface HostLockState extends Partial<HostGuard> {
  readonly host: string;
  /** Whether the holder is known to be dead. */
  readonly ended?: boolean;
  readonly finding?: Finding;
  readonly problem?: Finding;
}

/** Reads who holds the lock of which host, and which watchdogs wait there. */
export async function listLocks(
  files: readonly string[],
  context: ReadContext & Pick<WriteContext, 'claim'>,
): Promise<readonly HostLockState[] | Failure> {
  return withEstate(toRead(context), await loadFiles(files, context), undefined, ({ state, connection }) =>
    Promise.all(state.hosts.map(({ name }) => stateOf(name, connection, context))),
  );
}

async function stateOf(
  host: string,
  { ports }: ReadConnection,
  { claim }: Pick<WriteContext, 'claim'>,
): Promise<HostLockState> {
  try {
    const guard = await ports.host(host).guard();
    const { holder } = guard;
    const ended = holder && (holder.state === 'ended' || claim('').isDead(holder));
    const finding = waitingFinding(host, guard);
    return { host, ...guard, ...(ended && { ended }), ...(finding && { finding }) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { host, problem: problem.finding };
  }
}

/**
 * What became of the lock that was to be broken; `free`: the host had none, and no watchdog. Where the lock also stood for the
 * directory, writes there end within `directoryProof` milliseconds.
 */
export type BreakResult =
  | Exclude<BrokenLock, { readonly state: 'broken' }>
  | (Extract<BrokenLock, { readonly state: 'broken' }> & { readonly directoryProof: number })
  | { readonly state: 'free' };

/** Takes the lock of a host away from its holder and calls its watchdogs off; `found` hears first what is there. */
export async function breakLock(
  host: string,
  files: readonly string[],
  context: WriteContext,
  found: (state: HostLockState) => void,
): Promise<BreakResult | Failure> {
  const loaded = await loadFiles(files, context);
  return withEstate<Connection, BreakResult | Failure>(toWrite(context), loaded, undefined, async estate => {
    const known = estate.state.hosts.map(({ name }) => name);
    if (!known.includes(host)) return failure([unknownHost(host, known)]);
    try {
      return await breakOn(host, estate.connection, context, found);
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      return failure([problem.finding]);
    }
  });
}

async function breakOn(
  host: string,
  connection: Connection,
  context: WriteContext,
  found: (state: HostLockState) => void,
): Promise<BreakResult> {
  const writer = connection.ports.host(host);
  const guard = await writer.guard();
  const { holder, watchdogs } = guard;
  if (!holder && watchdogs.length === 0) return { state: 'free' };
  found({ host, ...guard });
  const broken = await (holder ? writer.breakLock(holder.identity) : callOffOrphans(host, connection, context));
  return broken.state === 'broken' ? { ...broken, directoryProof } : broken;
}

/** Watchdogs without a lock: the next run that takes the lock calls them off. */
async function callOffOrphans(
  host: string,
  { ports }: Connection,
  { claim }: Pick<WriteContext, 'claim'>,
): Promise<BrokenLock> {
  const taken = await ports.host(host).lock({ ...claim('lock-break'), expiry: Number.POSITIVE_INFINITY });
  if (taken.state === 'taken') return { state: 'changed' };
  await taken.lock.release();
  return { state: 'broken', calledOff: taken.calledOff };
}

function unknownHost(host: string, known: readonly string[]): Finding {
  return finding('cli.unknown-host', { detail: `"${host}" is not among ${known.join(', ')}.` });
}
