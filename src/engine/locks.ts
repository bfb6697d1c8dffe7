import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import type { Claim, HostLock, LockHolder } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';

/** A holder that was not heard of for this long is taken for dead, in milliseconds; the longest single write takes less. */
const expiry = 900_000;

/** How often the holder says that it is alive, in milliseconds, as long as it writes to hosts; their scripts prove the lock themselves. */
const heartbeat = 60_000;

/**
 * The directory runs no scripts: no write to it is begun unless the lock was proved within so many milliseconds. So a run whose
 * lock was taken away stops there after that time, and after the requests that are under way.
 */
export const directoryProof = 5_000;

/** The code of the problem that ends a run at once. */
export const lockLost = 'host.lock-lost';

/** What is about to be written. */
export type AboutToWrite = 'host' | 'directory' | 'batch';

/** The locks of a run. */
export interface Locks {
  /** Hosts that could not be locked, with why: nothing may be written there. */
  readonly unlocked: ReadonlyMap<string, Finding>;
  /** Watchdogs of earlier runs that were called off: what was read before may not be true any more. */
  readonly calledOff: number;
  /** Proves the locks again, where that is due; throws TargetProblem when one was taken away. `batch`: many directory writes follow. */
  renew(write: AboutToWrite): Promise<void>;
  /** Gives back all; the findings are those of the hosts where that did not succeed. */
  release(): Promise<readonly Finding[]>;
}

/** What a run needs of a host: its own lock, or the one that stands for the directory. */
export interface LockNeeds {
  readonly hosts: readonly string[];
  /** The first of these that can be locked stands for the directory; absent where the directory is not written. */
  readonly directory?: readonly string[];
}

interface Held {
  readonly host: string;
  readonly lock: HostLock;
}

/**
 * Takes the locks of hosts, in the order of the file, so that two runs never wait for each other. Gives the finding where
 * another run holds one; a host that cannot be reached holds up nothing but what is to be written there.
 */
export async function takeLocks(needs: LockNeeds, ports: WritePorts, claim: Claim): Promise<Locks | Finding> {
  const held: Held[] = [];
  const unlocked = new Map<string, Finding>();
  let calledOff = 0;
  let guard: string | undefined;
  const release = async () =>
    (await Promise.all(held.splice(0).map(({ lock }) => problemOf(lock.release())))).flatMap(problem => problem ?? []);
  for (const name of namesOf(needs)) {
    const guards = guard === undefined && needs.directory?.includes(name) === true;
    if (!guards && !needs.hosts.includes(name)) continue;
    const result = await ports
      .host(name)
      .lock({ ...claim, expiry })
      .catch(findingOf);
    if ('code' in result) unlocked.set(name, result);
    else if (result.state === 'taken') {
      await release();
      return lockedFinding(name, result.holder);
    } else {
      held.push({ host: name, lock: result.lock });
      calledOff += result.calledOff;
      guard = guards ? name : guard;
    }
  }
  const [first] = needs.directory ?? [];
  if (guard === undefined && first !== undefined) unlocked.set('directory', unguarded(unlocked.get(first)));
  const renew = renewal(held, guard, ports);
  return { unlocked, calledOff, renew, release };
}

function namesOf({ hosts, directory = [] }: LockNeeds): readonly string[] {
  return directory.length > 0 ? directory : hosts;
}

/** Proves locks when it is due; who asks while that is under way waits for it. */
function renewal(held: readonly Held[], guard: string | undefined, ports: WritePorts): Locks['renew'] {
  const proved = { all: ports.elapsed(), guard: ports.elapsed() };
  let proving = Promise.resolve();
  const prove = async (which: 'all' | 'guard', age: number) => {
    const now = ports.elapsed();
    if (now - proved[which] < age) return;
    const locks = which === 'all' ? held : held.filter(({ host }) => host === guard);
    const problems = await Promise.all(locks.map(({ lock }) => problemOf(lock.renew())));
    // A host that cannot be reached holds up no other host: what is to be written there finds that out by itself.
    const problem = problems.find(one => one && (which === 'guard' || hasCode(one, lockLost)));
    if (problem) throw new TargetProblem(problem);
    proved.guard = now;
    if (which === 'all') proved.all = now;
  };
  return write => {
    const next = proving.then(async () => {
      await prove('all', heartbeat);
      if (write !== 'host') await prove('guard', write === 'batch' ? 0 : directoryProof);
    });
    proving = next.catch(() => {});
    return next;
  };
}

/** Whether a holder keeps others out: it was heard of lately, and is not known to be dead. */
export function keepsOut(holder: LockHolder, claim: Pick<Claim, 'isDead'>): boolean {
  return holder.silent <= expiry && !claim.isDead(holder);
}

/** The hosts of an estate on which another run is at work or has left something behind, or which cannot say. */
export async function guardedHosts(hosts: readonly string[], ports: WritePorts): Promise<readonly string[]> {
  const guards = await Promise.all(
    hosts.map(async name => ({ name, guard: await ports.host(name).guard().catch(findingOf) })),
  );
  return guards.flatMap(({ name, guard }) => {
    if ('code' in guard) return [];
    return guard.holder || guard.watchdogs.length > 0 || guard.acted.length > 0 ? [name] : [];
  });
}

/** The locks that a plan needs. */
export function lockNeeds({ desired, steps }: Pick<Plan, 'desired' | 'steps'>): LockNeeds {
  const names = desired.hosts.map(host => host.name);
  const targets = new Set(steps.map(step => step.target));
  const hosts = names.filter(name => targets.has(name));
  return targets.has('directory') ? { hosts, directory: names } : { hosts };
}

async function problemOf(action: Promise<unknown>): Promise<Finding | undefined> {
  try {
    await action;
    return undefined;
  } catch (problem) {
    return findingOf(problem);
  }
}

function findingOf(problem: unknown): Finding {
  if (!(problem instanceof TargetProblem)) throw problem;
  return problem.finding;
}

function unguarded(why: Finding | undefined): Finding {
  return finding('run.directory-unlocked', {
    detail: `The lock of a host also protects the directory, but no host could be locked. Nothing was written to the directory.\n${why?.detail ?? ''}`,
    target: 'directory',
  });
}

/** Who holds the lock of a host, in a sentence. */
export function describeHolder(host: string, { run, by, silent }: LockHolder): string {
  return `${host} is held by run ${printable(run)} of ${printable(by)}, last heard of ${Math.round(silent / 1000)} s ago.`;
}

function lockedFinding(host: string, holder: LockHolder): Finding {
  const now = {
    idle: `Wait for it. After ${expiry / 60_000} minutes without a sign of life, the lock expires.\nIf you know that the run is dead:`,
    writing:
      'One of its commands is still running there. Wait for it. This command names it, and removes the lock once it has ended:',
    ended:
      'The run has ended; its watchdog is putting the host back and removes the lock when it is done. Wait for it.',
  }[holder.state];
  return finding('run.locked', {
    detail: `${describeHolder(host, holder)}\nNothing was written. ${now}`,
    target: host,
    ...(holder.state !== 'ended' && { next: [nextCommands.breakLock(host)] }),
  });
}
