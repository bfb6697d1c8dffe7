import type { Finding } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { FileReading, StartRecord } from '../../ports/host.ts';
import type { Running } from './service.ts';

/*
 * A service reads its files when it starts. Whether it runs with a file as it is now is told by three things, the surest
 * first: the record that our own restart left, where it is of that very process; the times of the file, mtime and ctime (a
 * file that was put back with its old mtime has a new ctime); and where neither says so it is not proved, and a restart is owed.
 * A backup or a change of the mode alters the ctime as well: then one restart is owed, whose record keeps it from a second.
 */

/** A service that runs or not, the files it reads when it starts, and what is known of that start. */
export interface ServiceState {
  /** Of each name the oldest process; none: the service does not run. */
  readonly processes: readonly Running[];
  readonly files: readonly FileReading[];
  /** The host's own clock. */
  readonly now: number;
  readonly record?: StartRecord;
}

/** Within this the times of a process that are read at two moments may differ: whole seconds, counted twice. */
const sameStart = 3_000;

/** By how much a file may be ahead of the clock before that is said: the clock is read after the file, in whole seconds. */
const clockSlack = 60_000;

/** Why the service must be started anew, or nothing. */
export function restartReason(state: ServiceState): string | undefined {
  if (state.processes.length === 0) return 'it is not running';
  const files = state.files.toSorted((a, b) => latest(b, state.now).counts - latest(a, state.now).counts);
  for (const file of files)
    for (const running of state.processes) {
      const why = whyOwed(file, running, state);
      if (why !== undefined) return why;
    }
  return undefined;
}

/** What is to be said of files and their times, whether a restart is owed or not. */
export function timeFindings(host: string, state: ServiceState): readonly Finding[] {
  return state.files.flatMap(file => {
    const { name, at } = latest(file, state.now);
    if (at - state.now > clockSlack) return [timeAhead(host, file, `${name} ${second(at)}`, state.now)];
    return file.changed === undefined && !state.processes.every(running => recorded(file, running, state) === true)
      ? [noChangeTime(host, file)]
      : [];
  });
}

/** Whether a process that was found later is not one of those that ran before, and began no earlier than those were read. */
export function isNew(running: Running, before: ServiceState): boolean {
  const old = before.processes.some(({ pid, started }) => pid === running.pid && near(started, running.started));
  return !old && running.started > before.now - 2_000;
}

function whyOwed(file: FileReading, running: Running, state: ServiceState): string | undefined {
  const path = printable(file.path);
  const known = recorded(file, running, state);
  if (known === false) return `${path} is not what ${running.name} read when it started`;
  const { name, at, counts } = latest(file, state.now);
  if (known === true || counts < running.started) return undefined;
  if (at - state.now > clockSlack)
    return `${path} has a time in the future (${name} ${second(at)}), and whether ${running.name} has read it is not known`;
  // When it started is known to a second or two, and two readings would say it otherwise.
  return `${path} was changed (${name}) ${second(at)}, and ${running.name} is not proved to have started later`;
}

/** Whether the record of this very process says that it read what is in the file; nothing where there is none. */
function recorded(file: FileReading, running: Running, { record }: ServiceState): boolean | undefined {
  const own = record?.processes.find(({ pid, started, same }) =>
    pid === running.pid ? (same ?? near(started, running.started)) : false,
  );
  return own && record?.holds(file);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) < sameStart;
}

/** The time that decides, and what it counts as: one in the future counts as now. A file that was written has both times new: mtime says more. */
function latest({ modified, changed = modified }: FileReading, now: number) {
  const name = changed - modified > sameStart && modified < now ? 'ctime' : 'mtime';
  const at = name === 'ctime' ? changed : modified;
  return { name, at, counts: Math.min(atLatest(Math.max(modified, changed)), now) };
}

/** A host that shows whole seconds leaves out up to one. */
function atLatest(moment: number): number {
  return moment % 1000 === 0 ? moment + 999 : moment;
}

function second(moment: number): string {
  return new Date(moment).toISOString().replace(/\.\d+/, '');
}

function timeAhead(host: string, { path }: FileReading, time: string, now: number): Finding {
  return finding('host.file-time-ahead', {
    detail: `${host}: ${printable(path)} has the ${time}, and the host's clock says ${second(now)}.\nThat time counts as now: it causes one restart at most. See that the clock of the host is right, then give the file the present time with touch.`,
    target: host,
  });
}

function noChangeTime(host: string, { path }: FileReading): Finding {
  return finding('host.no-change-time', {
    detail: `${host}: neither ls nor perl tells there when ${printable(path)} was last changed (ctime).\nA file that was put back with its old time would not be noticed. A restart by reconcile leaves a record that proves it.`,
    target: host,
  });
}
