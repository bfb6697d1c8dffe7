import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LAB_FOLDER, type Owner, onHost } from './host-tree.ts';
import { isProcess } from './process-list.ts';

/** A server process of a host. */
export interface Daemon<State> {
  /** What `ps` shows, by what the process runs with. */
  title(state: State): string;
  /** Host path of the file that says what the process really runs with. */
  readonly statePath: string;
  /** Host path of the process number's file, where the real server has one. */
  pidPath?(state: State): string | undefined;
  /** The other processes of the server. */
  companions?(state: State): readonly Companion[];
  /** Milliseconds that these outlive the server's own. */
  readonly outlive?: number;
  /** Reads the configuration, once. What it throws makes the start fail. */
  load(prefix: string): State;
  /** Whom root's process reads the configuration as and becomes once the ports are open. */
  readonly user?: Owner | undefined;
  /** Opens the ports, as root where root starts the server; hands back what closes them. What it throws makes the start fail. */
  open?(state: State, prefix: string): Promise<() => Promise<void>>;
  /** Milliseconds that the start takes longer. */
  readonly delay?: number | undefined;
  /** Milliseconds after which the process dies without a trace. */
  readonly diesAfter?: number | undefined;
}

/** A process of a server that only has to be there. */
export interface Companion {
  /** What `ps` shows. */
  readonly title: string;
  /** Host path of its process number's file, where the real server has one. */
  readonly pidPath?: string | undefined;
}

/** One that was started. */
export interface RunningCompanion extends Companion {
  readonly pid: number;
}

/** What every state file has beside the server's own. */
export interface RunningState {
  readonly pid: number;
  /** What `ps` shows. */
  readonly title: string;
  /** ISO 8601. */
  readonly started: string;
  readonly companions: readonly RunningCompanion[];
}

type Message = { readonly problem?: string };

/**
 * Starts the compiled `entry` as a process of its own session, so that it outlives the command and the connection.
 * Waits until it has read its configuration; hands back why it did not come up. What `ps` shows has room in `title`.
 */
export function startDaemon(entry: string, title: string, words: readonly string[] = []): Promise<string | undefined> {
  const child = spawn(process.execPath, [entry, ...words], {
    argv0: title,
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', code => resolve(`process ended with ${code}`));
    child.once('message', (message: Message) => {
      child.removeAllListeners('exit');
      child.disconnect();
      child.unref();
      resolve(message.problem);
    });
  });
}

/** The life of a server process, from inside. */
export async function runDaemon<State extends object>(daemon: Daemon<State>, prefix: string): Promise<void> {
  process.on('SIGHUP', () => undefined);
  let close: (() => Promise<void>) | undefined;
  try {
    await pause(daemon.delay ?? 0);
    const state = readAs(daemon.user, () => daemon.load(prefix));
    process.title = daemon.title(state);
    const opened = await daemon.open?.(state, prefix);
    close = opened;
    become(daemon.user);
    const companions = (daemon.companions?.(state) ?? []).map(companion => startCompanion(prefix, companion));
    process.once('exit', () => endCompanions(prefix, companions, daemon.outlive));
    record(daemon, state, prefix, companions);
    process.once('SIGTERM', () => void end(daemon, state, prefix, opened));
    setInterval(() => undefined, 2 ** 30);
    if (daemon.diesAfter !== undefined) setTimeout(() => process.exit(1), daemon.diesAfter);
    report({});
  } catch (error) {
    await close?.();
    report({ problem: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}

/** Starts a process of its own session that shows this title and does nothing for a day. */
export function spawnIdle(title: string): { readonly pid: number } {
  const child = spawn('sleep', ['86400'], { argv0: title, cwd: '/', detached: true, stdio: 'ignore' });
  child.unref();
  if (child.pid === undefined) throw new Error(`cannot start a process that shows ${title}`);
  return { pid: child.pid };
}

/** Starts a process of a server beside its own. */
export function startCompanion(prefix: string, companion: Companion): RunningCompanion {
  const { pid } = spawnIdle(companion.title);
  put(onHost(prefix, companionPath(pid)), `${pid}\n${companion.title}\n`);
  if (companion.pidPath !== undefined) put(onHost(prefix, companion.pidPath), `${pid}\n`);
  return { ...companion, pid };
}

/** Ends such processes, at once or that many milliseconds later; their own files of process numbers go at once. */
export function endCompanions(prefix: string, companions: readonly RunningCompanion[], outlive = 0): void {
  const alive = companions.filter(({ pid, title }) => isProcess(pid, title));
  for (const { pidPath } of companions) if (pidPath !== undefined) rmSync(onHost(prefix, pidPath), { force: true });
  const listed = companions.map(({ pid }) => onHost(prefix, companionPath(pid)));
  if (outlive === 0) {
    for (const { pid } of alive) process.kill(pid, 'SIGKILL');
    for (const path of listed) rmSync(path, { force: true });
    return;
  }
  const words = [`sleep ${outlive / 1000}; kill -9 $1; shift; rm -f "$@"`, 'sh', alive.map(({ pid }) => pid).join(' ')];
  spawn('/bin/sh', ['-c', ...words, ...listed], { cwd: '/', detached: true, stdio: 'ignore' }).unref();
}

/** Ends a process and waits for its end; false when it is still there after ten seconds. */
export async function stopDaemon(pid: number, title: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  process.kill(pid, signal);
  const patience = Date.now() + 10_000;
  while (isProcess(pid, title) && Date.now() < patience) await pause(5);
  return !isProcess(pid, title);
}

/** Host path of the file with a process number and what `ps` shows, for the lab's own `ps` and for the one who laid the host. */
export function daemonPath(pid: number): string {
  return `${LAB_FOLDER}/daemons/${pid}`;
}

function companionPath(pid: number): string {
  return `${LAB_FOLDER}/daemons/companion-${pid}`;
}

// A configuration that the server's user cannot read must make the start fail, also when root starts it.
function readAs<T>(user: Owner | undefined, read: () => T): T {
  if (user === undefined) return read();
  process.setgroups?.([user.gid]);
  process.setegid?.(user.gid);
  process.seteuid?.(user.uid);
  const result = read();
  process.seteuid?.(0);
  return result;
}

function become(user: Owner | undefined): void {
  if (user === undefined) return;
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}

function record<State extends object>(
  daemon: Daemon<State>,
  state: State,
  prefix: string,
  companions: readonly RunningCompanion[],
): void {
  const { pid } = process;
  const title = daemon.title(state);
  const running: RunningState & State = { pid, title, started: new Date().toISOString(), companions, ...state };
  put(onHost(prefix, daemonPath(pid)), `${pid}\n${title}\n`);
  const pidPath = daemon.pidPath?.(state);
  if (pidPath !== undefined) put(onHost(prefix, pidPath), `${pid}\n`);
  put(onHost(prefix, daemon.statePath), `${JSON.stringify(running, undefined, 2)}\n`);
}

async function end<State>(
  daemon: Daemon<State>,
  state: State,
  prefix: string,
  close: (() => Promise<void>) | undefined,
): Promise<void> {
  await close?.();
  const paths = [daemonPath(process.pid), daemon.pidPath?.(state), daemon.statePath];
  for (const path of paths) if (path !== undefined) rmSync(onHost(prefix, path), { force: true });
  process.exit(0);
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function report(message: Message): void {
  process.send?.(message, () => process.disconnect?.());
}
