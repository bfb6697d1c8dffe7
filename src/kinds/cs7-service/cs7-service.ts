import { type DesiredCs7Host, hostsOf } from '../../core/desired.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { CommandResult, FileReading, HostReader } from '../../ports/host.ts';
import type { ReadPorts } from '../../ports/ports.ts';
import { domainState } from '../../products/container.ts';
import { cs7 } from '../../products/cs7.ts';
import { processQueries, restartCommands } from '../../products/product.ts';
import { folderOf, restartWays } from '../shared/places.ts';
import {
  endedWell,
  excerpt,
  oldestOf,
  type Process,
  parseProcesses,
  processNumbers,
  type ServiceState,
  unseenServer,
} from '../shared/service.ts';
import { serviceKind } from '../shared/service-kind.ts';

/** Under this name the restart is recorded on the host. */
const service = 'cs7-service';

/**
 * The container runs with the files that are on disk. Nobody documents which settings a running CS7 picks up by itself,
 * so a change owes a restart: a policy, not a documented need, and `restart: never` leaves it to a person.
 */
export const cs7Service = serviceKind<DesiredCs7Host>({
  name: service,
  title: 'Calendar Server 7 is to be restarted',
  stage: 'cs7-activate',
  activates: { stage: 'cs7-config', service: cs7.name },
  product: cs7,
  hosts: state => hostsOf(state, 'cs7'),
  because:
    'It is not documented which settings a running CS7 picks up, so every change needs a restart, unless restart is never.',
  looks: 60,
  readState,
});

async function readState(host: DesiredCs7Host, ports: ReadPorts): Promise<ServiceState | undefined> {
  const reader = ports.host(host.name);
  const { status } = restartCommands(cs7, host);
  const [files, pids, now, list, record, answered] = await Promise.all([
    reader.files(cs7.readsAtStart(host)),
    reader.files(cs7.pidFiles(host)),
    reader.clock(),
    reader.query(processQueries.list),
    reader.startRecord(service),
    status ? reader.query(status) : undefined,
    expectAsadmin(host, reader),
  ]);
  if (files.length === 0) return undefined;
  const distinct = [...new Map(files.map(file => [file.path, file])).values()];
  const base = { files: distinct, now, ...(record && { record }) };
  if (answered && !endedWell(answered)) return { ...base, processes: [] };
  const processes = ownProcesses(host, pids, parseProcesses(host.name, list, javaProgram));
  if (processes.length > 0)
    return { ...base, processes: oldestOf(now, processes), own: processes.map(({ pid }) => pid) };
  const runs = answered ? 'running' : await withoutProcess(host, ports);
  if (runs === 'running') return { ...base, processes: [unseenServer(record)] };
  if (runs === 'stopped') return { ...base, processes: [] };
  if (host.restart !== 'never') throw new TargetProblem(runs);
  return { ...base, processes: [], unclear: runs };
}

/** With asadmin a wrong folder is a problem now, before anything is written. Throws TargetProblem. */
async function expectAsadmin(host: DesiredCs7Host, reader: HostReader): Promise<void> {
  if (host.restart !== 'after-change') return;
  const key = ['cs7', 'hosts', host.name];
  const question = {
    host: host.name,
    key: [...key, 'container', 'bin'],
    example: '/opt/glassfish3/bin',
    instead: [...key, 'restart'],
    packages: [],
  };
  await folderOf(cs7.start(host), question, reader);
}

/** What runs an application server: Java, or the program of Sun's that starts it. */
const javaProgram = /java|appserv/i;

/**
 * The process whose number is in the file, where it is one of Java: after the host lost its power another may have that number.
 * Without it the one Java process that was started for the domain.
 */
function ownProcesses(
  { container }: DesiredCs7Host,
  pids: readonly FileReading[],
  all: readonly Process[],
): readonly Process[] {
  const java = all.filter(({ words }) => javaProgram.test(words[0] ?? ''));
  const numbers = processNumbers(pids);
  const numbered = java.filter(({ pid }) => numbers.has(pid));
  if (numbered.length > 0) return numbered;
  const ofDomain = java.filter(({ words }) => words.some(word => word.endsWith(`/domains/${container.domain}`)));
  return ofDomain.length === 1 ? ofDomain : [];
}

/** No process is known to be its own: asadmin says whether the domain runs, else that it answers does. */
async function withoutProcess(host: DesiredCs7Host, ports: ReadPorts): Promise<'running' | 'stopped' | Finding> {
  const listing = await ports.host(host.name).query(cs7.list(host));
  const said = listing.state === 'ran' ? domainState(listing.output, host.container.domain) : undefined;
  if (said) return said;
  return (await answers(host, ports)) ? 'running' : stateUnclear(host, listing);
}

async function answers({ http }: DesiredCs7Host, ports: ReadPorts): Promise<boolean> {
  if (http === undefined) return false;
  try {
    return (await ports.freeBusy().reach({ http, side: 'cs7' })).state === 'answers';
  } catch (problem) {
    if (problem instanceof TargetProblem) return false;
    throw problem;
  }
}

function stateUnclear({ container, http, name, source }: DesiredCs7Host, listing: CommandResult): Finding {
  const asked = listing.state === 'ran' ? `It printed:\n${excerpt(listing.output)}` : 'It was not found.';
  const web = http === undefined ? 'The file has no http for it.' : `Nothing answers at ${printable(http)}.`;
  const key = ['cs7', 'hosts', name];
  return finding('cs7.unknown-start', {
    detail: [
      `${name}: it is not known whether the application server runs.`,
      `No Java process has the number in ${container.pidFile.join(' or ') || 'any file'}.`,
      `asadmin list-domains does not report ${container.domain}. ${asked}`,
      web,
      'Set the file with its process number, its domain or your own commands, or restart it yourself:',
      stated([...key, 'container', 'pidFile'], '/opt/glassfish3/glassfish/domains/domain1/config/pid'),
      stated([...key, 'container', 'domain'], 'domain1'),
      restartWays([...key, 'restart']),
    ].join('\n'),
    target: name,
    where: source,
  });
}
