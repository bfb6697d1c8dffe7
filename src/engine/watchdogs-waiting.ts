import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import type { Comparison } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import type { HostGuard } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** What was seen on hosts before they were read. */
export interface GuardsSeen {
  /** Hosts that a watchdog is going to put back: what is read there now does not stay. */
  readonly passing: ReadonlyMap<string, Finding>;
  /** What watchdogs did, and where nobody can say whether one waits. */
  readonly remarks: readonly Finding[];
}

/** Looks for watchdogs; to be asked for before anything is read that a plan is based on, at the latest in the same turn. */
export async function lookForWatchdogs(hosts: readonly string[], ports: ReadPorts): Promise<GuardsSeen> {
  const seen = await Promise.all(hosts.map(async host => ({ host, guard: await guardOf(host, ports) })));
  const passing = new Map<string, Finding>();
  const remarks: Finding[] = [];
  for (const { host, guard } of seen) {
    if ('code' in guard) {
      remarks.push({ ...guard, severity: 'warning' });
      continue;
    }
    const waiting = waitingFinding(host, guard);
    if (waiting) passing.set(host, waiting);
    if (guard.acted.length > 0) remarks.push(actedFinding(host, guard));
  }
  return { passing, remarks };
}

/** The hosts among some targets. */
export function hostsAmong(targets: readonly { readonly target: string }[]): readonly string[] {
  return [...new Set(targets.map(({ target }) => target))].filter(target => target !== 'directory');
}

/** What was read of a host that is going to be put back counts as not read. Of one that cannot be reached that is said once. */
export function heedWatchdogs(
  comparisons: readonly Comparison[],
  { passing, remarks }: GuardsSeen,
): { readonly comparisons: readonly Comparison[]; readonly remarks: readonly Finding[] } {
  const unread = new Set(comparisons.flatMap(one => (one.unread ? [one.target] : [])));
  return {
    comparisons: comparisons.map(one => {
      const finding = passing.get(one.target);
      return finding && !one.unread ? { ...one, changes: [], findings: [], unread: finding } : one;
    }),
    remarks: remarks.filter(one => hasCode(one, acted) || one.target === undefined || !unread.has(one.target)),
  };
}

async function guardOf(host: string, ports: ReadPorts): Promise<HostGuard | Finding> {
  try {
    return await ports.host(host).guard();
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return problem.finding;
  }
}

/** The finding about watchdogs that wait or act on a host; nothing where there are none. */
export function waitingFinding(host: string, { watchdogs, holder }: HostGuard): Finding | undefined {
  if (watchdogs.length === 0) return undefined;
  const whose = holder ? ` of run ${printable(holder.run)} (${printable(holder.by)})` : '';
  return finding('run.watchdog-waiting', {
    detail: [
      ...watchdogs.map(one => `${host}: the watchdog ${one.name}${whose} ${whenActs(one)}.`),
      'While a run restarts the service, this is normal and ends with the restart. The present state may not last.',
      'If the run is dead, the next apply stops the watchdog, even without changes. This command does too:',
    ].join('\n'),
    target: host,
    next: [nextCommands.breakLock(host)],
  });
}

/** What a watchdog is going to do and when, in words that follow its name. */
export function whenActs({ state, until }: HostGuard['watchdogs'][number]): string {
  if (state === 'acting') return 'is putting the host back now';
  return until === undefined
    ? 'waits'
    : `waits until ${new Date(until).toISOString().slice(11, 16)} UTC, by the host's clock`;
}

const acted = 'run.watchdog-acted';

/** What watchdogs did on a host. */
export function actedFinding(host: string, guard: HostGuard): Finding {
  const lines = guard.acted.flatMap(({ name, lines: done }) => [
    `${host}: the watchdog ${name} recorded:`,
    ...done.slice(0, 40).map(line => `  > ${printable(line).slice(0, 300)}`),
  ]);
  return finding(acted, {
    detail: [...lines, 'The next apply that locks the host moves this record aside.'].join('\n'),
    target: host,
  });
}
