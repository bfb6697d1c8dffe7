import { appendFileSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type Cs6Facts, onHost } from '../host-tree.ts';
import { daemonPath, type RunningState } from '../lab-daemon.ts';
import type { Outcome } from '../outcome.ts';
import { isProcess } from '../process-list.ts';
import { adminLogPath, type Component, cs6RunningPath } from './cs6-layout.ts';
import type { IcsReading } from './ics-settings.ts';

/** Title of the one process that stands for all of a Calendar Server 6.3. */
export const CS6_TITLE = 'cshttpd';

/** What a Calendar Server 6.3 runs with: what it read at its start, whatever its file says now. */
export interface Cs6State extends IcsReading {
  readonly components: readonly Component[];
}

/** State file of a running server. */
export type Cs6Running = RunningState & Cs6State;

/** The running server of a host; nothing when none runs, also when one died and left its file. */
export function readCs6Running(prefix: string, facts: Cs6Facts): Cs6Running | undefined {
  try {
    const running = JSON.parse(readFileSync(statePath(prefix, facts), 'utf8')) as Cs6Running;
    return isProcess(running.pid, CS6_TITLE) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Notes which components of the running server are up. */
export function recordComponents(
  prefix: string,
  facts: Cs6Facts,
  running: Cs6Running,
  components: readonly Component[],
): void {
  writeFileSync(statePath(prefix, facts), `${JSON.stringify({ ...running, components }, undefined, 2)}\n`);
}

/** Removes what a killed server could not remove itself. */
export function forgetRunning(prefix: string, facts: Cs6Facts): void {
  rmSync(statePath(prefix, facts), { force: true });
  rmSync(onHost(prefix, daemonPath(CS6_TITLE)), { force: true });
}

function statePath(prefix: string, facts: Cs6Facts): string {
  return onHost(prefix, cs6RunningPath(facts.data));
}

/** A command of a Calendar Server 6.3 at work. */
export interface Tool {
  readonly name: string;
  readonly prefix: string;
  readonly facts: Cs6Facts;
}

/** A failure as scripts see it: the tools return -1 (Administration Guide, appendix D). */
export const FAILED = 255;

/**
 * Ends with a failure whose text is in admin.log only: an empty stderr proves nothing
 * (Administration Guide, appendix D: the tools' errors go to admin.log in the csdb folder).
 */
export function failInLog(tool: Tool, problem: string): Outcome {
  const stamp = new Date().toUTCString();
  const line = `[${stamp}] ${tool.name}[${process.pid}]: General Error: ${problem}\n`;
  try {
    appendFileSync(onHost(tool.prefix, adminLogPath(tool.facts.data)), line);
  } catch {
    // Not even the log can be written: then nothing tells the reason.
  }
  return { code: FAILED };
}

/** Runs a tool; what breaks in it is a failure like any other. */
export async function attempt(tool: Tool, work: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    return failInLog(tool, error instanceof Error ? error.message : String(error));
  }
}

/** Why this process may not run the tool: only root and the server's own user may (Administration Guide, appendix D). */
export function refusedUser(tool: Tool): string | undefined {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 || uid === tool.facts.owner.uid ? undefined : `user ${uid} may not run ${tool.name}`;
}

/** Why the tool cannot run here: all but start-cal and stop-cal must be started from sbin (Administration Guide, appendix D). */
export function refusedFolder(tool: Tool): string | undefined {
  const here = realpathSync(process.cwd());
  const sbin = realpathSync(onHost(tool.prefix, tool.facts.sbin));
  return here === sbin ? undefined : `${tool.name} must be started from the sbin directory`;
}
