import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LookUp, Rehearsal, RehearsalSize } from '../ports/rehearsal.ts';
import { readCalendars } from './cs6/calendar-store.ts';
import { cs6Paths } from './cs6/cs6-layout.ts';
import { GLASSFISH_HOME } from './cs7/lab-container.ts';
import { type DemoFault, type DemoParts, demoFaults, faultMeanings, meddleByHand, tidyByHand } from './demo-faults.ts';
import { directoryEntries } from './directory-content.ts';
import { type EmbeddedDirectory, startEmbeddedDirectory } from './embedded/ldap-server.ts';
import { createSshKeyPair, startEmbeddedHost } from './embedded/ssh-server.ts';
import { askCs6, askCs7, type FreeBusyView } from './freebusy/look-up-client.ts';
import { migratedBusyTimes, rehearsalDay, stayingCalendars } from './freebusy/rehearsal-times.ts';
import {
  installedOptions,
  layInstalledCs6,
  layInstalledCs7,
  type RehearsalHost,
  rehearsalEstateFile,
  rehearsalHosts,
} from './lay-rehearsal.ts';
import { endDaemons, freePort } from './process-list.ts';
import { mailOptions, startLabMailServer } from './smtp.ts';

/**
 * Users of the cohort `pilot`, who have moved to CS7. Two of them, because the question before coexistence does harm: with
 * autoprovisioning on, CS6 makes an empty calendar for whomever it is asked about, and from then on answers for them.
 */
const migrated = { before: 'oneil@example.com', after: 'jdoe@example.com' };

/** A user who stays on CS6. */
const staying = 'rd@example.com';

/** Looks across the sides, both ways, as users of each would; only a real busy time counts as an answer. */
async function lookAcross(parts: DemoParts, when: 'before' | 'after'): Promise<readonly LookUp[]> {
  const cs7 = parts.urls.get('cs7-fe1') ?? '';
  const mail = migrated[when];
  const cs6Hosts = [...parts.urls].filter(([name]) => name.startsWith('cs6')).slice(0, when === 'before' ? 1 : 2);
  const cs7Hosts = [...parts.urls].filter(([name]) => name.startsWith('cs7')).slice(0, 2);
  const fromCs6 = cs6Hosts.map(async ([name, url]): Promise<LookUp> => {
    const seen = lookUp(
      `a user of ${name} looks up ${mail}, who is on CS7`,
      await askCs6(url, mail, rehearsalDay, cs7),
    );
    return hasCalendar(parts, name, mail)
      ? { ...seen, answer: `${seen.answer}, from a calendar that CS6 has just made for them` }
      : seen;
  });
  const fromCs7 = cs7Hosts.map(async ([name, url]) =>
    lookUp(`a user of ${name} looks up ${staying}, who is on CS6`, await askCs7(url, staying, rehearsalDay)),
  );
  return Promise.all([...fromCs6, ...fromCs7]);
}

function lookUp(question: string, { state, periods, detail }: FreeBusyView): LookUp {
  return { question, worked: state === 'busy' && periods.length > 0, answer: detail };
}

function hasCalendar({ trees }: DemoParts, host: string, mail: string): boolean {
  const calendars = readCalendars(trees.get(host) ?? '', cs6Paths('solaris-sparc').data);
  return calendars.some(({ calid }) => calid === mail);
}

const run = promisify(execFile);

const bindDn = 'cn=reconcile,ou=Services,o=isp';

const password = 'rehearsal-only';

/**
 * Starts a rehearsal estate as an ordinary user with nothing but Node: hosts over embedded SSH, a directory over embedded
 * LDAP, and the stand-ins of the calendar servers, all on loopback and in one folder, which goes when it is stopped.
 */
export async function startDemoEstate(size: RehearsalSize): Promise<Rehearsal> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'reconcile-demo-')));
  const names = sides(size.hosts);
  const directory = await startDirectory(size.users);
  const mail = await startLabMailServer();
  const parts: DemoParts = { folder, directory, mail, hosts: new Map(), trees: new Map(), urls: new Map() };
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopAll(parts);
    return stopping;
  };
  const interrupted = onInterrupt(stop);
  try {
    await layAll(parts, names, size.users);
    const laid = Date.now();
    await serveAll(parts);
    await wait(Math.max(0, laid + startGap - Date.now()));
    await startServers(parts);
  } catch (error) {
    await stop();
    throw error;
  }
  return rehearsalOf(parts, interrupted, stop);
}

/** Milliseconds. A server that starts in the same seconds as its files were changed is not proved to have read them. */
const startGap = 3_000;

/** Two thirds are CS6 hosts: a site comes from there. */
function sides(hosts: number): ReturnType<typeof rehearsalHosts> {
  const cs7 = Math.max(1, Math.floor(hosts / 3));
  return rehearsalHosts(hosts - cs7, cs7);
}

function startDirectory(users: number): Promise<EmbeddedDirectory> {
  const entries = directoryEntries({
    suffix: 'o=isp',
    domain: 'example.com',
    users,
    groups: Math.ceil(users / 25),
    resources: Math.ceil(users / 40),
    servicePassword: password,
  });
  return startEmbeddedDirectory({ entries, suffix: 'o=isp', bindDn, password });
}

async function layAll(parts: DemoParts, names: ReturnType<typeof rehearsalHosts>, users: number): Promise<void> {
  const directory = { url: parts.directory.url, bindDn, password, base: 'o=isp' };
  const calendars = stayingCalendars(users);
  const busy = migratedBusyTimes(users);
  const options = { ...installedOptions, ...mailOptions(parts.mail) };
  for (const name of [...names.cs6, ...names.cs7]) {
    const tree = join(parts.folder, 'hosts', name);
    const httpPort = await freePort();
    const face = { httpPort, directory };
    if (name.startsWith('cs6')) await layInstalledCs6(tree, tree, { ...face, calendars });
    else await layInstalledCs7(tree, tree, { ...face, busy, options });
    parts.trees.set(name, tree);
    parts.urls.set(name, `http://127.0.0.1:${httpPort}`);
    age(tree);
  }
}

/** Configuration that was written a day ago owes no restart to a server that is started now. */
function age(tree: string): void {
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), yesterday, yesterday);
  }
}

async function serveAll(parts: DemoParts): Promise<void> {
  const { folder, trees, hosts, urls } = parts;
  const user = createSshKeyPair();
  writeFileSync(join(folder, 'id_rehearsal'), user.privateKey, { mode: 0o600 });
  for (const [name, tree] of trees) {
    const hostKey = createSshKeyPair().privateKey;
    hosts.set(name, await startEmbeddedHost({ name, tree, hostKey, authorizedKey: user.publicKey }));
  }
  const lines = [...hosts.values()].map(host => host.hostKeyLine);
  writeFileSync(join(folder, 'known_hosts'), `${lines.join('\n')}\n`);
  const places = new Map<string, RehearsalHost>();
  for (const [name, { address, port }] of hosts) {
    places.set(name, {
      address,
      port,
      http: { address: '127.0.0.1', port: Number(new URL(urls.get(name) ?? '').port) },
    });
  }
  const text = rehearsalEstateFile({
    hosts: places,
    knownHosts: 'known_hosts',
    identity: 'id_rehearsal',
    directoryUrl: parts.directory.url,
    bindDn,
  });
  writeFileSync(join(folder, 'estate.yaml'), text);
}

/** A few at a time: each is a process of its own. */
async function startServers({ trees }: DemoParts): Promise<void> {
  const waiting = [...trees];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await startServer(...next);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

function startServer(name: string, tree: string): Promise<unknown> {
  return name.startsWith('cs6')
    ? run(join(tree, cs6Paths('solaris-sparc').sbin, 'start-cal'))
    : run(join(tree, GLASSFISH_HOME, 'bin/asadmin'), ['start-domain', 'domain1']);
}

function rehearsalOf(parts: DemoParts, interrupted: Promise<void>, stop: () => Promise<void>): Rehearsal {
  const { folder, hosts, urls, directory, mail } = parts;
  const faults: Readonly<Record<string, DemoFault>> = demoFaults(parts);
  return {
    folder,
    file: join(folder, 'estate.yaml'),
    environment: { LDAP_PASSWORD: password, XDG_STATE_HOME: join(folder, 'state') },
    servers: [
      { name: 'directory', what: 'LDAP', where: directory.url },
      { name: 'mail', what: 'SMTP', where: `${mail.address} port ${mail.port}` },
      ...[...hosts].map(([name, { address, port }]) => ({
        name,
        what: name.startsWith('cs6') ? 'Calendar Server 6.3' : 'Calendar Server 7',
        where: `ssh ${address} port ${port}, ${urls.get(name)}`,
      })),
    ],
    faults: faultMeanings,
    lookUp: when => lookAcross(parts, when),
    tidy: () => tidyByHand(parts),
    meddle: () => meddleByHand(parts),
    setFault: async name => faults[name]?.set(),
    clearFaults: async () => {
      for (const fault of Object.values(faults)) await fault.clear();
    },
    untilInterrupted: () => interrupted,
    stop,
  };
}

/** Stand-ins run on their own, so an interrupt has to end them too. */
function onInterrupt(stop: () => Promise<void>): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve();
        void stop().then(() => process.exit(130));
      });
    }
  });
}

async function stopAll({ folder, hosts, trees, directory, mail }: DemoParts): Promise<void> {
  await Promise.all([...hosts.values()].map(host => host.stop()));
  await Promise.all([directory.stop(), mail.stop()]);
  for (const tree of trees.values()) await endDaemons(tree);
  // A server that ends writes its last lines while the folder goes.
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch {
      await wait(100);
    }
  }
}
