import { dirname } from 'node:path';
import type { Cs6Platform } from '../../core/desired.ts';
import { cs6Components } from '../../products/cs6.ts';
import type { Cs6Dialect } from '../dialect.ts';
import type { Cs6Facts, HostFace } from '../host-tree.ts';

/** A component by the name that start-cal and stop-cal take. */
export type Component = keyof typeof cs6Components;

/** The components of start-cal and stop-cal, in their start order. */
export const COMPONENTS = Object.keys(cs6Components) as readonly Component[];

/** Options and components of a start-cal or stop-cal line. */
export interface ServiceWords {
  readonly options: readonly string[];
  readonly components: readonly Component[];
}

/** The process of a component. */
export function processOf(component: Component): string {
  return cs6Components[component];
}

/** What `ps` shows of a process of the server. */
export function processTitle({ sbin, dialect }: Pick<Cs6Facts, 'sbin' | 'dialect'>, name: string): string {
  return dialect.processNames === 'name' ? name : `${dirname(sbin)}/lib/${name} -d1`;
}

/** Host path of the file with the number of a process, where the host has such files. */
export function processNumberPath({ data, dialect }: Cs6Facts, name: string): string | undefined {
  return dialect.pidFiles ? `${data}/tmp/${name}.pid` : undefined;
}

/** The process that stands for the server, and reads its settings: cshttpd, or csadmind where that one is off. */
export function mainProcess(components: readonly Component[]): string {
  return processOf(components.length === 0 || components.includes('http') ? 'http' : 'admin');
}

/** The processes beside it, where each component has one. */
export function otherProcesses(facts: Cs6Facts, components: readonly Component[]): readonly string[] {
  if (facts.dialect.processes === 'one') return [];
  return components.map(processOf).filter(name => name !== mainProcess(components));
}

/** Reads a start-cal or stop-cal line; nothing when it is misused. Options come before components. */
export function parseServiceWords(words: readonly string[], allowed: readonly string[]): ServiceWords | undefined {
  const first = words.findIndex(word => !word.startsWith('-'));
  const options = first < 0 ? words : words.slice(0, first);
  const components = first < 0 ? [] : words.slice(first);
  if (!options.every(option => allowed.includes(option)) || !components.every(isComponent)) return undefined;
  return { options, components: components.filter(isComponent) };
}

/** The components that ics.conf turns on; DWP serves remote databases and is off unless asked for. */
export function enabledComponents(settings: Readonly<Record<string, string>>): readonly Component[] {
  return COMPONENTS.filter(component => {
    const value = settings[`service.${component}.enable`] ?? (component === 'dwp' ? 'no' : 'yes');
    return value.startsWith('y');
  });
}

function isComponent(word: string): word is Component {
  return COMPONENTS.some(component => component === word);
}

/** A running Calendar Server 6.3, with what it read at its start. */
export interface Cs6Server {
  readonly prefix: string;
  readonly facts: Cs6Facts;
  readonly face: HostFace;
  /** The values of ics.conf in effect. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Whether a parameter says yes. */
export function isYes(server: Cs6Server, key: string): boolean {
  return server.settings[key]?.trim().toLowerCase().startsWith('y') ?? false;
}

/** `service.defaultdomain`; empty when there is none. */
export function defaultDomain(server: Cs6Server): string {
  return server.settings['service.defaultdomain']?.trim() ?? '';
}

/** Where a Calendar Server 6.3 keeps its things on a platform (Calendar Server 6.3 Administration Guide, appendix E). */
export interface Cs6Paths {
  readonly icsConf: string;
  readonly sbin: string;
  /** Folder above csdb, logs and tmp. */
  readonly data: string;
}

/**
 * The documented places, or those of a high-availability or of a relocated installation. The chapter prints another one with
 * a placeholder in it, which is no real path; Red Hat's data folder is by analogy with its other two.
 */
export function cs6Paths(platform: Cs6Platform, place: Cs6Dialect['place'] = 'usual'): Cs6Paths {
  const usual = platform === 'redhat' ? REDHAT : SOLARIS;
  if (place === 'ha') return { ...usual, icsConf: usual.sbin.replace(/sbin$/, 'config/ics.conf') };
  if (place === 'usual') return usual;
  const { icsConf, sbin, data } = usual;
  return { icsConf: `${SITE}${icsConf}`, sbin: sbin.replace('/opt', SITE), data: `${SITE}${data}` };
}

/** Base of an installation that is not at the documented places. */
const SITE = '/opt/site';

const REDHAT: Cs6Paths = {
  icsConf: '/etc/opt/sun/calendar/config/ics.conf',
  sbin: '/opt/sun/calendar/sbin',
  data: '/var/opt/sun/calendar',
};

const SOLARIS: Cs6Paths = {
  icsConf: '/etc/opt/SUNWics5/config/ics.conf',
  sbin: '/opt/SUNWics5/cal/sbin',
  data: '/var/opt/SUNWics5',
};

/** Host path of the file that says what the running server really runs with; no such file on a real host. */
export function cs6RunningPath(data: string): string {
  return `${data}/tmp/running.json`;
}

/** Host path of the calendar database's stand-in. */
export function calendarStorePath(data: string): string {
  return `${data}/csdb/calendars.json`;
}

/** Host path of the log where the administration tools put their errors (Administration Guide, appendix D). */
export function adminLogPath(data: string): string {
  return `${data}/csdb/admin.log`;
}

/** Host path of the stand-in for the mail that the server sends: invitations to people of other servers, a line each. */
export function imipLogPath(data: string): string {
  return `${data}/imip.log`;
}
