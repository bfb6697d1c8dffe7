import { appendFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { type Cs6Facts, LAB_FOLDER, onHost, readCs6Facts } from '../host-tree.ts';
import {
  type Companion,
  daemonPath,
  endCompanions,
  type RunningState,
  spawnIdle,
  startCompanion,
} from '../lab-daemon.ts';
import type { Outcome } from '../outcome.ts';
import { isProcess } from '../process-list.ts';
import {
  adminLogPath,
  type Component,
  cs6RunningPath,
  otherProcesses,
  processNumberPath,
  processTitle,
} from './cs6-layout.ts';
import type { IcsReading } from './ics-settings.ts';

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
    return isProcess(running.pid, running.title) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Notes which components of the running server are up; where each has a process, starts and ends these. */
export function recordComponents(
  prefix: string,
  facts: Cs6Facts,
  running: Cs6Running,
  components: readonly Component[],
): void {
  const wanted = otherProcesses(facts, components).map(name => companionOf(facts, name));
  const goes = (title: string) => !wanted.some(one => one.title === title);
  const stays = running.companions.filter(({ title }) => !goes(title));
  endCompanions(
    prefix,
    running.companions.filter(({ title }) => goes(title)),
  );
  const come = wanted.filter(({ title }) => !stays.some(one => one.title === title));
  const companions = [...stays, ...come.map(companion => startCompanion(prefix, companion))];
  writeFileSync(statePath(prefix, facts), `${JSON.stringify({ ...running, components, companions }, undefined, 2)}\n`);
}

/** A process of the server beside the one that stands for it. */
export function companionOf(facts: Cs6Facts, name: string): Companion {
  return { title: processTitle(facts, name), pidPath: processNumberPath(facts, name) };
}

/** Removes what a killed server could not remove itself. */
export function forgetRunning(prefix: string, facts: Cs6Facts, { pid }: Cs6Running): void {
  rmSync(statePath(prefix, facts), { force: true });
  rmSync(onHost(prefix, daemonPath(pid)), { force: true });
}

/**
 * Starts the processes of the other Calendar Servers on a host whose processes are processes of this machine. They are not
 * ours to stop: only the one who laid the host ends them.
 */
export function startStrangers(prefix: string): void {
  const facts = readCs6Facts(prefix);
  mkdirSync(onHost(prefix, `${LAB_FOLDER}/strangers`), { recursive: true });
  facts.dialect.strangers.forEach(({ what, processes }, index) => {
    const sbin = what === 'base' ? OTHER_SBIN : facts.sbin;
    for (const name of processes) {
      const title = processTitle({ ...facts, sbin }, name);
      const { pid } = spawnIdle(title);
      const zone = what === 'zone' ? `zone${index + 1}\n` : '';
      writeFileSync(onHost(prefix, `${LAB_FOLDER}/strangers/${pid}`), `${pid}\n${title}\n${zone}`);
    }
  });
}

const OTHER_SBIN = '/opt/second/SUNWics5/cal/sbin';

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

/** Variable that says that Sun Cluster runs the command. */
export const CLUSTER = 'LAB_CLUSTER';

/** Whether Sun Cluster runs the command. */
export function isCluster(): boolean {
  return process.env[CLUSTER] === 'yes';
}

/** The refusal of a host whose cluster keeps start-cal and stop-cal to itself. */
export function refusedByCluster(tool: Tool): Outcome | undefined {
  if (tool.facts.dialect.cluster !== 'refuses' || isCluster()) return undefined;
  return { code: FAILED, stderr: `${tool.name}: the server is under Sun Cluster: use scswitch\n` };
}

/** The outcome with the exit code that the host has for what worked. */
export function withCode(outcome: Outcome, code: number): Outcome {
  return outcome.code === 0 ? { ...outcome, code } : outcome;
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
