import type { DesiredCs6Host } from '../../core/desired.ts';
import type { HostWriter } from '../../ports/host.ts';
import type { ReadPorts, WritePorts } from '../../ports/ports.ts';
import { onlyFile } from '../common/one-file.ts';
import {
  excerpt,
  type Process,
  parseProcesses,
  processList,
  restartReason,
  type ServiceState,
  settle,
  startOf,
  unexpected,
} from '../common/service.ts';
import { serviceKind } from '../common/service-kind.ts';
import type { Outcome } from '../kind.ts';

/** What start-cal starts and what reads ics.conf (6.3 Administration Guide, start order); a back end may run without cshttpd. */
const processes = ['csstored', 'csnotifyd', 'csadmind', 'csdwpd', 'cshttpd'];

/** Which of them run. */
interface Cs6State extends ServiceState {
  readonly running: readonly string[];
}

/** CS6 runs with the ics.conf that is on disk: the whole file is read at start only (6.3 Administration Guide, E.1). */
export const cs6Service = serviceKind<DesiredCs6Host, Cs6State>({
  name: 'cs6-service',
  stage: 'cs6-activate',
  activates: { stage: 'cs6-config', service: 'Calendar Server 6' },
  side: 'cs6',
  hosts: state => state.cs6,
  readState,
  restart,
  commands: ({ sbin }) => [
    { words: ['./stop-cal'], directories: sbin },
    { words: ['./start-cal'], directories: sbin },
  ],
  signs: () => ({ processes, pidFiles: [] }),
});

async function readState(host: DesiredCs6Host, ports: ReadPorts): Promise<Cs6State | undefined> {
  const reader = ports.host(host.name);
  const [readings, now, list] = await Promise.all([
    reader.files(host.config),
    reader.clock(),
    reader.query(processList),
  ]);
  const file = onlyFile(host.name, readings, `cs6.hosts.${host.name}.config`);
  if (!file) return undefined;
  const found = parseProcesses(host.name, list).filter(p => processes.includes(nameOf(p)));
  const started = startOf(now, found);
  const running = [...new Set(found.map(nameOf))];
  return { ...(started !== undefined && { started }), running, config: { path: file.path, modified: file.modified } };
}

function nameOf({ words }: Process): string {
  return words[0]?.split('/').at(-1) ?? '';
}

/** Chapter 10, step 3: ./stop-cal and ./start-cal in sbin. */
async function restart(host: DesiredCs6Host, live: Cs6State, ports: WritePorts): Promise<Omit<Outcome, 'change'>> {
  const writer = ports.host(host.name);
  if (live.started !== undefined) {
    const stopped = await writer.run({ words: ['./stop-cal'], directories: host.sbin });
    if (stopped.state === 'absent') throw unexpected(host.name, `stop-cal in ${host.sbin.join(' or ')}`, stopped);
    if (stopped.code !== 0)
      return failed(`./stop-cal ended with ${stopped.code}; the server was left as it is.\n${excerpt(stopped.output)}`);
  }
  await ports.pause(settle);
  const begun = await writer.run({ words: ['./start-cal'], directories: host.sbin });
  if (begun.state === 'absent') throw unexpected(host.name, `start-cal in ${host.sbin.join(' or ')}`, begun);
  if (begun.code !== 0)
    return failed(`./start-cal ended with ${begun.code}: the server is DOWN.\n${excerpt(begun.output)}`);
  return (await cameUp(host, live, writer, ports)) ?? { state: 'done' };
}

/** The exit status of start-cal is not documented: what counts is that all that ran before runs anew, by `ps` and by `start-cal -l`. */
async function cameUp(
  host: DesiredCs6Host,
  before: Cs6State,
  writer: HostWriter,
  ports: WritePorts,
): Promise<Omit<Outcome, 'change'> | undefined> {
  let last = '';
  for (let attempt = 0; attempt < 30; attempt++) {
    const [state, list] = await Promise.all([
      readState(host, ports),
      writer.query({ words: ['./start-cal', '-l'], directories: host.sbin }),
    ]);
    last = list.state === 'ran' ? list.output : '';
    const whole = before.running.every(name => state?.running.includes(name));
    if (state && whole && restartReason(state) === undefined && list.state === 'ran' && list.code === 0)
      return undefined;
    await ports.pause(2_000);
  }
  return failed(
    `start-cal ended well, but after a minute the server does not run as it did before, with the new file. start-cal -l printed:\n${excerpt(last)}`,
  );
}

function failed(detail: string): Omit<Outcome, 'change'> {
  return { state: 'failed', detail };
}
