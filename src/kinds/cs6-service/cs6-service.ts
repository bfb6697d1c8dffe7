import { chapter } from '../../core/declared.ts';
import { type DesiredCs6Host, hostsOf } from '../../core/desired.ts';
import type { HostWriter } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { cs6 } from '../../products/cs6.ts';
import { onlyFile } from '../shared/one-file.ts';
import { excerpt, nameOf, oldestOf, parseProcesses, processList, settle, unexpected } from '../shared/service.ts';
import { isNew, type Restarted, type ServiceState, serviceKind } from '../shared/service-kind.ts';

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
  because: 'CS6 reads the whole of ics.conf at its start only (6.3 Administration Guide, E.1).',
  chapter: chapter.restart,
  readState,
  restart,
});

async function readState(host: DesiredCs6Host, ports: ReadPorts): Promise<ServiceState | undefined> {
  const reader = ports.host(host.name);
  const [readings, now, list, record] = await Promise.all([
    reader.files(cs6.readsAtStart(host)),
    reader.clock(),
    reader.query(processList),
    reader.startRecord(service),
  ]);
  const file = onlyFile(host.name, readings, `cs6.hosts.${host.name}.config`);
  if (!file) return undefined;
  const found = parseProcesses(host.name, list).filter(p => cs6.processes.includes(nameOf(p)));
  return { processes: oldestOf(now, found), files: [file], now, ...(record && { record }) };
}

/** Chapter 10, step 3: ./stop-cal and ./start-cal in sbin. */
async function restart(host: DesiredCs6Host, live: ServiceState, ports: WritePorts): Promise<Restarted> {
  const writer = ports.host(host.name);
  if (live.processes.length > 0) {
    const stopped = await writer.run(cs6.stop(host));
    if (stopped.state === 'absent') throw unexpected(host.name, `stop-cal in ${host.sbin.join(' or ')}`, stopped);
    if (stopped.code !== 0)
      return {
        failed: `./stop-cal ended with ${stopped.code}, and ./start-cal was not run.\n${excerpt(stopped.output)}`,
      };
  }
  await ports.pause(settle);
  const begun = await writer.run(cs6.start(host));
  if (begun.state === 'absent') throw unexpected(host.name, `start-cal in ${host.sbin.join(' or ')}`, begun);
  if (begun.code !== 0)
    return { failed: `./start-cal ended with ${begun.code}: the server is DOWN.\n${excerpt(begun.output)}` };
  return cameUp(host, live, writer, ports);
}

/** The exit status of start-cal is not documented: what counts is that all that ran before runs anew, by `ps` and by `start-cal -l`. */
async function cameUp(
  host: DesiredCs6Host,
  before: ServiceState,
  writer: HostWriter,
  ports: WritePorts,
): Promise<Restarted> {
  let last = '';
  for (let attempt = 0; attempt < 30; attempt++) {
    const [state, list] = await Promise.all([readState(host, ports), writer.query(cs6.list(host))]);
    last = list.state === 'ran' ? list.output : '';
    if (state && runsAnew(before, state) && list.state === 'ran' && list.code === 0) return { running: state };
    await ports.pause(2_000);
  }
  return {
    failed: `start-cal ended well, but after a minute the server does not run as it did before, with processes of its own start. start-cal -l printed:\n${excerpt(last)}`,
  };
}

function runsAnew(before: ServiceState, { processes }: ServiceState): boolean {
  const whole = before.processes.every(({ name }) => processes.some(one => one.name === name));
  return whole && processes.length > 0 && processes.every(process => isNew(process, before));
}
