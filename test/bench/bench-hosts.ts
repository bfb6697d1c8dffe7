import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { layScript } from '../../src/lab/host-tree.ts';
import { davadminFile, installedIcsConf, rehearsalEstateFile } from '../../src/lab/lay-rehearsal.ts';
import { cs6Sbin, cs7Home, type Estate, icsConf, startEstate } from '../servers/estate.ts';
import type { SshHost } from '../servers/ssh-hosts.ts';
import { type DelayRelay, type RelayCounts, startDelayRelay } from './delay-relay.ts';
import { type MeasuredCommand, measureTime } from './measured-process.ts';

/** Hosts on real sshd in their wanted state, whose product commands are a few lines of shell: their own start would hide the rest. */
export interface BenchHosts {
  readonly estate: Estate;
  /** The first hosts of each side; both sides are needed. */
  readonly cs6: readonly SshHost[];
  readonly cs7: readonly SshHost[];
  /** Writes an estate file for some of the hosts, with further lines below `cs6:`. */
  write(name: string, hosts: readonly SshHost[], port?: number, cs6Lines?: readonly string[]): string;
  /** Runs the built program, as a user does. */
  reconcile(words: readonly string[], isRight: (output: string) => boolean): MeasuredCommand;
  /** Relays to every host, on the same addresses: a port, what they counted, and their end. */
  relays(roundTrip: number): Promise<HostRelays>;
  stop(): Promise<void>;
}

/** A relay before every host. */
export interface HostRelays {
  readonly port: number;
  /** Since it was asked last; of these hosts, or of all. */
  counts(hosts?: readonly SshHost[]): RelayCounts;
  stop(): void;
}

/** How many accounts the directory has: 300 users, 12 groups, 8 resources. */
export const accounts = 320;

/** The size of ics.conf, in bytes: a file that has grown for years. */
const icsConfSize = 41_000;

/** Starts so many hosts of each side. */
export async function startBenchHosts(cs6: number, cs7: number): Promise<BenchHosts> {
  const estate = await startEstate({
    ...{ cs6, cs7, users: 300, groups: 12, resources: 8, running: false },
    cs6Layout: () => ({ icsConf: grownIcsConf() }),
    ssh: { sshd: ['MaxSessions 64'] },
  });
  const all = [...estate.ssh.hosts.values()];
  const hosts = {
    cs6: all.filter(({ name }) => name.startsWith('cs6')),
    cs7: all.filter(({ name }) => name.startsWith('cs7')),
  };
  const program = programOf(estate);
  const bench: BenchHosts = {
    estate,
    ...hosts,
    write: (name, some, port, lines) => writeEstate(estate, { name, hosts: some, port, lines: lines ?? [] }),
    reconcile: program,
    relays: roundTrip => startRelays(estate, all, roundTrip),
    stop: () => estate.stop(),
  };
  await reachWantedState(bench);
  return bench;
}

/** Comments and settings of others: whoever reads the file has to go through them. */
function grownIcsConf(): string {
  const lines = [installedIcsConf(8080)];
  let length = lines[0]?.length ?? 0;
  for (let number = 0; length < icsConfSize; number += 1) {
    const line = `! ${number}: set on the request of the help desk\nlocal.site.setting${number} = "value ${number}"\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join('');
}

function programOf({ environment, folder }: Estate): BenchHosts['reconcile'] {
  const own = { ...environment, HOME: folder, RECONCILE_RUNS: join(folder, 'runs'), NO_COLOR: '1' };
  return (words, isRight) => ({
    words: [process.execPath, 'dist/reconcile.cjs', ...words],
    environment: own,
    isRight,
  });
}

interface WrittenEstate {
  readonly name: string;
  readonly hosts: readonly SshHost[];
  readonly port: number | undefined;
  readonly lines: readonly string[];
}

function writeEstate(estate: Estate, { name, hosts, port, lines }: WrittenEstate): string {
  const { knownHosts, identity } = estate.ssh;
  const { url: directoryUrl, bindDn } = estate.directory;
  const places = hosts.map(host => [host.name, { address: host.address, port: port ?? host.port }] as const);
  const text = rehearsalEstateFile({ hosts: new Map(places), knownHosts, identity, directoryUrl, bindDn });
  const file = join(estate.folder, `${name}.yaml`);
  writeFileSync(file, text.replace('cs6:\n', `cs6:\n${lines.map(line => `  ${line}\n`).join('')}`));
  return file;
}

/** The program itself brings the first host of each side there; the others of the side get the same files. */
async function reachWantedState(bench: BenchHosts): Promise<void> {
  const { estate, cs6, cs7 } = bench;
  const [firstCs6, firstCs7] = [cs6[0], cs7[0]];
  if (!firstCs6 || !firstCs7) throw new Error('both sides need a host');
  for (const host of cs6) await layQuickCs6(host);
  startCs6(estate, [firstCs6]);
  estate.on(firstCs7.name, '/opt/glassfish3/bin/asadmin start-domain domain1');
  const limits = ['--allow-restarts', '2', '--allow-moves', '999'];
  const first = bench.write('first', [firstCs6, firstCs7]);
  await measureTime(bench.reconcile(['apply', '-y', ...limits, first], text => text.includes('in sync')));
  const answers = davadminAnswers(estate, firstCs7);
  for (const host of cs7) await layQuickDavadmin(host, answers);
  for (const host of cs6.slice(1)) copyFile(estate, firstCs6, host, icsConf);
  for (const host of cs7.slice(1)) for (const path of cs7Files) copyFile(estate, firstCs7, host, path);
  // A start in the same seconds as the last change of a file is not proved to be later.
  await pause(3000);
  startCs6(estate, cs6.slice(1));
  startQuickCs7(estate, cs7.slice(1));
  const every = bench.write('every', [...cs6, ...cs7]);
  await measureTime(bench.reconcile(['check', every], isInSync));
}

/** Whether a check found all of it as the file has it. */
export function isInSync(output: string): boolean {
  return /^In sync\.$/m.test(output);
}

/** What a check reads on a CS7 host, beside the number of its process. */
export const cs7Files: readonly string[] = ['davserver.properties', 'ischeduledomainmap.properties'].map(
  name => `/var/opt/sun/comms/davserver/config/${name}`,
);

/** Its server is one process that only has to show its name. */
async function layQuickCs6({ tree }: SshHost): Promise<void> {
  const number = '/var/opt/SUNWics5/tmp/bench.pid';
  const start = `setsid bash -c 'exec -a cshttpd sleep 86400' </dev/null >/dev/null 2>&1 &
echo $! >${number}
echo 'Calendar service(s) were started'
`;
  const stop = `n=\`cat ${number}\`
kill $n
while kill -0 $n 2>/dev/null; do sleep 0.01; done
echo 'Calendar service(s) were stopped'
`;
  await layScript({ tree, prefix: '' }, `${cs6Sbin}/start-cal`, start);
  await layScript({ tree, prefix: '' }, `${cs6Sbin}/stop-cal`, stop);
}

/** What a check asks davadmin for. */
const davadminQuestions = ['config -u admin', 'version -u admin'] as const;

/** What davadmin prints on a host in the wanted state, where it is a program of Node. */
function davadminAnswers(estate: Estate, host: SshHost): ReadonlyMap<string, string> {
  const ask = (words: string) =>
    estate.on(host.name, `cd ${cs7Home}/sbin && DAVADMIN_CLIFILE=${davadminFile} ./davadmin ${words}`);
  return new Map(davadminQuestions.map(words => [words, ask(words)]));
}

/** It prints the same at once. */
async function layQuickDavadmin({ tree }: SshHost, answers: ReadonlyMap<string, string>): Promise<void> {
  const cases = [...answers].map(([words, answer]) => `'${words}') cat <<'END'\n${answer}END\n;;\n`);
  await layScript(
    { tree, prefix: '' },
    `${cs7Home}/sbin/davadmin`,
    `case "$*" in\n${cases.join('')}*) exit 1 ;;\nesac\n`,
  );
}

function copyFile(estate: Estate, from: SshHost, to: SshHost, path: string): void {
  execFileSync('cp', ['-p', estate.pathOf(from.name, path), estate.pathOf(to.name, path)]);
}

function startCs6(estate: Estate, hosts: readonly SshHost[]): void {
  for (const { name } of hosts) estate.on(name, `${cs6Sbin}/start-cal`);
}

/** The container is a process that shows its name, and has its file. */
function startQuickCs7(estate: Estate, hosts: readonly SshHost[]): void {
  const number = '/opt/glassfish3/glassfish/domains/domain1/config/pid';
  const start = `setsid bash -c 'exec -a java sleep 86400' </dev/null >/dev/null 2>&1 & echo $! >${number}`;
  for (const { name } of hosts) estate.on(name, start);
}

async function startRelays(estate: Estate, hosts: readonly SshHost[], roundTrip: number): Promise<HostRelays> {
  const port = relayPort;
  const relays: DelayRelay[] = [];
  for (const { address, port: to } of hosts)
    relays.push(await startDelayRelay({ address, port: to }, roundTrip, { address, port }));
  const known = readFileSync(estate.ssh.knownHosts, 'utf8');
  if (!known.includes(`]:${port} `)) appendFileSync(estate.ssh.knownHosts, known.replaceAll(/\]:\d+ /g, `]:${port} `));
  return {
    port,
    counts(some = hosts) {
      const all = relays.map(relay => relay.counts()).filter((_, at) => some.some(host => host === hosts[at]));
      return {
        connections: all.reduce((sum, { connections }) => sum + connections, 0),
        trips: all.reduce((sum, { trips }) => sum + trips, 0),
      };
    },
    stop() {
      for (const relay of relays) relay.stop();
    },
  };
}

/** Beside that of the hosts, on the same addresses. */
const relayPort = 2223;
