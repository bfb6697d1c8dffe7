import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type Cs7Facts, type HostFace, onHost } from '../host-tree.ts';
import { daemonPath } from '../lab-daemon.ts';
import { isProcess, readPid } from '../process-list.ts';
import { readProperties } from './properties.ts';

/** A running Calendar Server 7, with what its container read at its start. */
export interface Cs7Server extends Pick<Cs7State, 'options' | 'domainMap'> {
  readonly prefix: string;
  readonly face: HostFace;
}

/** The words of an option that is a list. */
export function optionWords(server: Cs7Server, name: string): readonly string[] {
  return (server.options[name] ?? '').split(/\s+/).filter(word => word !== '');
}

/** CalendarServer_home as installed by default (Calendar Server 7.0.5 Installation and Configuration Guide). */
export const CS7_HOME = '/opt/sun/comms/davserver';

/** Folder of data and configuration; the `config` of CalendarServer_home commonly is a link into it. */
export const CS7_DATA = '/var/opt/sun/comms/davserver';

/** GlassFish_home of the container, version 3. */
export const GLASSFISH_HOME = '/opt/glassfish3';

/** The container's domain, by GlassFish's default. */
export const DOMAIN = 'domain1';

/** File with the container's process number, there while it runs. */
export const CONTAINER_PID_PATH = `${GLASSFISH_HOME}/glassfish/domains/${DOMAIN}/config/pid`;

/** What the running container really runs with; no such file on a real host. */
export const CS7_RUNNING_PATH = `${CS7_DATA}/running.json`;

/** The options that davadmin changes: lines `parameter=value` (Calendar Server 7.0.5 System Administrator's Guide, configuration files). */
export function davserverPropertiesPath(home: string): string {
  return `${home}/config/davserver.properties`;
}

/** The passwords (same guide). */
export function credentialsPath(home: string): string {
  return `${home}/config/davservercreds.properties`;
}

/** The domain map (chapter 10, "Configuring the Calendar Server 7 Environment"). */
export function domainMapPath(home: string): string {
  return `${home}/config/ischeduledomainmap.properties`;
}

/** The stand-in for the calendar database: when accounts are busy. */
export function busyStorePath(data: string): string {
  return `${data}/busy.json`;
}

/**
 * The options that the stand-in knows, with the values they have while nobody set them. Those of `base.ldapinfo` and
 * `permanentuniqueid` are documented (Calendar Server 7.0.5 System Administrator's Guide, configuration parameters); the
 * default of `subjectattributes` is not, which is why nobody should rely on it.
 */
const OPTION_DEFAULTS: Readonly<Record<string, string>> = {
  'base.ldapinfo.cachesize': '1000',
  'base.ldapinfo.cachettl': '60',
  'base.ldapinfo.dcroot': 'o=isp',
  'base.ldapinfo.defaultdomain': 'demo.example.com',
  'base.ldapinfo.loginseparator': '@',
  'base.ldapinfo.schemalevel': '2',
  'davcore.autocreate.enableautocreate': 'true',
  'davcore.scheduling.localuserattr': '',
  'davcore.uriinfo.emailattributes': 'mail mailalternateaddress',
  'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
  'davcore.uriinfo.subjectattributes':
    'cn davstore icsstatus mail mailalternateaddress nswcalcalid owner preferredlanguage uid objectclass ismemberof uniquemember memberurl mgrprfc822mailmember davuniqueid',
  'log.dav.commands.loglevel': 'INFO',
  'notification.dav.enableemailnotif': 'true',
  'notification.dav.smtphost': '',
  'notification.dav.smtpport': '25',
  'notification.dav.smtpusessl': 'false',
  'service.dav.ischedulewhitelist': '',
  'store.dav.defaultbackend.backendid': 'defaultbackend',
  'store.dav.defaultbackend.jndiname': 'jdbc/defaultbackend',
  'store.dav.ischedulebackend.jndiname': 'jdbc/ischedulebackend',
};

/** Title of the container's process. */
export const CONTAINER_TITLE = 'java';

/** What a Calendar Server 7 runs with: what it read when its container started, whatever the files say now. */
export interface Cs7State {
  readonly version: string;
  /** Defaults included. */
  readonly options: Readonly<Record<string, string>>;
  readonly domainMap: Readonly<Record<string, string>>;
}

/** What the files of the host say at this moment. */
export function readCs7State(prefix: string, facts: Cs7Facts): Cs7State {
  return {
    version: facts.version,
    options: { ...OPTION_DEFAULTS, ...readProperties(content(prefix, davserverPropertiesPath(facts.home))) },
    domainMap: readProperties(content(prefix, domainMapPath(facts.home))),
  };
}

/** Process number of the running container; nothing when none runs, also when one died and left its file. */
export function containerPid(prefix: string): number | undefined {
  const pid = readPid(onHost(prefix, CONTAINER_PID_PATH));
  return pid !== undefined && isProcess(pid, CONTAINER_TITLE) ? pid : undefined;
}

/** Removes what a killed container could not remove itself. */
export function forgetContainer(prefix: string): void {
  for (const path of [CONTAINER_PID_PATH, CS7_RUNNING_PATH, daemonPath(CONTAINER_TITLE)])
    rmSync(onHost(prefix, path), { force: true });
}

function content(prefix: string, path: string): string {
  const place = onHost(prefix, path);
  return existsSync(place) ? readFileSync(place, 'latin1') : '';
}
