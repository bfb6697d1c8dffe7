import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { directoryEntries, type LabEntry } from '../../src/lab/directory-content.ts';
import { layFace } from '../../src/lab/freebusy/http-face.ts';
import { migratedBusyTimes, stayingCalendars } from '../../src/lab/freebusy/rehearsal-times.ts';
import type { Cs6Layout, Cs7Layout } from '../../src/lab/lay-hosts.ts';
import {
  installedOptions,
  layInstalledCs6,
  layInstalledCs7,
  rehearsalEstateFile,
  rehearsalHosts,
  rehearsalUrl,
} from '../../src/lab/lay-rehearsal.ts';
import { mailOptions, startLabMailServer } from '../../src/lab/smtp.ts';
import type { TestDirectory } from './directory-server.ts';
import { type Ds389Options, startDs389 } from './ds389.ts';
import { type SlapdOptions, startSlapd } from './slapd.ts';
import { type SshHost, type SshHostOptions, type SshHosts, startSshHosts } from './ssh-hosts.ts';

/** A whole estate on real sshd and a real directory, installed side by side and running, not yet coexisting. */
export interface Estate {
  readonly folder: string;
  /** Path of estate.yaml. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ssh: SshHosts;
  readonly directory: TestDirectory;
  /** The same under its older name, of whichever make it is. */
  readonly slapd: TestDirectory;
  /** Path of a host's file on this machine. */
  pathOf(host: string, path: string): string;
  /** Where a host's calendar server answers. */
  urlOf(host: string): string;
  /** Runs a command on a host, as its administrator would. */
  on(host: string, command: string): string;
  stop(): Promise<void>;
}

/** How large, and what differs from the usual. */
export interface EstateOptions {
  readonly cs6?: number;
  readonly cs7?: number;
  readonly users?: number;
  readonly groups?: number;
  readonly resources?: number;
  readonly ssh?: SshHostOptions;
  readonly cs6Layout?: (name: string) => Partial<Cs6Layout>;
  readonly cs7Layout?: (name: string) => Partial<Cs7Layout>;
  /** The make of the directory; OpenLDAP unless told. */
  readonly directory?: 'slapd' | '389';
  /** What the directory is started with besides, by its make. */
  readonly slapd?: SlapdOptions;
  readonly ds389?: Ds389Options;
  /** Whether the calendar servers are started; they are unless told. */
  readonly running?: boolean;
}

/** The places of ics.conf and sbin on the platform of the rehearsal. */
export const icsConf = '/etc/opt/SUNWics5/config/ics.conf';
export const cs6Sbin = '/opt/SUNWics5/cal/sbin';
export const cs7Home = '/opt/sun/comms/davserver';

const httpPort = 8080;

/** Starts an estate; `stop` ends every process and removes its folder. */
export async function startEstate(options: EstateOptions = {}): Promise<Estate> {
  const folder = mkdtempSync(join(tmpdir(), 'reconcile-estate-'));
  const names = rehearsalHosts(options.cs6 ?? 1, options.cs7 ?? 1);
  const trees = new Map([...names.cs6, ...names.cs7].map(name => [name, join(folder, 'hosts', name)]));
  const { users = 300, groups = 12, resources = 8 } = options;
  const cs6 = { httpPort, calendars: stayingCalendars(users) };
  const mail = await startLabMailServer();
  const cs7 = { httpPort, busy: migratedBusyTimes(users), options: { ...installedOptions, ...mailOptions(mail) } };
  for (const name of names.cs6)
    await layInstalledCs6(treeOf(trees, name), '', { ...cs6, ...options.cs6Layout?.(name) });
  for (const name of names.cs7)
    await layInstalledCs7(treeOf(trees, name), '', { ...cs7, ...options.cs7Layout?.(name) });
  ageFiles([...trees.values()]);
  const laid = Date.now();
  mkdirSync(join(folder, 'ssh'));
  const ssh = await startSshHosts(join(folder, 'ssh'), trees, options.ssh);
  const entries = directoryEntries({ suffix: 'o=isp', domain: 'example.com', users, groups, resources });
  const directory = await startDirectory(folder, options, entries);
  await layFaces(ssh, directory);
  const file = join(folder, 'estate.yaml');
  const places = {
    hosts: ssh.hosts,
    knownHosts: ssh.knownHosts,
    identity: ssh.identity,
    directoryUrl: directory.url,
    bindDn: directory.bindDn,
  };
  writeFileSync(file, rehearsalEstateFile(places));
  const estate: Estate = {
    folder,
    file,
    environment: { LDAP_PASSWORD: directory.password },
    ssh,
    directory,
    slapd: directory,
    pathOf: (host, path) => join(treeOf(trees, host), path),
    urlOf: host => rehearsalUrl(hostOf(ssh, host)),
    on: (host, command) => hostOf(ssh, host).runSync(command),
    async stop() {
      // Its folder goes too: no need to let it end its work.
      await Promise.all([ssh.stop(), directory.kill(), mail.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (options.running ?? true) {
    await pause(Math.max(0, laid + startGap - Date.now()));
    await startServers(ssh, names);
  }
  return estate;
}

function startDirectory(
  estate: string,
  { directory: make = 'slapd', slapd, ds389 }: EstateOptions,
  entries: Iterable<LabEntry>,
): Promise<TestDirectory> {
  const folder = join(estate, 'directory');
  mkdirSync(folder);
  if (make === 'slapd') {
    return startSlapd(folder, { ...slapd, entries });
  }
  // It runs as a user of its own, who must get through to its folder.
  chmodSync(estate, 0o711);
  return startDs389(folder, { ...ds389, entries });
}

/** A start in the same seconds as the last change of a file is not proved to be later. */
const startGap = 3_000;

/** The configuration of a server that has stood for a while; what changed it last is this. */
function ageFiles(trees: readonly string[]): void {
  execFileSync('find', [...trees, '-type', 'f', '-exec', 'touch', '-d', '1 day ago', '{}', '+']);
}

function treeOf(trees: ReadonlyMap<string, string>, name: string): string {
  const tree = trees.get(name);
  if (tree === undefined) throw new Error(`no such host: ${name}`);
  return tree;
}

/** The hosts share one network: each has an address of its own, known only now, and the same port there. */
async function layFaces(ssh: SshHosts, server: TestDirectory): Promise<void> {
  const { url, bindDn, password } = server;
  const directory = { url, bindDn, password, base: 'o=isp' };
  for (const { name, tree, address } of ssh.hosts.values())
    await layFace({ tree, prefix: '' }, name.startsWith('cs6') ? 'cs6' : 'cs7', { address, httpPort, directory });
}

function hostOf(ssh: SshHosts, name: string): SshHost {
  const host = ssh.hosts.get(name);
  if (host === undefined) throw new Error(`no such host: ${name}`);
  return host;
}

/** Another estate file beside the estate's own, made from it. */
export function variantOf(estate: Estate, name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(estate.file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`nothing to replace: ${from}`);
  const path = join(estate.folder, `${name}.yaml`);
  writeFileSync(path, changed);
  return path;
}

/** Runs a tool of OpenLDAP on the directory as its administrator; what it printed, each value on one line. */
export function asDirectoryAdmin({ directory }: Estate, words: readonly string[], input = ''): string {
  const { url, adminDn, adminPassword } = directory;
  const [tool = '', ...rest] = words;
  return execFileSync(tool, ['-x', '-H', url, '-D', adminDn, '-w', adminPassword, '-o', 'ldif-wrap=no', ...rest], {
    encoding: 'utf8',
    input,
  });
}

async function startServers(ssh: SshHosts, names: ReturnType<typeof rehearsalHosts>): Promise<void> {
  const start = (command: string) => (name: string) => hostOf(ssh, name).run(command);
  await Promise.all([
    ...names.cs6.map(start(`${cs6Sbin}/start-cal`)),
    ...names.cs7.map(start('/opt/glassfish3/bin/asadmin start-domain domain1')),
  ]);
}

/** What the server of a CS6 host really runs with: the settings it read when it was started. */
export function runningCs6(estate: Estate, host: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(estate.pathOf(host, '/var/opt/SUNWics5/tmp/running.json'), 'utf8')).settings;
}

/** What the container of a CS7 host really runs with. */
export function runningCs7(
  estate: Estate,
  host: string,
): { readonly options: Record<string, string>; readonly domainMap: Record<string, string> } {
  return JSON.parse(readFileSync(estate.pathOf(host, '/var/opt/sun/comms/davserver/running.json'), 'utf8'));
}
