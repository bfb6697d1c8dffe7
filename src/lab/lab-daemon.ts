import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { LAB_FOLDER, type Owner, onHost } from './host-tree.ts';
import { isProcess } from './process-list.ts';

/** A server process of a host. */
export interface Daemon<State> {
  /** What `ps` shows. */
  readonly title: string;
  /** Host path of the file that says what the process really runs with. */
  readonly statePath: string;
  /** Host path of the process number's file, where the real server has one. */
  readonly pidPath?: string;
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

/** What every state file has beside the server's own. */
export interface RunningState {
  readonly pid: number;
  /** ISO 8601. */
  readonly started: string;
}

type Message = { readonly problem?: string };

/**
 * Starts the compiled `entry` as a process of its own session, so that it outlives the command and the connection.
 * Waits until it has read its configuration; hands back why it did not come up.
 */
export function startDaemon(entry: string, words: readonly string[] = []): Promise<string | undefined> {
  const child = spawn(process.execPath, [entry, ...words], {
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
  process.title = daemon.title;
  process.on('SIGHUP', () => undefined);
  let close: (() => Promise<void>) | undefined;
  try {
    await pause(daemon.delay ?? 0);
    const state = readAs(daemon.user, () => daemon.load(prefix));
    const opened = await daemon.open?.(state, prefix);
    close = opened;
    become(daemon.user);
    record(daemon, state, prefix);
    process.once('SIGTERM', () => void end(daemon, prefix, opened));
    setInterval(() => undefined, 2 ** 30);
    if (daemon.diesAfter !== undefined) setTimeout(() => process.exit(1), daemon.diesAfter);
    report({});
  } catch (error) {
    await close?.();
    report({ problem: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  }
}

/** Ends a process and waits for its end; false when it is still there after ten seconds. */
export async function stopDaemon(pid: number, title: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  process.kill(pid, signal);
  const patience = Date.now() + 10_000;
  while (isProcess(pid, title) && Date.now() < patience) await pause(5);
  return !isProcess(pid, title);
}

/** Host path of the file with the process number of a daemon, for the lab's own `ps`. */
export function daemonPath(title: string): string {
  return `${LAB_FOLDER}/daemons/${title}`;
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

function record<State extends object>(daemon: Daemon<State>, state: State, prefix: string): void {
  const running: RunningState & State = { pid: process.pid, started: new Date().toISOString(), ...state };
  for (const path of pidPaths(daemon)) put(onHost(prefix, path), `${process.pid}\n`);
  put(onHost(prefix, daemon.statePath), `${JSON.stringify(running, undefined, 2)}\n`);
}

async function end<State>(
  daemon: Daemon<State>,
  prefix: string,
  close: (() => Promise<void>) | undefined,
): Promise<void> {
  await close?.();
  for (const path of [...pidPaths(daemon), daemon.statePath]) rmSync(onHost(prefix, path), { force: true });
  process.exit(0);
}

function pidPaths<State>(daemon: Daemon<State>): readonly string[] {
  return [daemonPath(daemon.title), ...(daemon.pidPath === undefined ? [] : [daemon.pidPath])];
}

function put(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function report(message: Message): void {
  process.send?.(message, () => process.disconnect?.());
}
