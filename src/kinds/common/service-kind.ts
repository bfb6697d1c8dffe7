import type { DesiredState } from '../../core/desired.ts';
import type { Command } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { Activation, Outcome, ResourceKind } from '../kind.ts';
import { restartChange, restartReason, type ServiceState } from './service.ts';

/** What tells one service from another. */
export interface ServiceParts<D, S extends ServiceState> {
  readonly name: string;
  readonly stage: ResourceKind<D, S>['stage'];
  readonly activates: Activation;
  hosts(state: DesiredState): readonly D[];
  /** Nothing where there is no configuration to run with; the kind that manages it says so. */
  readState(host: D, ports: ReadPorts): Promise<S | undefined>;
  restart(host: D, live: S, ports: WritePorts): Promise<Omit<Outcome, 'change'>>;
  /** The same as commands, for a watchdog. */
  commands(host: D): readonly Command[];
}

/** A service that runs with the files that are on disk: a restart is a state, owed as long as a file is newer than the process. */
export function serviceKind<D extends { readonly name: string }, S extends ServiceState>(
  parts: ServiceParts<D, S>,
): ResourceKind<D, S> {
  const { name, stage, activates, readState, restart } = parts;
  return {
    name,
    stage,
    activates,
    wishes: state => parts.hosts(state).map(host => ({ target: host.name, desired: host })),
    async *read(host, ports) {
      const state = await readState(host, ports);
      if (state) yield state;
    },
    restart: host => parts.commands(host),
    item: () => activates.service,
    diff(_, live) {
      const reason = restartReason(live);
      return reason === undefined ? [] : [restartChange(activates.service, reason)];
    },
    async *apply(host, work, ports) {
      for (const { live, changes } of work) {
        for (const change of changes) yield { change, ...(await restart(host, live, ports)) };
      }
    },
  };
}
