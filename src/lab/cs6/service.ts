import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { daemonPath, type RunningState } from '../daemon.ts';
import { type Cs6Facts, onHost } from '../place.ts';
import { isProcess } from '../process-list.ts';
import type { Component } from './components.ts';
import type { IcsReading } from './ics-settings.ts';
import { cs6RunningPath } from './layout.ts';

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
