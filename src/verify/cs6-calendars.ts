import type { DesiredCs6Host } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { listAll } from '../kinds/shared/list-calendars.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** Who is known to have a calendar on a CS6 host. */
export interface Cs6Calendars {
  /** Whether an account by one of these names has one where this host looks; what is not known is no calendar. */
  has(host: string, names: ReadonlySet<string>): boolean;
}

/**
 * Lists the calendars of hosts by `cscal`, which makes none. A front end without a database of its own lists nothing; what it
 * answers from is on the others. A host that cannot be listed says nothing about anybody.
 */
export async function readCalendars(hosts: readonly DesiredCs6Host[], ports: ReadPorts): Promise<Cs6Calendars> {
  const owners = new Map(await Promise.all(hosts.map(async host => [host.name, await ownersOn(host, ports)] as const)));
  const owns = (host: string, names: ReadonlySet<string>) => [...names].some(name => owners.get(host)?.has(name));
  return {
    has: (host, names) =>
      owners.get(host)?.size === 0 ? [...owners.keys()].some(one => owns(one, names)) : owns(host, names),
  };
}

async function ownersOn(host: DesiredCs6Host, ports: ReadPorts): Promise<ReadonlySet<string> | undefined> {
  try {
    const calendars = await listAll(host, ports.host(host.name));
    return new Set(calendars.map(({ owner }) => owner.toLowerCase()));
  } catch (problem) {
    if (problem instanceof TargetProblem) return undefined;
    throw problem;
  }
}
