import { type BreakResult, breakLock, type HostLockState, listLocks } from '../app/host-locks.ts';
import { printable, printableJson } from '../core/printable.ts';
import { exitCodes } from '../core/report.ts';
import { count } from '../core/units.ts';
import { whenActs } from '../engine/watchdogs-waiting.ts';
import type { LockHolder } from '../ports/host.ts';
import { prose } from '../report/text/layout.ts';
import { writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, printFindings, styleOn } from './output.ts';

/** `lock list`: who holds the lock of which host, and which watchdogs wait there. */
export async function lockListCommand(
  files: readonly string[],
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const locks = await listLocks(files, writeContext(environment, options));
  if ('failed' in locks) return printFailure(locks, options, environment);
  const { stdout } = environment.terminal;
  if (options.format === 'json') stdout(printableJson({ locks }));
  else stdout(fitted(locks.flatMap(lockLines), options, environment));
  const waiting = locks.flatMap(({ finding }) => finding ?? []);
  if (waiting.length > 0 && options.format !== 'json') printFindings(waiting, options, environment);
  return waiting.length > 0 || locks.some(({ problem }) => problem) ? exitCodes.incomplete : exitCodes.done;
}

/** Lines in the width of the terminal; what a command printed on a host is kept as it is. */
function fitted(lines: readonly string[], options: CommonOptions, environment: Environment): string {
  const style = styleOn('stdout', options, environment);
  const wrapped = lines.flatMap(line =>
    /^ *>/.test(line) ? [line] : prose(line.trimStart(), style, { by: line.search(/\S/) }),
  );
  return `${wrapped.join('\n')}\n`;
}

function lockLines({
  host,
  holder,
  ended = false,
  watchdogs = [],
  acted = [],
  problem,
}: HostLockState): readonly string[] {
  if (problem) return [`${host}  cannot be read: ${problem.summary}`];
  return [
    `${host}  ${holder ? holderText(holder, ended) : 'free'}`,
    ...watchdogs.map(one => `    watchdog ${one.name} ${whenActs(one)}`),
    ...acted.flatMap(({ name, lines }) => [`    watchdog ${name} has acted:`, ...lines.map(line => `      > ${line}`)]),
  ];
}

function holderText({ run, by, silent, state }: LockHolder, ended: boolean): string {
  const who = `run ${printable(run)} of ${printable(by)}, last heard of ${Math.round(silent / 1000)} s ago`;
  if (ended) return `left by ${who}, which has ended`;
  return `held by ${who}${state === 'writing' ? '; one of its commands runs there now' : ''}`;
}

/** `lock break HOST`: takes the lock away from its holder, after saying who that is, and calls its watchdogs off. */
export async function lockBreakCommand(
  host: string,
  files: readonly string[],
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { stdout } = environment.terminal;
  const broken = await breakLock(host, files, writeContext(environment, options), state =>
    stdout(fitted(lockLines(state), options, environment)),
  );
  if ('failed' in broken) return printFailure(broken, options, environment);
  stdout(fitted(brokenText(host, broken).split('\n'), options, environment));
  return ['broken', 'free'].includes(broken.state) ? exitCodes.done : exitCodes.refused;
}

function brokenText(host: string, broken: BreakResult): string {
  switch (broken.state) {
    case 'free':
      return `${host}  free: there is no lock to break`;
    case 'broken':
      return [
        'The lock was taken away. That run can write nothing more to this host: its next command there is refused.',
        `If this lock covers the directory too, its writes there end within ${broken.directoryProof / 1000} s, after the requests that are under way.`,
        ...(broken.calledOff > 0
          ? [
              `${count(broken.calledOff, 'watchdog')} stopped: the host stays as it is now. The next apply does the rest.`,
            ]
          : []),
      ].join('\n');
    case 'busy':
      return [
        'A command of that run is still running there, so the lock was kept:',
        ...broken.processes,
        'Wait for it, or end it on the host. Then run this command again.',
      ].join('\n');
    case 'acting':
      return 'A watchdog is putting the host back, and removes the lock when it is done. Wait for it.';
    case 'changed':
      return 'Another run holds the lock now, so the lock was kept.';
  }
}
