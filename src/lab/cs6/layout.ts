import type { Cs6Platform } from '../../core/desired.ts';

/** Where a Calendar Server 6.3 keeps its things on a platform (Calendar Server 6.3 Administration Guide, appendix E). */
export interface Cs6Paths {
  readonly icsConf: string;
  readonly sbin: string;
  /** Folder above csdb, logs and tmp. */
  readonly data: string;
}

/**
 * The documented places. The chapter prints another one with a placeholder in it, which is no real path;
 * Red Hat's data folder is by analogy with its other two.
 */
export function cs6Paths(platform: Cs6Platform): Cs6Paths {
  return platform === 'redhat'
    ? {
        icsConf: '/etc/opt/sun/calendar/config/ics.conf',
        sbin: '/opt/sun/calendar/sbin',
        data: '/var/opt/sun/calendar',
      }
    : {
        icsConf: '/etc/opt/SUNWics5/config/ics.conf',
        sbin: '/opt/SUNWics5/cal/sbin',
        data: '/var/opt/SUNWics5',
      };
}

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
