import type { DesiredState } from '../core/desired.ts';
import type { CheckSignature } from '../core/plan-signature.ts';
import type { FileReader } from '../desired/load-options.ts';
import type { Claim } from '../engine/locks.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from '../ports/journal.ts';
import type { WritePorts } from '../ports/ports.ts';
import type { Rehearsal, RehearsalSize } from '../ports/rehearsal.ts';

/** Open connections to an estate. */
export interface Connection {
  readonly ports: WritePorts;
  close(): Promise<void>;
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
  readonly writeText: (path: string, text: string) => Promise<void>;
  /** Asks a person for a line; absent where there is none. */
  readonly ask?: (question: string) => Promise<string>;
  /** Opens nothing yet: each connection is made when it is first used. */
  readonly connect: (desired: DesiredState, environment: Outside['environment']) => Promise<Connection>;
  /** Starts a rehearsal estate on this machine. */
  readonly rehearse: (size: RehearsalSize) => Promise<Rehearsal>;
  /** The names in a folder; none where it is not there. */
  readonly listFolder: (path: string) => Promise<readonly string[]>;
  /** Calls back at the first interrupt of a person; a second one ends the program. Gives what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
  /** Begins the record of a run as a new file in a folder. */
  readonly openJournal: (folder: string, name: string) => Promise<Journal>;
  /** Checks one signature of a plan. */
  readonly checkSignature: CheckSignature;
  /** What a run claims locks with. */
  readonly claim: (run: string) => Claim;
  readonly clock: Clock;
  readonly version: string;
  readonly estateSchema: object;
  readonly planSchema: object;
}
