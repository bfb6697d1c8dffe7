import type { CheckSignature } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Watching } from '../ports/daemon.ts';
import type { Claim } from '../ports/host.ts';
import type { Journal } from '../ports/journal.ts';
import {
  type LocalFiles,
  type OpenRevision,
  type ReadProvenance,
  type Schemas,
  standardOutput,
} from '../ports/local-files.ts';
import type { Connections, KeptConnections, Routes, Variables } from '../ports/ports.ts';
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
  /** What is printed when an interrupt ends the program at once. */
  readonly atInterrupt?: (text: string) => void;
  /** Shows what is being done until anything else is printed, or until it is called without a message. */
  readonly status?: (message?: string) => void;
}

/** The ports of the command line: everything outside of it that it touches, so that a test can replace each. */
export interface Environment {
  readonly terminal: Terminal;
  readonly files: LocalFiles;
  readonly connections: Connections;
  /** Connections of a program that looks every so many milliseconds; absent: each look opens its own. */
  readonly keepConnections?: (every: number) => Promise<KeptConnections>;
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
  readonly routes: Routes;
  readonly readProvenance: ReadProvenance;
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

/** How many cells a line of text has: as COLUMNS says, or the terminal, or 80, as in a file. */
export function textColumns(
  { terminal, variables }: Pick<Environment, 'terminal' | 'variables'>,
  stream?: 'stdout' | 'stderr',
): number {
  const said = /^\d{1,5}$/.test(variables['COLUMNS'] ?? '') ? Number(variables['COLUMNS']) : 0;
  return Math.max(fewestColumns, said || (stream && terminal.columns?.(stream)) || 80);
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
  if (output !== standardOutput) return environment;
  const { terminal, files } = environment;
  const write = (usual: LocalFiles['write']) => async (path: string, text: string) =>
    path === standardOutput ? terminal.stdout(text) : usual(path, text);
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

/** Milliseconds between two lines of a log that say what is being done. */
const logEvery = 60_000;

/**
 * An environment whose terminal shows the status: on a terminal in one line that is drawn again every second, with the time
 * since the command began; elsewhere as a line a minute, so that a job in CI is seen to be alive. Whatever is printed takes
 * the line away first.
 */
export function withStatus(environment: Environment): Environment {
  const { terminal } = environment;
  const { status, clear } = makeStatus(environment);
  const after = (print: (text: string) => void) => (text: string) => {
    clear();
    print(text);
  };
  return {
    ...environment,
    terminal: { ...terminal, stdout: after(terminal.stdout), stderr: after(terminal.stderr), status },
  };
}

function makeStatus(environment: Environment): { status: (message?: string) => void; clear: () => void } {
  const { stderr, stderrIsTerminal } = environment.terminal;
  const elapsed = secondsSince(environment.clock);
  let [shown, isDrawn] = ['', false];
  let timer: ReturnType<typeof setInterval> | undefined;
  const clear = () => {
    if (isDrawn) stderr(clearLine);
    isDrawn = false;
  };
  const draw = () => {
    stderr(clearLine + shortened(`${clockText(elapsed())}  ${shown}`, textColumns(environment, 'stderr') - 1));
    isDrawn = true;
  };
  const log = () => stderr(`Still working after ${Math.floor(elapsed() / 60)} min: ${printable(shown)}\n`);
  const end = () => {
    clear();
    clearInterval(timer);
    timer = undefined;
  };
  const show = (message: string) => {
    shown = message;
    timer ??= stderrIsTerminal ? setInterval(draw, 1000) : setInterval(log, logEvery);
    // What only shows something keeps no program from ending.
    timer.unref();
    if (stderrIsTerminal) draw();
  };
  return { status: message => (message === undefined ? end() : show(message)), clear };
}

const clearLine = '\r\u001b[K';

function secondsSince(clock: Clock): () => number {
  const began = Date.parse(clock.now());
  return () => Math.max(0, Math.floor((Date.parse(clock.now()) - began) / 1000));
}

/** `0:07`, `12:40`, `1:02:40`. */
function clockText(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** One line that fits, because a line that wraps could not be drawn again. It has names of hosts and steps, all of ASCII. */
function shortened(text: string, columns: number): string {
  const line = printable(text).replaceAll('\n', ' ');
  return line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
