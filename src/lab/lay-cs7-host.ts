import { renderBusyStore } from './cs7/busy-store.ts';
import {
  busyStorePath,
  CONTAINER_PID_PATH,
  CS7_DATA,
  CS7_HOME,
  credentialsPath,
  davserverPropertiesPath,
  domainMapPath,
  GLASSFISH_HOME,
} from './cs7/container.ts';
import { ADMINISTRATOR, PASSWORD_PROPERTY } from './cs7/davadmin-words.ts';
import { renderProperties } from './cs7/properties.ts';
import { faceOf, layFace } from './freebusy/http-face.ts';
import type { Period } from './freebusy/period.ts';
import {
  type HostTree,
  layDaemonFolder,
  layFile,
  layFolder,
  layLink,
  layProcessList,
  layProgram,
} from './host-tree.ts';
import { type Cs7Facts, factsPath, type HostFace, type Owner } from './place.ts';

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
