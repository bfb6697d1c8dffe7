import type { Cs6Platform } from '../core/desired.ts';
import { type LabCalendar, renderCalendars } from './cs6/calendar-store.ts';
import { adminLogPath, calendarStorePath, cs6Paths } from './cs6/layout.ts';
import { patchaddScript, renderPackages, renderPatches, rpmScript, showrevScript } from './cs6/patch-listing.ts';
import { faceOf, layFace } from './freebusy/lay-face.ts';
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
import { type Cs6Facts, factsPath, type HostFace, LAB_BIN, LAB_FOLDER, type Owner } from './place.ts';

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
