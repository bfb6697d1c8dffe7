import type { CheckSignature } from '../core/plan.ts';
import type { Watching } from '../ports/daemon.ts';
import type { Claim } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import type { LocalFiles, OpenRevision, ReadCommit, Schemas } from '../ports/local-files.ts';
import type { Connections, Variables } from '../ports/ports.ts';
import type { Clock, Spans } from '../ports/progress.ts';
import type { Rehearsal, RehearsalSize } from '../ports/rehearsal.ts';

/** Where a command line prints, and the person who may sit there. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** How many cells a line of a stream has now; absent where it is no terminal. */
  readonly columns?: (stream: 'stdout' | 'stderr') => number | undefined;
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
  /** What runs this program in a shell of this machine: `reconcile`, or `node` and a path. */
  readonly calledAs: string;
  /** Makes a folder the current one. Throws the error of the system where that fails. */
  readonly enterFolder: (folder: string) => void;
  /** The text of an example of an estate file. */
  readonly readExample: () => string;
  readonly openRevision: OpenRevision;
  readonly readCommit: ReadCommit;
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
  /** What can go wrong in a rehearsal, by name, with what it means; starts nothing. */
  readonly listFaults: () => Promise<Readonly<Record<string, string>>>;
}

/** Whether to paint what is printed on a stream: `--no-color` first, then the variables, then whether it is a terminal. */
export function wantsColor(
  { color }: { readonly color: boolean },
  { terminal, variables }: Pick<Environment, 'terminal' | 'variables'>,
  stream: 'stdout' | 'stderr' = 'stdout',
): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force } = variables;
  // As https://no-color.org and https://force-color.org have it: every value counts but the empty one.
  if (!color || no) return false;
  if (force) return force !== '0' && force !== 'false';
  return stream === 'stdout' ? terminal.stdoutIsTerminal : terminal.stderrIsTerminal;
}

/** How many cells a line of text has: as COLUMNS says, or the terminal, or 80. */
export function textColumns(
  { terminal, variables }: Pick<Environment, 'terminal' | 'variables'>,
  stream: 'stdout' | 'stderr' = 'stdout',
): number {
  const said = /^\d{1,5}$/.test(variables['COLUMNS'] ?? '') ? Number(variables['COLUMNS']) : 0;
  return Math.max(fewestColumns, said || terminal.columns?.(stream) || 80);
}

/** Narrower text could not be read. */
const fewestColumns = 40;

/**
 * Where a command prints: with `-o -` what it writes to that file goes to standard output, and what it would have printed
 * there to standard error.
 */
export function streamsFor<E extends Pick<Environment, 'terminal' | 'files'>>(
  environment: E,
  { output }: { readonly output?: string },
): E {
  if (output !== '-') return environment;
  const { terminal, files } = environment;
  const write = (usual: LocalFiles['write']) => async (path: string, text: string) =>
    path === '-' ? terminal.stdout(text) : usual(path, text);
  return {
    ...environment,
    terminal: {
      ...terminal,
      stdout: terminal.stderr,
      stdoutIsTerminal: terminal.stderrIsTerminal,
      columns: () => terminal.columns?.('stderr'),
    },
    files: { ...files, write: write(files.write), writePrivate: write(files.writePrivate) },
  };
}
