import type { CheckSignature } from '../core/plan.ts';
import type { Watching } from '../ports/daemon.ts';
import type { Claim } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import type { LocalFiles, OpenRevision, Schemas } from '../ports/local-files.ts';
import type { Connections, Variables } from '../ports/ports.ts';
import type { Clock, Spans } from '../ports/progress.ts';
import type { Rehearsal, RehearsalSize } from '../ports/rehearsal.ts';

/** Where a command line prints, and the person who may sit there. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Asks a person for a line; absent where standard input is not a terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** Calls back at the first interrupt; a second one ends the program. Returns what stops listening. */
  readonly onInterrupt: (stop: () => void) => () => void;
}

/** The ports of the command line: everything outside of it that it touches, so that a test can replace each. */
export interface Environment {
  readonly terminal: Terminal;
  readonly files: LocalFiles;
  readonly connections: Connections;
  readonly schemas: Schemas;
  readonly clock: Clock;
  /** The environment variables of the process. */
  readonly variables: Variables;
  readonly version: string;
  readonly openRevision: OpenRevision;
  readonly checkSignature: CheckSignature;
  /** Who takes the locks of a run. */
  readonly claim: (run: string) => Claim;
  /** Begins the record of a run as a new file in a folder. */
  readonly openJournal: (folder: string, name: string) => Promise<Journal>;
  /** What a program needs that stays. */
  readonly watching: () => Promise<Watching>;
  /** Absent: no spans are collected. */
  readonly spans?: Spans;
  /** Starts a rehearsal estate on this machine. */
  readonly rehearse: (size: RehearsalSize) => Promise<Rehearsal>;
}
