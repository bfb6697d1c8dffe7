import { type Finding, TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult, FileReading, StartRecord } from '../../ports/host.ts';

/** A running process; `age` in seconds, as `ps` counts it: whole seconds, rounded down. */
export interface Process {
  readonly pid: number;
  readonly age: number;
  readonly words: readonly string[];
}

/** A process of a service that runs. */
export interface Running {
  /** The last part of its path. */
  readonly name: string;
  readonly pid: number;
  /** The earliest moment it can have been started, in milliseconds of the host's clock; it is less than two seconds later at most. */
  readonly started: number;
}

/** `ps`, `date` and some `ls` tell whole seconds: a start that is this much later is surely newer than the file. */
const settle = 3_000;

/** The longest wait for a file whose time is ahead of the host's clock: with a file server, by the difference of two clocks. */
const longestWait = 10_000;

/** How long a restart waits before it stops anything, in milliseconds, so that the start is provably later than the files. */
export function untilProvable({ files, now }: ServiceState): number {
  const newest = Math.max(0, ...files.map(({ modified, changed = modified }) => atLatest(Math.max(modified, changed))));
  return Math.min(Math.max(0, newest + settle - now), longestWait);
}

/**
 * Reads the process list. Anything unexpected is a problem, never an empty list; a row of another form only where it may be
 * about what is looked for: where `wanted` fits it.
 */
export function parseProcesses(host: string, result: CommandResult, wanted = /./): readonly Process[] {
  if (result.state === 'absent') throw unexpected(host, 'ps', result);
  const rows = result.output
    .split('\n')
    .slice(1)
    .filter(row => row.trim() !== '');
  const read = rows.flatMap(row => parseRow(row) ?? (wanted.test(row) ? [zombie(host, row, result)] : []));
  if (read.length === 0) throw unexpected(host, 'ps', result);
  return read;
}

function parseRow(row: string): Process | undefined {
  const match = /^\s*(\d+)\s+(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s+(.*)$/s.exec(row);
  if (!match) return undefined;
  const [, pid, days, hours, minutes, seconds, words] = match;
  const age = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return { pid: Number(pid), age, words: (words ?? '').trim().split(/\s+/) };
}

/** What process files say: a number each. */
export function processNumbers(files: readonly FileReading[]): ReadonlySet<number> {
  return new Set(files.map(({ content }) => Number(content.toString('latin1').trim())));
}

/** The second column of a list of process numbers, by number; nothing where the command does not know such a list. */
export function processColumn(result: CommandResult): ReadonlyMap<number, string> | undefined {
  if (result.state === 'absent' || result.code !== 0) return undefined;
  const rows = result.output.split('\n').flatMap(row => {
    const [, pid, value] = /^\s*(\d+)\s+(\S+)\s*$/.exec(row) ?? [];
    return value === undefined ? [] : [[Number(pid), value] as const];
  });
  return rows.length === 0 ? undefined : new Map(rows);
}

/** Solaris prints no times for a process that has ended and was not yet reaped. */
function zombie(host: string, row: string, result: CommandResult): Process {
  const match = /^\s*(\d+)\s/.exec(row);
  if (!match || !row.includes('<defunct>')) throw unexpected(host, 'ps', result);
  return { pid: Number(match[1]), age: 0, words: ['<defunct>'] };
}

/** Of each name the oldest, in the order of the names: that one read the configuration, others are its children. */
export function oldestOf(now: number, processes: readonly Process[]): readonly Running[] {
  const oldest = new Map<string, Process>();
  for (const one of processes) {
    const known = oldest.get(nameOf(one));
    if (!known || known.age < one.age) oldest.set(nameOf(one), one);
  }
  return [...oldest]
    .map(([name, { pid, age }]) => ({ name, pid, started: now - age * 1000 - 1000 }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a process is called, without its folder. */
export function nameOf({ words }: Process): string {
  return words[0]?.split('/').at(-1) ?? '';
}

/** Whether a command ran, and ended with 0: one that asks for it says then that a server runs. */
export function endedWell(result: CommandResult): boolean {
  return result.state === 'ran' && result.code === 0;
}

/** A command whose answer is not what is documented, or that is not there. */
export function unexpected(host: string, command: string, result: CommandResult): TargetProblem {
  return new TargetProblem(
    finding('host.unexpected-output', {
      detail: `${host}: ${command}\n${cameBack(result)}\nreconcile concludes nothing from it. Run the command there and compare.`,
      target: host,
    }),
  );
}

/** What a command did, for a message. */
export function cameBack(result: CommandResult): string {
  if (result.state === 'absent') return 'The command was not found.';
  const { late, code, output } = result;
  const ended = late === undefined ? `It exited with ${code}` : `It was ended after ${late / 1000} s`;
  return `${ended} and printed:\n${excerpt(output)}`;
}

/** The first lines of what a command printed, indented, with control characters made visible. */
export function excerpt(output: string): string {
  const lines = output
    .split('\n')
    .map(printable)
    .filter(line => line.trim() !== '');
  const shown = lines.slice(0, 8).map(line => `    ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`);
  if (lines.length === 0) return '    (nothing)';
  return [...shown, ...(lines.length > 8 ? [`    … ${count(lines.length - 8, 'more line')}`] : [])].join('\n');
}

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
  /** The numbers of all its processes, children too; absent where they are not known. */
  readonly own?: readonly number[];
  /** The numbers of processes that have names of its programs and are not its own. */
  readonly beside?: readonly number[];
  /** The numbers of processes that are of another instance in the same places. */
  readonly others?: readonly number[];
  /** What else was found, such as processes of another instance. */
  readonly notes?: readonly Finding[];
  /** Why its processes cannot be told, where nothing of ours depends on them. */
  readonly unclear?: Finding;
}

/** No process has this number: it stands for a server of which no process is known. */
export const unseen = 0;

/**
 * A server that is known to run, and of which no process is known. When it was started only our own record can say; without
 * one it may have been started at any time.
 */
export function unseenServer(record: StartRecord | undefined): Running {
  const known = record?.processes.find(({ pid }) => pid === unseen);
  return { name: 'the server', pid: unseen, started: known?.started ?? 0 };
}

/** Within this the times of a process that are read at two moments may differ: whole seconds, counted twice. */
const sameStart = 3_000;

/** By how much a file may be ahead of the clock before that is said: the clock is read after the file, in whole seconds. */
const clockSlack = 60_000;

/** Why the service must be started anew, or nothing. */
export function restartReason(state: ServiceState): string | undefined {
  if (state.unclear) return undefined;
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
  if (known === false) return `${path} has changed since ${running.name} read it at its start`;
  const { name, at, counts } = latest(file, state.now);
  // A server without a known process may have been started again since, and may have read something else then.
  if ((known === true && running.pid !== unseen) || counts < running.started) return undefined;
  if (at - state.now > clockSlack)
    return `${path} has a time in the future (${name} ${second(at)}), and it is not known whether ${running.name} has read it`;
  // When it started is known to a second or two, and two readings would say it otherwise.
  return `${path} was changed (${name}) ${second(at)}, and it is not proved that ${running.name} started later`;
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
    detail: `${host}: ${printable(path)} has the ${time}, but the host's clock says ${second(now)}.\nThat time counts as now, so it causes one restart at most. Correct the clock of the host, then run touch on the file.`,
    target: host,
  });
}

function noChangeTime(host: string, { path }: FileReading): Finding {
  return finding('host.no-change-time', {
    detail: `${host}: neither ls nor perl shows there when ${printable(path)} was last changed (ctime).\nA file that was put back with its old time would go unnoticed. A restart by reconcile leaves a record that proves what was read.`,
    target: host,
  });
}
