import type { DesiredState } from '../../core/desired.ts';
import type { Command, ServiceSigns } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { Activation, Outcome, ResourceKind } from '../kind.ts';
import { restartChange, restartReason, type ServiceState } from './service.ts';

/** A host that may answer over HTTP. */
interface HttpHost {
  readonly name: string;
  readonly http: string;
}

/** What tells one service from another. */
export interface ServiceParts<D, S extends ServiceState> {
  readonly name: string;
  readonly stage: ResourceKind<D, S>['stage'];
  readonly activates: Activation;
  readonly side: 'cs6' | 'cs7';
  hosts(state: DesiredState): readonly D[];
  /** Nothing where there is no configuration to run with; the kind that manages it says so. */
  readState(host: D, ports: ReadPorts): Promise<S | undefined>;
  restart(host: D, live: S, ports: WritePorts): Promise<Omit<Outcome, 'change'>>;
  /** The same as commands, for a watchdog. */
  commands(host: D): readonly Command[];
  signs(host: D): ServiceSigns;
}

/** A service that runs with the files that are on disk: a restart is a state, owed as long as a file is newer than the process. */
export function serviceKind<D extends HttpHost, S extends ServiceState>(parts: ServiceParts<D, S>): ResourceKind<D, S> {
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
    alive: host => parts.signs(host),
    item: () => activates.service,
    manages: (_, { item }) => item === activates.service,
    diff(_, live) {
      const reason = restartReason(live);
      return reason === undefined ? [] : [restartChange(activates.service, live, reason)];
    },
    async *apply(host, work, ports) {
      for (const { live, changes } of work) {
        for (const change of changes) {
          const answered = await answers(host, parts.side, ports);
          const outcome = await restart(host, live, ports);
          const mute = outcome.state === 'done' && answered && !(await answersSoon(host, parts.side, ports));
          yield { change, ...(mute ? muteOutcome(host.http) : outcome) };
        }
      }
    },
  };
}

/** An address that nobody has: what counts is that there is an answer, not what it is. */
const nobody = 'nobody@reconcile.invalid';

/** Whether a server answers over HTTP, as seen from here; a back end does not, nor does a host behind a firewall. */
async function answers({ http }: HttpHost, side: 'cs6' | 'cs7', ports: WritePorts): Promise<boolean> {
  return (await ports.freeBusy().ask({ http, side, mail: nobody })).state !== 'failed';
}

/** A server that answered before its restart has a minute to answer again. */
async function answersSoon(host: HttpHost, side: 'cs6' | 'cs7', ports: WritePorts): Promise<boolean> {
  for (let attempt = 0; attempt < 30; attempt++) {
    if (await answers(host, side, ports)) return true;
    await ports.pause(2_000);
  }
  return false;
}

function muteOutcome(http: string): Omit<Outcome, 'change'> {
  return { state: 'failed', detail: `it runs, but ${http} answered before the restart and does not answer any more` };
}
