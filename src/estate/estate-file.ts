/* Generated from schemas/estate.schema.json by `npm run types`. */

/**
 * ldaps://host:port, ldap://host:port with startTls, or ldapi:// with the path of a socket (each / as %2F).
 */
export type LdapUrl = string;
/**
 * Which entries count as accounts of this class. With `none`, the site has no such accounts, and reconcile does not search for them. By default, all entries below directory.base with the object class icsCalendarUser, icsCalendarGroup or icsCalendarResource count.
 */
export type AccountClass =
  | 'none'
  | {
      /**
       * LDAP filter (RFC 4515).
       */
      filter?: string;
      /**
       * Subtree. The default is directory.base.
       */
      base?: string;
    };
/**
 * A host to connect through: host, user@host or user@host:port.
 */
export type JumpHost = string;
/**
 * Determines paths, patch number and patch listing.
 */
export type Platform = 'solaris-sparc' | 'solaris-x86' | 'redhat';
/**
 * The batches in which the hosts of this side are changed. Each entry says how many of the changing hosts are done by the end of a batch, as a number or a share. The hosts of a batch are changed and restarted at the same time. A failure stops the roll. The remaining hosts are changed one by one, in the order of the file. Without this key, all hosts are changed one by one.
 *
 * Items: A number of hosts, or a share of the changing hosts.
 */
export type Roll = (number | string)[];
/**
 * A duration, as a number with s, m, h or d: 90s, 15m, 12h, 7d.
 */
export type SoftwareTimeout = string;
/**
 * How to restart a server after a change that it reads only at its start. `after-change` uses the product's own commands. With `never`, you restart it, and a finding reminds you. Or write your own commands, as lists of words that run without a shell. Set it for a side or for one host; the value of the host wins.
 */
export type Restart =
  | ('after-change' | 'never')
  | {
      /**
       * Stops the server and exits with 0 on success.
       *
       * @minItems 1
       */
      stop: string[];
      /**
       * Starts the server and exits with 0 on success.
       *
       * @minItems 1
       */
      start: string[];
      /**
       * Changes nothing, and exits with 0 while the server runs.
       *
       * @minItems 1
       */
      status?: string[];
      /**
       * The user that runs the commands. The default is the login. The login must be this user or root, or have sudo without a password.
       */
      as?: string;
    };
/**
 * An absolute path on the host.
 */
export type HotBackup = string;
/**
 * A value in quotes, even a number: "120". It may contain ASCII without double quotes. The sign ~ means that the key must not be set at all.
 */
export type IcsConfValue = string | null;
/**
 * When apply may change hosts: one window or a list, for a side or for one host. The value of the host wins. Outside the window, an apply is refused unless you allow the number of hosts (`apply --allow-outside-window N`). By default, hosts may be changed at any time.
 */
export type Window = ChangeWindowEntry | ChangeWindowEntry[];
/**
 * Host name or IP address, as in known_hosts, or a Host of ~/.ssh/config. By default, the name of the host in this file.
 */
export type Address = string;
/**
 * The URL of the calendar server with its port, as http://host:port (or https). It is not needed for a host without requests, such as a pure back end.
 */
export type Http = string;
/**
 * An absolute path on the host.
 */
export type AbsolutePath = string;
/**
 * A value in quotes, compared exactly: "60". A map { include: [words] } adds missing words at the end of a list and keeps the rest. The sign ~ means not set.
 */
export type DavadminValue =
  | (string | null)
  | {
      /**
       * Words that the list must contain. Case does not count.
       *
       * @minItems 1
       */
      include: string[];
    };
/**
 * An absolute path on the host.
 */
export type Home = string;
/**
 * A share in percent, from 0% to 100%.
 */
export type Share = string;
/**
 * A duration, as a number with s, m, h or d: 90s, 15m, 12h, 7d.
 */
export type Duration = string;
/**
 * A mail address, as in the directory.
 */
export type MailAddress = string;

/**
 * The wanted state of an estate in which Calendar Server 6.3 and Calendar Server 7 coexist.
 */
export interface EstateFile {
  /**
   * The version of the language of this file.
   */
  version: 1;
  /**
   * The name of the estate in plans and reports.
   */
  name: string;
  directory: DirectorySection;
  ssh?: SshSection;
  cs6: Cs6Section;
  cs7: Cs7Section;
  /**
   * Every mail domain that has accounts, and the CS6 front end that CS7 asks about them. Each becomes one line of ischeduledomainmap.properties.
   */
  domains: {
    /**
     * The CS6 front end that CS7 asks about the accounts of this domain on CS6.
     */
    [k: string]: {
      /**
       * Name of a CS6 host. Any front end works.
       */
      cs6: string;
    };
  };
  /**
   * Name of the CS7 host that CS6 refers to for accounts that it does not know (service.wcap.freebusy.redirecturl).
   */
  freeBusyRedirect: string;
  /**
   * Sets of accounts and the side that they are on. Every account belongs to the first cohort that it matches. The last cohort must have `members: rest`.
   */
  cohorts: {
    [k: string]: CohortEntry;
  };
  /**
   * How much one apply may change. To go beyond a limit, you must allow the exact number on the command line.
   */
  limits?: {
    /**
     * How many accounts of one cohort may change sides: a share of all accounts, or a number. This protects you from a filter that matches too many accounts and separates users from their calendars.
     */
    moves?: number | Share;
    /**
     * How many accounts may lose their CS6 calendars in one apply. A deletion cannot be undone. It happens only for accounts that CS7 answered for, and only if you also allow the number (`apply --allow-deletes N`).
     */
    deletes?: number;
    /**
     * How many hosts one apply may restart: a number, or a share of all hosts. Any share above 0% allows at least one host. To restart more, allow the number (`apply --allow-restarts N`).
     */
    restarts?: number | Share;
    fewerAccounts?: Share;
  };
  policy?: PolicySection;
  verify?: VerifySection;
  /**
   * Known differences that are left alone until a day. They appear as ignored, and are neither planned nor applied.
   */
  ignore?: IgnoreEntry[];
  /**
   * Where the records of what `apply` and `undo` did are kept. They let any machine list the runs, see what is half done, and undo.
   */
  records?: {
    /**
     * The hosts that keep the records, in `~/.reconcile` of the login. `apply` writes to all of them, and at least one must accept. By default: the first two hosts of the file, those of `cs6` before those of `cs7`.
     *
     * @minItems 1
     * @maxItems 5
     */
    hosts?: string[];
    /**
     * How many runs each of these hosts keeps. An older record is removed, and its run can no longer be undone from another machine.
     */
    keep?: number;
  };
}
/**
 * The LDAP directory that both servers use.
 */
export interface DirectorySection {
  /**
   * ldaps://host:port, ldap://host:port with startTls, or ldapi:// with the path of a socket (each / as %2F). A list names servers with the same content. A command that only reads uses the first that answers. `apply` and `undo` use the first that accepts changes. Each run stays on its server.
   */
  url: LdapUrl | LdapUrl[];
  /**
   * Upgrade an ldap:// connection before the bind.
   */
  startTls?: boolean;
  /**
   * How the connection with the directory server is encrypted, and how its certificate is checked. By default, the authorities of this machine count: the file that TLS_CACERT of ldap.conf names, or those of the system.
   */
  tls?: {
    /**
     * PEM file of the authority to trust, relative to this file.
     */
    ca?: string;
    /**
     * The name that the certificate of the server must have. By default, the host of the URL.
     */
    serverName?: string;
    /**
     * The oldest version of TLS that this server may use. Before TLSv1.2, a warning appears in every plan.
     */
    minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
    /**
     * PEM file with the certificate that reconcile shows to the server, relative to this file. Without bindDn and password, it is the login (SASL EXTERNAL). It needs `key`.
     */
    certificate?: string;
    /**
     * The private key: a PEM file that only its owner can read, relative to this file. Or the environment variable that holds the PEM text.
     */
    key?:
      | string
      | {
          /**
           * Name of an environment variable.
           */
          env: string;
        };
    /**
     * Ciphers to offer this server, as a list of OpenSSL. An old server also needs the security level 0.
     */
    ciphers?: string;
  };
  /**
   * The DN that reconcile logs in with, to read and to write. Leave it out, together with `password`, to log in with a client certificate or over ldapi:// (SASL EXTERNAL).
   */
  bindDn?: string;
  password?: SecretSource;
  /**
   * Subtree that contains every account.
   */
  base: string;
  /**
   * What counts as an account.
   */
  accounts?: {
    users?: AccountClass;
    groups?: AccountClass;
    resources?: AccountClass;
  };
  /**
   * The attribute that identifies an account on CS7 (davcore.uriinfo.permanentuniqueid). reconcile adds it to accounts without it and never changes it.
   */
  uniqueId?: {
    /**
     * Name of the attribute (a letter, then letters, digits and hyphens). It must equal davcore.uriinfo.permanentuniqueid on every CS7 host.
     */
    attribute?: string;
    /**
     * Attribute whose value is copied to a missing unique id (a letter, then letters, digits and hyphens).
     */
    copyFrom?: string;
    /**
     * Auxiliary class that allows the attribute (a letter, then letters, digits and hyphens).
     */
    objectClass?: string;
  };
  /**
   * The attribute whose presence makes an account local to CS7 (davcore.scheduling.localuserattr).
   */
  localUser?: {
    /**
     * Name of the attribute (a letter, then letters, digits and hyphens). Its value is the name of the store.
     */
    attribute?: string;
    /**
     * Auxiliary class that allows the attribute (a letter, then letters, digits and hyphens).
     */
    objectClass?: string;
  };
}
/**
 * The source of a secret: an environment variable, a file, or the first line that a command prints. Never write the secret itself.
 */
export interface SecretSource {
  /**
   * Name of an environment variable.
   */
  env?: string;
  /**
   * Path of a file, relative to this file. A final line end is removed.
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
 * How to reach hosts: for all hosts, for a side, or for one host. For each key, the most specific value wins.
 */
export interface SshSection {
  /**
   * The user that logs in to the hosts (letters, digits, dots, hyphens and underscores). This user, or the one it becomes (privilege), reads and writes the configuration and starts the servers. By default, the user that ~/.ssh/config names, else the user of this machine.
   */
  user?: string;
  /**
   * SSH port. By default, the port that ~/.ssh/config names, else 22.
   */
  port?: number;
  /**
   * The ssh_config file to use, relative to this file. By default, ~/.ssh/config and the file of the system count. With none, no such file counts: use this in CI.
   */
  config?: string;
  /**
   * known_hosts file, relative to this file; `~/` is the home folder. Host keys that are not in it are refused. By default, the files that ~/.ssh/config names, else ~/.ssh/known_hosts and those of the system.
   */
  knownHosts?: string;
  /**
   * Private key: a path relative to this file, or the environment variable that holds the path. The path of a public key (.pub) selects that key of the SSH agent. By default, the keys of ~/.ssh/config, else the SSH agent and the usual files in ~/.ssh.
   */
  identity?:
    | string
    | {
        /**
         * Name of the variable.
         */
        env: string;
      };
  passphrase?: SecretSource;
  password?: SecretSource;
  code?: SecretSource;
  /**
   * Hosts to connect through, in order: host, user@host or user@host:port. Names of ~/.ssh/config count. The default user is that of the host behind. Write IPv6 as [address] where a port follows. An empty list means a direct connection. By default, what ~/.ssh/config says.
   */
  jump?: JumpHost | JumpHost[];
  /**
   * Also offer the algorithms of SunSSH and old OpenSSH.
   */
  legacyAlgorithms?: boolean;
  /**
   * Fingerprint of the host's key, as `ssh-keygen -l` prints it. With it, known_hosts is not used.
   */
  hostKey?: string;
  /**
   * How commands get more rights than the login has. With `none`, they do not.
   */
  privilege?: 'none' | PrivilegeSection;
}
/**
 * The command that grants more rights.
 */
export interface PrivilegeSection {
  /**
   * The command that grants the rights.
   */
  by: 'sudo' | 'doas' | 'su' | 'pfexec';
  /**
   * The user to become.
   */
  as?: string;
  password?: SecretSource;
  /**
   * The text with which the host asks for that password, where it is not the usual one. A part of it is enough.
   */
  prompt?: string;
}
/**
 * The Calendar Server 6.3 hosts, front ends and back ends.
 */
export interface Cs6Section {
  platform: Platform;
  roll?: Roll;
  /**
   * Lowest accepted revision of the core patch (121657, 121658 or 121659).
   */
  minimumPatch?: number;
  softwareTimeout?: SoftwareTimeout;
  restart?: Restart;
  hotBackup?: HotBackup;
  ssh?: SshSection;
  settings?: IcsConfSettings;
  window?: Window;
  /**
   * Every CS6 host, by a short name that you choose. Changes are made in this order.
   */
  hosts: {
    [k: string]: Cs6HostEntry;
  };
}
/**
 * Further keys of ics.conf, for every CS6 host or for one host. The value of the host wins. Keys that follow from the rest of the file are not allowed here.
 */
export interface IcsConfSettings {
  [k: string]: IcsConfValue;
}
/**
 * Hours in which hosts may be changed, by the local clock of the time zone. This includes the nights when the clock changes.
 */
export interface ChangeWindowEntry {
  /**
   * The days on which it begins: mon, tue, wed, thu, fri, sat, sun.
   *
   * @minItems 1
   */
  days?: ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  /**
   * When it opens, as HH:MM in 24 hours.
   */
  from: string;
  /**
   * When it closes, as HH:MM in 24 hours. If it is before `from`, the window closes on the next day and belongs to the day on which it began. 24:00 is the end of the day.
   */
  to: string;
  /**
   * A name from the time zone database.
   */
  zone: string;
}
/**
 * A Calendar Server 6.3 host, front end or back end.
 */
export interface Cs6HostEntry {
  address?: Address;
  /**
   * SSH port of this host. It wins over every ssh.port.
   */
  port?: number;
  http?: Http;
  platform?: Platform;
  config?: AbsolutePath;
  sbin?: AbsolutePath;
  /**
   * Installed revision of the core patch. If you set it, this value counts and the host is not asked.
   */
  patch?: number;
  softwareTimeout?: SoftwareTimeout;
  restart?: Restart;
  hotBackup?: HotBackup;
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
  /**
   * Every CS7 host, by a short name that you choose. Changes are made in this order.
   */
  hosts: {
    [k: string]: Cs7HostEntry;
  };
  /**
   * Names of the back ends that accounts can be stored on.
   *
   * @minItems 1
   */
  backends: string[];
  home?: Home;
  davadmin?: DavadminSection;
  container?: ContainerSection;
  softwareTimeout?: SoftwareTimeout;
  restart?: Restart;
  ssh?: SshSection;
}
/**
 * Further options of davadmin, for every CS7 host or for one host. The value of the host wins. Options that follow from the rest of the file are not allowed here.
 */
export interface DavadminSettings {
  [k: string]: DavadminValue;
}
/**
 * A Calendar Server 7 host.
 */
export interface Cs7HostEntry {
  address?: Address;
  /**
   * SSH port of this host. It wins over every ssh.port.
   */
  port?: number;
  http?: Http;
  home?: Home;
  davadmin?: DavadminSection;
  container?: ContainerSection;
  /**
   * Installed release of Calendar Server 7, in quotes. If you set it, this value counts and the host is not asked.
   */
  release?: string;
  softwareTimeout?: SoftwareTimeout;
  restart?: Restart;
  ssh?: SshSection;
  settings?: DavadminSettings;
  window?: Window;
}
/**
 * How to call davadmin, for all CS7 hosts or for one. For each key, the value of the host wins.
 */
export interface DavadminSection {
  /**
   * The administrator of CS7 that davadmin logs in as.
   */
  user?: string;
  passwordFile?: AbsolutePath;
}
/**
 * The application server that CS7 runs in, for all CS7 hosts or for one. For each key, the value of the host wins.
 */
export interface ContainerSection {
  /**
   * The type of the application server. By default, GlassFish 3 or 2 is detected. reconcile cannot restart WebLogic itself: set `restart`.
   */
  type?: 'glassfish2' | 'glassfish3' | 'weblogic';
  bin?: AbsolutePath;
  /**
   * The domain of the application server that CS7 is deployed in (letters, digits, dots, hyphens and underscores).
   */
  domain?: string;
  pidFile?: AbsolutePath;
}
/**
 * A set of accounts and the side that they are on.
 */
export interface CohortEntry {
  /**
   * The side these accounts are on.
   */
  server: 'cs6' | 'cs7';
  /**
   * The CS7 back end. Only for cohorts on cs7.
   */
  store?: string;
  /**
   * The share of the members that is already on CS7, now or from a day on. Before the first day, none are. The names of the accounts decide which ones, so that a larger share includes the smaller one. A day begins at midnight UTC. Shares must not fall.
   */
  wave?:
    | Share
    | {
        [k: string]: Share;
      };
  /**
   * How many of these accounts may change sides in one apply: a share of all accounts, or a number. It replaces limits.moves for this cohort.
   */
  limit?: number | Share;
  migrated?: MigratedSection;
  /**
   * Who belongs to the cohort: `rest` for every account that matches no earlier cohort, or a map of conditions. An account must match every condition that you give.
   */
  members:
    | 'rest'
    | {
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
         * A file with uid values or whole DNs, relative to this file, instead of `list`. A file that ends in .csv needs a header with a column `uid` or `dn`; if a line has both, the DN counts. Other columns are ignored. Any other file has one uid or DN on each line. Blank lines and lines that begin with # are ignored.
         */
        file?: string;
        /**
         * DN of a group in the directory. Its members are the accounts that it names, and those that its memberURL searches find.
         */
        group?: string;
      };
}
/**
 * What to do on CS6 for the accounts of a CS7 cohort, once CS7 answers for them (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). By default, nothing is done.
 */
export interface MigratedSection {
  /**
   * Denies these accounts the login to CS6, which would create a calendar for them. `true` sets icsAllowedServiceAccess to the value in the chapter, -http:all. A text is the value itself. The Schema Reference documents `http`. CS6 ignores any value if icsStatus is set.
   */
  denyCs6Login?: true | string;
  /**
   * Deletes the calendars of these accounts on CS6. This cannot be undone. It happens only for accounts that CS7 answered for, and only if you allow the number (`apply --allow-deletes N`). It requires denyCs6Login, because a login would create a new calendar.
   */
  deleteCs6Calendars?: boolean;
  exportTo?: AbsolutePath;
}
/**
 * What a saved plan needs before you can apply it.
 */
export interface PolicySection {
  planExpiry?: Duration;
  /**
   * Who must sign a plan before it can be applied. With this section, only saved plans can be applied, not the estate files directly. By default, no signature is needed.
   */
  signatures?: {
    /**
     * How many different people must sign.
     */
    required?: number;
    /**
     * OpenSSH allowed_signers file, relative to this file. It says who may sign, and with which key (ssh-keygen(1), "ALLOWED SIGNERS").
     */
    signers: string;
  };
}
/**
 * What `reconcile verify` checks: whether users of each side see when users of the other side are busy.
 */
export interface VerifySection {
  /**
   * Mail addresses of the accounts to look up, by the side that they are on. Accounts with appointments in the coming year prove most. If you omit a side, a few accounts of each cohort are chosen.
   */
  probes?: {
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
  };
  /**
   * Where `reconcile verify --mail` sends one message, through the mail server of CS7 and from a CS7 host. The message says that it is a test. It is not an invitation. Without the flag, nothing is sent.
   */
  mail?: {
    to: MailAddress;
  };
  gates?: Gates;
}
/**
 * Makes `apply` check free/busy like `reconcile verify`: before and after each batch of moving accounts, and before and after the restart of each host. Everything that worked must still work, and so must anything that no later step will fix. Otherwise the apply stops.
 */
export interface Gates {
  /**
   * How many accounts move between two checks.
   */
  moves?: number;
  /**
   * Whether to check before and after the restart of each host, through that host.
   */
  restarts?: boolean;
  /**
   * `stop` keeps the changes and starts no further step. `undo` first takes back the batch that moved, or the configuration of the restarted host, and then stops.
   */
  onFailure?: 'stop' | 'undo';
  /**
   * How long to repeat a failed look-up before it counts as a failure: 90s, 5m, or 0s for no repetition. CS7 caches accounts for up to 60 s (base.ldapinfo.cachettl), so it does not see a move at once.
   */
  wait?: ('0s' | Duration) & string;
}
/**
 * One difference that is left alone: until when, why, and whom to ask.
 */
export interface IgnoreEntry {
  /**
   * Name of a host, or `directory`.
   */
  target: string;
  /**
   * The setting, option, domain or attribute that may differ. For a host, `all` means that the host is away. A check is then complete without it, but steps that need every host wait.
   */
  key: string;
  /**
   * The DN of the account that may differ. Only for the target `directory`.
   */
  item?: string;
  /**
   * The last day of the entry, as YYYY-MM-DD. After that day, the difference is planned again, with a warning. Two weeks later, the entry is an error.
   */
  until: string;
  /**
   * Why the difference is accepted.
   */
  reason: string;
  /**
   * Whom to ask.
   */
  owner: string;
}
