import type { Change } from '../../core/change.ts';
import type { DesiredState, RestartPolicy } from '../../core/desired.ts';
import { type Finding, type SourcePosition, TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome } from '../../core/run.ts';
import { type FindingCode, finding } from '../../findings/catalogue.ts';
import type { HttpReach } from '../../ports/free-busy.ts';
import type { CommandResult, ServiceSigns } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { type Product, type ProductCommand, restartCommands } from '../../products/product.ts';
import type { Activation, ResourceKind } from '../managed-kind.ts';
import { restartWays } from './places.ts';
import {
  endedWell,
  excerpt,
  isNew,
  restartReason,
  type ServiceState,
  timeFindings,
  unseen,
  untilProvable,
} from './service.ts';

/** A host with a service. */
interface ServiceHost {
  readonly name: string;
  readonly http?: string;
  readonly restart: RestartPolicy;
  readonly source: SourcePosition;
}

/** What tells one service from another. */
interface ServiceParts<D> {
  readonly name: string;
  readonly title: string;
  readonly stage: ResourceKind<D, ServiceState>['stage'];
  readonly activates: Activation;
  readonly product: Product<D>;
  hosts(state: DesiredState): readonly D[];
  /** Why it must have read its files, in a sentence, and the section of the chapter that says so. */
  readonly because: string;
  readonly chapter?: string;
  /** How often, two seconds apart, it is looked whether the service has come up. */
  readonly looks: number;
  /**
   * Nothing where there is no configuration to run with; the kind that manages it says so. `before` is the state that a
   * restart began with: what told the instances of a host apart then may be gone while the server is stopped.
   */
  readState(host: D, ports: ReadPorts, before?: ServiceState): Promise<ServiceState | undefined>;
  /** What stands against a restart with the product's own commands. */
  against?(host: D, live: ServiceState): readonly Finding[];
}

/** A service that runs with the files that are on disk: a restart is a state, owed as long as it is not proved that it read them. */
export function serviceKind<D extends ServiceHost>(parts: ServiceParts<D>): ResourceKind<D, ServiceState> {
  const { name, title, stage, activates, product, readState, because, chapter } = parts;
  return {
    name,
    title,
    stage,
    activates,
    restartedByHand: ({ restart }) => restart === 'never',
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
    restart(host) {
      const { stop, start } = restartCommands(product, host);
      return [stop, start];
    },
    alive: host => signsOf(product, host),
    item: () => activates.service,
    manages: (_, { item }) => item === activates.service,
    diff(host, live) {
      const reason = restartReason(live);
      return reason === undefined || host.restart === 'never' ? [] : [restartChange(activates.service, live, reason)];
    },
    check: (host, live) => [...timeFindings(host.name, live), ...stateFindings(parts, host, live)],
    async *apply(host, work, ports) {
      for (const { live, changes } of work)
        for (const change of changes) yield { change, ...(await restartAndProve(parts, host, live, ports)) };
    },
  };
}

function signsOf<D extends ServiceHost>(product: Product<D>, host: D): ServiceSigns {
  const { status } = restartCommands(product, host);
  const signs = { processes: product.processes, below: product.programs(host), pidFiles: product.pidFiles(host) };
  return { ...signs, ...(status && { status }) };
}

function stateFindings<D extends ServiceHost>(
  { activates, against }: ServiceParts<D>,
  host: D,
  live: ServiceState,
): readonly Finding[] {
  const reason = host.restart === 'never' ? restartReason(live) : undefined;
  return [
    ...(live.notes ?? []),
    ...(live.unclear ? [notProved(host, live.unclear)] : []),
    ...(reason === undefined ? [] : [owedByHand(activates.service, host.name, reason)]),
    ...(host.restart === 'after-change' ? (against?.(host, live) ?? []) : []),
  ];
}

function notProved({ name }: ServiceHost, { detail }: Finding): Finding {
  return finding('host.start-not-proved', { detail, target: name });
}

/** A restart that the file leaves to a person, and that is owed now. */
function owedByHand(service: string, host: string, reason: string): Finding {
  return finding('plan.restart-owed', {
    severity: 'warning',
    detail: `${host}: ${service}: ${reason}.\nThe file says restart: never, so you must restart it. Until then it is not proved that the server runs with the settings on disk.`,
    target: host,
  });
}

const restartKey = 'service';

/** The change that a service owes. */
function restartChange(item: string, { processes }: ServiceState, reason: string): Change {
  return { action: 'restart', item, key: restartKey, ...(processes.length === 0 && { before: 'stopped' }), reason };
}

type Ended = Omit<Outcome, 'change'>;

async function restartAndProve<D extends ServiceHost>(
  parts: ServiceParts<D>,
  host: D,
  live: ServiceState,
  ports: WritePorts,
): Promise<Ended> {
  const { http } = host;
  const ask = (): Promise<HttpReach> =>
    http === undefined
      ? Promise.resolve({ state: 'silent', detail: 'the file has no http for it' })
      : ports.freeBusy().reach({ http, side: parts.product.id });
  const before = await ask();
  const restarted = await restart(parts, host, live, ports);
  if ('failed' in restarted) return { state: 'failed', detail: restarted.failed };
  const after = await reachSoon(ask, http === undefined ? 1 : before.state === 'answers' ? 30 : 3, ports);
  if (before.state === 'answers' && after.state === 'silent')
    return {
      state: 'failed',
      detail: `it runs, but ${http} answered before the restart and no longer answers: ${after.detail}`,
    };
  const said = [
    ...(after.state === 'silent' && http !== undefined
      ? [`${http} did not answer before either: not checked (${after.detail})`]
      : []),
    ...(await record(parts.name, host, live, restarted.running, ports)),
  ];
  return { state: 'done', ...(said.length > 0 && { detail: said.join('\n') }) };
}

/** What became of a restart: the service runs, with processes that were started by it; or why not. */
type Restarted = { readonly running: ServiceState } | { readonly failed: string };

/**
 * Stops and starts the service. What the commands end with is documented nowhere: what counts is that its old processes are
 * gone, and that all that ran before runs anew. What makes the start provable is waited for while the old server still runs.
 */
async function restart<D extends ServiceHost>(
  parts: ServiceParts<D>,
  host: D,
  live: ServiceState,
  ports: WritePorts,
): Promise<Restarted> {
  const { start } = restartCommands(parts.product, host);
  const wait = untilProvable(live);
  if (wait > 0) await ports.pause(wait);
  const ended = live.processes.length > 0 ? await stopAndStart(parts, host, live, ports) : {};
  if ('failed' in ended) return ended;
  const said = ended.start ?? (await ports.host(host.name).run(start));
  const looks = endedWell(said) ? parts.looks : 5;
  const started = await lookUntil(parts, host, ports, { before: live, looks, reached: runsAnew });
  if (started.reached && started.state) return { running: started.state };
  return { failed: describe(start, said, `the server ${inWords(started.state, live)}`) };
}

/** How often, two seconds apart, it is looked whether the old processes are gone: after a stop that ended with 0, and after any other. */
const goneLooks = { stopped: 30, failed: 3 } as const;

/**
 * The host itself starts the service as soon as its old processes are gone, where it can tell. Where it could not, it is looked from
 * here; then the start is left to the caller.
 */
async function stopAndStart<D extends ServiceHost>(
  parts: ServiceParts<D>,
  host: D,
  live: ServiceState,
  ports: WritePorts,
): Promise<{ readonly start?: CommandResult } | { readonly failed: string }> {
  const { stop, start, status } = restartCommands(parts.product, host);
  const { own = [], beside = [] } = live;
  const writer = ports.host(host.name);
  const known = own.length > 0 || status !== undefined;
  const patience = { stopped: goneLooks.stopped * 2_000, failed: goneLooks.failed * 2_000 };
  const restart = { stop, start, processes: own, names: parts.product.processes, beside, patience };
  const said = known
    ? await writer.restart({ ...restart, ...(status && { status }) })
    : { stop: await writer.run(stop), start: undefined };
  if (said.start) return { start: said.start };
  const looks = known ? 1 : endedWell(said.stop) ? goneLooks.stopped : goneLooks.failed;
  const stopped = await lookUntil(parts, host, ports, { before: live, looks, reached: isGone });
  if (stopped.reached) return {};
  const failed = describe(stop, said.stop, `the server ${inWords(stopped.state, live)}, and was not started again`);
  return { failed: `${failed}\n${ifOfOthers(parts.product.id, host.name)}` };
}

interface Look {
  readonly before: ServiceState;
  readonly looks: number;
  readonly reached: (before: ServiceState, now: ServiceState) => boolean;
}

/** Looks at the service every two seconds until it is in a state; what cannot be read is looked at again. */
async function lookUntil<D extends ServiceHost>(
  { readState }: ServiceParts<D>,
  host: D,
  ports: WritePorts,
  { before, looks, reached }: Look,
): Promise<{ readonly reached: boolean; readonly state: ServiceState | undefined }> {
  let state: ServiceState | undefined;
  for (let look = 0; look < looks; look++) {
    if (look > 0) await ports.pause(2_000);
    state = await orUnclear(readState(host, ports, before));
    if (state && reached(before, state)) return { reached: true, state };
  }
  return { reached: false, state };
}

/** While a server stops and starts, whose processes there are may be unclear for a moment; a host that is lost stays a problem. */
async function orUnclear(reading: Promise<ServiceState | undefined>): Promise<ServiceState | undefined> {
  try {
    return await reading;
  } catch (problem) {
    if (problem instanceof TargetProblem && passing.has(problem.finding.code)) return undefined;
    throw problem;
  }
}

const passing: ReadonlySet<string> = new Set<FindingCode>(['cs6.instances-unclear', 'cs7.unknown-start']);

/** None of the old processes is left. A server without a known process is gone once a witness says that it does not run. */
function isGone(before: ServiceState, { processes }: ServiceState): boolean {
  return processes.every(one => one.pid !== unseen && isNew(one, before));
}

/** All that ran before runs, with processes of a new start. A server without a known process was seen gone before. */
function runsAnew(before: ServiceState, { processes }: ServiceState): boolean {
  const whole = before.processes.every(({ name, pid }) => pid === unseen || processes.some(one => one.name === name));
  const anew = processes.every(one => one.pid === unseen || isNew(one, before));
  return whole && processes.length > 0 && anew;
}

/** What state the server is in, as it was read last. */
function inWords(state: ServiceState | undefined, before: ServiceState): string {
  if (!state || state.unclear) return 'could not be looked at (look at the host)';
  if (state.processes.length === 0) return 'is DOWN';
  const names = state.processes.map(({ name, pid }) => (pid === unseen ? name : `${name} ${pid}`)).join(', ');
  const old = state.processes.some(one => one.pid === unseen || !isNew(one, before));
  return old ? `still runs as before (${names})` : `runs only in part (${names})`;
}

function ifOfOthers(side: string, host: string): string {
  return `If these processes belong to another instance, set your own commands (status exits with 0 while yours runs), or restart it yourself:\n${restartWays([side, 'hosts', host, 'restart'])}`;
}

/** What a command did, and what state the server was read in afterwards. */
function describe({ words }: ProductCommand, said: CommandResult, state: string): string {
  const line = printable(words.join(' '));
  if (said.state === 'absent') return `${line} was not found: ${state}.`;
  return `${line} exited with ${said.code}: ${state}. It printed:\n${excerpt(said.output)}`;
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
  { name }: ServiceHost,
  before: ServiceState,
  { processes: found, files, now }: ServiceState,
  ports: WritePorts,
): Promise<readonly string[]> {
  const read = files.filter(file =>
    before.files.some(one => one.path === file.path && one.content.equals(file.content)),
  );
  const processes = found.map(one => (one.pid === unseen ? { ...one, started: now } : one));
  try {
    await ports.host(name).keepStart(service, processes, read);
    return [];
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return [
      `the restart could not be recorded (${problem.finding.code}), so a backup of the files may cause another restart`,
    ];
  }
}
