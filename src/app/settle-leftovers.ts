import { count } from '../core/count.ts';
import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { guardedHosts, takeLocks } from '../engine/locks.ts';
import { lookForWatchdogs } from '../engine/watchdogs-waiting.ts';
import { finding } from '../findings/catalogue.ts';
import type { Connection } from '../ports/connections.ts';
import type { WriteContext } from './context.ts';
import { newestRecord } from './run-records.ts';

/** Notes what a run that was not finished has left half done, as far as its record is here. */
export async function noteUnfinished(
  folder: string,
  { files, progress }: Pick<WriteContext, 'files' | 'progress'>,
): Promise<void> {
  const last = await newestRecord(folder, files);
  if (!last || last.finished) return;
  const unknown =
    last.open.length === 0
      ? 'every write has its end recorded'
      : `what became of ${count(last.open.length, 'write')} is not known`;
  progress.note(
    `Run ${last.name} was not finished: ${unknown}. What follows is made from what is there now, and finishes it.`,
  );
}

/**
 * Takes over the locks that dead runs have left on any host and calls their watchdogs off, which would take back later what is in
 * place now: to be awaited before anything is read. Returns the finding where a run is still at work, and how many were called off.
 */
export async function settleLeftovers(
  { cs6, cs7 }: DesiredState,
  { ports }: Connection,
  { claim, progress }: Pick<WriteContext, 'claim' | 'progress'>,
): Promise<Finding | { readonly calledOff: number }> {
  const names = [...cs6, ...cs7].map(({ name }) => name);
  const hosts = await guardedHosts(names, ports);
  if (hosts.length === 0) return { calledOff: 0 };
  const { remarks } = await lookForWatchdogs(hosts, ports);
  const locks = await takeLocks({ hosts }, ports, claim('settling'));
  if ('code' in locks) return locks;
  if (remarks.length > 0) progress.warn(remarks);
  if (locks.calledOff > 0)
    progress.note(
      `${count(locks.calledOff, 'watchdog')} of an earlier run called off: the hosts stay as they are now.`,
    );
  const locked = hosts.filter(host => !locks.unlocked.has(host));
  await Promise.all(locked.map(host => ports.host(host).acknowledge()));
  const [unreleased] = await locks.release();
  return unreleased ?? { calledOff: locks.calledOff };
}

/** What was read is not true any more where a watchdog was called off after that: it may have acted, or its run may have written. */
export function movedMeanwhile(calledOff: number): Finding | undefined {
  if (calledOff === 0) return undefined;
  return finding('run.watchdog-called-off', {
    detail: `${count(calledOff, 'watchdog')} of a run that ended meanwhile. What that run wrote was not read. Nothing was written.\nRun the same command again.`,
  });
}
