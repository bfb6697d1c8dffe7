import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { Cs7Dialect } from '../dialect.ts';
import { type Cs7Facts, type HostFace, LAB_FOLDER, onHost } from '../host-tree.ts';
import { daemonPath, type RunningState } from '../lab-daemon.ts';
import { isProcess } from '../process-list.ts';
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

/** Where a container keeps what an administrator uses. */
export interface ContainerPlaces {
  /** Folder of asadmin, or of a domain's scripts. */
  readonly bin: string;
  /** Folder of the domain. */
  readonly domain: string;
  /** File with the container's process number, there while it runs. */
  readonly pidFile?: string;
  /** What `ps` shows where it shows all. */
  readonly line: string;
}

const GLASSFISH2 = '/usr/jdk/latest/bin/java -server -Xmx512m com.sun.enterprise.server.PELaunch start';

const PLACES: Readonly<Record<Cs7Dialect['container'], ContainerPlaces>> = {
  glassfish3: {
    bin: `${GLASSFISH_HOME}/bin`,
    ...atDomain(`${GLASSFISH_HOME}/glassfish/domains/${DOMAIN}`, 'pid'),
    line: '/usr/java/bin/java -client com.sun.enterprise.glassfish.bootstrap.ASMain -domainname domain1',
  },
  glassfish2: {
    bin: '/opt/SUNWappserver/appserver/bin',
    ...atDomain(`/var/opt/SUNWappserver/domains/${DOMAIN}`, '.__com_sun_appserv_pid'),
    line: GLASSFISH2,
  },
  'glassfish2-linux': {
    bin: '/opt/sun/appserver/bin',
    ...atDomain(`/var/opt/sun/appserver/domains/${DOMAIN}`, '.__com_sun_appserv_pid'),
    line: GLASSFISH2,
  },
  weblogic: {
    bin: `/opt/oracle/user_projects/domains/${DOMAIN}/bin`,
    domain: `/opt/oracle/user_projects/domains/${DOMAIN}`,
    line: '/opt/oracle/jdk/bin/java -server -Dweblogic.Name=AdminServer weblogic.Server',
  },
};

/** The places of the container that a host has. */
export function containerPlaces({ container }: Cs7Dialect): ContainerPlaces {
  return PLACES[container];
}

function atDomain(domain: string, pidFile: string): Pick<ContainerPlaces, 'domain' | 'pidFile'> {
  return { domain, pidFile: `${domain}/config/${pidFile}` };
}

/** What `ps` shows of the container's process. */
export function containerTitle(dialect: Cs7Dialect): string {
  return dialect.processNames === 'path' ? containerPlaces(dialect).line : 'java';
}

/** Its domain.xml as far as it says where the server listens; WebLogic has none. `port` is that of the calendar server. */
export function domainXml({ container, domainFile }: Cs7Dialect, port: number): string | undefined {
  if (container === 'weblogic' || domainFile === 'absent') return undefined;
  const more = domainFile === 'two-listeners' ? [listener(container, 'http-listener-3', port + 1, 'server')] : [];
  const listeners = [
    listener(container, 'http-listener-1', port, 'server'),
    listener(container, 'http-listener-2', 8181, 'server', true),
    listener(container, 'admin-listener', 4848, '__asadmin'),
    ...more,
  ];
  const [open, close] = container === 'glassfish3' ? ['<network-config>', '</network-config>'] : ['', ''];
  return `<?xml version="1.0" encoding="UTF-8"?>
${container === 'glassfish3' ? '' : DOCTYPE}<domain log-root="\${com.sun.aas.instanceRoot}/logs">
  <applications>
    <web-module context-root="/davserver" enabled="true" name="davserver"/>
  </applications>
  <configs>
    <config name="server-config">
      ${open}${listeners.join('\n      ')}${close}
    </config>
    <config name="default-config">
      ${open}${listener(container, 'http-listener-1', '${HTTP_LISTENER_PORT}', 'server')}${close}
    </config>
  </configs>
  <servers>
    <server config-ref="server-config" name="server"/>
  </servers>
</domain>
`;
}

const DOCTYPE =
  '<!DOCTYPE domain PUBLIC "-//Sun Microsystems Inc.//DTD Application Server 9.1 Domain//EN" "http://www.sun.com/software/appserver/dtds/sun-domain_1_3.dtd">\n';

/** GlassFish 2 has one element for a listener, GlassFish 3 one for its port and one for what is spoken there. */
function listener(
  container: Cs7Dialect['container'],
  name: string,
  port: number | string,
  server: string,
  secure = false,
): string {
  const where = `port="${port}" address="0.0.0.0"`;
  return container === 'glassfish3'
    ? `<protocol security-enabled="${secure}" name="${name}"><http default-virtual-server="${server}"/></protocol><network-listener name="${name}" ${where} protocol="${name}" transport="tcp"/>`
    : `<http-listener id="${name}" ${where} default-virtual-server="${server}" enabled="true" security-enabled="${secure}"/>`;
}

/** What the running container really runs with; no such file on a real host. */
export const CS7_RUNNING_PATH = `${CS7_DATA}/running.json`;

/** A line for each davadmin that was started: its words. No such file on a real host. */
export const DAVADMIN_CALLS = `${LAB_FOLDER}/davadmin.calls`;

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

/** The running container; nothing when none runs, also when one died and left its files. */
export function readContainer(prefix: string): RunningState | undefined {
  try {
    const running = JSON.parse(readFileSync(onHost(prefix, CS7_RUNNING_PATH), 'utf8')) as RunningState;
    return isProcess(running.pid, running.title) ? running : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what a killed container could not remove itself. */
export function forgetContainer(prefix: string, { pid }: RunningState, { pidFile }: ContainerPlaces): void {
  for (const path of [pidFile, CS7_RUNNING_PATH, daemonPath(pid)])
    if (path !== undefined) rmSync(onHost(prefix, path), { force: true });
}

function content(prefix: string, path: string): string {
  const place = onHost(prefix, path);
  return existsSync(place) ? readFileSync(place, 'latin1') : '';
}
