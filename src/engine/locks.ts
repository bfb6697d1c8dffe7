import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { HostLock, LockHolder } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';

/** A holder that was not heard of for this long is taken for dead, in milliseconds; the longest single write takes less. */
const expiry = 900_000;

/** How often the holder says that it is alive, in milliseconds, as long as it writes. */
const heartbeat = 60_000;

/** Who wants the locks. */
export interface Claim {
  readonly run: string;
  readonly by: string;
  /** Whether a holder is known to have died, without waiting for its silence. */
  isDead(holder: LockHolder): boolean;
}

/** The locks of a run. */
export interface Locks {
  /** Hosts that could not be locked, with why: nothing may be written there. */
  readonly unlocked: ReadonlyMap<string, Finding>;
  /** Says that the run is alive, where that is due; throws TargetProblem when a lock was taken away. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the locks of hosts, in the order of the file, so that two runs never wait for each other. Gives the finding where
 * somebody else holds one; a host that cannot be reached holds up nothing but what is to be written there.
 */
export async function takeLocks(hosts: readonly string[], ports: WritePorts, claim: Claim): Promise<Locks | Finding> {
  const held: HostLock[] = [];
  const unlocked = new Map<string, Finding>();
  const release = async () => {
    await Promise.all(held.splice(0).map(lock => lock.release().catch(findingOf)));
  };
  for (const name of hosts) {
    const result = await takeLock(name, ports, claim).catch(findingOf);
    if ('code' in result) unlocked.set(name, result);
    else if (result.state === 'held') held.push(result.lock);
    else {
      await release();
      return lockedFinding(name, result.holder);
    }
  }
  let last = ports.elapsed();
  const renew = async () => {
    if (ports.elapsed() - last < heartbeat) return;
    last = ports.elapsed();
    await Promise.all(held.map(lock => lock.renew()));
  };
  return { unlocked, renew, release };
}

/** A dead holder's lock is taken away; so is one of this very run, whose answer was lost on its way. */
async function takeLock(name: string, ports: WritePorts, { run, by, isDead }: Claim) {
  const host = ports.host(name);
  const attempt = () => host.lock({ run, by, expiry });
  let result = await attempt().catch(problem => {
    findingOf(problem);
    return attempt();
  });
  if (result.state === 'taken' && (result.holder.run === run || isDead(result.holder))) {
    await host.breakLock(result.holder.run);
    result = await attempt();
  }
  // A run that died may have left a watchdog behind, which would take back what this run finds in place.
  if (result.state === 'held') await host.callOff();
  return result;
}

/** Whether a run that is not here any more may have left something behind on one of the hosts. */
export async function anyLockHeld(hosts: readonly string[], ports: WritePorts): Promise<boolean> {
  const holders = await Promise.all(hosts.map(name => ports.host(name).lockHolder().catch(findingOf)));
  return holders.some(holder => holder !== undefined && !('code' in holder));
}

/** The hosts whose locks a plan needs; the directory's is that of the first host of the file. */
export function lockedHosts({ desired, steps }: Pick<Plan, 'desired' | 'steps'>): readonly string[] {
  const names = [...desired.cs6, ...desired.cs7].map(host => host.name);
  const targets = new Set(steps.map(step => (step.target === 'directory' ? names[0] : step.target)));
  return names.filter(name => targets.has(name));
}

function findingOf(problem: unknown): Finding {
  if (!(problem instanceof TargetProblem)) throw problem;
  return problem.finding;
}

function lockedFinding(host: string, { run, by, silent }: LockHolder): Finding {
  return {
    severity: 'error',
    code: 'run.locked',
    summary: 'Another run is at work on the same estate',
    detail: `${host} is held by run ${printable(run)} of ${printable(by)}, last heard of ${Math.round(silent / 1000)} s ago.\nNothing was written. Wait for it; a holder that is not heard of for ${expiry / 60_000} minutes is taken over.\nWhere it is known to be dead:`,
    target: host,
    next: [nextCommands.breakLock(host)],
  };
}
