import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { HostLock, LockHolder } from '../ports/host.ts';
import type { WritePorts } from '../ports/ports.ts';

/** A holder that was not heard of for this long is taken for dead, in milliseconds; the longest single write takes less. */
const expiry = 900_000;

/** How often the holder says that it is alive, in milliseconds, as long as it writes. */
const heartbeat = 60_000;

/** The locks of a run. */
export interface Locks {
  /** Says that the run is alive, where that is due; throws TargetProblem when a lock was taken away. */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the locks of hosts, in the order of the file, so that two runs never wait for each other.
 * The directory's lock is that of the first host of the file. A host that cannot be reached is not locked: its steps will
 * say so, and hold up only what depends on them.
 */
export async function takeLocks(
  hosts: readonly string[],
  ports: WritePorts,
  claim: { readonly run: string; readonly by: string },
): Promise<Locks | Finding> {
  const held: HostLock[] = [];
  const release = async () => {
    await Promise.all(held.splice(0).map(lock => lock.release().catch(ignoreProblem)));
  };
  for (const name of hosts) {
    const result = await ports
      .host(name)
      .lock({ ...claim, expiry })
      .catch(ignoreProblem);
    if (result?.state === 'held') {
      held.push(result.lock);
      // A run that died may have left one behind, which would take back what this run finds in place.
      await ports.host(name).callOff().catch(ignoreProblem);
    }
    if (result?.state === 'taken') {
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
  return { renew, release };
}

/** The hosts whose locks a plan needs. */
export function lockedHosts({ desired, steps }: Pick<Plan, 'desired' | 'steps'>): readonly string[] {
  const names = [...desired.cs6, ...desired.cs7].map(host => host.name);
  const targets = new Set(steps.map(step => (step.target === 'directory' ? names[0] : step.target)));
  return names.filter(name => targets.has(name));
}

function ignoreProblem(problem: unknown): undefined {
  if (!(problem instanceof TargetProblem)) throw problem;
  return undefined;
}

function lockedFinding(host: string, { run, by, silent }: LockHolder): Finding {
  return {
    severity: 'error',
    code: 'run.locked',
    summary: 'Another run is at work on the same estate',
    detail: `${host} is held by run ${printable(run)} of ${printable(by)}, last heard of ${Math.round(silent / 1000)} s ago.\nNothing was written. Wait for it; a holder that is not heard of for ${expiry / 60_000} minutes is taken over.\nWhere it is known to be dead:\n    reconcile lock break ${host}`,
    target: host,
  };
}
