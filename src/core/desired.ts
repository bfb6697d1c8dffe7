import type { ChangeWindow } from './change-window.ts';
import type { SourcePosition } from './finding.ts';

/** Where a secret comes from; the value itself is never part of the desired state. */
export type SecretReference =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

/** Which entries count as one kind of account. */
export interface AccountClass {
  readonly base: string;
  readonly filter: string;
}

/** How a connection with the directory is encrypted. */
export interface DirectoryTls {
  /** Path of a PEM file; without it the system's authorities count. */
  readonly ca?: string;
  /** The name that the server's certificate must have; absent: the host of the URL. */
  readonly serverName?: string;
  /** As Node and OpenSSL call it; absent: TLSv1.2. */
  readonly minVersion?: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
  /** A list of OpenSSL (openssl-ciphers(1)), which may have a security level: `DEFAULT@SECLEVEL=0`. */
  readonly ciphers?: string;
  /** Path of a PEM file: the certificate that this program shows, with the authorities that lead from it to a known one. */
  readonly certificate?: string;
  /** Its private key: a PEM file, or a variable that holds the PEM text. */
  readonly key?: { readonly path: string } | { readonly env: string };
}

/** The LDAP directory and what its accounts carry. Times in milliseconds. */
export interface DesiredDirectory {
  readonly url: string;
  /** Servers with the same content, in the order in which they are tried after the first. */
  readonly otherUrls: readonly string[];
  readonly startTls: boolean;
  readonly tls: DirectoryTls;
  /** Absent, as is the password: the login is SASL EXTERNAL, with the certificate or as the user of this process (`ldapi:`). */
  readonly bindDn?: string;
  readonly password?: SecretReference;
  readonly base: string;
  /** A class that the site does not have is left out. */
  readonly users?: AccountClass;
  readonly groups?: AccountClass;
  readonly resources?: AccountClass;
  /** The attribute CS7 knows an account by; `copyFrom` gives the value of a missing one. */
  readonly uniqueId: { readonly attribute: string; readonly copyFrom: string; readonly objectClass: string };
  /** The attribute whose presence makes an account local to CS7 (chapter 10, "About the Calendar Server 7 Configuration"). */
  readonly localUser: { readonly attribute: string; readonly objectClass: string };
  readonly source: SourcePosition;
}

/** The attribute that keeps an account from logging in to CS6 (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). */
export const loginAttribute = 'icsAllowedServiceAccess';

/** The OID of it (Schema Reference). */
const loginOid = '2.16.840.1.113730.3.1.726';

/** What is written on accounts; the denial of the login only where a cohort asks for it. */
export function writtenOnAccounts(
  { uniqueId, localUser }: Pick<DesiredDirectory, 'uniqueId' | 'localUser'>,
  deniesLogin: boolean,
): { readonly attributes: readonly string[]; readonly objectClasses: readonly string[] } {
  return {
    attributes: [uniqueId.attribute, localUser.attribute, ...(deniesLogin ? [loginAttribute, loginOid] : [])],
    objectClasses: [uniqueId.objectClass, localUser.objectClass],
  };
}

/** How a host is reached. */
export interface Access {
  readonly address: string;
  /** The ssh_config file that counts; absent: that of the user and that of the system. */
  readonly config?: 'none' | { readonly path: string };
  /** What the estate file does not state, from here to `jump`, comes from there, else from the defaults of OpenSSH. */
  readonly port?: number;
  readonly user?: string;
  /** Path of a private key, or of the public one of a key of the agent. */
  readonly identity?: SecretReference | { readonly path: string };
  readonly passphrase?: SecretReference;
  /** What the login answers where the host asks for a password, and where it asks for something else. */
  readonly password?: SecretReference;
  readonly code?: SecretReference;
  /** Path of a known_hosts file; `~/` is the home folder of the user who runs this program. */
  readonly knownHosts?: string;
  /** The fingerprint that alone counts, as `ssh-keygen -l` prints it; known_hosts is not asked then. */
  readonly hostKey?: string;
  /** Hosts to go through, in order: `[user@]host[:port]`; none: a direct connection. */
  readonly jump?: readonly string[];
  /** How commands get more rights than the login has; absent: they do not. */
  readonly privilege?: Privilege;
  /** Also offers the algorithms of SunSSH and OpenSSH before 7; never by default. */
  readonly legacyAlgorithms: boolean;
}

/** How a login becomes the user that does the work. */
export interface Privilege {
  readonly by: 'sudo' | 'doas' | 'su' | 'pfexec';
  /** The user to become. */
  readonly as: string;
  /** What `by` asks for; absent: it must not ask. */
  readonly password?: SecretReference;
  /** Part of the text that asks for it, where it is not the usual one. */
  readonly prompt?: string;
}

/** A key of ics.conf and the value it must have. */
export interface DesiredSetting {
  readonly key: string;
  /** `null`: the key must not be assigned at all. */
  readonly value: string | null;
  /** Why, in one sentence, for people; and the section of the chapter that asks for it. */
  readonly because: string;
  readonly chapter?: string;
  readonly source: SourcePosition;
}

/** The platforms the chapter names; they decide paths, patch numbers and the patch listing. */
export type Cs6Platform = 'solaris-sparc' | 'solaris-x86' | 'redhat';

/** What the administrator runs to restart a server, each as words without a shell. */
export interface RestartCommands {
  readonly stop: readonly string[];
  readonly start: readonly string[];
  /** Changes nothing, and ends with 0 while the server runs. */
  readonly status?: readonly string[];
  /** The user that runs them; absent: the login. */
  readonly as?: string;
}

/** How a server takes up a change of what it reads at its start: with the product's commands, not by us, or with these commands. */
export type RestartPolicy = 'after-change' | 'never' | RestartCommands;

/** What holds of a host of either product. Times in milliseconds. */
interface AnyHost {
  readonly name: string;
  readonly access: Access;
  /** Where its calendar server answers; absent on a host that nobody asks, such as a pure back end. */
  readonly http?: string;
  readonly restart: RestartPolicy;
  /** How long each command may take that tells a software level. */
  readonly softwareTimeout: number;
  /** The hours in which an apply may change it; absent: always. */
  readonly windows?: readonly ChangeWindow[];
  readonly source: SourcePosition;
}

/** A Calendar Server 6.3 host. */
export interface DesiredCs6Host extends AnyHost {
  readonly product: 'cs6';
  readonly platform: Cs6Platform;
  /** Candidates for ics.conf; more than one that exists is refused. */
  readonly config: readonly string[];
  /** Candidates for the folder of start-cal and cscal. */
  readonly sbin: readonly string[];
  readonly settings: readonly DesiredSetting[];
  readonly minimumPatch: number;
  /** Stated in the file: it counts whatever the host says. */
  readonly patch?: number;
  /** Folder of the daily hot backups (YYYYMMDD), one of which must be of today before calendars are deleted. */
  readonly hotBackup?: string;
}

/** A davadmin option: a scalar that must be equal, a list that must include, or `null`: it must not be set. */
export interface DesiredOption {
  readonly name: string;
  readonly value: string | null | { readonly include: readonly string[] };
  /** Whether two values that differ in case only are different; the words of a list never are. */
  readonly caseMatters: boolean;
  /** Why, in one sentence, for people; and the section of the chapter that asks for it. */
  readonly because: string;
  readonly chapter?: string;
  readonly source: SourcePosition;
}

/** A line of ischeduledomainmap.properties. */
export interface DesiredDomain {
  readonly domain: string;
  readonly url: string;
  /** Why, in one sentence, for people. */
  readonly because: string;
  readonly source: SourcePosition;
}

/** An application server that Calendar Server 7 runs in. */
export type ContainerType = 'glassfish2' | 'glassfish3' | 'weblogic';

/** A Calendar Server 7 host. */
export interface DesiredCs7Host extends AnyHost {
  readonly product: 'cs7';
  /** CalendarServer_home, candidates. */
  readonly home: readonly string[];
  /** Stated in the file: it counts whatever the host says. */
  readonly release?: string;
  /** Names of the back ends that accounts can be stored on. */
  readonly backends: readonly string[];
  readonly davadmin: { readonly user: string; readonly passwordFile: string };
  readonly options: readonly DesiredOption[];
  /** What davcore.uriinfo.permanentuniqueid must already be; it is never changed. */
  readonly uniqueIdAttribute: string;
  readonly domains: readonly DesiredDomain[];
  readonly container: {
    /** Absent: GlassFish 3 or 2, whichever is found. */
    readonly type?: ContainerType;
    /** Folders of asadmin, candidates. */
    readonly bin: readonly string[];
    readonly domain: string;
    /** Candidates for the file that holds the container's process number. */
    readonly pidFile: readonly string[];
  };
}

/** A host of either product; `product` says which. */
export type Host = DesiredCs6Host | DesiredCs7Host;

/** A product that hosts run. */
export type ProductId = Host['product'];

/** The hosts of one product, in the order of the file. */
export function hostsOf<H extends { readonly product: ProductId }, P extends H['product']>(
  { hosts }: { readonly hosts: readonly H[] },
  product: P,
): readonly Extract<H, { readonly product: P }>[] {
  return hosts.filter((host): host is Extract<H, { readonly product: P }> => host.product === product);
}

/** The hosts of one product that answer over HTTP, in the order of the file. */
export function answeringHosts<P extends ProductId>(
  state: { readonly hosts: readonly Host[] },
  product: P,
): readonly Answering<Extract<Host, { readonly product: P }>>[] {
  return hostsOf(state, product).filter(answers);
}

/** A host that answers over HTTP. */
export type Answering<H extends Host> = H & { readonly http: string };

/** Whether a host has a calendar server that answers over HTTP. */
export function answers<H extends Host>(host: H): host is Answering<H> {
  return host.http !== undefined;
}

/** The classes of accounts that the site has. */
export function accountClasses({
  users,
  groups,
  resources,
}: Pick<DesiredDirectory, 'users' | 'groups' | 'resources'>): readonly AccountClass[] {
  return [users, groups, resources].filter(one => one !== undefined);
}

/**
 * Who belongs to a cohort; parts that are given must all hold. `rest`: every account no earlier cohort took.
 * `list` has uid values and whole DNs; where a file held them, `listed` says where each stands. `group` is the DN of a
 * group entry: its members are those it names, and those its memberURL searches find.
 */
export type Members =
  | 'rest'
  | {
      readonly base?: string;
      readonly filter?: string;
      readonly list?: readonly string[];
      readonly listed?: { readonly file: string; readonly lines: readonly number[] };
      readonly group?: string;
    };

/** What is done on CS6 about accounts that CS7 answers for (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). */
export interface DesiredMigration {
  /** The value of icsAllowedServiceAccess that keeps them from logging in to CS6; absent: not managed. */
  readonly denyLogin?: string;
  /** Whether their calendars on CS6 must be gone, which cannot be undone. */
  readonly deleteCalendars: boolean;
  /** Folder on the CS6 host that gets a copy of each calendar before. */
  readonly exportTo?: string;
}

/** A set of accounts and the side they are on. */
export interface DesiredCohort {
  readonly name: string;
  readonly members: Members;
  /** The CS7 back end's name, or nothing for accounts of CS6. */
  readonly store?: string;
  /** How many percent of the members are on `store` already, on the day the file was read; the others are on CS6. Absent: all. */
  readonly share?: number;
  /** Counts for its moves instead of the limit of all cohorts. */
  readonly limit?: MoveLimit;
  readonly migrated?: DesiredMigration;
  readonly source: SourcePosition;
}

/** How many accounts of one cohort may change sides in one apply: a number, or a share of all accounts in percent. */
export type MoveLimit = { readonly accounts: number } | { readonly percent: number };

/** A number of hosts, or a share of them in percent. */
export type HostCount = { readonly hosts: number } | { readonly percent: number };

/** How much one apply may do before it has to be allowed by number. */
export interface DesiredLimits {
  readonly moves: MoveLimit;
  /** Of how many accounts the CS6 calendars may be deleted in one apply. */
  readonly deletes: number;
  readonly restarts: HostCount;
  /** By how many percent the number of accounts may have fallen since the last run. */
  readonly fewerAccounts: number;
  readonly source: SourcePosition;
}

/** What a saved plan needs before it may be carried out. */
export interface DesiredPolicy {
  /** How long a plan may be carried out after the live state was read, in milliseconds. */
  readonly planExpiry: number;
  /** Path of an OpenSSH allowed_signers file, and how many of those it names must have signed. Absent: nobody. */
  readonly signatures?: { readonly required: number; readonly signers: string };
  readonly source: SourcePosition;
}

/** An account that `verify` asks about, and the side the file says it is on. */
export interface DesiredProbe {
  readonly side: 'cs6' | 'cs7';
  readonly mail: string;
  readonly source: SourcePosition;
}

/** How it is found out whether coexistence works. */
export interface DesiredVerify {
  /** Empty for a side whose probes are chosen from the cohorts. */
  readonly probes: readonly DesiredProbe[];
  /** The one address that a trial message may be sent to. */
  readonly mailTo?: string;
  readonly gates?: DesiredGates;
}

/** How an apply asks for free/busy on its way. */
export interface DesiredGates {
  /** How many accounts move between two times. */
  readonly moves: number;
  /** Whether it is asked at the restart of each host. */
  readonly restarts: boolean;
  readonly onFailure: 'stop' | 'undo';
  /** For how long what fails is asked again before it counts, in milliseconds. */
  readonly wait: number;
}

/** A difference that is left alone until a day, which still counts; `item` is the DN of an account. */
export interface DesiredIgnore {
  readonly target: string;
  readonly key: string;
  readonly item?: string;
  /** YYYY-MM-DD */
  readonly until: string;
  readonly reason: string;
  readonly owner: string;
  readonly source: SourcePosition;
}

/** All that the kinds need, derived from the user's file: plain data, without a secret in it. */
export interface DesiredState {
  readonly name: string;
  readonly directory: DesiredDirectory;
  /** Those of Calendar Server 6 first. */
  readonly hosts: readonly Host[];
  /** How many hosts of each product are done by the end of each batch; what that leaves goes one by one. */
  readonly roll: Readonly<Record<ProductId, readonly HostCount[]>>;
  readonly cohorts: readonly DesiredCohort[];
  readonly ignore: readonly DesiredIgnore[];
  readonly limits: DesiredLimits;
  readonly policy: DesiredPolicy;
  /** Absent where the file says nothing of it. */
  readonly verify?: DesiredVerify;
  readonly records: DesiredRecords;
}

/** Where the records of runs are kept besides this machine. */
export interface DesiredRecords {
  /** Names of hosts, in the order in which they are tried. */
  readonly hosts: readonly string[];
  /** How many runs each keeps. */
  readonly keep: number;
}
