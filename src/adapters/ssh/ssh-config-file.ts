import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, printable } from '../../core/printable.ts';
import { HostFault } from './host-fault.ts';

/** A line of an OpenSSH client configuration that says something (ssh_config(5)). */
export interface ConfigLine {
  /** In lower case. */
  readonly keyword: string;
  /** What follows the keyword, as words: quotes are resolved, and a comment is left out. */
  readonly words: readonly string[];
  /** What follows the keyword as it is written. */
  readonly text: string;
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** The paths that an `Include` names, which may have wildcards. */
  readonly patterns: readonly string[];
  /** The files of these paths that exist, in order. */
  readonly included: readonly ConfigFile[];
}

/** A file with its lines. */
export interface ConfigFile {
  readonly path: string;
  readonly lines: readonly ConfigLine[];
}

/** How a configuration file is read. */
export interface ConfigFileKind {
  /** The home folder of the password database: relative names of `Include` are below its `.ssh`. */
  readonly home: string;
  /** The file of the system: relative names of `Include` are below /etc/ssh. */
  readonly system?: boolean;
  /** The file of a user must belong to the user or to root, and nobody else may write to it. */
  readonly ofUser?: boolean;
}

/** As OpenSSH: a file that includes itself ends here. */
const deepest = 16;

/** The fault that an OpenSSH configuration cannot be used, with what to do instead. */
export function configFault(problem: string): HostFault {
  const way =
    'Correct it, or name another file as ssh.config. With `ssh: { config: none }` no such file counts, and the estate file states what is needed.';
  return new HostFault('host.ssh-config-unusable', `${problem}\n${way}`);
}

/** A file with all that it includes; nothing where it is missing. Throws a HostFault. */
export function readConfigFile(path: string, kind: ConfigFileKind, depth = 0): ConfigFile | undefined {
  if (depth > deepest) throw configFault(`${printable(path)}: more than ${deepest} files include each other.`);
  const text = readText(path, kind.ofUser === true || depth > 0);
  if (text === undefined) return undefined;
  const lines = text.split('\n').map((line, index) => parseLine(line, { path, kind, depth, line: index + 1 }));
  return { path, lines: lines.filter(line => line !== undefined) };
}

function readText(path: string, isGuarded: boolean): string | undefined {
  try {
    if (isGuarded && isOpenToOthers(path))
      throw configFault(
        `${printable(path)}: another user may change it, so OpenSSH and reconcile refuse it.\nRun: chmod go-w FILE`,
      );
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof HostFault) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw configFault(`${printable(path)}: ${messageOf(error)}`);
  }
}

/** As OpenSSH tests a file of a user. */
function isOpenToOthers(path: string): boolean {
  const { uid, mode } = statSync(path);
  return (uid !== 0 && uid !== process.getuid?.()) || (mode & 0o022) !== 0;
}

interface Place {
  readonly path: string;
  readonly kind: ConfigFileKind;
  readonly depth: number;
  readonly line: number;
}

function parseLine(line: string, place: Place): ConfigLine | undefined {
  const [start = '', name = ''] = /^\s*"?([^\s="]+)"?[ \t]*=?[ \t]*/.exec(line) ?? [];
  const text = line.slice(start.length).trimEnd();
  if (name === '' || name.startsWith('#')) return undefined;
  const keyword = name.toLowerCase();
  const words = splitWords(text);
  const at = { file: place.path, line: place.line };
  const patterns = keyword === 'include' ? words.map(word => includedPath(word, place)) : [];
  const files = patterns.flatMap(expandGlob);
  const included = files.flatMap(file => readConfigFile(file, place.kind, place.depth + 1) ?? []);
  return { keyword, words, text, ...at, patterns, included };
}

/** Words are separated by blanks; both kinds of quotes hold blanks; a backslash quotes a quote, a blank and itself. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [whole] of text.matchAll(/(?:\\.|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[^\s"'\\])+|\\$/g)) {
    if (whole.startsWith('#')) break;
    words.push(
      whole.replace(
        /\\(['"\\ ])|"((?:\\.|[^"\\])*)"?|'((?:\\.|[^'\\])*)'?/g,
        (_, escaped, double, single) => escaped ?? (double ?? single ?? '').replace(/\\(['"\\])/g, '$1'),
      ),
    );
  }
  return words;
}

/** What OpenSSH may expand in another way than is done here: what it includes then would not be searched for `Match exec`. */
const unsearched = /%|\$\{|^~[^/]|\\|\[\^|\[:/;

function includedPath(word: string, { path, kind, line }: Place): string {
  if (unsearched.test(word))
    throw configFault(
      `${printable(path)}:${line}: reconcile cannot follow Include ${printable(word)}: write the path without tokens, variables, the home of another user, a backslash, [^ and [:.`,
    );
  if (word.startsWith('/') || word.startsWith('~')) return expandHome(word, kind.home);
  return join(kind.system ? '/etc/ssh' : join(kind.home, '.ssh'), word);
}

/** `~` and `~/…` at the start are the home folder; the home of another user is not looked up. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;
}

/** Whether a path has wildcards. */
export function hasWildcard(path: string): boolean {
  return /[*?[]/.test(path);
}

/** The paths that fit a pattern as glob(7) has it, in the order of their names. */
function expandGlob(pattern: string): readonly string[] {
  const [first = '', ...steps] = pattern.split('/');
  return steps.reduce<readonly string[]>(
    (found, step) => found.flatMap(folder => namesIn(folder, step).map(name => `${folder}/${name}`)),
    [first],
  );
}

function namesIn(folder: string, step: string): readonly string[] {
  if (!hasWildcard(step)) return [step];
  const fits = globExpression(step);
  try {
    return readdirSync(`${folder}/`)
      .filter(name => fits.test(name) && (!name.startsWith('.') || step.startsWith('.')))
      .sort();
  } catch {
    return [];
  }
}

/** `*`, `?` and `[…]` of the shell as an expression for one name. */
function globExpression(pattern: string): RegExp {
  const source = pattern.replace(/\[(!?)((?:\]|[^\]])[^\]]*)\]|[*?]|[^*?[]|\[/g, (part, not, set) => {
    if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`;
    return part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\/]/g, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}
