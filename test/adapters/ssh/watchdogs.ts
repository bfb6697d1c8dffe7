import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConnection } from '../../../src/adapters/ssh/host-connection.ts';
import type { SshHost } from '../../servers/ssh-hosts.ts';
import { until } from '../../tools/until.ts';

/** Milliseconds until a watchdog acts by itself: no test takes so long to do what comes before that. */
export const AMPLE = 120_000;

/** Lays a `sleep` on a host that does not sleep while time is hurried there. */
export function laySleep(host: SshHost): void {
  const bin = join(host.tree, 'opt/lab/bin');
  mkdirSync(bin, { recursive: true });
  const text = '#!/bin/sh\nif test -f /opt/lab/hurry; then exit 0; fi\nexec /usr/bin/sleep "$@"\n';
  writeFileSync(join(bin, 'sleep'), text, { mode: 0o755 });
}

/** Lets the seconds that a watchdog counts pass at once, until a condition holds. */
export async function hurry(host: SshHost, condition: () => boolean, what: string): Promise<void> {
  const flag = join(host.tree, 'opt/lab/hurry');
  writeFileSync(flag, '');
  try {
    await until(condition, what);
  } finally {
    rmSync(flag);
  }
}

/** A shell that belongs to the first process only, leads no session but is in one of its own, and is deaf to hang-ups. */
const detached = /^ +\d+ +(\d\d+) +\1 +1 [0-9a-f]*[13579bdf] \/bin\/sh -s reconcile-[0-9a-f]{24}$/m;

/** Whether a watchdog is at work on a host. */
export async function watched(host: HostConnection): Promise<boolean> {
  const table = await host.query({ words: ['ps', '-eo', 'pid,pgid,sid,ppid,ignored,args'] });
  return table.state === 'ran' && detached.test(table.output);
}
