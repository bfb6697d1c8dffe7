import type { Cs6Platform } from '../core/desired.ts';
import { type LabCalendar, renderCalendars } from './cs6/calendar-store.ts';
import { adminLogPath, calendarStorePath, cs6Paths } from './cs6/cs6-layout.ts';
import { renderBusyStore } from './cs7/busy-store.ts';
import { ADMINISTRATOR, PASSWORD_PROPERTY } from './cs7/davadmin-words.ts';
import {
  busyStorePath,
  CONTAINER_PID_PATH,
  CS7_DATA,
  CS7_HOME,
  credentialsPath,
  davserverPropertiesPath,
  domainMapPath,
  GLASSFISH_HOME,
} from './cs7/lab-container.ts';
import { renderProperties } from './cs7/properties.ts';
import { faceOf, layFace } from './freebusy/http-face.ts';
import type { Period } from './freebusy/period.ts';
import {
  type Cs6Facts,
  type Cs7Facts,
  effectiveOwner,
  factsPath,
  type HostFace,
  type HostTree,
  LAB_BIN,
  LAB_FOLDER,
  layDaemonFolder,
  layFile,
  layFolder,
  layLink,
  layProcessList,
  layProgram,
  layScript,
  type Owner,
  quote,
} from './host-tree.ts';
import { text } from './outcome.ts';

const CORE_PATCH = { 'solaris-sparc': '121657', 'solaris-x86': '121658' } as const;

const OBSOLETED = { 'solaris-sparc': '116577-42', 'solaris-x86': '116578-42' } as const;

const EARLIER = [17, 9, 37];

/** Patches of the platform's calendar server by number: 121657 on SPARC, 121658 on x86 (chapter 10, "Configuring the Calendar Server 6 Environment"). */
type SolarisPlatform = Exclude<Cs6Platform, 'redhat'>;

/**
 * Output of `showrev -p` and `patchadd -p`. Made to catch a careless reader: the newest revision comes first, one of the
 * earlier ones is greater when read as a word (`-9`), and two other patches name revisions that are not installed.
 */
export function renderPatches(platform: SolarisPlatform, patch: number | undefined): string {
  const core = CORE_PATCH[platform];
  const revisions = patch === undefined ? [] : [patch, ...EARLIER.filter(revision => revision < patch)];
  return text(
    line('118833-36', { obsoletes: '118822-30', packages: 'SUNWcsu, SUNWcsr' }),
    line('119254-92', { packages: 'SUNWinstall-patch-utils-root, SUNWpkgcmdsu' }),
    ...revisions.map(revision =>
      line(`${core}-${revision}`, { obsoletes: OBSOLETED[platform], packages: 'SUNWics5, SUNWica5' }),
    ),
    line('121581-20', { incompatibles: `${core}-99`, packages: 'SUNWdsvr' }),
    line('122793-09', { obsoletes: `${core}-98`, packages: 'SUNWics-l10n' }),
    line('125358-13', { requires: '118833-36', packages: 'SUNWnspr, SUNWtls' }),
  );
}

/** Packages as `rpm -qa` prints them. Patch 121659 is a set of packages: its revision stands in none of the names. */
function renderPackages(): string {
  return text(
    'glibc-2.5-123',
    'sun-calendar-api-6.3-11.01',
    'sun-calendar-core-6.3-11.01',
    'sun-calendar-server-6.3-11.01',
  );
}

/** Body of `showrev` over the stored listing. */
function showrevScript(listing: string): string {
  return `case "$*" in
  -p) exec cat ${listing} ;;
  '') echo 'Hostname: '\`hostname\`; echo 'Release: 5.10'; echo 'Kernel version: SunOS' ;;
  *) echo 'usage: showrev [-a] [-p] [-w] [-c command] [-s server]' >&2; exit 1 ;;
esac
`;
}

/** Body of `patchadd`, of which only the listing is there. */
function patchaddScript(listing: string): string {
  return `if [ "$*" = '-p' ]; then exec cat ${listing}; fi
echo 'patchadd: only -p is part of the rehearsal' >&2
exit 1
`;
}

/** Body of `rpm`, of which only the queries are there. */
function rpmScript(listing: string): string {
  return `if [ "$*" = '-qa' ]; then exec cat ${listing}; fi
if [ $# -ne 2 ] || [ "$1" != '-q' ]; then echo 'rpm: only -q package and -qa are part of the rehearsal' >&2; exit 1; fi
grep "^$2-[0-9]" ${listing} && exit 0
echo "package $2 is not installed"
exit 1
`;
}

interface PatchLine {
  readonly obsoletes?: string;
  readonly requires?: string;
  readonly incompatibles?: string;
  readonly packages: string;
}

function line(id: string, { obsoletes = '', requires = '', incompatibles = '', packages }: PatchLine): string {
  return `Patch: ${id} Obsoletes: ${obsoletes} Requires: ${requires} Incompatibles: ${incompatibles} Packages: ${packages}`;
}

/** A Calendar Server 6.3 host that is to be laid down. */
export interface Cs6Layout extends HostTree, Partial<Omit<HostFace, 'httpPort'>> {
  readonly platform: Cs6Platform;
  /** Revision of the core patch; without one the listing has none. Red Hat's listing never shows it. */
  readonly patch?: number;
  /** The whole ics.conf, as Latin-1. */
  readonly icsConf: string;
  readonly calendars: readonly LabCalendar[];
  /** The server's user and group, `icsuser:icsgroup`; 1001:1001 unless told, this process's own unless it is root. */
  readonly owner?: Owner;
  /** Other places than the platform's documented ones. */
  readonly paths?: { readonly icsConf?: string; readonly sbin?: string; readonly data?: string };
}

const ICS_USER: Owner = { uid: 1001, gid: 1001 };

const COMMANDS = ['start-cal', 'stop-cal', 'cscal', 'csexport'];

/** Lays the files and commands of a Calendar Server 6.3 host; its server is not started. */
export async function layCs6Host(layout: Cs6Layout): Promise<void> {
  const owner = effectiveOwner(layout.owner ?? ICS_USER);
  const facts: Cs6Facts = { ...cs6Paths(layout.platform), ...layout.paths, platform: layout.platform, owner };
  await layFile(layout, factsPath('cs6'), `${JSON.stringify(facts, undefined, 2)}\n`);
  await layFace(layout, 'cs6', faceOf(layout));
  await layFile(layout, facts.icsConf, layout.icsConf, { mode: 0o640, owner });
  await layData(layout, facts);
  for (const name of COMMANDS) await layProgram(layout, `${facts.sbin}/${name}`, `cs6/${name}`);
  await layPatchCommands(layout);
  await layDaemonFolder(layout);
  await layProcessList(layout);
}

async function layData(layout: Cs6Layout, facts: Cs6Facts): Promise<void> {
  const { data, owner } = facts;
  for (const folder of ['', '/csdb', '/logs', '/tmp']) await layFolder(layout, `${data}${folder}`, owner);
  await layFile(layout, calendarStorePath(data), renderCalendars(layout.calendars), { mode: 0o600, owner });
  await layFile(layout, adminLogPath(data), '', { mode: 0o600, owner });
}

async function layPatchCommands(layout: Cs6Layout): Promise<void> {
  const path = `${LAB_FOLDER}/${layout.platform === 'redhat' ? 'packages' : 'patches'}`;
  const listing = quote(`${layout.prefix}${path}`);
  if (layout.platform === 'redhat') {
    await layFile(layout, path, renderPackages());
    await layScript(layout, `${LAB_BIN}/rpm`, rpmScript(listing));
  } else {
    await layFile(layout, path, renderPatches(layout.platform, layout.patch));
    await layScript(layout, `${LAB_BIN}/showrev`, showrevScript(listing));
    await layScript(layout, `${LAB_BIN}/patchadd`, patchaddScript(listing));
  }
}

/** A Calendar Server 7 host that is to be laid down. */
export interface Cs7Layout extends HostTree, Partial<HostFace> {
  /** davserver.properties; a name given here is a known option even if the defaults lack it. */
  readonly options: Readonly<Record<string, string>>;
  /** Password of the user `admin`. */
  readonly password: string;
  /** As `davadmin version` prints it, e.g. `7.0.5.17.0`. */
  readonly version: string;
  /** The whole ischeduledomainmap.properties; without it there is no such file, as after an installation. */
  readonly domainMap?: string;
  /** Host path of a file for davadmin's `-F`; /etc/opt/davadmin.clifile unless told. */
  readonly passwordFile?: string;
  /** Owner of the configuration; root's, or this process's own, unless told. */
  readonly owner?: Owner;
  /** Whether CalendarServer_home/config is a link into the data folder; it is unless told. */
  readonly configIsLink?: boolean;
  /** When accounts are busy, by unique id, or by mail address where the id is not known yet. */
  readonly busy?: Readonly<Record<string, readonly Period[]>>;
}

/** Lays the files and commands of a Calendar Server 7 host; its container is not started. */
export async function layCs7Host(layout: Cs7Layout): Promise<void> {
  const facts: Cs7Facts = { home: CS7_HOME, version: layout.version };
  await layFile(layout, factsPath('cs7'), `${JSON.stringify(facts, undefined, 2)}\n`);
  await layFace(layout, 'cs7', faceOf(layout));
  await layConfig(layout);
  await layFile(layout, busyStorePath(CS7_DATA), renderBusyStore(layout.busy ?? {}), { mode: 0o600 });
  await layFolder(layout, CONTAINER_PID_PATH.replace(/\/pid$/, ''));
  await layProgram(layout, `${CS7_HOME}/sbin/davadmin`, 'cs7/davadmin');
  await layProgram(layout, `${GLASSFISH_HOME}/bin/asadmin`, 'cs7/asadmin');
  await layDaemonFolder(layout);
  await layProcessList(layout);
}

async function layConfig(layout: Cs7Layout): Promise<void> {
  const rights = { mode: 0o600, ...(layout.owner === undefined ? {} : { owner: layout.owner }) };
  const { password } = layout;
  await layFolder(layout, `${CS7_DATA}/config`, layout.owner);
  if (layout.configIsLink ?? true) await layLink(layout, `${CS7_HOME}/config`, `${CS7_DATA}/config`);
  await layFile(layout, davserverPropertiesPath(CS7_HOME), renderProperties(layout.options), rights);
  await layFile(layout, credentialsPath(CS7_HOME), renderProperties({ [PASSWORD_PROPERTY]: password }), rights);
  await layFile(
    layout,
    layout.passwordFile ?? '/etc/opt/davadmin.clifile',
    renderProperties({ userid: ADMINISTRATOR, password }),
    rights,
  );
  if (layout.domainMap !== undefined)
    await layFile(layout, domainMapPath(CS7_HOME), layout.domainMap, { ...rights, mode: 0o644 });
}
