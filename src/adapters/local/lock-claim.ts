import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

/** Who holds a lock, as far as it matters here. */
interface Holder {
  readonly by: string;
}

/** A process that no other one can be taken for: until the next boot its number in its space of numbers, with its start, is not used again. */
interface ProcessIdentity {
  readonly boot: string;
  readonly space: string;
  readonly process: number;
  /** In ticks since that boot. */
  readonly started: string;
}

/**
 * What this process claims locks with: who it is, and which holders it knows to be dead. Names of machines are not unique, and the
 * first space of process numbers has the same name on every Linux: only the boot tells machines apart. Where the system does not
 * say all of it (macOS, /proc not mounted), no holder is known to be dead, and its silence decides.
 */
export function claimOfThisProcess(run: string): {
  readonly run: string;
  readonly by: string;
  isDead(holder: Holder): boolean;
} {
  const own = identityOf(process.pid);
  return {
    run,
    by: `${userAtMachine()} process ${process.pid}${own ? describe(own) : ''}`,
    isDead: ({ by }) => {
      const holder = parse(by);
      if (!own || !holder || holder.boot !== own.boot || holder.space !== own.space) return false;
      return !isAlive(holder.process) || (startOf(holder.process) ?? holder.started) !== holder.started;
    },
  };
}

/** `user@machine`. A user that the system has no name for, as in some containers, has its number. */
export function userAtMachine(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function describe({ boot, space, started }: ProcessIdentity): string {
  return ` (started ${started}, boot ${boot}, ${space})`;
}

function parse(by: string): ProcessIdentity | undefined {
  const match = / process (\d{1,10}) \(started (\d+), boot ([0-9a-f-]{36}), (pid:\[\d+\])\)$/.exec(by);
  const [, number, started, boot, space] = match ?? [];
  if (number === undefined || started === undefined || boot === undefined || space === undefined) return undefined;
  return { process: Number(number), started, boot, space };
}

function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const space = readlinkSync('/proc/self/ns/pid');
    const started = startOf(pid);
    return started === undefined ? undefined : { boot, space, process: pid, started };
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat; the second is a name in parentheses that may hold anything. Nothing where it cannot be read. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
