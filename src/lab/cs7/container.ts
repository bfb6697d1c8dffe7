import { existsSync, readFileSync, rmSync } from 'node:fs';
import { daemonPath, type RunningState } from '../daemon.ts';
import { type Cs7Facts, onHost } from '../place.ts';
import { isProcess, readPid } from '../process-list.ts';
import { CONTAINER_PID_PATH, CS7_RUNNING_PATH, davserverPropertiesPath, domainMapPath } from './layout.ts';
import { OPTION_DEFAULTS } from './option-defaults.ts';
import { readProperties } from './properties.ts';

/** Title of the container's process. */
export const CONTAINER_TITLE = 'java';

/** What a Calendar Server 7 runs with: what it read when its container started, whatever the files say now. */
export interface Cs7State {
  readonly version: string;
  /** Defaults included. */
  readonly options: Readonly<Record<string, string>>;
  readonly domainMap: Readonly<Record<string, string>>;
}

/** State file of a running container. */
export type Cs7Running = RunningState & Cs7State;

/** What the files of the host say at this moment. */
export function readCs7State(prefix: string, facts: Cs7Facts): Cs7State {
  return {
    version: facts.version,
    options: { ...OPTION_DEFAULTS, ...readProperties(content(prefix, davserverPropertiesPath(facts.home))) },
    domainMap: readProperties(content(prefix, domainMapPath(facts.home))),
  };
}

/** Process number of the running container; nothing when none runs, also when one died and left its file. */
export function containerPid(prefix: string): number | undefined {
  const pid = readPid(onHost(prefix, CONTAINER_PID_PATH));
  return pid !== undefined && isProcess(pid, CONTAINER_TITLE) ? pid : undefined;
}

/** Removes what a killed container could not remove itself. */
export function forgetContainer(prefix: string): void {
  for (const path of [CONTAINER_PID_PATH, CS7_RUNNING_PATH, daemonPath(CONTAINER_TITLE)])
    rmSync(onHost(prefix, path), { force: true });
}

function content(prefix: string, path: string): string {
  const place = onHost(prefix, path);
  return existsSync(place) ? readFileSync(place, 'latin1') : '';
}
