import { type DesiredCs7Host, hostsOf } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Command, HostReader } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { glassfish } from '../../products/container.ts';
import { cs7 } from '../../products/cs7.ts';
import { excerpt, oldestOf, parseProcesses, processList, settle, unexpected } from '../shared/service.ts';
import { isNew, type Restarted, type ServiceState, serviceKind } from '../shared/service-kind.ts';

/** Under this name the restart is recorded on the host. */
const service = 'cs7-service';

/**
 * The container runs with the files that are on disk. Nobody documents which settings a running CS7 picks up by itself,
 * so a change owes a restart: a policy, not a documented need, and `cs7.container.restart: never` turns it off.
 */
export const cs7Service = serviceKind<DesiredCs7Host>({
  name: service,
  title: 'Calendar Server 7 is to be restarted',
  stage: 'cs7-activate',
  activates: { stage: 'cs7-config', service: cs7.name },
  product: cs7,
  hosts: state => hostsOf(state, 'cs7').filter(host => host.restart !== 'never'),
  because:
    'Nobody documents which settings a running CS7 takes up by itself, so every change owes a restart, unless cs7.container.restart is never.',
  readState,
  restart,
});

async function readState(host: DesiredCs7Host, ports: ReadPorts): Promise<ServiceState | undefined> {
  const reader = ports.host(host.name);
  const [files, pids, now, list, record] = await Promise.all([
    reader.files(cs7.readsAtStart(host)),
    reader.files(cs7.pidFiles(host)),
    reader.clock(),
    reader.query(processList),
    reader.startRecord(service),
  ]);
  if (files.length === 0) return undefined;
  const numbers = new Set(pids.map(file => Number(file.content.toString('latin1').trim())));
  const running = parseProcesses(host.name, list).filter(p => numbers.has(p.pid) && p.words[0] !== '<defunct>');
  if (running.length === 0) await refuseUnlessStopped(host, reader);
  const distinct = [...new Map(files.map(file => [file.path, file])).values()];
  return { processes: oldestOf(now, running), files: distinct, now, ...(record && { record }) };
}

/** No process under the number in the file: only asadmin can say that the domain is really down, and not merely elsewhere. */
async function refuseUnlessStopped(host: DesiredCs7Host, reader: HostReader): Promise<void> {
  const result = await reader.query(cs7.list(host));
  const row = result.state === 'ran' ? glassfish.rowOf(result.output, host.container.domain) : undefined;
  if (row && glassfish.isStopped(row)) return;
  if (row) {
    throw new TargetProblem(
      finding('cs7.unknown-start', {
        detail: `${host.name}: asadmin says "${row}", and no process has its number in ${host.container.pidFile.join(' or ')}.\nName the file that holds its process number in cs7.container.pidFile, or set cs7.container.restart: never and restart it yourself.`,
        target: host.name,
      }),
    );
  }
  throw unexpected(host.name, `asadmin list-domains in ${host.container.bin.join(' or ')}`, result);
}

async function restart(host: DesiredCs7Host, live: ServiceState, ports: WritePorts): Promise<Restarted> {
  const run = async (command: Command): Promise<string | undefined> => {
    const result = await ports.host(host.name).run(command);
    if (result.state === 'absent') throw unexpected(host.name, `asadmin in ${host.container.bin.join(' or ')}`, result);
    return result.code === 0
      ? undefined
      : `asadmin ${command.words[1]} ended with ${result.code}. It printed:\n${excerpt(result.output)}`;
  };
  if (live.processes.length > 0) {
    const problem = await run(cs7.stop(host));
    if (problem !== undefined) return { failed: problem };
  }
  await ports.pause(settle);
  const problem = await run(cs7.start(host));
  if (problem !== undefined) return { failed: `The container is DOWN. ${problem}` };
  for (let attempt = 0; attempt < 60; attempt++) {
    const state = await readState(host, ports);
    if (state && state.processes.length > 0 && state.processes.every(process => isNew(process, live)))
      return { running: state };
    await ports.pause(2_000);
  }
  return {
    failed: 'asadmin ended well, but after two minutes the container does not run with a process of its own start.',
  };
}
