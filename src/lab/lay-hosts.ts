import type { Cs6Platform } from '../core/desired.ts';
import { type LabCalendar, renderCalendars } from './cs6/calendar-store.ts';
import { adminLogPath, calendarStorePath, cs6Paths } from './cs6/cs6-layout.ts';
import { renderBusyStore } from './cs7/busy-store.ts';
import { ADMINISTRATOR, PASSWORD_PROPERTY } from './cs7/davadmin-words.ts';
import {
  busyStorePath,
  CS7_DATA,
  CS7_HOME,
  containerPlaces,
  credentialsPath,
  davserverPropertiesPath,
  domainMapPath,
  domainXml,
} from './cs7/lab-container.ts';
import { renderProperties } from './cs7/properties.ts';
import { type Cs6Dialect, type Cs7Dialect, usualCs6, usualCs7 } from './dialect.ts';
import { faceOf, layFace } from './freebusy/http-face.ts';
import type { Period } from './freebusy/icalendar.ts';
import {
  type Cs6Facts,
  type Cs7Facts,
  effectiveOwner,
  factsPath,
  type HostFace,
  type HostTree,
  LAB_FOLDER,
  layDaemonFolder,
  layFile,
  layFolder,
  layLink,
  layProgram,
  type Owner,
} from './host-tree.ts';
import {
  layCluster,
  layCs6Software,
  layCs7Software,
  layProcessList,
  layRuns,
  layServiceCommands,
  layUname,
  layWeblogic,
} from './system-commands.ts';

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
  /** Other places than those of the platform and the dialect. */
  readonly paths?: { readonly icsConf?: string; readonly sbin?: string; readonly data?: string };
  /** How it differs from a host as the stand-ins were first made. */
  readonly dialect?: Partial<Cs6Dialect>;
}

const ICS_USER: Owner = { uid: 1001, gid: 1001 };

const COMMANDS = ['start-cal', 'stop-cal', 'cscal', 'csexport'];

/** What the configuration of the cluster's agent leaves in ics.conf (2005Q4 Administration Guide, high availability). */
const CLUSTER_SETTINGS = 'local.server.ha.enabled="yes"\nlocal.server.ha.agent="SUNWscics"\n';

/** Lays the files and commands of a Calendar Server 6.3 host; its server is not started. */
export async function layCs6Host(layout: Cs6Layout): Promise<void> {
  const owner = effectiveOwner(layout.owner ?? ICS_USER);
  const { platform } = layout;
  const dialect = { ...usualCs6, ...layout.dialect };
  const facts: Cs6Facts = { ...cs6Paths(platform, dialect.place), ...layout.paths, platform, owner, dialect };
  await layFile(layout, factsPath('cs6'), `${JSON.stringify(facts, undefined, 2)}\n`);
  await layFace(layout, 'cs6', faceOf(layout));
  const agent = dialect.cluster === 'none' ? '' : CLUSTER_SETTINGS;
  await layFile(layout, facts.icsConf, `${layout.icsConf}${agent}`, { mode: 0o640, owner });
  await layData(layout, facts);
  for (const name of COMMANDS) await layProgram(layout, `${facts.sbin}/${name}`, `cs6/${name}`);
  await layCs6Software(layout, facts, layout.patch);
  if (dialect.cluster !== 'none') await layCluster(layout, facts.sbin);
  await layDaemonFolder(layout);
  await layRuns(layout);
  await layProcessList(layout, dialect.zones);
  await layUname(layout, platform);
}

async function layData(layout: Cs6Layout, facts: Cs6Facts): Promise<void> {
  const { data, owner } = facts;
  for (const folder of ['', '/csdb', '/logs', '/tmp']) await layFolder(layout, `${data}${folder}`, owner);
  await layFile(layout, calendarStorePath(data), Buffer.from(renderCalendars(layout.calendars)), {
    mode: 0o600,
    owner,
  });
  await layFile(layout, adminLogPath(data), '', { mode: 0o600, owner });
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
  /** How it differs from a host as the stand-ins were first made. */
  readonly dialect?: Partial<Cs7Dialect>;
}

/** Lays the files and commands of a Calendar Server 7 host; its container is not started. */
export async function layCs7Host(layout: Cs7Layout): Promise<void> {
  const dialect = { ...usualCs7, ...layout.dialect };
  const home = dialect.place === 'site' ? `/opt/site${CS7_HOME.slice('/opt'.length)}` : CS7_HOME;
  const facts: Cs7Facts = { home, version: layout.version, dialect };
  await layFile(layout, factsPath('cs7'), `${JSON.stringify(facts, undefined, 2)}\n`);
  await layFace(layout, 'cs7', faceOf(layout));
  await layConfig(layout, home);
  await layFile(layout, busyStorePath(CS7_DATA), renderBusyStore(layout.busy ?? {}), { mode: 0o600 });
  await layProgram(layout, `${home}/sbin/davadmin`, 'cs7/davadmin');
  await layContainer(layout, dialect);
  await layCs7Software(layout, home, dialect);
  await layDaemonFolder(layout);
  await layRuns(layout);
  await layProcessList(layout);
}

/** Where asadmin is not the administrator's command, the scripts of its keeper run it. */
async function layContainer(layout: Cs7Layout, dialect: Cs7Dialect): Promise<void> {
  const { bin, domain } = containerPlaces(dialect);
  const program = dialect.container === 'weblogic' ? `${LAB_FOLDER}/container` : `${bin}/asadmin`;
  await layFolder(layout, `${domain}/config`);
  const xml = domainXml(dialect, layout.httpPort ?? 8080);
  if (xml !== undefined) await layFile(layout, `${domain}/config/domain.xml`, xml);
  await layProgram(layout, program, 'cs7/asadmin');
  if (dialect.container === 'weblogic') await layWeblogic(layout, bin, program);
  if (dialect.watchedBy !== 'nobody') await layServiceCommands(layout, dialect.watchedBy, program);
}

async function layConfig(layout: Cs7Layout, home: string): Promise<void> {
  const rights = { mode: 0o600, ...(layout.owner === undefined ? {} : { owner: layout.owner }) };
  const { password } = layout;
  await layFolder(layout, `${CS7_DATA}/config`, layout.owner);
  if (layout.configIsLink ?? true) await layLink(layout, `${home}/config`, `${CS7_DATA}/config`);
  await layFile(layout, davserverPropertiesPath(home), renderProperties(layout.options), rights);
  await layFile(layout, credentialsPath(home), renderProperties({ [PASSWORD_PROPERTY]: password }), rights);
  await layFile(
    layout,
    layout.passwordFile ?? '/etc/opt/davadmin.clifile',
    renderProperties({ userid: ADMINISTRATOR, password }),
    rights,
  );
  if (layout.domainMap !== undefined)
    await layFile(layout, domainMapPath(home), layout.domainMap, { ...rights, mode: 0o644 });
}
