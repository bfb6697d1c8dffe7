import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LAB_FOLDER, onHost } from './host-tree.ts';

/**
 * A port of `address` that nobody listens on at the moment, for a server that is started later, or again and again. It is
 * not one of those that systems lend to outgoing connections (from 32768 on Linux, from 49152 on macOS): one of these may
 * be gone by the time the server wants it. No process gets it from here as long as this one runs.
 */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768);
    if ((await reserve(port, address)) && (await isFree(port, address))) return port;
  }
  throw new Error(`no free port on ${address}`);
}

/** The UDP port of that number, which no server here uses, stands for it: the system gives it to one process, until its end. */
async function reserve(port: number, address: string): Promise<boolean> {
  const mark = createSocket(isIPv6(address) ? 'udp6' : 'udp4').unref();
  mark.bind({ port, address, exclusive: true });
  const mine = await listens(mark);
  if (!mine) mark.close();
  return mine;
}

async function isFree(port: number, address: string): Promise<boolean> {
  const server = createServer().listen(port, address);
  if (!(await listens(server))) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Whether it got its port; throws when that failed for another reason than that somebody else has it. */
async function listens(server: EventEmitter): Promise<boolean> {
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}

/**
 * Whether the process runs and is the one that is meant. The number alone proves nothing: after a host lost its power the
 * same small number soon belongs to another process.
 */
export function isProcess(pid: number, title: string): boolean {
  return processTitle(pid).startsWith(title);
}

/**
 * Ends the servers of a host whose processes are processes of this machine (a host with a prefix), and those of strangers, and
 * waits for their end. For the one who laid the host; no command of a host does this.
 */
export async function endDaemons(tree: string): Promise<void> {
  for (const { pid, title } of [...listed(tree, 'daemons'), ...listed(tree, 'strangers')]) await endProcess(pid, title);
}

/** Whether all processes of strangers on a host are still there. */
export function strangersRun(tree: string): boolean {
  return listed(tree, 'strangers').every(({ pid, title }) => isProcess(pid, title));
}

function listed(tree: string, folder: string): readonly { readonly pid: number; readonly title: string }[] {
  const place = onHost(tree, `${LAB_FOLDER}/${folder}`);
  return (existsSync(place) ? readdirSync(place) : []).map(name => {
    const [pid = '', title = ''] = linesOf(`${place}/${name}`);
    return { pid: Number(pid), title };
  });
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

async function endProcess(pid: number, title: string): Promise<void> {
  if (title === '' || !isProcess(pid, title)) return;
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
