import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { type LabEntry, toLdif } from '../../src/lab/directory-content.ts';
import { until } from '../tools/until.ts';

/** A running directory server, of whichever make. Started again on the same folder it has the same content. */
export interface TestDirectory {
  /** `ldap://127.0.0.1:<port>`. */
  readonly url: string;
  readonly port: number;
  /** The service entry of the rehearsal directory; ordinary limits count for it. */
  readonly bindDn: string;
  readonly password: string;
  /** The server's own administrator: exempt from limits and access rules. */
  readonly adminDn: string;
  readonly adminPassword: string;
  readonly folder: string;
  readonly pid: number;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
}

/** The password of the service entry, unless a test loads entries of its own. */
export const servicePassword = 'reconcile-lab';

/** The password of the server's own administrator. */
export const adminPassword = 'admin-lab';

/** Writes entries into a file that the servers' own loaders take. */
export function writeLdif(path: string, entries: Iterable<LabEntry>): void {
  const file = openSync(path, 'w');
  let block = '';
  for (const record of toLdif(entries)) {
    block += record;
    if (block.length > 1_000_000) {
      writeSync(file, block);
      block = '';
    }
  }
  writeSync(file, block);
  closeSync(file);
}

/** Starts a server as a child that dies with this process, and waits until its port answers. */
export async function launchServer(
  command: readonly string[],
  port: number,
  user: readonly string[] = [],
): Promise<ChildProcess> {
  // The kernel forgets the death signal when the user changes: setpriv sets it last.
  const words = [...user, '--pdeathsig', 'KILL', ...command];
  const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  await until(() => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${command[0]} did not start: ${complaint}`);
    }
    return answers(port);
  }, `${command[0]} answers`);
  return child;
}

/** Ends a server and waits until it is gone; harmless when it is gone already. */
export async function endServer(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
