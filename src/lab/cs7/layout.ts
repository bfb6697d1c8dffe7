import type { HostFace } from '../place.ts';
import type { Cs7State } from './container.ts';

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
