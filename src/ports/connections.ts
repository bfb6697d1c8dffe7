import type { DesiredState } from '../core/desired.ts';
import type { ReadPorts, WritePorts } from './ports.ts';

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

/** Connects to the servers of an estate. Each connection is opened when it is first used; `variables` hold the secrets. */
export interface Connections {
  /** Connections with no function that writes. */
  readonly toRead: (desired: DesiredState, variables: Variables) => Promise<ReadConnection>;
  readonly toWrite: (desired: DesiredState, variables: Variables) => Promise<Connection>;
}
