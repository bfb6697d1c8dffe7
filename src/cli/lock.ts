import { type Finding, TargetProblem } from '../core/finding.ts';
import { printable } from '../core/printable.ts';
import { exitCodes } from './exit-code.ts';
import { loadFiles } from './files.ts';
import { type CommonOptions, printFindings } from './output.ts';
import type { Connection, Outside } from './outside.ts';
import { withEstate } from './with-estate.ts';

/** `lock list`: who holds the lock of which host. */
export async function lockListCommand(
  files: readonly string[],
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  return withEstate(await loadFiles(files, outside), options, outside, async ({ cs6, cs7 }, connection) => {
    const locks = await Promise.all([...cs6, ...cs7].map(({ name }) => holderOf(name, connection)));
    if (options.format === 'json') outside.stdout(`${JSON.stringify({ locks }, null, 2)}\n`);
    else outside.stdout(locks.map(line => `${lockLine(line)}\n`).join(''));
    return locks.some(({ problem }) => problem) ? exitCodes.incomplete : exitCodes.done;
  });
}

interface HostLockState {
  readonly host: string;
  readonly holder?: { readonly run: string; readonly by: string; readonly silent: number };
  readonly problem?: Finding;
}

async function holderOf(host: string, { ports }: Connection): Promise<HostLockState> {
  try {
    const holder = await ports.host(host).lockHolder();
    return { host, ...(holder && { holder }) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { host, problem: problem.finding };
  }
}

function lockLine({ host, holder, problem }: HostLockState): string {
  if (problem) return `${host}  cannot be read: ${problem.summary}`;
  if (!holder) return `${host}  free`;
  return `${host}  held by run ${printable(holder.run)} of ${printable(holder.by)}, last heard of ${Math.round(holder.silent / 1000)} s ago`;
}

/** `lock break HOST`: takes the lock away from whoever holds it, after saying who that is. */
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
    const { holder, problem } = await holderOf(host, connection);
    if (problem) {
      printFindings([problem], options, outside);
      return exitCodes.error;
    }
    if (!holder) {
      outside.stdout(`${host}  free: there is nothing to break\n`);
      return exitCodes.done;
    }
    const broken = await connection.ports.host(host).breakLock(holder.run);
    outside.stdout(
      `${lockLine({ host, holder })}\n${broken ? 'It was taken away; that run writes no more.' : 'Another run has it by now: it was left.'}\n`,
    );
    return broken ? exitCodes.done : exitCodes.refused;
  });
}

function unknownHost(host: string, known: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'cli.unknown-host',
    summary: 'The file declares no such host',
    detail: `"${host}" is not among ${known.join(', ')}.`,
  };
}
