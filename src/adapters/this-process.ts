import { readlinkSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';

/** Who holds a lock, as far as it matters here. */
interface Holder {
  readonly by: string;
}

/** What this process claims locks with: who it is, and which holders it knows to be dead because they ran here. */
export function claimOfThisProcess(run: string): {
  readonly run: string;
  readonly by: string;
  isDead(holder: Holder): boolean;
} {
  const place = thisPlace();
  return {
    run,
    by: `${place} process ${process.pid}`,
    isDead: ({ by }) => {
      const number = by.startsWith(`${place} process `) ? Number(by.slice(place.length + 9)) : Number.NaN;
      return place.includes(' in ') && Number.isInteger(number) && !isAlive(number);
    },
  };
}

/** `user@machine in pid:[4026531836]`: numbers of processes mean something within one such space only (containers have their own). */
function thisPlace(): string {
  const who = `${userInfo().username}@${hostname()}`;
  try {
    return `${who} in ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return who;
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
