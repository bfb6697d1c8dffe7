import type { Chance } from './chance.ts';

/** How the servers of a host say things. None of it changes what is so. */
export interface HostDialect {
  readonly reversedLists: boolean;
  readonly processesWithPath: boolean;
  readonly childProcesses: boolean;
  readonly changeTimes: boolean;
  readonly wholeSeconds: boolean;
  readonly davadmin: 'plain' | 'indented' | 'equals' | 'banner';
  readonly unset: 'nothing' | 'name';
  readonly domains: 'short' | 'long';
  readonly zones: boolean;
  readonly oddExit: boolean;
  readonly stopTakes: number;
  readonly startTakes: number;
}

/** A dialect that a seed chooses. */
export function chooseDialect(chance: Chance): HostDialect {
  return {
    reversedLists: chance.is(0.5),
    processesWithPath: chance.is(0.5),
    childProcesses: chance.is(0.3),
    changeTimes: chance.is(0.8),
    wholeSeconds: chance.is(0.5),
    davadmin: chance.pick(['plain', 'indented', 'equals', 'banner'] as const),
    unset: chance.pick(['nothing', 'name'] as const),
    domains: chance.pick(['short', 'long'] as const),
    zones: chance.is(0.5),
    oddExit: chance.is(0.2),
    stopTakes: chance.pick([0, 500, 3_000]),
    startTakes: chance.pick([0, 1_000, 2_500]),
  };
}
