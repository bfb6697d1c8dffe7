import { printable } from '../../core/printable.ts';
import { type ConfigFile, type ConfigLine, configFault, readConfigFile } from './ssh-config-file.ts';

/** What a configuration is asked for: the words of the command line of ssh. */
export interface HostQuestion {
  /** The host as it is written. */
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** Who reads a configuration. */
interface ConfigReader {
  /** The name of the user in the password database. */
  readonly localUser: string;
  /** No OpenSSH client decides: what cannot be decided here is a fault, not a block that does not count. */
  readonly isAlone: boolean;
}

/** A line of the configuration that counts. */
export type StatedLine = Pick<ConfigLine, 'words' | 'text' | 'file' | 'line'>;

/** The lines that count, by their keyword in lower case: the first one of most, every one of keys and certificates. */
export type StatedLines = ReadonlyMap<string, readonly StatedLine[]>;

/** The files of an OpenSSH configuration, read once. */
export type SshConfig = readonly ConfigFile[];

const systemFile = '/etc/ssh/ssh_config';

/** Reads one named file, or the files of the user and of the system. Throws a HostFault. */
export function readSshConfig(path: string | undefined, home: string): SshConfig {
  if (path === undefined) {
    const ofUser = readConfigFile(`${home}/.ssh/config`, { home, ofUser: true });
    return [ofUser, readConfigFile(systemFile, { home, system: true })].filter(file => file !== undefined);
  }
  const file = readConfigFile(path, { home });
  if (!file) throw configFault(`${printable(path)}: there is no such file (ssh.config).`);
  return [file];
}

/** All lines of a configuration, those of included files too. */
export function linesOf(files: SshConfig): readonly ConfigLine[] {
  return files.flatMap(({ lines }) => lines.flatMap(line => [line, ...linesOf(line.included)]));
}

/** Whether asking an OpenSSH client about a host could run a command that a file names. */
export function asksForProgram(files: SshConfig): boolean {
  return linesOf(files).some(({ keyword, text }) => keyword === 'match' && /exec/i.test(text));
}

/**
 * What a configuration says of a host, as OpenSSH 9.2 evaluates it (readconf.c, ssh.c): the first value counts, and where a
 * line says `Match final` all is read a second time with the name that HostName gave. A command of `Match exec` that would
 * have to be run is a HostFault.
 */
export function stateOf(files: SshConfig, question: HostQuestion, reader: ConfigReader): StatedLines {
  const found = new Found();
  const pass = { question, reader, found, host: question.host, isFinal: false };
  for (const { lines } of files) follow(lines, pass, { active: true, never: false });
  const canonical = found.lines.get('canonicalizehostname')?.[0];
  if (reader.isAlone && canonical && !/^(no|false)$/i.test(canonical.words[0] ?? ''))
    throw configFault(`${placeOf(canonical)}: CanonicalizeHostname needs an OpenSSH client, and none is used here.`);
  if (found.wantsFinal) {
    const second = { ...pass, host: hostNameOf(found.lines, question.host).toLowerCase(), isFinal: true };
    for (const { lines } of files) follow(lines, second, { active: true, never: false });
  }
  return found.lines;
}

const lists: readonly string[] = ['identityfile', 'certificatefile'];

/** ProxyJump and ProxyCommand exclude each other: the first one of the two counts. */
const rivals: Readonly<Record<string, string>> = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' };

class Found {
  readonly lines = new Map<string, StatedLine[]>();
  wantsFinal = false;

  add({ keyword, words, text, file, line }: ConfigLine): void {
    const known = this.lines.get(keyword);
    const stated = { words, text, file, line };
    if (!known) {
      if (!this.lines.has(rivals[keyword] ?? '')) this.lines.set(keyword, [stated]);
    } else if (lists.includes(keyword) && known.every(({ words: [path] }) => path !== words[0])) known.push(stated);
  }

  word(keyword: string): string | undefined {
    return this.lines.get(keyword)?.[0]?.words[0];
  }
}

/** The address that HostName gives a host; without it, the host as it is written. */
export function hostNameOf(lines: StatedLines, asked: string): string {
  const stated = lines.get('hostname')?.[0]?.words[0] ?? asked;
  return stated.replace(/%([%h])/g, (_, token) => (token === 'h' ? asked : '%'));
}

interface Pass {
  readonly question: HostQuestion;
  readonly reader: ConfigReader;
  readonly found: Found;
  /** What `Host` is compared with. */
  readonly host: string;
  readonly isFinal: boolean;
}

interface Block {
  /** Whether the lines count. */
  readonly active: boolean;
  /** Whether no block of this file can count, because it was included from one that does not. */
  readonly never: boolean;
}

/** Goes through the lines of a file. A block of an included file ends with it. */
function follow(lines: readonly ConfigLine[], pass: Pass, { active: isActive, never }: Block): void {
  let active = isActive;
  for (const line of lines) {
    if (line.keyword === 'host') active = !never && fitsHost(line.words, pass.host);
    else if (line.keyword === 'match') {
      active = fitsMatch(line, pass, !never);
    } else if (line.keyword === 'include')
      for (const { lines: more } of line.included) follow(more, pass, { active, never: never || !active });
    else if (active) pass.found.add(line);
  }
}

/** A negated pattern that fits outweighs the others. */
function fitsHost(patterns: readonly string[], host: string): boolean {
  return fitsList(patterns, pattern => fitsPattern(pattern, host));
}

function fitsList(patterns: readonly string[], fits: (pattern: string) => boolean): boolean {
  if (patterns.some(pattern => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some(pattern => !pattern.startsWith('!') && fits(pattern));
}

/** Whether a text fits a pattern of ssh_config: `*` and `?`. */
export function fitsPattern(pattern: string, text: string): boolean {
  // A regular expression would try every way to part the text among many asterisks, and strangers write patterns too.
  let [at, star, retry] = [0, -1, 0];
  for (let next = 0; next < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      retry = next;
    } else if (pattern[at] === '?' || pattern[at] === text[next]) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

/** Every criterion must hold; what comes after one that does not is not decided, except that `final` asks for a second pass. */
function fitsMatch(line: ConfigLine, pass: Pass, counts: boolean): boolean {
  const words = matchWords(line.text);
  let fits = counts;
  for (let at = 0; at < words.length; at++) {
    const [, not, name = ''] = /^(!?)(.*)$/s.exec(words[at]?.toLowerCase() ?? '') ?? [];
    const takesNone = ['all', 'final', 'canonical'].includes(name);
    if (name === 'final') pass.found.wantsFinal = true;
    const value = takesNone ? '' : words[++at];
    if (value === undefined) throw configFault(`${placeOf(line)}: Match ${printable(name)} has no value.`);
    if (fits) fits = holds(name, value, line, pass) !== (not === '!');
  }
  return fits;
}

/** The words of `Match` also end at `=`, and only double quotes hold blanks. */
function matchWords(text: string): readonly string[] {
  const words = [...text.matchAll(/"([^"]*)"?|[^\s"=]+/g)].map(([whole, quoted]) => quoted ?? whole);
  const comment = words.findIndex(word => word.startsWith('#'));
  return comment < 0 ? words : words.slice(0, comment);
}

function holds(
  name: string,
  value: string,
  line: ConfigLine,
  { question, reader, found, host, isFinal }: Pass,
): boolean {
  const among = (text: string) => fitsList(value.split(','), pattern => fitsPattern(pattern, text));
  const anyCase = (text: string) =>
    fitsList(value.toLowerCase().split(','), pattern => fitsPattern(pattern, text.toLowerCase()));
  switch (name) {
    case 'all':
      return true;
    case 'final':
    case 'canonical':
      return isFinal;
    case 'host':
      return anyCase(isFinal ? host : hostNameOf(found.lines, question.host));
    case 'originalhost':
      return anyCase(question.host);
    case 'user':
      return among(question.user ?? found.word('user') ?? reader.localUser);
    case 'localuser':
      return among(reader.localUser);
    default:
      if (reader.isAlone) throw undecided(name, line);
      return false;
  }
}

function undecided(name: string, line: ConfigLine) {
  if (name === 'exec')
    return configFault(
      `${placeOf(line)}: Match exec would run a command to find out whether the lines below it count. reconcile does not run it.`,
    );
  return configFault(
    `${placeOf(line)}: reconcile cannot decide "Match ${printable(name)}" without an OpenSSH client that knows it.`,
  );
}

/** `FILE:LINE`, as messages name it. */
export function placeOf({ file, line }: Pick<ConfigLine, 'file' | 'line'>): string {
  return `${printable(file)}:${line}`;
}
