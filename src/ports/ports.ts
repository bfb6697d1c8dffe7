import type { DesiredState } from '../core/desired.ts';
import type { DirectoryReader, DirectoryWriter } from './directory.ts';
import type { FreeBusyReader, MailClient } from './free-busy.ts';
import type { HostReader, HostWriter } from './host.ts';

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

/** Where a value of the way to a host comes from. */
export type RouteSource =
  /** The estate file: `ssh.user`, or `address` and `port` of the host. */
  | { readonly from: 'estate'; readonly key: string }
  /** A file of the OpenSSH client. `line` is absent where only the client itself knows it. */
  | { readonly from: 'ssh-config'; readonly file?: string; readonly line?: number }
  | { readonly from: 'default' };

/** A value of the way to a host. */
export interface RouteFact {
  /** The host that it is about, as it is written: a jump host, or the host itself, which is the last. */
  readonly hop: string;
  /** As OpenSSH calls it: `HostName`, `Port`, `User`, `IdentityFile`. A key with several values has several facts. */
  readonly key: string;
  readonly value: string;
  readonly source: RouteSource;
}

/** Connects to the servers of an estate. Each connection is opened when it is first used; `variables` hold the secrets. */
export interface Connections {
  /** Connections with no function that writes. */
  readonly toRead: (desired: DesiredState, variables: Variables) => Promise<ReadConnection>;
  readonly toWrite: (desired: DesiredState, variables: Variables) => Promise<Connection>;
}

/** All that planning may touch: it has no function that writes. */
export interface ReadPorts {
  host(name: string): HostReader;
  directory(): DirectoryReader;
  freeBusy(): FreeBusyReader;
}

/** All that looking at invitations by mail may touch. */
export interface MailPorts extends ReadPorts {
  mail(): MailClient;
}

/** All that an apply may touch. */
export interface WritePorts {
  host(name: string): HostWriter;
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
