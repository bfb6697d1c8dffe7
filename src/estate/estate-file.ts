/* Generated from schemas/estate.schema.json by `npm run types`. */

/**
 * ldaps://host:port, or ldap://host:port with startTls.
 */
export type LdapUrl = string;
/**
 * Which entries count as accounts of this class; `none`: the site has none, and nothing is searched for. Left out: those of its object class (icsCalendarUser, icsCalendarGroup, icsCalendarResource) below directory.base.
 */
export type AccountClass = 'none' | AccountFilter;
/**
 * Decides paths, patch number and patch listing.
 */
export type Platform = 'solaris-sparc' | 'solaris-x86' | 'redhat';
/**
 * In which batches the hosts of this side that change are done: how many are done by the end of each, as a number or a share of them. Within a batch they are changed and restarted side by side; a failure stops the roll. What the last batch leaves, and everything where this is left out, goes one by one, in the order of the file.
 *
 * Items: A number of hosts, or a share of those that change.
 */
export type Roll = (number | string)[];
/**
 * How a server is restarted after a change of what it reads at its start. `after-change`: with the product's own commands. `never`: by you; what is owed stays a finding. Or your commands, as words, run without a shell. For a side or for a host, which then decides.
 */
export type Restart = ('after-change' | 'never') | RestartCommands;
/**
 * When apply may change hosts: one window or a list, said for a side or for a host, which then decides. Outside of it an apply is refused unless it is allowed by number (`apply --allow-outside-window N`). Left out: always.
 */
export type Window = ChangeWindowEntry | ChangeWindowEntry[];
/**
 * Host name or IP address, as known_hosts has it.
 */
export type Address = string;
/**
 * Where the calendar server answers, with its port: http://host:port. A host that nobody asks, such as a pure back end, has none.
 */
export type Http = string;
/**
 * A share in percent, from 0% to 100%.
 */
export type Share = string;
/**
 * A mail address, as the directory has it.
 */
export type MailAddress = string;
/**
 * How long, as a number with s, m, h or d: 90s, 15m, 12h, 7d.
 */
export type Duration = string;

/**
 * The wanted state of an estate in which Calendar Server 6.3 and Calendar Server 7 coexist.
 */
export interface EstateFile {
  /**
   * Version of this file's language.
   */
  version: 1;
  /**
   * What the estate is called in plans and reports.
   */
  name: string;
  directory: DirectorySection;
  ssh?: SshSection;
  cs6: Cs6Section;
  cs7: Cs7Section;
  domains: Domains;
  /**
   * Name of the CS7 host that CS6 refers to for accounts it does not know: service.wcap.freebusy.redirecturl.
   */
  freeBusyRedirect: string;
  cohorts: Cohorts;
  limits?: LimitsSection;
  policy?: PolicySection;
  verify?: VerifySection;
  /**
   * Differences that are known and left alone for a while: they are shown as ignored, and neither planned nor applied.
   */
  ignore?: IgnoreEntry[];
  records?: RecordsSection;
}
/**
 * The LDAP directory both servers use.
 */
export interface DirectorySection {
  /**
   * ldaps://host:port, or ldap://host:port with startTls. A list names servers with the same content: the first that answers is used, for the whole run.
   */
  url: LdapUrl | LdapUrl[];
  /**
   * Upgrade an ldap:// connection before the bind.
   */
  startTls?: boolean;
  tls?: TlsSection;
  /**
   * Who reads and writes.
   */
  bindDn: string;
  password: SecretSource;
  /**
   * Subtree that holds every account.
   */
  base: string;
  accounts?: AccountClasses;
  uniqueId?: UniqueIdSection;
  localUser?: LocalUserSection;
}
/**
 * How the certificate of the directory server is checked. Left out: by the authorities that this machine trusts.
 */
export interface TlsSection {
  /**
   * PEM file of the authority to trust, relative to this file.
   */
  ca?: string;
}
/**
 * Where a secret comes from: an environment variable, a file, or the first line a command prints. Never the secret itself.
 */
export interface SecretSource {
  /**
   * Name of an environment variable.
   */
  env?: string;
  /**
   * Path of a file, relative to this one; a final line end is left out.
   */
  file?: string;
  /**
   * A command as words, run without a shell.
   *
   * @minItems 1
   */
  command?: string[];
}
/**
 * What counts as an account.
 */
export interface AccountClasses {
  users?: AccountClass;
  groups?: AccountClass;
  resources?: AccountClass;
}
/**
 * The entries that count as accounts of this class.
 */
export interface AccountFilter {
  /**
   * LDAP filter (RFC 4515).
   */
  filter?: string;
  /**
   * Subtree; directory.base when left out.
   */
  base?: string;
}
/**
 * The attribute CS7 knows an account by (davcore.uriinfo.permanentuniqueid). It is added where it is missing and never changed.
 */
export interface UniqueIdSection {
  /**
   * Name of the attribute (a letter, then letters, digits and hyphens): what davcore.uriinfo.permanentuniqueid says on every CS7 host.
   */
  attribute?: string;
  /**
   * Attribute whose value a missing one gets (a letter, then letters, digits and hyphens).
   */
  copyFrom?: string;
  /**
   * Auxiliary class that allows the attribute (a letter, then letters, digits and hyphens).
   */
  objectClass?: string;
}
/**
 * The attribute whose presence makes an account local to CS7 (davcore.scheduling.localuserattr).
 */
export interface LocalUserSection {
  /**
   * Name of the attribute (a letter, then letters, digits and hyphens). Its value is the name of the store.
   */
  attribute?: string;
  /**
   * Auxiliary class that allows the attribute (a letter, then letters, digits and hyphens).
   */
  objectClass?: string;
}
/**
 * How hosts are reached: for all of them, for a side, or for one host. The nearest wins, key by key.
 */
export interface SshSection {
  /**
   * Who logs in to the hosts (letters, digits, dots, hyphens and underscores). It must be able to read and write the configuration and to start the servers.
   */
  user?: string;
  /**
   * SSH port.
   */
  port?: number;
  /**
   * known_hosts file, relative to this one; `~/` is the home folder. A host key that is not in it is refused.
   */
  knownHosts?: string;
  /**
   * Private key: a path relative to this file, or the environment variable that holds the path. The agent is asked when left out.
   */
  identity?: string | IdentityVariable;
  passphrase?: SecretSource;
  /**
   * Hosts to go through, in order: host, user@host or user@host:port. Without a user it is the one of the host behind; [address] for IPv6.
   */
  jump?: string[];
  /**
   * Also offer the algorithms of SunSSH and of old OpenSSH.
   */
  legacyAlgorithms?: boolean;
  /**
   * Fingerprint of the host's key, as `ssh-keygen -l` prints it. It alone counts then, and known_hosts is not asked.
   */
  hostKey?: string;
  /**
   * How commands get more rights than the login has; `none`: they do not. This version logs in directly only, and refuses a host that has another privilege when it connects.
   */
  privilege?: 'none' | PrivilegeSection;
}
/**
 * The environment variable that holds the path of the key, or the key itself.
 */
export interface IdentityVariable {
  /**
   * Name of the variable.
   */
  env: string;
}
/**
 * The command that gives more rights.
 */
export interface PrivilegeSection {
  /**
   * What gives the rights.
   */
  by: 'sudo' | 'doas' | 'su' | 'pfexec';
  /**
   * The user to become.
   */
  as?: string;
  password?: SecretSource;
}
/**
 * The Calendar Server 6.3 hosts, front ends and back ends.
 */
export interface Cs6Section {
  platform: Platform;
  roll?: Roll;
  /**
   * Lowest revision of the core patch (121657, 121658 or 121659) that will do.
   */
  minimumPatch?: number;
  /**
   * How long each command may take that tells a software level (showrev, patchadd, rpm, davadmin version). One that takes longer is ended, and the level counts as not known. For a side or for a host, which then decides.
   */
  softwareTimeout?: string;
  restart?: Restart;
  /**
   * Folder on the CS6 host with the daily hot backups of the calendar database, named YYYYMMDD. With it, calendars are deleted only when the backup of the day is there. For all CS6 hosts or for one, which then decides.
   */
  hotBackup?: string;
  ssh?: SshSection;
  settings?: IcsConfSettings;
  window?: Window;
  hosts: Cs6Hosts;
}
/**
 * The commands of a restart. Each has to be found by PATH, or is an absolute path.
 */
export interface RestartCommands {
  /**
   * Stops the server and ends with 0 when that worked.
   *
   * @minItems 1
   */
  stop: string[];
  /**
   * Starts the server and ends with 0 when that worked.
   *
   * @minItems 1
   */
  start: string[];
  /**
   * Changes nothing, and ends with 0 while the server runs.
   *
   * @minItems 1
   */
  status?: string[];
  /**
   * The user that runs the commands; left out, the login. The login must be this user or root, or have sudo without a password.
   */
  as?: string;
}
/**
 * Further keys of ics.conf, for every CS6 host or for one, which then decides. What follows from the rest of the file has no place here.
 */
export interface IcsConfSettings {
  /**
   * A value in quotes, also where it is a number: "120". It holds ASCII without double quotes. ~ means that the key must not be assigned at all.
   */
  [k: string]: string | null;
}
/**
 * Hours in which hosts may be changed, as the clocks there show them, also in the nights in which these are put forward or back.
 */
export interface ChangeWindowEntry {
  /**
   * The days it begins on: mon, tue, wed, thu, fri, sat, sun.
   *
   * @minItems 1
   */
  days?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /**
   * When it opens, as HH:MM in 24 hours.
   */
  from: string;
  /**
   * When it closes, as HH:MM in 24 hours. Before `from`: on the next day, and the window belongs to the day it began. 24:00 is the end of the day.
   */
  to: string;
  /**
   * A name of the time zone database.
   */
  zone: string;
}
/**
 * Every CS6 host by a short name of your own; changes are made in this order.
 */
export interface Cs6Hosts {
  [k: string]: Cs6HostEntry;
}
/**
 * A Calendar Server 6.3 host, front end or back end.
 */
export interface Cs6HostEntry {
  address: Address;
  /**
   * SSH port of this host, before every ssh.port.
   */
  port?: number;
  http?: Http;
  platform?: Platform;
  /**
   * Where ics.conf is; the documented places are searched when left out.
   */
  config?: string;
  /**
   * Folder of start-cal and cscal; the documented places are searched when left out.
   */
  sbin?: string;
  /**
   * Revision of the core patch, stated by you. It counts whatever the host says, and no command is asked.
   */
  patch?: number;
  /**
   * How long each command may take that tells a software level (showrev, patchadd, rpm, davadmin version). One that takes longer is ended, and the level counts as not known. For a side or for a host, which then decides.
   */
  softwareTimeout?: string;
  restart?: Restart;
  /**
   * Folder on the CS6 host with the daily hot backups of the calendar database, named YYYYMMDD. With it, calendars are deleted only when the backup of the day is there. For all CS6 hosts or for one, which then decides.
   */
  hotBackup?: string;
  ssh?: SshSection;
  settings?: IcsConfSettings;
  window?: Window;
}
/**
 * The Calendar Server 7 hosts.
 */
export interface Cs7Section {
  settings?: DavadminSettings;
  roll?: Roll;
  window?: Window;
  hosts: Cs7Hosts;
  /**
   * Names of the back ends that accounts can be stored on.
   *
   * @minItems 1
   */
  backends: string[];
  /**
   * CalendarServer_home, for all CS7 hosts or for one; the documented places are searched when left out.
   */
  home?: string;
  davadmin?: DavadminSection;
  container?: ContainerSection;
  /**
   * How long each command may take that tells a software level (showrev, patchadd, rpm, davadmin version). One that takes longer is ended, and the level counts as not known. For a side or for a host, which then decides.
   */
  softwareTimeout?: string;
  restart?: Restart;
  ssh?: SshSection;
}
/**
 * Further options of davadmin, for every CS7 host or for one, which then decides. What follows from the rest of the file has no place here.
 */
export interface DavadminSettings {
  /**
   * A value in quotes, compared exactly: "60". { include: [words] } adds what a list lacks at its end and keeps the rest. ~ means not set.
   */
  [k: string]: string | null | IncludedWords;
}
/**
 * A list that keeps what others put there.
 */
export interface IncludedWords {
  /**
   * Words that the list must have, in whichever case.
   *
   * @minItems 1
   */
  include: string[];
}
/**
 * Every CS7 host by a short name of your own; changes are made in this order.
 */
export interface Cs7Hosts {
  [k: string]: Cs7HostEntry;
}
/**
 * A Calendar Server 7 host.
 */
export interface Cs7HostEntry {
  address: Address;
  /**
   * SSH port of this host, before every ssh.port.
   */
  port?: number;
  http?: Http;
  /**
   * CalendarServer_home, for all CS7 hosts or for one; the documented places are searched when left out.
   */
  home?: string;
  davadmin?: DavadminSection;
  container?: ContainerSection;
  /**
   * Release of Calendar Server 7, stated by you, in quotes. It counts whatever the host says, and no command is asked.
   */
  release?: string;
  /**
   * How long each command may take that tells a software level (showrev, patchadd, rpm, davadmin version). One that takes longer is ended, and the level counts as not known. For a side or for a host, which then decides.
   */
  softwareTimeout?: string;
  restart?: Restart;
  ssh?: SshSection;
  settings?: DavadminSettings;
  window?: Window;
}
/**
 * How davadmin is called: for all CS7 hosts or for one. The nearest wins, key by key.
 */
export interface DavadminSection {
  /**
   * The administrator of CS7 that davadmin logs in as.
   */
  user?: string;
  /**
   * Path on the CS7 host of the file with davadmin's options and password (DAVADMIN_CLIFILE).
   */
  passwordFile?: string;
}
/**
 * The application server that CS7 runs in: for all CS7 hosts or for one. The nearest wins, key by key.
 */
export interface ContainerSection {
  /**
   * What it is. Left out: GlassFish 3 or 2, whichever is found. WebLogic has no restart of its own here: state `restart`.
   */
  type?: 'glassfish2' | 'glassfish3' | 'weblogic';
  /**
   * Folder of asadmin; usual places are searched when left out.
   */
  bin?: string;
  /**
   * The domain of the application server that CS7 is deployed in (letters, digits, dots, hyphens and underscores).
   */
  domain?: string;
  /**
   * File with the process number of the running container; that of the domain when left out.
   */
  pidFile?: string;
}
/**
 * Every mail domain that has accounts, and the CS6 front end that CS7 asks about them: one line each of ischeduledomainmap.properties.
 */
export interface Domains {
  [k: string]: DomainRoute;
}
/**
 * Where CS7 asks about the accounts of this domain that are on CS6.
 */
export interface DomainRoute {
  /**
   * Name of a CS6 host; any front end will do.
   */
  cs6: string;
}
/**
 * Sets of accounts and the side they are on. Every account is in exactly one: the first that matches takes it, and `members: rest` stands last.
 */
export interface Cohorts {
  [k: string]: CohortEntry;
}
/**
 * A set of accounts and the side they are on.
 */
export interface CohortEntry {
  /**
   * The side these accounts are on.
   */
  server: 'cs6' | 'cs7';
  /**
   * The CS7 back end; for cohorts on cs7 only.
   */
  store?: string;
  /**
   * How many percent of the members are on CS7 already, now or from a day on; before the first day none. Which ones is decided by their names, so that a larger share has all of the smaller one. A day begins at midnight UTC, and shares never fall.
   */
  wave?: Share | WaveDays;
  /**
   * How many of these accounts may change sides in one apply, instead of limits.moves: a share of all accounts, or a number.
   */
  limit?: number | Share;
  migrated?: MigratedSection;
  /**
   * Who belongs to it: `rest` for every account that no earlier cohort took, or parts that must all hold.
   */
  members: 'rest' | MemberSelection;
}
/**
 * Days, the earliest first, and the share of the members that are on CS7 from each on.
 */
export interface WaveDays {
  [k: string]: Share;
}
/**
 * What is done on CS6 about the accounts of a CS7 cohort that CS7 answers for (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). Left out: nothing.
 */
export interface MigratedSection {
  /**
   * Keeps these accounts from logging in to CS6, which would create a calendar for them. `true` sets icsAllowedServiceAccess to the value of the chapter, -http:all. A text is the value itself: `http` is the one that the Schema Reference documents, and like every value it counts only where icsStatus is not set.
   */
  denyCs6Login?: true | string;
  /**
   * Deletes the calendars that these accounts have on CS6, which cannot be undone. It happens only for accounts that CS7 answered for, and only when it is allowed by number (`apply --allow-deletes N`). It needs denyCs6Login: a login would create a calendar anew.
   */
  deleteCs6Calendars?: boolean;
  /**
   * Folder on the CS6 host that gets a copy of each calendar before it is deleted, by its real path: one through a symbolic link is refused. Copies are readable for their owner only, and replace nothing. Without it the calendars are gone for good, because a deletion cannot be undone.
   */
  exportTo?: string;
}
/**
 * The accounts for which every part that is given holds.
 */
export interface MemberSelection {
  /**
   * LDAP filter (RFC 4515).
   */
  filter?: string;
  /**
   * Subtree.
   */
  base?: string;
  /**
   * uid values, or whole DNs.
   *
   * @minItems 1
   */
  list?: string[];
  /**
   * A file with uid values or whole DNs, relative to this one, instead of `list`. With a name that ends in .csv: a header with a column `uid` or `dn` (where both are filled the DN counts), and other columns are passed over. Any other name: one uid or DN a line, blank lines and lines that begin with # left out.
   */
  file?: string;
  /**
   * DN of a group in the directory: its members are those it names, and those that its memberURL searches find.
   */
  group?: string;
}
/**
 * How much one apply may do before it has to be allowed by number.
 */
export interface LimitsSection {
  /**
   * Accounts of one cohort that change sides: a share of all accounts, or a number. A filter that matches too much would cut users off from their calendars.
   */
  moves?: number | Share;
  /**
   * Of how many accounts the CS6 calendars may be deleted in one apply. A deletion cannot be undone: it happens only for accounts that CS7 answered for, and only when it is allowed by number as well (`apply --allow-deletes N`).
   */
  deletes?: number;
  /**
   * Hosts that one apply may restart: a number, or a share of all hosts, which lets one host through unless it is 0%. More are allowed by number (`apply --allow-restarts N`).
   */
  restarts?: number | Share;
  /**
   * A share in percent, from 0% to 100%.
   */
  fewerAccounts?: string;
}
/**
 * What a saved plan needs before it may be carried out.
 */
export interface PolicySection {
  /**
   * How long after the live state was read a plan may be carried out, as a number with s, m, h or d: 12h, 7d.
   */
  planExpiry?: string;
  signatures?: SignaturesSection;
}
/**
 * Who must have signed a plan before it is carried out. The files of an estate are then not applied directly, only saved plans are. Left out: nobody.
 */
export interface SignaturesSection {
  /**
   * How many different signers it takes.
   */
  required?: number;
  /**
   * OpenSSH allowed_signers file, relative to this one: who may sign, and with which key (ssh-keygen(1), "ALLOWED SIGNERS").
   */
  signers: string;
}
/**
 * What `reconcile verify` asks about: whether users of each side see when users of the other are busy.
 */
export interface VerifySection {
  probes?: ProbeAccounts;
  mail?: TrialMessage;
  gates?: Gates;
}
/**
 * Mail addresses of the accounts to ask about, by the side they are on. Accounts with appointments in the coming year prove most. For a side that is left out a few accounts of each cohort are chosen.
 */
export interface ProbeAccounts {
  /**
   * Mail addresses of accounts that are on CS6.
   *
   * @minItems 1
   */
  cs6?: MailAddress[];
  /**
   * Mail addresses of accounts that are on CS7.
   *
   * @minItems 1
   */
  cs7?: MailAddress[];
}
/**
 * Where `reconcile verify --mail` sends one message, by the mail server of CS7 and from a CS7 host. It says that it is a trial, and is no invitation. Without the flag nothing is sent.
 */
export interface TrialMessage {
  /**
   * A mail address, as the directory has it.
   */
  to: string;
}
/**
 * Lets `apply` ask for free/busy on its way, as `reconcile verify` does: before and after each batch of accounts that move, and before and after the restart of each host. What worked before has to work after, and so has all that the rest of the plan is not going to mend; else nothing further is begun.
 */
export interface Gates {
  /**
   * How many accounts of a plan move before it is asked again.
   */
  moves?: number;
  /**
   * Whether it is asked before and after the restart of each host, by way of that host.
   */
  restarts?: boolean;
  /**
   * `stop`: what was done stays, and nothing further is begun. `undo`: the batch that moved, or the configuration of the host that was restarted, is taken back first.
   */
  onFailure?: 'stop' | 'undo';
  /**
   * How long what fails is asked again before it counts: 90s, 5m; 0s not at all. CS7 keeps what it read of an account for up to 60 s (base.ldapinfo.cachettl), so that a move is not seen at once.
   */
  wait?: ('0s' | Duration) & string;
}
/**
 * One difference that is left alone, until when, why, and whom to ask.
 */
export interface IgnoreEntry {
  /**
   * Name of a host, or `directory`.
   */
  target: string;
  /**
   * The setting, option, domain or attribute that may differ. `all` of a host: it is known to be away. That it cannot be read does not make a check incomplete then, and what needs every host waits.
   */
  key: string;
  /**
   * The DN of the one account it concerns; for target `directory`.
   */
  item?: string;
  /**
   * The last day it holds, as YYYY-MM-DD. After it the difference is planned again, with a warning; two weeks later the entry is an error.
   */
  until: string;
  /**
   * Why it may differ.
   */
  reason: string;
  /**
   * Whom to ask.
   */
  owner: string;
}
/**
 * Where the records of runs are kept for other machines. This version keeps them on the machine that applies only (`--runs`), and says so.
 */
export interface RecordsSection {
  /**
   * Names of the hosts that keep them, two at most.
   *
   * @minItems 1
   * @maxItems 2
   */
  hosts?: string[];
  /**
   * How many runs are kept.
   */
  keep?: number;
}
