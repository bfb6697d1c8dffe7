import type { Change } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { CommandResult } from '../../ports/host.ts';

/** A running process; `age` in seconds, as `ps` counts it: whole seconds, rounded down. */
export interface Process {
  readonly pid: number;
  readonly age: number;
  readonly words: readonly string[];
}

/** A service and the files it reads when it starts. Times in milliseconds of the host's clock. */
export interface ServiceState {
  /** The earliest moment the process can have started; absent when it does not run. */
  readonly started?: number;
  /** The newest of the files, and when it was written. */
  readonly config: { readonly path: string; readonly modified: number };
}

/** The process list in a form that Solaris 10 and Linux print alike (POSIX ps). */
export const processList = { words: ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'] };

/** How long to wait between stop and start: `ps` and `date` tell whole seconds, so a start this much later is surely newer than the file. */
export const settle = 2_000;

/** Reads the process list; anything unexpected is a problem, never an empty list. */
export function parseProcesses(host: string, result: CommandResult): readonly Process[] {
  if (result.state === 'absent' || result.code !== 0) throw unexpected(host, 'ps', result);
  const rows = result.output
    .split('\n')
    .slice(1)
    .filter(row => row.trim() !== '');
  return rows.map(row => {
    const match = /^\s*(\d+)\s+(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+)\s+(.*)$/.exec(row);
    if (!match) return zombie(host, row, result);
    const [, pid, days, hours, minutes, seconds, words] = match;
    const age = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return { pid: Number(pid), age, words: (words ?? '').trim().split(/\s+/) };
  });
}

/** Solaris prints no times for a process that has ended and was not yet reaped. */
function zombie(host: string, row: string, result: CommandResult): Process {
  const match = /^\s*(\d+)\s+(?:-\s+)?(.*<defunct>.*)$/.exec(row);
  if (!match) throw unexpected(host, 'ps', result);
  return { pid: Number(match[1]), age: 0, words: ['<defunct>'] };
}

/** The oldest process decides: it is the one that read the configuration. */
export function startOf(now: number, processes: readonly Process[]): number | undefined {
  if (processes.length === 0) return undefined;
  return now - Math.max(...processes.map(p => p.age)) * 1000 - 1000;
}

/** Why the service must be started anew, or nothing. */
export function restartReason(state: ServiceState): string | undefined {
  if (state.started === undefined) return 'it is not running';
  if (state.config.modified >= state.started) return `${state.config.path} is newer than the running process`;
  return undefined;
}

/** The change that a service owes. */
export function restartChange(item: string, { started }: ServiceState, reason: string): Change {
  return { action: 'restart', item, key: 'service', ...(started === undefined && { before: 'stopped' }), reason };
}

/** A command whose answer is not what is documented, or that is not there. */
export function unexpected(host: string, command: string, result: CommandResult): TargetProblem {
  const said =
    result.state === 'absent'
      ? 'The command was not found.'
      : `It ended with ${result.code} and printed:\n${excerpt(result.output)}`;
  return new TargetProblem({
    severity: 'error',
    code: 'host.unexpected-output',
    summary: 'A command did not answer as expected',
    detail: `${host}: ${command}\n${said}\nNothing is concluded from it, and nothing was changed. Run the command there by hand and compare.`,
    target: host,
  });
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
