import type { Change } from '../../core/change.ts';
import type { DesiredState } from '../../core/desired.ts';
import { type Finding, type SourcePosition, TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome } from '../../core/run.ts';
import { finding } from '../../findings/catalogue.ts';
import type { HttpReach } from '../../ports/free-busy.ts';
import type { FileReading, StartRecord } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import type { Product } from '../../products/product.ts';
import type { Activation, ResourceKind } from '../managed-kind.ts';
import type { Running } from './service.ts';

/*
 * A service reads its files when it starts. Whether it runs with a file as it is now is told by three things, the surest
 * first: the record that our own restart left, where it is of that very process; the times of the file, mtime and ctime (a
 * file that was put back with its old mtime has a new ctime); and where neither says so it is not proved, and a restart is owed.
 * A backup or a change of the mode alters the ctime as well: then one restart is owed, whose record keeps it from a second.
 */

/** A service that runs or not, the files it reads when it starts, and what is known of that start. */
export interface ServiceState {
  /** Of each name the oldest process; none: the service does not run. */
  readonly processes: readonly Running[];
  readonly files: readonly FileReading[];
  /** The host's own clock. */
  readonly now: number;
  readonly record?: StartRecord;
}

/** Within this the times of a process that are read at two moments may differ: whole seconds, counted twice. */
const sameStart = 3_000;

/** By how much a file may be ahead of the clock before that is said: the clock is read after the file, in whole seconds. */
const clockSlack = 60_000;

/** Why the service must be started anew, or nothing. */
function restartReason(state: ServiceState): string | undefined {
  if (state.processes.length === 0) return 'it is not running';
  const files = state.files.toSorted((a, b) => latest(b, state.now).counts - latest(a, state.now).counts);
  for (const file of files)
    for (const running of state.processes) {
      const why = whyOwed(file, running, state);
      if (why !== undefined) return why;
    }
  return undefined;
}

/** What is to be said of files and their times, whether a restart is owed or not. */
function timeFindings(host: string, state: ServiceState): readonly Finding[] {
  return state.files.flatMap(file => {
    const { name, at } = latest(file, state.now);
    if (at - state.now > clockSlack) return [timeAhead(host, file, `${name} ${second(at)}`, state.now)];
    return file.changed === undefined && !state.processes.every(running => recorded(file, running, state) === true)
      ? [noChangeTime(host, file)]
      : [];
  });
}

/** Whether a process that was found later is not one of those that ran before, and began no earlier than those were read. */
export function isNew(running: Running, before: ServiceState): boolean {
  const old = before.processes.some(({ pid, started }) => pid === running.pid && near(started, running.started));
  return !old && running.started > before.now - 2_000;
}

function whyOwed(file: FileReading, running: Running, state: ServiceState): string | undefined {
  const path = printable(file.path);
  const known = recorded(file, running, state);
  if (known === false) return `${path} is not what ${running.name} read when it started`;
  const { name, at, counts } = latest(file, state.now);
  if (known === true || counts < running.started) return undefined;
  if (at - state.now > clockSlack)
    return `${path} has a time in the future (${name} ${second(at)}), and whether ${running.name} has read it is not known`;
  // When it started is known to a second or two, and two readings would say it otherwise.
  return `${path} was changed (${name}) ${second(at)}, and ${running.name} is not proved to have started later`;
}

/** Whether the record of this very process says that it read what is in the file; nothing where there is none. */
function recorded(file: FileReading, running: Running, { record }: ServiceState): boolean | undefined {
  const own = record?.processes.find(({ pid, started, same }) =>
    pid === running.pid ? (same ?? near(started, running.started)) : false,
  );
  return own && record?.holds(file);
}

function near(a: number, b: number): boolean {
  return Math.abs(a - b) < sameStart;
}

/** The time that decides, and what it counts as: one in the future counts as now. A file that was written has both times new: mtime says more. */
function latest({ modified, changed = modified }: FileReading, now: number) {
  const name = changed - modified > sameStart && modified < now ? 'ctime' : 'mtime';
  const at = name === 'ctime' ? changed : modified;
  return { name, at, counts: Math.min(atLatest(Math.max(modified, changed)), now) };
}

/** A host that shows whole seconds leaves out up to one. */
function atLatest(moment: number): number {
  return moment % 1000 === 0 ? moment + 999 : moment;
}

function second(moment: number): string {
  return new Date(moment).toISOString().replace(/\.\d+/, '');
}

function timeAhead(host: string, { path }: FileReading, time: string, now: number): Finding {
  return finding('host.file-time-ahead', {
    detail: `${host}: ${printable(path)} has the ${time}, and the host's clock says ${second(now)}.\nThat time counts as now: it causes one restart at most. See that the clock of the host is right, then give the file the present time with touch.`,
    target: host,
  });
}

function noChangeTime(host: string, { path }: FileReading): Finding {
  return finding('host.no-change-time', {
    detail: `${host}: neither ls nor perl tells there when ${printable(path)} was last changed (ctime).\nA file that was put back with its old time would not be noticed. A restart by reconcile leaves a record that proves it.`,
    target: host,
  });
}

/** A host that may answer over HTTP. */
interface HttpHost {
  readonly name: string;
  readonly http?: string;
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
  const { http } = host;
  const ask = (): Promise<HttpReach> =>
    http === undefined
      ? Promise.resolve({ state: 'silent', detail: 'the file has no http of it' })
      : ports.freeBusy().reach({ http, side: parts.product.id });
  const before = await ask();
  const restarted = await parts.restart(host, live, ports);
  if ('failed' in restarted) return { state: 'failed', detail: restarted.failed };
  const after = await reachSoon(ask, http === undefined ? 1 : before.state === 'answers' ? 30 : 3, ports);
  if (before.state === 'answers' && after.state === 'silent')
    return {
      state: 'failed',
      detail: `it runs, but ${http} answered before the restart and does not answer any more: ${after.detail}`,
    };
  const said = [
    ...(after.state === 'silent' && http !== undefined
      ? [`${http} did not answer before either: not checked (${after.detail})`]
      : []),
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
