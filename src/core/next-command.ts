/** One word of a command line to copy, for every Bourne-like shell: in quotes where it needs them. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The words of a command line to copy. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** The commands of this program that messages name. */
export type NextVerb =
  | 'plan'
  | 'apply'
  | 'snapshot'
  | 'drift'
  | 'why'
  | 'audit'
  | 'undo'
  | 'status'
  | 'lock'
  | 'doctor'
  | 'explain'
  | 'demo'
  | 'example'
  | 'import';

/** A command to copy, as data: files and options of the command that was given are known to the printer alone. */
export interface NextCommand {
  /** Left out: the given command again where that carries something out, and otherwise the `apply` that it leads to. */
  readonly verb?: NextVerb;
  /** Arguments and options; an option replaces the same one of the given command. */
  readonly words: readonly string[];
  /** Options of the given command that it does not take over. */
  readonly without?: readonly string[];
  /** The file that gets what it prints. */
  readonly into?: string;
  /** What it is for, for a line above it, where the detail of the finding does not say so. */
  readonly lead?: string;
  /** As it is printed; the printer adds it. */
  readonly line?: string;
}

/** All commands that messages name, each once. */
export const nextCommands = {
  agree: (): NextCommand => ({ words: ['--yes'] }),
  /** Lifts a limit for one run, by number: `moves` for `--allow-moves`. */
  allow: (what: string, most: number): NextCommand => ({ words: [`--allow-${what}`, String(most)] }),
  only: (names: readonly string[]): NextCommand => ({ words: ['--only', names.join(',')] }),
  /** The given command with another narrowing. */
  narrowed: ({
    only,
    except,
    origin,
  }: {
    readonly only: readonly string[];
    readonly except: readonly string[];
    readonly origin: readonly string[];
  }): NextCommand => ({
    words: [
      ...(only.length > 0 ? ['--only', only.join(',')] : []),
      ...(except.length > 0 ? ['--except', except.join(',')] : []),
      ...(origin.length > 0 ? ['--origin', origin.join(',')] : []),
    ],
    without: ['--only', '--except', '--origin'],
  }),
  /** A saved plan is applied as it is. */
  applySaved: (plan: string): NextCommand => ({
    verb: 'apply',
    words: [plan],
    without: ['--only', '--except', '--origin', '--base', '--applied'],
  }),
  applySigned: (): NextCommand => ({
    verb: 'apply',
    words: ['--signers', 'allowed_signers', '--require-signatures', '2'],
  }),
  plan: (saveTo: string): NextCommand => ({ verb: 'plan', words: ['-o', saveTo] }),
  planFrom: (snapshot: string): NextCommand => ({ verb: 'plan', words: ['--live', snapshot] }),
  planPart: (number: number, of: number, saveTo: string): NextCommand => ({
    verb: 'plan',
    words: ['--shard', `${number}/${of}`, '-o', saveTo],
  }),
  /** Undoes all later runs with the one that is named. */
  andLater: (): NextCommand => ({
    words: ['--and-later'],
    lead: 'To undo this run and all later runs as one plan:',
  }),
  /** Puts back only what drifted. */
  onlyDrift: (): NextCommand => ({ words: ['--origin', 'drift'] }),
  /** Plans with the revision that was applied last. */
  planSince: (applied: string): NextCommand => ({ verb: 'plan', words: ['--applied', applied] }),
  snapshot: (saveTo: string, further: readonly string[] = []): NextCommand => ({
    verb: 'snapshot',
    words: [...further, '-o', saveTo],
  }),
  /** Accepts these differences: `TARGET:KEY`. */
  accept: (names: readonly string[]): NextCommand => ({
    verb: 'drift',
    words: ['--accept', names.join(',')],
    lead: 'To accept the others:',
  }),
  why: (target: string, key: string): NextCommand => ({ verb: 'why', words: [target, key] }),
  acceptAll: (): NextCommand => ({ verb: 'drift', words: ['--accept', 'all', '--yes'] }),
  auditList: (list: string): NextCommand => ({ verb: 'audit', words: ['--list', list] }),
  undo: (run: string): NextCommand => ({ verb: 'undo', words: [run] }),
  status: (): NextCommand => ({ verb: 'status', words: [] }),
  breakLock: (host: string): NextCommand => ({ verb: 'lock', words: ['break', host] }),
  /** Looks at a target step by step. */
  doctor: (target: string): NextCommand => ({
    verb: 'doctor',
    words: [target],
    lead: 'To check this target step by step:',
  }),
  /** Looks at all targets. */
  examine: (): NextCommand => ({ verb: 'doctor', words: [] }),
  /** Shows the key of a host and adds it. */
  trust: (host: string): NextCommand => ({
    verb: 'doctor',
    words: ['--trust', host],
    lead: 'To compare the key here, and add it:',
  }),
  explain: (): NextCommand => ({ verb: 'explain', words: [] }),
  example: (saveTo: string): NextCommand => ({ verb: 'example', words: [], into: saveTo }),
  /** The same import once more, with more said in its command line. */
  importAgain: (words: readonly string[]): NextCommand => ({ verb: 'import', words }),
  demo: (): NextCommand => ({ verb: 'demo', words: ['--yes'] }),
} as const;

/** The name of the program, for readers on any machine. On this one it may have to be called in another way. */
export const programName = 'reconcile';

/**
 * How a command is drawn for the command that was given; `saved` is the plan that it has just saved. `program` is how the program
 * is called: as on this machine, if left out.
 */
export type DrawCommand = (next: NextCommand, saved?: string, program?: string) => string;

/** Draws a command where no command was given that it could be made from. */
export function drawAlone(
  { verb = 'apply', words, into, line }: Omit<NextCommand, 'lead'>,
  _?: string,
  program = programName,
): string {
  return line ?? redirected(`${program} ${shellLine([verb, ...words])}`, into);
}

/** A command line whose output goes to a file, where one is named. */
export function redirected(line: string, into: string | undefined): string {
  return into === undefined ? line : `${line} > ${shellWord(into)}`;
}

/** A text as a YAML value on one line: plain where nothing in it has a meaning. */
export function yamlText(text: string): string {
  return /^[A-Za-z/][\w./-]*$/.test(text) ? text : JSON.stringify(text);
}

/**
 * The line of a finding that tells how to state a fact in the estate file, ready to be typed: `    cs6.hosts.cs6-fe1.patch: 54`.
 * `path` leads to the key from the top of the file; `value` is YAML on one line. A name with another character than letters,
 * digits, `-` and `_` is quoted as in YAML.
 */
export function stated(path: readonly string[], value: string | number): string {
  const key = path.map(name => (/^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name))).join('.');
  return `    ${key}: ${value}`;
}
