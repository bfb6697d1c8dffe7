import { count } from '../core/count.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { directoryProof } from '../engine/locks.ts';
import { waitingFinding, whenActs } from '../engine/watchdogs-waiting.ts';
import type { BrokenLock, HostGuard, LockHolder } from '../ports/host.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles } from './files.ts';
import { type CommonOptions, printFindings } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { withEstate } from './with-estate.ts';

/** `lock list`: who holds the lock of which host, and which watchdogs wait there. */
export async function lockListCommand(
  files: readonly string[],
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadFiles(files, outside), options, outside, async ({ cs6, cs7 }, connection) => {
    const locks = await Promise.all([...cs6, ...cs7].map(({ name }) => stateOf(name, connection, outside)));
    if (options.format === 'json') outside.stdout(`${JSON.stringify({ locks }, null, 2)}\n`);
    else outside.stdout(locks.map(line => `${lockLines(line).join('\n')}\n`).join(''));
    const waiting = locks.flatMap(({ finding }) => finding ?? []);
    if (waiting.length > 0 && options.format !== 'json') printFindings(waiting, options, outside);
    return waiting.length > 0 || locks.some(({ problem }) => problem) ? exitCodes.incomplete : exitCodes.done;
  });
}

interface HostLockState extends Partial<HostGuard> {
  readonly host: string;
  /** Whether the holder is known to be dead. */
  readonly ended?: boolean;
  readonly finding?: Finding;
  readonly problem?: Finding;
}

async function stateOf(host: string, { ports }: Connection, outside: Outside): Promise<HostLockState> {
  try {
    const guard = await ports.host(host).guard();
    const { holder } = guard;
    const ended = holder && (holder.state === 'ended' || outside.claim('').isDead(holder));
    const finding = waitingFinding(host, guard);
    return { host, ...guard, ...(ended && { ended }), ...(finding && { finding }) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { host, problem: problem.finding };
  }
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
  return `held by ${who}${state === 'writing' ? '; one of its commands is at work there' : ''}`;
}

/** `lock break HOST`: takes the lock away from its holder, after saying who that is, and calls its watchdogs off. */
export async function lockBreakCommand(
  host: string,
  files: readonly string[],
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadFiles(files, outside), options, outside, async ({ cs6, cs7 }, connection) => {
    const known = [...cs6, ...cs7].map(({ name }) => name);
    if (!known.includes(host)) {
      printFindings([unknownHost(host, known)], options, outside);
      return exitCodes.error;
    }
    try {
      return await breakLock(host, connection, outside);
    } catch (problem) {
      if (!(problem instanceof TargetProblem)) throw problem;
      printFindings([problem.finding], options, outside);
      return exitCodes.error;
    }
  });
}

async function breakLock(host: string, connection: Connection, outside: Outside): Promise<number> {
  const writer = connection.ports.host(host);
  const guard = await writer.guard();
  const { holder, watchdogs } = guard;
  if (!holder && watchdogs.length === 0) {
    outside.stdout(`${host}  free: there is nothing to break\n`);
    return exitCodes.done;
  }
  outside.stdout(`${lockLines({ host, ...guard }).join('\n')}\n`);
  const broken = holder ? await writer.breakLock(holder.identity) : await callOffOrphans(host, connection, outside);
  outside.stdout(`${brokenText(broken)}\n`);
  return broken.state === 'broken' ? exitCodes.done : exitCodes.refused;
}

/** Watchdogs without a lock: the next run that takes the lock calls them off. */
async function callOffOrphans(host: string, { ports }: Connection, outside: Outside): Promise<BrokenLock> {
  const taken = await ports.host(host).lock({ ...outside.claim('lock-break'), expiry: Number.POSITIVE_INFINITY });
  if (taken.state === 'taken') return { state: 'changed' };
  await taken.lock.release();
  return { state: 'broken', calledOff: taken.calledOff };
}

function brokenText(broken: BrokenLock): string {
  switch (broken.state) {
    case 'broken':
      return [
        'It was taken away. That run cannot write to this host any more: its next command there is refused.',
        `If this lock also stands for the directory, its writes there end within ${directoryProof / 1000} s, after the requests that are under way.`,
        ...(broken.calledOff > 0
          ? [
              `${count(broken.calledOff, 'watchdog')} called off: the host stays as it is now. The next apply finishes what is not done.`,
            ]
          : []),
      ].join('\n');
    case 'busy':
      return [
        'A command of that run is at work there, so the lock was left:',
        ...broken.processes,
        'Wait for it, or end it on the host; then run this again.',
      ].join('\n');
    case 'acting':
      return 'A watchdog is putting the host back. It removes the lock when it is done: wait for it.';
    case 'changed':
      return 'Another run has it by now: it was left.';
  }
}

function unknownHost(host: string, known: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'cli.unknown-host',
    summary: 'The file declares no such host',
    detail: `"${host}" is not among ${known.join(', ')}.`,
  };
}
