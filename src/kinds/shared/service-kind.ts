import type { Change } from '../../core/change.ts';
import type { DesiredState } from '../../core/desired.ts';
import { type SourcePosition, TargetProblem } from '../../core/finding.ts';
import type { Outcome } from '../../core/run.ts';
import type { HttpReach } from '../../ports/free-busy.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { Product } from '../../products/product.ts';
import type { Activation, ResourceKind } from '../managed-kind.ts';
import { restartReason, type ServiceState, timeFindings } from './read-at-start.ts';

/** A host that may answer over HTTP. */
interface HttpHost {
  readonly name: string;
  readonly http: string;
  readonly source: SourcePosition;
}

/** What became of a restart: the service runs, with processes that were started by it; or why not. */
export type Restarted = { readonly running: ServiceState } | { readonly failed: string };

/** What tells one service from another. */
export interface ServiceParts<D> {
  readonly name: string;
  readonly title: string;
  readonly stage: ResourceKind<D, ServiceState>['stage'];
  readonly activates: Activation;
  readonly product: Product<D>;
  hosts(state: DesiredState): readonly D[];
  /** Why it must have read its files, in a sentence, and the section of the chapter that says so. */
  readonly because: string;
  readonly chapter?: string;
  /** Nothing where there is no configuration to run with; the kind that manages it says so. */
  readState(host: D, ports: ReadPorts): Promise<ServiceState | undefined>;
  restart(host: D, live: ServiceState, ports: WritePorts): Promise<Restarted>;
}

/** A service that runs with the files that are on disk: a restart is a state, owed as long as it is not proved that it read them. */
export function serviceKind<D extends HttpHost>(parts: ServiceParts<D>): ResourceKind<D, ServiceState> {
  const { name, title, stage, activates, product, readState, because, chapter } = parts;
  return {
    name,
    title,
    stage,
    activates,
    wishes: state => parts.hosts(state).map(host => ({ target: host.name, desired: host })),
    declares: ({ source }) => [
      {
        key: restartKey,
        label: 'runs with its configuration',
        value: `${activates.service} runs, with its files as they are on disk`,
        ...{ because, source },
        ...(chapter !== undefined && { chapter }),
      },
    ],
    readsAtStart: host => product.readsAtStart(host),
    async *read(host, ports) {
      const state = await readState(host, ports);
      if (state) yield state;
    },
    restart: host => [product.stop(host), product.start(host)],
    alive: host => ({ processes: product.processes, pidFiles: product.pidFiles(host) }),
    item: () => activates.service,
    manages: (_, { item }) => item === activates.service,
    diff(_, live) {
      const reason = restartReason(live);
      return reason === undefined ? [] : [restartChange(activates.service, live, reason)];
    },
    check: (host, live) => timeFindings(host.name, live),
    async *apply(host, work, ports) {
      for (const { live, changes } of work)
        for (const change of changes) yield { change, ...(await restartAndProve(parts, host, live, ports)) };
    },
  };
}

const restartKey = 'service';

/** The change that a service owes. */
function restartChange(item: string, { processes }: ServiceState, reason: string): Change {
  return { action: 'restart', item, key: restartKey, ...(processes.length === 0 && { before: 'stopped' }), reason };
}

type Ended = Omit<Outcome, 'change'>;

async function restartAndProve<D extends HttpHost>(
  parts: ServiceParts<D>,
  host: D,
  live: ServiceState,
  ports: WritePorts,
): Promise<Ended> {
  const ask = () => ports.freeBusy().reach({ http: host.http, side: parts.product.id });
  const before = await ask();
  const restarted = await parts.restart(host, live, ports);
  if ('failed' in restarted) return { state: 'failed', detail: restarted.failed };
  const after = await reachSoon(ask, before.state === 'answers' ? 30 : 3, ports);
  if (before.state === 'answers' && after.state === 'silent')
    return {
      state: 'failed',
      detail: `it runs, but ${host.http} answered before the restart and does not answer any more: ${after.detail}`,
    };
  const said = [
    ...(after.state === 'silent' ? [`${host.http} did not answer before either: not checked (${after.detail})`] : []),
    ...(await record(parts.name, host, live, restarted.running, ports)),
  ];
  return { state: 'done', ...(said.length > 0 && { detail: said.join('\n') }) };
}

/** A server needs a moment after its start; one that did not answer before gets a few seconds only. */
async function reachSoon(ask: () => Promise<HttpReach>, attempts: number, ports: WritePorts): Promise<HttpReach> {
  let reach = await ask();
  for (let attempt = 1; attempt < attempts && reach.state === 'silent'; attempt++) {
    await ports.pause(2_000);
    reach = await ask();
  }
  return reach;
}

/**
 * Leaves on the host what the new processes read: the files as they were before the start, where they are the same after it.
 * One that changed meanwhile owes another restart, which the next reading says. Hands back what is to be said.
 */
async function record(
  service: string,
  { name }: HttpHost,
  before: ServiceState,
  { processes, files }: ServiceState,
  ports: WritePorts,
): Promise<readonly string[]> {
  const read = files.filter(file =>
    before.files.some(one => one.path === file.path && one.content.equals(file.content)),
  );
  try {
    await ports.host(name).keepStart(service, processes, read);
    return [];
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return [
      `no record of the restart could be left (${problem.finding.code}): a backup of the files may cause another one`,
    ];
  }
}
