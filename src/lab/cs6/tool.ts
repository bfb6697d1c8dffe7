import { appendFileSync, realpathSync } from 'node:fs';
import type { Outcome } from '../outcome.ts';
import { type Cs6Facts, onHost } from '../place.ts';
import { adminLogPath } from './layout.ts';

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
