import { dirname } from 'node:path/posix';
import { chapter } from '../core/declared.ts';
import {
  type Answering,
  answeringHosts,
  type Cs6Platform,
  type DesiredCs6Host,
  type DesiredState,
  hostsOf,
} from '../core/desired.ts';
import { cs7 } from './cs7.ts';
import { knownIcsConf } from './known-ics-conf.ts';
import { anyWord, type DerivedSetting, type PackageQuestion, type Product, type ProductCommand } from './product.ts';

/** Where a platform keeps Calendar Server 6.3. */
interface Cs6Places {
  /** Candidates for ics.conf; the first is where its installer puts it. */
  readonly config: readonly string[];
  /** Candidates for the folder of start-cal and cscal, in the same order. */
  readonly sbin: readonly string[];
  /** Folder above csdb, logs and tmp. */
  readonly data: string;
}

const solaris: Cs6Places = {
  config: [
    '/etc/opt/SUNWics5/config/ics.conf',
    '/etc/opt/SUNWics5/cal/config/ics.conf',
    '/etc/opt/sun/comms/calendar/SUNWics5/config/ics.conf',
    // With high availability (2005Q4 Administration Guide, on configuring it).
    '/opt/SUNWics5/cal/config/ics.conf',
  ],
  sbin: ['/opt/SUNWics5/cal/sbin', '/opt/sun/comms/calendar/SUNWics5/cal/sbin'],
  data: '/var/opt/SUNWics5',
};

/** The data folder is by analogy with the other two. */
const redhat: Cs6Places = {
  config: ['/etc/opt/sun/calendar/config/ics.conf', '/etc/opt/sun/comms/calendar/config/ics.conf'],
  sbin: ['/opt/sun/calendar/sbin', '/opt/sun/comms/calendar/sbin'],
  data: '/var/opt/sun/calendar',
};

/** The places that are documented: Calendar Server 6.3 Administration Guide E.1 and 4.2, the file location tables of 6.3 for Linux, and chapter 10. */
export const cs6Places: Readonly<Record<Cs6Platform, Cs6Places>> = {
  'solaris-sparc': solaris,
  'solaris-x86': solaris,
  redhat,
};

/** Solaris prints the architecture behind the release (uname(1)); Linux is Red Hat's, the only one that 6.3 knows. */
const systems: readonly (readonly [RegExp, Cs6Platform])[] = [
  [/^SunOS\b.*\ssparc\b/, 'solaris-sparc'],
  [/^SunOS\b.*\si86pc\b/, 'solaris-x86'],
  [/^Linux\b/, 'redhat'],
];

/** The platform of a host, from what `uname -a` prints; nothing where it is none of them. */
export function platformOf(system: string): Cs6Platform | undefined {
  return systems.find(([form]) => form.test(system))?.[1];
}

/** The components of start-cal and stop-cal in their start order, each with its process (6.3 Administration Guide, appendix D). */
export const cs6Components = {
  watcher: 'watcher',
  ens: 'enpd',
  store: 'csstored',
  notify: 'csnotifyd',
  admin: 'csadmind',
  dwp: 'csdwpd',
  http: 'cshttpd',
} as const;

/** Processes of which at least one runs on a back end. */
export const cs6BackEndProcesses: readonly string[] = [cs6Components.store, cs6Components.dwp, cs6Components.admin];

/** The patch that brings what coexistence needs (chapter 10, "Configuring the Calendar Server 6 Environment", step 1). */
export const cs6Patch = {
  /** The core patch of 6.3 on each platform. */
  number: {
    'solaris-sparc': '121657',
    'solaris-x86': '121658',
    redhat: '121659',
  } satisfies Readonly<Record<Cs6Platform, string>>,
  /** The chapter names 37 in its steps and 44 under "Minimum Software Requirements"; the safer of the two. */
  minimum: 44,
  /** The last revision that is publicly known, of August 2013. */
  latest: 54,
  /**
   * Solaris lists patches by the first, and by the second where that does not answer: it needs root, and takes minutes. A reduced
   * Solaris 10 may lack showrev, Solaris 11 has neither.
   */
  listings: [{ words: ['showrev', '-p'] }, { words: ['patchadd', '-p'] }],
  /** A Red Hat patch is a set of packages without its number in a name: this shows only that they are there. */
  packages: { words: ['rpm', '-q', 'sun-calendar-server'] },
  /** A line of either listing: the patch's number and its revision. */
  line: /^Patch:\s+(\d{6})-(\d{2,})\b/gm,
} as const;

/** The keys of ics.conf that coexistence stands on. */
export const cs6Keys = {
  schedule: 'service.http.caldavcompatible',
  redirect: 'service.wcap.freebusy.redirecturl',
  autoprovision: 'local.autoprovision',
  /** Whether the HTTP server answers without a login. */
  anonymous: 'service.http.allowanonymouslogin',
  /** Whether a host answers over HTTP at all: a pure back end has "no". */
  http: 'service.http.enable',
  /** Where it listens. */
  port: 'service.http.port',
  address: 'service.http.listenaddr',
  /** Whether it is under Sun Cluster (2005Q4 Administration Guide, on high availability). */
  cluster: 'local.server.ha.enabled',
} as const;

/** With one of them on, CS6 makes calendars for accounts that it is asked about. */
export const provisioningKeys: readonly string[] = [
  cs6Keys.autoprovision,
  'user.invite.autoprovision',
  'group.invite.autoprovision',
  'resource.invite.autoprovision',
];

const about = '(chapter 10, "About the Calendar Server 6 Configuration")';

/** Chapter 10, "Configuring the Calendar Server 6 Environment", step 2. */
const derivedSettings: readonly DerivedSetting[] = [
  {
    name: cs6Keys.schedule,
    value: () => 'yes',
    because: () => `CS6 answers iSchedule free/busy requests of CS7 only with it ${about}.`,
    chapter: chapter.icsConf,
    from: 'host',
  },
  {
    name: cs6Keys.redirect,
    value: ({ redirect }) => `${redirect.http}${cs7.getFreeBusy}`,
    because: ({ redirect }) =>
      `CS6 refers to ${redirect.name} for the free/busy times of everybody it has no calendar of ${about}.`,
    chapter: chapter.icsConf,
    from: 'freeBusyRedirect',
  },
  ...provisioningKeys.map(
    (name): DerivedSetting => ({
      ...{ name, value: () => 'no', because: () => withoutAutoprovision(name) },
      ...{ chapter: chapter.icsConf, from: 'host' },
    }),
  ),
];

function withoutAutoprovision(key: string): string {
  const creates =
    key === cs6Keys.autoprovision
      ? 'CS6 would create a calendar for a CS7 account that logs in or is invited'
      : `CS6 would create a calendar when an invitation reaches a ${key.split('.')[0]} of CS7`;
  return `${creates}, and then take it for its own instead of sending the invitation by mail ${about}.`;
}

/** A command of sbin, which is run there (chapter 10, step 3; 6.3 Administration Guide, appendix D). */
function inSbin({ sbin }: DesiredCs6Host, name: string, ...words: readonly string[]): ProductCommand {
  return { words: [`./${name}`, ...words], directories: sbin };
}

/** Today by the host's own clock and time zone, as the folders of hot backups are named: `20261130`. */
export const cs6Today = { words: ['date', '+%Y%m%d'] };

/** `cscal` with its words: options before the command. */
export function cscal(host: DesiredCs6Host, ...words: readonly string[]): ProductCommand {
  return inSbin(host, 'cscal', ...words);
}

/** `csexport` with its words. */
export function csexport(host: DesiredCs6Host, ...words: readonly string[]): ProductCommand {
  return inSbin(host, 'csexport', ...words);
}

/** Where a CS6 front end takes iSchedule requests (chapter 10, "Configuring the Calendar Server 7 Environment", step 2). */
export function scheduleUrl({ http }: { readonly http: string }): string {
  return `${http}/ischedule/`;
}

/** The CS6 hosts that CS7 asks about accounts of a domain, as the domain map must have it. */
export function routesOf(state: DesiredState, domain: string): readonly Answering<DesiredCs6Host>[] {
  const urls = hostsOf(state, 'cs7').flatMap(({ domains }) =>
    domains.flatMap(one => (one.domain === domain ? [one.url] : [])),
  );
  return answeringHosts(state, 'cs6').filter(host => urls.includes(scheduleUrl(host)));
}
/** The base folder of the package, below which Solaris installs it. */
const pkgQuestion: PackageQuestion = {
  words: ['pkginfo', '-r', 'SUNWics5'],
  commands: ['SUNWics5/cal/sbin', 'cal/sbin'],
  files: ['SUNWics5/cal/config/ics.conf', 'cal/config/ics.conf', 'etc/opt/SUNWics5/config/ics.conf'],
};

const rpmQuestion: PackageQuestion = {
  words: ['rpm', '-q', '--queryformat', '%{INSTALLPREFIX}', 'sun-calendar-server'],
  commands: ['calendar/sbin', 'sbin'],
  files: ['calendar/config/ics.conf', 'config/ics.conf', 'etc/opt/sun/calendar/config/ics.conf'],
};

/** Sun Java System Calendar Server 6.3. */
export const cs6: Product<DesiredCs6Host> = {
  id: 'cs6',
  name: 'Calendar Server 6',
  // What reads ics.conf; a back end may run without cshttpd.
  processes: [cs6Components.store, cs6Components.notify, cs6Components.admin, cs6Components.dwp, cs6Components.http],
  programs: ({ sbin }) => sbin.map(folder => dirname(folder)),
  packages: ({ platform }) => [platform === 'redhat' ? rpmQuestion : pkgQuestion],
  // Documented nowhere: each number counts only where a process of that name has it.
  pidFiles: ({ platform }) =>
    [cs6Components.store, cs6Components.notify, cs6Components.admin, cs6Components.dwp, cs6Components.http].map(
      name => `${cs6Places[platform].data}/tmp/${name}.pid`,
    ),
  readsAtStart: ({ config }) => config,
  stop: host => inSbin(host, 'stop-cal'),
  start: host => inSbin(host, 'start-cal'),
  list: host => inSbin(host, 'start-cal', '-l'),
  queries: [
    ...cs6Patch.listings.map(({ words }) => words),
    ['rpm', '-q', anyWord],
    pkgQuestion.words,
    rpmQuestion.words,
    ['./start-cal', '-l'],
    ['./cscal', 'list'],
    ['./cscal', '-o', anyWord, 'list'],
    cs6Today.words,
  ],
  getFreeBusy: '/get_freebusy.wcap',
  knownSettings: knownIcsConf,
  derivedSettings,
};
