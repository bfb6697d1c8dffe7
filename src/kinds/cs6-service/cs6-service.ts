import { chapter } from '../../core/declared.ts';
import { type DesiredCs6Host, hostsOf } from '../../core/desired.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { HostReader, StartRecord } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { cs6, cs6Components } from '../../products/cs6.ts';
import { processQueries, restartCommands } from '../../products/product.ts';
import { icsConfOf } from '../shared/ics-conf-text.ts';
import { type FoundFolder, folderOf, readIcsConf, restartWays } from '../shared/places.ts';
import {
  endedWell,
  nameOf,
  oldestOf,
  type Process,
  parseProcesses,
  processColumn,
  processNumbers,
  type ServiceState,
  unseenServer,
} from '../shared/service.ts';
import { serviceKind } from '../shared/service-kind.ts';

/** Under this name the restart is recorded on the host. */
const service = 'cs6-service';

/** CS6 runs with the ics.conf that is on disk: the whole file is read at start only (6.3 Administration Guide, E.1). */
export const cs6Service = serviceKind<DesiredCs6Host>({
  name: service,
  title: 'Calendar Server 6 is to be restarted',
  stage: 'cs6-activate',
  activates: { stage: 'cs6-config', service: cs6.name },
  product: cs6,
  hosts: state => hostsOf(state, 'cs6'),
  because: 'CS6 reads ics.conf only when it starts (6.3 Administration Guide, E.1).',
  chapter: chapter.restart,
  looks: 30,
  readState,
  against: clusterFindings,
});

async function readState(
  host: DesiredCs6Host,
  ports: ReadPorts,
  before?: ServiceState,
): Promise<ServiceState | undefined> {
  const reader = ports.host(host.name);
  const { status } = restartCommands(cs6, host);
  const [file, now, record, answered, seen] = await Promise.all([
    readIcsConf(host, reader),
    reader.clock(),
    reader.startRecord(service),
    status ? reader.query(status) : undefined,
    look(host, reader),
  ]);
  if (!file) return undefined;
  const base = { files: [file], now, ...(record && { record }) };
  const runs = answered && endedWell(answered);
  if (runs === false) return { ...base, processes: [] };
  const own = await ownProcesses(host, seen, { reader, others: before?.others ?? [], ...(record && { record }) });
  if ('processes' in own) {
    const { processes, all, others, notes } = own;
    const beside = seen.named.filter(pid => !all.includes(pid));
    return { ...base, processes: oldestOf(now, processes), own: all, beside, others, notes };
  }
  if (runs) return { ...base, processes: [unseenServer(record)] };
  if (host.restart !== 'never') throw new TargetProblem(own.unclear);
  return { ...base, processes: [], unclear: own.unclear };
}

/** What the host shows of processes that may be those of Calendar Server 6. */
interface Seen {
  readonly processes: readonly Process[];
  /** The numbers of all that have a name of its programs, in whichever zone. */
  readonly named: readonly number[];
  /** What the process files of this instance say: numbers of its processes. */
  readonly numbers: ReadonlySet<number>;
  /** Where start-cal is; nothing where nobody needs it and it was not found. */
  readonly sbin?: FoundFolder;
}

/** All of it is asked for in one turn. In a global zone `ps -e` shows the processes of every zone: those of others are left out. */
async function look(host: DesiredCs6Host, reader: HostReader): Promise<Seen> {
  const solaris = host.platform !== 'redhat';
  const [list, files, zones, own, sbin] = await Promise.all([
    reader.query(processQueries.list),
    reader.files(cs6.pidFiles(host)),
    solaris ? reader.query(processQueries.zones) : undefined,
    solaris ? reader.query(processQueries.ownZone) : undefined,
    sbinOf(host, reader),
  ]);
  const wanted = new RegExp(cs6.processes.join('|'));
  const named = parseProcesses(host.name, list, wanted).filter(p => cs6.processes.includes(nameOf(p)));
  const zoneOf = zones && processColumn(zones);
  const zone = own?.state === 'ran' && own.code === 0 ? own.output.trim() : undefined;
  const here = named.filter(({ pid }) => zone === undefined || (zoneOf?.get(pid) ?? zone) === zone);
  return {
    processes: here,
    named: named.map(({ pid }) => pid),
    numbers: processNumbers(files),
    ...(sbin && { sbin }),
  };
}

/** With the product's own commands a wrong folder is a problem now, before anything is written; otherwise nobody runs them. */
async function sbinOf(host: DesiredCs6Host, reader: HostReader): Promise<FoundFolder | undefined> {
  const question = {
    host: host.name,
    key: ['cs6', 'hosts', host.name, 'sbin'],
    example: host.sbin[0] ?? '',
    instead: ['cs6', 'hosts', host.name, 'restart'],
    packages: cs6.packages(host),
  };
  try {
    return await folderOf(cs6.start(host), question, reader);
  } catch (problem) {
    if (!(problem instanceof TargetProblem) || host.restart === 'after-change') throw problem;
    return undefined;
  }
}

interface Witnesses {
  readonly reader: HostReader;
  readonly record?: StartRecord;
  /** The numbers of processes that were ruled out before a restart: what told them apart may be gone during it. */
  readonly others: readonly number[];
}

interface Unclear {
  readonly unclear: Finding;
}

/** The processes of one instance, the numbers of all of them and their children, and the numbers of those of others in the same places. */
interface Instance {
  readonly processes: readonly Process[];
  readonly all: readonly number[];
  readonly others: readonly number[];
}

/** A process that shows its path is of the installation that it lies below. The notes say what is of another one. */
async function ownProcesses(
  host: DesiredCs6Host,
  seen: Seen,
  witnesses: Witnesses,
): Promise<(Instance & { readonly notes: readonly Finding[] }) | Unclear> {
  const { processes, sbin } = seen;
  const bases = sbin ? [sbin.folder, sbin.real].map(folder => folder.replace(/\/[^/]+\/*$/, '/')) : [];
  const isForeign = ({ words: [program = ''] }: Process) =>
    bases.length > 0 && program.startsWith('/') && !bases.some(base => program.startsWith(base));
  const foreign = processes.filter(isForeign);
  const own = processes.filter(process => !isForeign(process));
  if (own.length === 0 && foreign.length > 0 && (await listsComponents(host, witnesses.reader)))
    return unclear(
      host,
      foreign,
      'start-cal -l lists running components, but all these programs are in other folders.',
    );
  const one = await oneInstance(host, { ...seen, processes: own }, witnesses);
  return 'unclear' in one ? one : { ...one, notes: foreign.length > 0 ? [otherInstance(host, foreign)] : [] };
}

/** What start-cal -l prints is not documented: only that it names a component or a process is taken from it. */
async function listsComponents(host: DesiredCs6Host, reader: HostReader): Promise<boolean> {
  const listing = await reader.query(cs6.list(host));
  const words = listing.state === 'ran' ? listing.output.toLowerCase().split(/[^a-z]+/) : [];
  return Object.entries(cs6Components).some(names => words.some(word => names.includes(word)));
}

/** Of each of these an instance has one, besides its children; of cshttpd it may have several. */
const single: readonly string[] = [cs6Components.store, cs6Components.notify, cs6Components.admin, cs6Components.dwp];

/**
 * Where a process is there twice, two instances run from one installation, or in zones that the host does not tell. Then the
 * record of our own restart decides, or files with the numbers of its processes; else it cannot be decided. The same files
 * are a witness against a set that is there once: the instance may be down, and the set another's.
 */
async function oneInstance(
  host: DesiredCs6Host,
  { processes, numbers }: Seen,
  { reader, record, others }: Witnesses,
): Promise<Instance | Unclear> {
  if (!isDoubled(processes) && others.length === 0) {
    const isSame = numbers.size === 0 || processes.length === 0 || processes.some(({ pid }) => numbers.has(pid));
    return isSame
      ? { processes, all: processes.map(({ pid }) => pid), others }
      : unclear(host, processes, 'The process files of this instance have other process numbers.');
  }
  const rootOf = roots(processes, processColumn(await reader.query(processQueries.parents)));
  const left = processes.filter(({ pid }) => !others.includes(pid) && !others.includes(rootOf(pid)));
  const own = chooseInstance(
    left.filter(({ pid }) => rootOf(pid) === pid),
    numbers,
    record,
  );
  if (!own)
    return unclear(
      host,
      left,
      'Their paths do not distinguish them, and no file has the process numbers of this instance.',
    );
  const kept = new Set(own.map(({ pid }) => pid));
  const all = processes.map(({ pid }) => pid);
  return {
    processes: own,
    all: all.filter(pid => kept.has(rootOf(pid))),
    others: all.filter(pid => !kept.has(rootOf(pid))),
  };
}

/** Of each process the number of the first of its own name that led to it: a child does not count by itself. */
function roots(processes: readonly Process[], parents: ReadonlyMap<number, string> | undefined) {
  const names = new Map(processes.map(one => [one.pid, nameOf(one)]));
  return function rootOf(pid: number): number {
    const parent = Number(parents?.get(pid));
    return parent !== pid && names.has(parent) && names.get(parent) === names.get(pid) ? rootOf(parent) : pid;
  };
}

function chooseInstance(
  processes: readonly Process[],
  numbers: ReadonlySet<number>,
  record: StartRecord | undefined,
): readonly Process[] | undefined {
  if (!isDoubled(processes)) return processes;
  const started = processes.filter(({ pid }) => record?.processes.some(one => one.pid === pid && one.same !== false));
  const numbered = processes.filter(({ pid }) => numbers.has(pid));
  return [started, numbered].find(chosen => isWhole(chosen, processes));
}

function isDoubled(processes: readonly Process[]): boolean {
  return single.some(name => processes.filter(one => nameOf(one) === name).length > 1);
}

/** Whether one of each process was chosen. */
function isWhole(chosen: readonly Process[], all: readonly Process[]): boolean {
  return all.every(one => chosen.some(other => nameOf(other) === nameOf(one))) && !isDoubled(chosen);
}

function lines(processes: readonly Process[]): string {
  return processes.map(({ pid, words }) => `    ${pid} ${printable(words.join(' ')).slice(0, 120)}`).join('\n');
}

function unclear(host: DesiredCs6Host, processes: readonly Process[], why: string): Unclear {
  const key = ['cs6', 'hosts', host.name, 'restart'];
  return {
    unclear: finding('cs6.instances-unclear', {
      detail: `${host.name}: it is not known which of these processes belong to this Calendar Server.\n${why}\n${lines(processes)}\nSet your own commands (status exits with 0 while it runs), or restart it yourself:\n${restartWays(key)}`,
      target: host.name,
      where: host.source,
    }),
  };
}

function otherInstance(host: DesiredCs6Host, processes: readonly Process[]): Finding {
  return finding('cs6.other-instance', {
    detail: `${host.name}: these processes belong to another installation of Calendar Server 6 and are left alone.\n${lines(processes)}`,
    target: host.name,
  });
}

/** Under Sun Cluster start-cal and stop-cal would work against the cluster (2005Q4 Administration Guide, on high availability). */
function clusterFindings(host: DesiredCs6Host, { files: [file] }: ServiceState): readonly Finding[] {
  const enabled = file && icsConfOf(file.content).values.get('local.server.ha.enabled');
  if (!enabled || !/^\s*y/i.test(enabled.value)) return [];
  const commands = '{ stop: [scswitch, -n, -j, RESOURCE], start: [scswitch, -e, -j, RESOURCE], as: root }';
  const key = ['cs6', 'hosts', host.name, 'restart'];
  return [
    finding('cs6.cluster-restart', {
      detail: `${host.name}: local.server.ha.enabled is "${printable(enabled.value)}": the server is under Sun Cluster, which treats a stop-cal as a failure.\nSet the commands of the cluster, or restart the server yourself:\n${stated(key, commands)}\n${stated(key, 'never')}`,
      severity: 'warning',
      target: host.name,
      where: host.source,
    }),
  ];
}
