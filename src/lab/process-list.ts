import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LAB_FOLDER, onHost } from './host-tree.ts';

/**
 * A port of `address` that nobody listens on at the moment, for a server that is started later, or again and again. It is
 * not one of those that systems lend to outgoing connections (from 32768 on Linux, from 49152 on macOS): one of these may
 * be gone by the time the server wants it.
 */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768);
    if (await isFree(port, address)) return port;
  }
  throw new Error(`no free port on ${address}`);
}

async function isFree(port: number, address: string): Promise<boolean> {
  const server = createServer().listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * Whether the process runs and is the one that is meant. The number alone proves nothing: after a host lost its power the
 * same small number soon belongs to another process.
 */
export function isProcess(pid: number, title: string): boolean {
  return processTitle(pid).startsWith(title);
}

/**
 * Ends the servers of a host whose processes are processes of this machine (a host with a prefix) and waits for their end.
 * For the one who laid the host; no command of a host does this.
 */
export async function endDaemons(tree: string): Promise<void> {
  const folder = onHost(tree, `${LAB_FOLDER}/daemons`);
  const titles = existsSync(folder) ? readdirSync(folder) : [];
  for (const title of titles) await endProcess(readPid(`${folder}/${title}`), title);
}

/** The process number in a file, or nothing. */
export function readPid(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8').trim());
  } catch {
    return undefined;
  }
}

async function endProcess(pid: number | undefined, title: string): Promise<void> {
  if (pid === undefined || !isProcess(pid, title)) return;
  process.kill(pid, 'SIGKILL');
  while (isProcess(pid, title)) await pause(5);
}

function processTitle(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
    return execFileSync('/bin/ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'latin1' });
  } catch {
    return '';
  }
}
