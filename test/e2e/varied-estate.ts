import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseDocument } from 'yaml';
import type { Cs6Platform } from '../../src/core/desired.ts';
import { readCalendars } from '../../src/lab/cs6/calendar-store.ts';
import { cs6RunningPath } from '../../src/lab/cs6/cs6-layout.ts';
import { startStrangers } from '../../src/lab/cs6/tool.ts';
import { CS7_RUNNING_PATH, containerPlaces, DAVADMIN_CALLS } from '../../src/lab/cs7/lab-container.ts';
import { type Cs6Dialect, type Cs7Dialect, type LoginDialect, usualCs6, usualCs7 } from '../../src/lab/dialect.ts';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { type EmbeddedDirectory, startEmbeddedDirectory } from '../../src/lab/embedded/ldap-server.ts';
import { createSshKeyPair, startEmbeddedHost } from '../../src/lab/embedded/ssh-server.ts';
import { migratedBusyTimes, stayingCalendars } from '../../src/lab/freebusy/rehearsal-times.ts';
import { LAB_BIN, layScript, readCs6Facts, readCs7Facts } from '../../src/lab/host-tree.ts';
import {
  installedIcsConf,
  installedOptions,
  layInstalledCs6,
  layInstalledCs7,
  type RehearsalHost,
  rehearsalEstateFile,
} from '../../src/lab/lay-rehearsal.ts';
import { endDaemons, freePort, strangersRun } from '../../src/lab/process-list.ts';
import { mailOptions, startLabMailServer } from '../../src/lab/smtp.ts';
import { CLUSTER_RESOURCE, CONTAINER_SERVICE } from '../../src/lab/system-commands.ts';

/** Where each host answers over HTTP, by its name. */
export type Urls = ReadonlyMap<string, string>;

/** A CS6 host of an estate that differs from the usual one. */
export interface VariedCs6 {
  readonly platform: Cs6Platform;
  /** A back end without HTTP, which nobody asks. */
  readonly backEnd: boolean;
  readonly dialect: Partial<Cs6Dialect>;
  readonly login?: LoginDialect;
  /** What is done to the ics.conf of an installation. */
  readonly icsConf?: (installed: string, urls: Urls) => string;
}

/** A CS7 host of such an estate. */
export interface VariedCs7 {
  readonly dialect: Partial<Cs7Dialect>;
  readonly login?: LoginDialect;
  /** Options besides those of an installation, or instead of them. */
  readonly options?: Readonly<Record<string, string>>;
  /** The lines of its domain map, given where each host answers over HTTP. */
  readonly domainMap?: (urls: Urls) => string;
}

/** The hosts of an estate by name; those of CS6 come first. */
export interface Variation {
  readonly cs6: Readonly<Record<string, VariedCs6>>;
  readonly cs7: Readonly<Record<string, VariedCs7>>;
  /** What is done to the entries of the directory. */
  readonly entry?: (entry: LabEntry) => LabEntry;
}

/** An estate of such hosts, installed side by side and running. */
export interface VariedEstate {
  readonly folder: string;
  /** Path of estate.yaml. */
  readonly file: string;
  /** Path of an ssh_config file that knows the hosts by their names. */
  readonly sshConfig: string;
  readonly directory: EmbeddedDirectory;
  /** The names of its hosts, those of CS6 first. */
  readonly hosts: readonly string[];
  readonly urls: Urls;
  /** The DNs of its accounts. */
  readonly accounts: readonly string[];
  readonly bindDn: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is true of a host, or of a side where all hosts agree, for a key of the file; nothing where the test knows no answer. */
  truth(path: readonly string[]): unknown;
  /** Puts a value into the file. */
  state(path: readonly string[], value: unknown): void;
  /** What the servers of a host really run with, by the stand-ins' own record. */
  running(host: string): Readonly<Record<string, unknown>>;
  /** The owners of the calendars on a CS6 host, by the stand-ins' own store; each as often as there are calendars. */
  owners(host: string): readonly string[];
  /** How many davadmin processes a CS7 host has seen. */
  davadminCalls(host: string): number;
  /** Whether no process of another calendar server was touched. */
  strangersRun(): boolean;
  stop(): Promise<void>;
}

/** How many users its directory has. */
export const users = 20;
const bindDn = 'cn=reconcile,ou=Services,o=isp';
const password = 'bind-lab';
const run = promisify(execFile);

interface Served extends RehearsalHost {
  readonly tree: string;
  readonly hostKeyLine: string;
  stop(): Promise<void>;
}

/** Lays, serves and starts an estate on this machine's loopback, with embedded servers: nothing but Node is needed. */
export async function startVariedEstate(name: string, variation: Variation): Promise<VariedEstate> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'varied-')));
  const laid = [...directoryEntries({ suffix: 'o=isp', domain: 'example.com', users, groups: 3, resources: 2 })];
  const entries = variation.entry ? laid.map(variation.entry) : laid;
  const server = await startEmbeddedDirectory({ entries, suffix: 'o=isp', bindDn, password });
  const mail = await startLabMailServer();
  const mine = createSshKeyPair();
  const directory = { url: server.url, bindDn, password, base: 'o=isp' };
  const hosts = new Map<string, Served>();
  const ports = new Map<string, number>();
  for (const host of [...Object.keys(variation.cs6), ...Object.keys(variation.cs7)]) ports.set(host, await freePort());
  const urls = new Map([...ports].map(([host, port]) => [host, `http://127.0.0.1:${port}`]));
  for (const [host, { login, ...varied }] of [...Object.entries(variation.cs6), ...Object.entries(variation.cs7)]) {
    const tree = join(folder, host);
    const httpPort = ports.get(host) ?? 0;
    const face = { httpPort, directory };
    if ('platform' in varied) await layCs6(tree, varied, face, urls);
    else {
      const options = { ...installedOptions, ...mailOptions(mail), ...varied.options };
      const { dialect, domainMap } = varied;
      const map = domainMap && { domainMap: domainMap(urls) };
      await layInstalledCs7(tree, tree, { ...face, busy: migratedBusyTimes(users), options, dialect, ...map });
    }
    await laySiteScripts(tree);
    age(tree);
    const hostKey = createSshKeyPair().privateKey;
    const served = await startEmbeddedHost({
      ...{ name: host, tree, hostKey, authorizedKey: mine.publicKey },
      ...(login && { login }),
    });
    hosts.set(host, { ...served, tree, http: { address: '127.0.0.1', port: httpPort } });
    await run(join(tree, LAB_BIN, 'calendar-start'));
    if ('platform' in varied) startStrangers(tree);
  }
  writeFileSync(join(folder, 'id'), mine.privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), [...hosts.values()].map(host => `${host.hostKeyLine}\n`).join(''));
  const file = join(folder, 'estate.yaml');
  const sshConfig = join(folder, 'ssh_config');
  const sections = [...hosts].map(
    ([host, { address, port }]) =>
      `Host ${host}\n  HostName ${address}\n  Port ${port}\n  User root\n  IdentityFile ${folder}/id\n  UserKnownHostsFile ${folder}/known_hosts\n`,
  );
  writeFileSync(sshConfig, sections.join(''));
  const places = { knownHosts: 'known_hosts', identity: 'id', directoryUrl: server.url, bindDn };
  writeFileSync(file, rehearsalEstateFile({ hosts, ...places }));
  const edit = (change: (document: ReturnType<typeof parseDocument>) => void) => {
    const document = parseDocument(readFileSync(file, 'utf8'));
    change(document);
    writeFileSync(file, document.toString({ lineWidth: 0 }));
  };
  edit(document => {
    document.set('name', name);
    document.setIn(['cohorts', 'pilot', 'migrated'], { denyCs6Login: true, deleteCs6Calendars: true });
    for (const [host, { platform, backEnd }] of Object.entries(variation.cs6)) {
      document.setIn(['cs6', 'hosts', host, 'platform'], platform);
      if (backEnd) document.deleteIn(['cs6', 'hosts', host, 'http']);
    }
  });
  const treeOf = (host: string): string => hosts.get(host)?.tree ?? '';
  return {
    ...{ folder, file, sshConfig, directory: server, bindDn, urls, hosts: [...hosts.keys()] },
    accounts: entries.filter(({ attributes }) => 'icsCalendar' in attributes).map(({ dn }) => dn),
    environment: { LDAP_PASSWORD: password },
    truth: path => (path.at(-1) === 'http' ? urls.get(path.at(-2) ?? '') : truthOf(path, variation, treeOf)),
    state: (path, value) => edit(document => document.setIn(path, value)),
    running: host => readRunning(treeOf(host), host in variation.cs6),
    owners: host => readCalendars(treeOf(host), readCs6Facts(treeOf(host)).data).map(({ owner }) => owner),
    davadminCalls: host => countLines(join(treeOf(host), DAVADMIN_CALLS)),
    strangersRun: () => [...hosts.values()].every(({ tree }) => strangersRun(tree)),
    async stop() {
      await Promise.all([...hosts.values()].map(host => host.stop()));
      await Promise.all([server.stop(), mail.stop()]);
      for (const { tree } of hosts.values()) await endDaemons(tree);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function layCs6(
  tree: string,
  { platform, backEnd, dialect, icsConf: change }: Omit<VariedCs6, 'login'>,
  face: { readonly httpPort: number },
  urls: Urls,
): Promise<void> {
  const installed = `${installedIcsConf(face.httpPort)}${backEnd ? 'service.http.enable = "no"\n' : ''}`;
  const icsConf = change?.(installed, urls) ?? installed;
  const calendars = [...stayingCalendars(users), ...(backEnd ? [] : migratedCalendars)];
  await layInstalledCs6(tree, tree, { ...face, platform, icsConf, calendars, dialect });
  const today = new Date();
  const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map(part => String(part).padStart(2, '0'));
  mkdirSync(join(tree, hotBackups(readCs6Facts(tree).data), day.join('')), { recursive: true });
}

function hotBackups(data: string): string {
  return `${data}/csdb/hotbackup`;
}

/** What is left on CS6 of a user of the pilot, and has to go. */
const migratedCalendars = ['jdoe@example.com', 'jdoe@example.com:Team Meetings'].map(calid => ({
  calid,
  owner: 'jdoe@example.com',
}));

/** Configuration that was written a day ago owes no restart to a server that is started now. */
function age(tree: string): void {
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), yesterday, yesterday);
}

/** What a site has that does not trust exit codes: both scripts end with 0 when the server is as it should be. */
async function laySiteScripts(tree: string): Promise<void> {
  const host = { tree, prefix: tree };
  const { stop, start } = commandsOf(tree);
  const line = (words: readonly string[]) =>
    words.map(word => (word.startsWith('/') ? `${tree}${word}` : word)).join(' ');
  const path = `PATH=${tree}${LAB_BIN}:$PATH\nexport PATH\n`;
  const soon = 'for i in 1 2 3 4 5 6 7 8 9 10; do';
  await layScript(
    host,
    `${LAB_BIN}/calendar-stop`,
    `${path}${line(stop)} > /dev/null 2>&1\n${soon} calendar-runs || exit 0; sleep 1; done\nexit 1\n`,
  );
  await layScript(
    host,
    `${LAB_BIN}/calendar-start`,
    `${path}${line(start)} > /dev/null 2>&1\n${soon} calendar-runs && exit 0; sleep 1; done\nexit 1\n`,
  );
}

/** The commands that stop and start a host's server, whatever they end with. */
function commandsOf(tree: string): { readonly stop: readonly string[]; readonly start: readonly string[] } {
  if (!existsSync(join(tree, '/var/opt/lab/cs7.json'))) {
    const { sbin, dialect } = readCs6Facts(tree);
    return dialect.cluster === 'none'
      ? { stop: [`${sbin}/stop-cal`], start: [`${sbin}/start-cal`] }
      : { stop: ['scswitch', '-n', '-j', CLUSTER_RESOURCE], start: ['scswitch', '-e', '-j', CLUSTER_RESOURCE] };
  }
  const { dialect } = readCs7Facts(tree);
  const { bin } = containerPlaces(dialect);
  if (dialect.watchedBy === 'systemd') {
    const words = (verb: string) => ['systemctl', verb, CONTAINER_SERVICE.systemd];
    return { stop: words('stop'), start: words('start') };
  }
  if (dialect.watchedBy === 'smf') {
    const words = (verb: string) => ['svcadm', verb, '-s', CONTAINER_SERVICE.smf];
    return { stop: words('disable'), start: words('enable') };
  }
  return dialect.container === 'weblogic'
    ? { stop: [`${bin}/stopWebLogic.sh`], start: [`${bin}/startWebLogic.sh`] }
    : { stop: [`${bin}/asadmin`, 'stop-domain', 'domain1'], start: [`${bin}/asadmin`, 'start-domain', 'domain1'] };
}

/** The answer that the administrator of the estate would type. A key of a side gets the answer of its first host. */
function truthOf([side, ...rest]: readonly string[], variation: Variation, treeOf: (host: string) => string): unknown {
  if (side === 'cs7' && rest.join() === 'backends') return ['defaultbackend'];
  const [host, key] =
    rest[0] === 'hosts'
      ? [rest[1] ?? '', rest.slice(2).join('.')]
      : [Object.keys(side === 'cs6' ? variation.cs6 : variation.cs7)[0] ?? '', rest.join('.')];
  const tree = treeOf(host);
  if (key === 'restart') {
    const cluster = side === 'cs6' && readCs6Facts(tree).dialect.cluster !== 'none';
    const commands = cluster ? commandsOf(tree) : { stop: ['calendar-stop'], start: ['calendar-start'] };
    return { ...commands, status: ['calendar-runs'] };
  }
  return side === 'cs6' ? cs6Truth(key, tree) : cs7Truth(key, tree);
}

function cs6Truth(key: string, tree: string): unknown {
  const { icsConf, sbin, data } = readCs6Facts(tree);
  return { patch: 54, config: icsConf, sbin, hotBackup: hotBackups(data) }[key];
}

function cs7Truth(key: string, tree: string): unknown {
  const { home, dialect } = readCs7Facts(tree);
  const { bin, pidFile } = containerPlaces(dialect);
  const type = dialect.container.replace('-linux', '');
  return {
    release: '7.0.5.17.0',
    home,
    container: { type, bin, domain: 'domain1', ...(pidFile !== undefined && { pidFile }) },
    'container.type': type,
    'container.bin': bin,
    'container.domain': 'domain1',
    'container.pidFile': pidFile,
    'davadmin.passwordFile': '/etc/opt/davadmin.clifile',
  }[key];
}

function readRunning(tree: string, isCs6: boolean): Readonly<Record<string, unknown>> {
  const path = isCs6 ? cs6RunningPath(readCs6Facts(tree).data) : CS7_RUNNING_PATH;
  return JSON.parse(readFileSync(join(tree, path), 'utf8'));
}

function countLines(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

/** How the hosts differ from the usual ones, in words. */
export function inWords({ cs6, cs7 }: Variation): string {
  const switches = (dialect: object, usual: object) =>
    Object.entries(dialect)
      .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name as keyof typeof usual]))
      .map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const rows = [
    ...Object.entries(cs6).map(([name, { platform, backEnd, dialect, login }]) => [
      ...[name, platform, ...(backEnd ? ['no http'] : [])],
      ...[...switches(dialect, usualCs6), ...(login ? ['login'] : [])],
    ]),
    ...Object.entries(cs7).map(([name, { dialect, login }]) => [
      name,
      ...switches(dialect, usualCs7),
      ...(login ? ['login'] : []),
    ]),
  ];
  return rows.map(([name, ...words]) => `  ${name}: ${words.join(', ')}`).join('\n');
}
