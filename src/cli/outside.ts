import type { DesiredState } from '../core/desired.ts';
import type { CheckSignature } from '../core/plan.ts';
import type { Claim } from '../engine/locks.ts';
import type { FileReader } from '../estate/load-options.ts';
import type { Clock } from '../ports/clock.ts';
import type { Watching } from '../ports/daemon.ts';
import type { Journal } from '../ports/journal.ts';
import type { ReadPorts, WritePorts } from '../ports/ports.ts';
import type { Rehearsal, RehearsalSize } from '../ports/rehearsal.ts';
import type { OpenRevision } from '../ports/revision.ts';
import type { Spans } from '../ports/spans.ts';

/** Open connections to an estate, over which nothing can be changed. */
export interface ReadConnection {
  readonly ports: ReadPorts;
  close(): Promise<void>;
}

/** Open connections to an estate. */
export interface Connection extends ReadConnection {
  readonly ports: WritePorts;
}

/** All of the world that the command line touches, so that a test can be the world. */
export interface Outside {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads a file; with a limit one byte more than that at most, whatever it is. */
  readonly readBytes: (path: string, limit?: number) => Promise<Uint8Array>;
  /** The same at once, and of regular files only: what a pipe or a device gives is not the same the next time. */
  readonly readRegularFile: FileReader;
  /** The last bytes of a file, of which there may be many. */
  readonly readEnd: (path: string, limit: number) => Promise<Uint8Array>;
  /** Writes a file that those may read whom the umask lets. */
  readonly writeText: (path: string, text: string) => Promise<void>;
  /** Writes a file for its owner only, whole or not at all. */
  readonly writePrivateText: (path: string, text: string) => Promise<void>;
  /** Writes text packed with gzip, for its owner only; the file is there once it is whole. */
  readonly writePacked: (path: string, text: AsyncIterable<string>) => Promise<void>;
  /** The bytes of such a file; throws with a code that begins with `Z_` where it is none, or is cut off. */
  readonly readPacked: (path: string) => AsyncIterable<Uint8Array>;
  /** Asks a person for a line; absent where there is none. */
  readonly ask?: (question: string) => Promise<string>;
  /** Opens nothing yet: each connection is made when it is first used. */
  readonly connect: (desired: DesiredState, environment: Outside['environment']) => Promise<Connection>;
  /** The same, where no function that writes can be reached. */
  readonly connectToRead: (desired: DesiredState, environment: Outside['environment']) => Promise<ReadConnection>;
  /** What is needed to stay and look again and again. */
  readonly watching: () => Promise<Watching>;
  /** Absent: nobody asked for spans. */
  readonly spans?: Spans;
  /** Starts a rehearsal estate on this machine. */
  readonly rehearse: (size: RehearsalSize) => Promise<Rehearsal>;
  /** The names in a folder; none where it is missing. Throws where it cannot be read. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  /** Calls back at the first interrupt of a person; a second one ends the program. Gives what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  /** Begins the record of a run as a new file in a folder. */
  readonly openJournal: (folder: string, name: string) => Promise<Journal>;
  /** Checks one signature of a plan. */
  readonly checkSignature: CheckSignature;
  /** Finds an earlier revision of a file. */
  readonly openRevision: OpenRevision;
  /** What a run claims locks with. */
  readonly claim: (run: string) => Claim;
  readonly clock: Clock;
  readonly version: string;
  readonly estateSchema: object;
  readonly planSchema: object;
  /** The schema of a name, as it is shipped. */
  readonly readSchema: (name: string) => object;
}

/** The world without what could change an estate. */
export type ReadOutside = Omit<Outside, 'connect' | 'rehearse' | 'openJournal' | 'claim'>;

/** Takes away what could change an estate, so that nothing this is handed to can reach it. */
export function toRead(outside: Outside): ReadOutside {
  const { connect: _, rehearse: __, openJournal: ___, claim: ____, ...rest } = outside;
  return rest;
}
