import type { Watch } from '../../src/ports/host.ts';
import type { HostDialect } from './host-dialect.ts';

/** A file of a host; its text is latin1. Times in milliseconds since 1970 by the clock of the host. */
export interface ModelFile {
  text: string;
  modified: number;
  changed: number;
}

/** A process; `read` is what it read of its files when it started. Times are true, whatever the host's clock says. */
export interface ModelProcess {
  readonly pid: number;
  readonly name: string;
  readonly words: string;
  readonly started: number;
  readonly read: Readonly<Record<string, string>>;
  readonly parent?: number;
}

/** A lock and its holder. */
export interface ModelLock {
  readonly identity: string;
  readonly run: string;
  readonly by: string;
  heard: number;
  ended: boolean;
}

/** A watchdog that waits, or acts. */
export interface ModelWatchdog {
  readonly id: string;
  readonly owner: string;
  readonly watch: Omit<Watch, 'commands'>;
  readonly until: number;
  state: 'waiting' | 'acting';
  readonly lines: string[];
}

/** What a host will do by itself. */
export interface PendingEffect {
  readonly at: number;
  readonly what: 'appear' | 'vanish' | 'bark' | 'rest';
  readonly id: string;
}

/** All of a host; plain data, so that a world can be copied. */
export interface HostData {
  readonly name: string;
  readonly product: 'cs6' | 'cs7';
  readonly platform: 'redhat' | 'solaris-sparc';
  readonly http: string | undefined;
  readonly dialect: HostDialect;
  /** By how much its clock is ahead. */
  skew: number;
  down: boolean;
  files: Record<string, ModelFile>;
  processes: ModelProcess[];
  nextPid: number;
  lock: ModelLock | undefined;
  watchdogs: ModelWatchdog[];
  deeds: { readonly name: string; readonly lines: readonly string[] }[];
  starts: Record<string, { processes: { pid: number; started: number }[]; files: Record<string, string> }>;
  records: Record<string, Record<string, Record<string, string>>>;
  pending: PendingEffect[];
  backups: number;
}

/** Where things are on a host. */
export function places({ product, platform }: Pick<HostData, 'product' | 'platform'>) {
  const home = '/opt/sun/comms/davserver';
  if (product === 'cs7')
    return {
      config: '',
      sbin: '',
      home,
      options: `${home}/config/davserver.properties`,
      map: `${home}/config/ischeduledomainmap.properties`,
      bin: '/opt/glassfish3/bin',
      pid: '/opt/glassfish3/glassfish/domains/domain1/config/pid',
    };
  const config = platform === 'redhat' ? '/etc/opt/sun/calendar/config/ics.conf' : '/etc/opt/SUNWics5/config/ics.conf';
  const sbin = platform === 'redhat' ? '/opt/sun/calendar/sbin' : '/opt/SUNWics5/cal/sbin';
  return { config, sbin, home: '', options: '', map: '', bin: '', pid: '' };
}

/** The files that the service of a host reads when it starts. */
export function readAtStart(data: HostData): readonly string[] {
  const { config, options, map } = places(data);
  return [config, options, map].filter(path => path !== '');
}

/** The text of a file; empty where it is missing. */
export function fileOf(data: HostData, which: 'config' | 'options' | 'map'): string {
  return data.files[places(data)[which]]?.text ?? '';
}

/** Whether the service runs. */
export function isRunning({ processes }: HostData): boolean {
  return processes.length > 0;
}
