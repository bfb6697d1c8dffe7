/*
 * Real servers may answer otherwise than the stand-ins do by default: of much that they print no document is at hand. Each
 * such assumption is a switch here. It is laid down with the host, among the facts in /var/opt/lab, and the programs go by
 * it. Where a switch is left out, the host behaves as `usualCs6` and `usualCs7` say.
 */

/** How a Calendar Server 6.3 host may differ. */
export interface Cs6Dialect {
  /** `cscal list` begins with a line that names the listing. */
  readonly listBanner: boolean;
  /** `cscal list` ends with the number of calendars. */
  readonly listCount: boolean;
  /** What follows the word after `status=` in a line of `cscal list`, the blank included. */
  readonly afterStatus: string;
  /** What `cscal -o OWNER list` does for an owner without calendars: a listing of none, no output with exit 0, or exit 255. */
  readonly noCalendars: 'listing' | 'nothing' | 'failure';
  /** What `start-cal -l` does: names of components, a table in words of its own, no output, or exit 1. */
  readonly activeList: 'names' | 'table' | 'nothing' | 'failure';
  /** Exit code of a start-cal that worked. */
  readonly startCode: number;
  /** Exit code of a stop-cal that worked. */
  readonly stopCode: number;
  /** Whether each component has a process, or `cshttpd` (`csadmind` on a host without it) stands for all of them. */
  readonly processes: 'one' | 'each';
  /** How `ps` shows the processes: `cshttpd`, or `/opt/SUNWics5/cal/lib/cshttpd -d1`, whose folder is beside sbin. */
  readonly processNames: 'name' | 'path';
  /** Milliseconds that the processes other than cshttpd outlive stop-cal; only where each component has one. */
  readonly outlive: number;
  /** Whether each process leaves its number in `DATA/tmp/NAME.pid`. */
  readonly pidFiles: boolean;
  /** Whether the host is a Solaris global zone: `zonename`, `ps -z ZONE` and `ps -o zone` are known. */
  readonly zones: boolean;
  /** Other Calendar Servers whose processes `ps -e` shows. */
  readonly strangers: readonly Stranger[];
  /** `showrev` on Solaris; `slow` answers after `showrevDelay`. */
  readonly showrev: 'present' | 'slow' | 'absent';
  /** Seconds that a slow showrev needs. */
  readonly showrevDelay: number;
  /** `patchadd` on Solaris; `not-root` refuses everybody, as a real one does those who are not root. */
  readonly patchadd: 'present' | 'not-root' | 'absent';
  /** `rpm` on Red Hat. */
  readonly rpm: 'present' | 'absent';
  /** Where the server is installed. `site` is another base; `ha` keeps ics.conf below the base (2005Q4 guide, high availability). */
  readonly place: 'usual' | 'ha' | 'site';
  /** What `pkginfo -r SUNWics5` prints, or rpm's INSTALLPREFIX on Red Hat: the folder above, the server's own, or no such command. */
  readonly installRoot: 'base' | 'home' | 'absent';
  /** Sun Cluster, with scswitch and scstat: start-cal and stop-cal refuse, or the cluster starts again what they stop. */
  readonly cluster: 'none' | 'refuses' | 'fights';
}

/** A Calendar Server that runs on the same machine and is none of ours. */
export interface Stranger {
  /** `zone`: in another zone, at the same places; `base`: below another base; `twin`: at the same places, as the same user. */
  readonly what: 'zone' | 'base' | 'twin';
  /** Its processes. */
  readonly processes: readonly string[];
}

/** A host as the stand-ins were first made. */
export const usualCs6: Cs6Dialect = {
  listBanner: true,
  listCount: true,
  afterStatus: '',
  noCalendars: 'listing',
  activeList: 'names',
  startCode: 0,
  stopCode: 0,
  processes: 'one',
  processNames: 'name',
  outlive: 0,
  pidFiles: false,
  zones: false,
  strangers: [],
  showrev: 'present',
  showrevDelay: 5,
  patchadd: 'present',
  rpm: 'present',
  place: 'usual',
  installRoot: 'absent',
  cluster: 'none',
};

/** How a Calendar Server 7 host may differ. */
export interface Cs7Dialect {
  /** What the server runs in, each with its own places; `weblogic` has no asadmin but scripts in its domain. */
  readonly container: 'glassfish3' | 'glassfish2' | 'glassfish2-linux' | 'weblogic';
  /** Who watches over the container: one that asadmin stops is started again at once. */
  readonly watchedBy: 'nobody' | 'smf' | 'systemd';
  /** A line of `asadmin list-domains`: `domain1 running`, or `Name: domain1 Status: Running`. */
  readonly domainList: 'words' | 'name-status';
  /** Its case: as in the manuals, or all capitals. */
  readonly domainCase: 'usual' | 'upper';
  /** How `ps` shows the container: `java`, or with the folder of its JDK and its main class. */
  readonly processNames: 'name' | 'path';
  /** Milliseconds that each davadmin needs to start: it is a Java program. */
  readonly davadminStart: number;
  /** What an option that is not set prints: `name: `, its name alone, nothing, or nothing and exit 1. */
  readonly unset: 'colon' | 'name' | 'nothing' | 'failure';
  /** A line of `davadmin config`: `name: value`, indented, `name=value`, or the value on the next line. */
  readonly optionLine: 'colon' | 'indented' | 'equals' | 'two-lines';
  /** Exit code of a `davadmin config` that answered. */
  readonly configCode: number;
  /** Whether `davadmin config` without an option lists all of them, or refuses. */
  readonly bareConfig: 'all' | 'refused';
  /** Whether `config -h` shows `-f file` and `config modify -f file` takes lines `option=value`. */
  readonly fileForm: boolean;
  /** What `davadmin version` prints; the usual sentence around the layout's version where it is empty. */
  readonly versionText: string;
  /** Exit code of a `davadmin version` that answered. */
  readonly versionCode: number;
  /** Whether `davadmin version` takes `-u`. */
  readonly versionTakesUser: boolean;
  /** `davadmin backend list`: no such operation, names, or a table. */
  readonly backendList: 'unknown' | 'names' | 'table';
  /** The domain.xml of GlassFish: with one HTTP listener without TLS, with two, or of a domain that is elsewhere. */
  readonly domainFile: 'usual' | 'two-listeners' | 'absent';
  /** CalendarServer_home: the documented one, or another. */
  readonly place: 'usual' | 'site';
  /** What finds CalendarServer_home: `pkginfo -r SUNWdavserver`, rpm's INSTALLPREFIX of `sun-davserver`, or neither. */
  readonly packages: 'pkginfo' | 'rpm' | 'none';
}

/** A host as the stand-ins were first made. */
export const usualCs7: Cs7Dialect = {
  container: 'glassfish3',
  watchedBy: 'nobody',
  domainList: 'words',
  domainCase: 'usual',
  processNames: 'name',
  davadminStart: 0,
  unset: 'colon',
  optionLine: 'colon',
  configCode: 0,
  bareConfig: 'all',
  fileForm: false,
  versionText: '',
  versionCode: 0,
  versionTakesUser: true,
  backendList: 'unknown',
  domainFile: 'usual',
  place: 'usual',
  packages: 'none',
};

/** What the login of a host brings along, whoever connects: variables, and lines that the login's shell reads before a command. */
export interface LoginDialect {
  readonly variables: Readonly<Record<string, string>>;
  readonly profile: string;
}
