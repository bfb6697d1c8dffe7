import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult } from '../../ports/host.ts';

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

/** How long to wait between stop and start: `ps`, `date` and some `ls` tell whole seconds, so a start this much later is surely newer than the file. */
export const settle = 3_000;

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
  const match = /^\s*(\d+)\s+(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s+(.*)$/.exec(row);
  if (!match) return undefined;
  const [, pid, days, hours, minutes, seconds, words] = match;
  const age = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return { pid: Number(pid), age, words: (words ?? '').trim().split(/\s+/) };
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
  const match = /^\s*(\d+)\s+(?:-\s+)?(.*<defunct>.*)$/.exec(row);
  if (!match) throw unexpected(host, 'ps', result);
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
