import type { RouteFact } from '../core/connection.ts';
import type { Access, DesiredState, Host } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import type { DirectoryProbe, DirectoryReader, DirectoryWriter } from './directory.ts';
import type { FreeBusyReader, MailClient } from './free-busy.ts';
import type { HostExaminer, HostReader, HostWriter, RecordReader, RecordWriter } from './host.ts';

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Connections to an estate over which nothing can be changed. */
export interface ReadConnection {
  readonly ports: ReadPorts;
  close(): Promise<void>;
}

/** Connections to an estate. */
export interface Connection extends ReadConnection {
  readonly ports: WritePorts;
}

/** What of this machine the way to a host depends on. */
export interface RouteParts {
  /** Files of the OpenSSH configuration, keys and host keys, also those that do not exist. */
  readonly files: readonly string[];
  /** Folders whose files the configuration includes by a pattern. */
  readonly folders: readonly string[];
  /** Words of commands, of which some may be files. */
  readonly programs: readonly string[];
  /** Why it is not known what else counts, where it is not. */
  readonly unclear?: string;
}

/** Says how hosts are reached. Opens no connection, and runs nothing that a file names. */
export interface Routes {
  /** Every value of the way to a host. Throws a TargetProblem. */
  readonly factsOf: (host: Pick<Host, 'name' | 'access'>, variables: Variables) => Promise<readonly RouteFact[]>;
  readonly partsOf: (access: Access, variables: Variables) => Promise<RouteParts>;
}

/** Connections over which is looked how the targets are set up. Nothing can be changed over them. */
export interface ExamineConnection extends ReadConnection {
  readonly ports: ExaminePorts;
}

/** Connections that read, and send one trial message by mail. */
export interface MailConnection extends ReadConnection {
  readonly ports: MailPorts;
}

/** Connects to the servers of an estate. Each connection is opened when it is first used; `variables` hold the secrets. */
export interface Connections {
  /** Connections with no function that writes. */
  readonly toRead: (desired: DesiredState, variables: Variables) => Promise<ReadConnection>;
  /** The same that can also send a message. */
  readonly toMail: (desired: DesiredState, variables: Variables) => Promise<MailConnection>;
  /** The directory is a server that accepts changes, where there is one. */
  readonly toWrite: (desired: DesiredState, variables: Variables) => Promise<Connection>;
  /** Connections with no function that writes, and with what only looks at the set-up. */
  readonly toExamine: (desired: DesiredState, variables: Variables) => Promise<ExamineConnection>;
}

/** Connections that read, and are kept from one look to the next while nothing has changed that they depend on. */
export interface KeptConnections extends Pick<Connections, 'toRead' | 'toMail'> {
  /** Ends them all; what is under way fails. */
  close(): Promise<void>;
}

/** All that planning may touch: it has no function that writes. */
export interface ReadPorts {
  host(name: string): HostReader;
  /** The records of runs that a host keeps. */
  records(host: string): RecordReader;
  directory(): DirectoryReader;
  freeBusy(): FreeBusyReader;
}

/** The steps of a connection, in their order: `key` is that of an SSH host, `tls` of a directory server. */
export type ConnectStep = 'name' | 'port' | 'key' | 'tls' | 'login' | 'privilege' | 'shell';

/** How far a connection came. */
export interface ReachedSteps {
  /** The steps that went well, and what each showed, in one line. */
  readonly made: readonly { readonly step: ConnectStep; readonly detail: string }[];
  /** The step that went wrong; those after it were not made. */
  readonly failed?: { readonly step: ConnectStep; readonly finding: Finding };
}

/** The key of the first SSH server on the way to a host that is not trusted yet, or of the host itself. */
export interface OfferedKey {
  /** `root@cs6.example.com:22`, `the jump host ops@bastion.example.com:22`. */
  readonly server: string;
  /** Whether it is trusted already. A key that contradicts what is known is never offered. */
  readonly known: boolean;
  /** `ssh-ed25519` */
  readonly type: string;
  /** As `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** The known_hosts file on this machine that `trust` adds it to. */
  readonly file: string;
  /** Adds it. Throws TargetProblem where the file cannot be written. */
  trust(): Promise<void>;
}

/** All that looking at the set-up of targets may touch. */
export interface ExaminePorts extends ReadPorts {
  /** Connects to a host, or to the directory, and says how far it came. */
  reach(target: string): Promise<ReachedSteps>;
  examine(host: string): HostExaminer;
  /** The key that is to be trusted next on the way to a host. Throws TargetProblem: also for one that is changed or revoked. */
  offeredKey(host: string): Promise<OfferedKey>;
  /** The value of a promise; nothing where it has not settled after so many milliseconds. */
  inTime<T>(promise: Promise<T>, limit: number): Promise<{ readonly value: T } | undefined>;
  /** Each server of the directory by itself, in the order of the file. */
  directoryServers(): readonly DirectoryProbe[];
  /** As `DirectoryWriter` has it: asked, and nothing changed. */
  wouldModify: DirectoryWriter['wouldModify'];
}

/** All that looking at invitations by mail may touch. */
export interface MailPorts extends ReadPorts {
  mail(): MailClient;
}

/** All that an apply may touch. */
export interface WritePorts {
  host(name: string): HostWriter;
  records(host: string): RecordWriter;
  directory(): DirectoryWriter;
  freeBusy(): FreeBusyReader;
  mail(): MailClient;
  /** Milliseconds; the only way a kind waits. */
  pause(milliseconds: number): Promise<void>;
  /** Whether somebody asked to stop: what is in hand is ended, and nothing further begun. */
  stopping(): boolean;
  /** Milliseconds since some moment; the only way a kind sees how long something took. */
  elapsed(): number;
}
