import type { Cs6Platform } from '../core/desired.ts';
import { type LabCalendar, renderCalendars } from './cs6/calendar-store.ts';
import { adminLogPath, calendarStorePath, cs6Paths } from './cs6/layout.ts';
import { faceOf, layFace } from './freebusy/http-face.ts';
import {
  effectiveOwner,
  type HostTree,
  layDaemonFolder,
  layFile,
  layFolder,
  layProcessList,
  layProgram,
  layScript,
  quote,
} from './host-tree.ts';
import { text } from './outcome.ts';
import { type Cs6Facts, factsPath, type HostFace, LAB_BIN, LAB_FOLDER, type Owner } from './place.ts';

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
