import { readFileSync, writeFileSync } from 'node:fs';
import type { Cs7Dialect } from '../dialect.ts';
import { hasFault } from '../fault.ts';
import { type Cs7Facts, onHost, withLock } from '../host-tree.ts';
import { ask, type Outcome, text } from '../outcome.ts';
import { credentialsPath, davserverPropertiesPath, readCs7State } from './lab-container.ts';
import { editProperties, readProperties } from './properties.ts';

/** Property of the lab's davservercreds.properties that has the administrator's password. */
export const PASSWORD_PROPERTY = 'admin.password';

/** The administrator that davadmin falls back to. */
export const ADMINISTRATOR = 'admin';

/** Who davadmin says it is. */
interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * From the file of `-F` or of DAVADMIN_CLIFILE, else from a prompt without echo; `-W` always prompts. Nothing when stdin ends.
 * A real file is an encrypted wallet; here it has `property=value` lines or the bare password.
 * Throws when the file cannot be read.
 */
export async function findCredentials(prefix: string, words: DavadminWords): Promise<Credentials | undefined> {
  const file = words.values.get('F') ?? process.env['DAVADMIN_CLIFILE'];
  const stored = file === undefined ? {} : readClifile(onHost(prefix, file));
  const user = words.values.get('u') ?? stored['userid'] ?? ADMINISTRATOR;
  const known = words.flags.has('W') ? undefined : stored['password'];
  const password = known ?? (await ask('Enter Admin password:', true));
  return password === undefined ? undefined : { user, password };
}

/** Whether the server takes them. */
export function isAdministrator(prefix: string, home: string, credentials: Credentials): boolean {
  const stored = readProperties(readFileSync(onHost(prefix, credentialsPath(home)), 'latin1'));
  return credentials.user === ADMINISTRATOR && credentials.password === stored[PASSWORD_PROPERTY];
}

function readClifile(path: string): Readonly<Record<string, string>> {
  const content = readFileSync(path, 'latin1');
  return content.includes('=') ? readProperties(content) : { password: content.trim() };
}

/**
 * `davadmin config`: prints `name: value` (chapter 10 shows it), one line per option. What an option prints that is known and
 * not set is documented nowhere.
 */
export function listOptions(prefix: string, facts: Cs7Facts, words: DavadminWords): Outcome {
  if (hasFault(prefix, 'davadmin.noise')) return { code: 0, stdout: NOISE };
  const { dialect } = facts;
  const { options } = readCs7State(prefix, facts);
  const name = words.values.get('o');
  if (name !== undefined && !Object.hasOwn(options, name)) return unknown(name);
  if (name === undefined && dialect.bareConfig === 'refused')
    return { code: 1, stderr: text('config: -o option is required.') };
  if (name !== undefined && options[name] === '' && dialect.unset === 'failure') return { code: 1 };
  const names = name === undefined ? Object.keys(options).toSorted() : [name];
  const lines = names.flatMap(one => renderOption(one, options[one] ?? '', dialect));
  return { code: dialect.configCode, stdout: text(...lines) };
}

function renderOption(name: string, value: string, { unset, optionLine }: Cs7Dialect): readonly string[] {
  if (value === '' && unset !== 'colon') return unset === 'name' ? [name] : [];
  switch (optionLine) {
    case 'colon':
      return [`${name}: ${value}`];
    case 'indented':
      return [`    ${name}: ${value}`];
    case 'equals':
      return [`${name}=${value}`];
    case 'two-lines':
      return [`${name}:`, `    ${value}`];
  }
}

/**
 * `davadmin config modify`: the value takes the place of the whole value that was there, also of a list's. With `-f`, where the
 * host has it, a file of lines `option=value` changes several. Writes davserver.properties in place; the running container keeps
 * what it read. What it prints is made up.
 */
export async function modifyOptions(prefix: string, facts: Cs7Facts, words: DavadminWords): Promise<Outcome> {
  const file = words.values.get('f');
  const changes =
    file === undefined
      ? { [words.values.get('o') ?? '']: words.values.get('v') ?? '' }
      : readProperties(readFileSync(onHost(prefix, file), 'latin1'));
  const names = Object.keys(changes);
  const { options } = readCs7State(prefix, facts);
  const stranger = names.find(name => !Object.hasOwn(options, name));
  if (stranger !== undefined) return unknown(stranger);
  if (!hasFault(prefix, 'davadmin.ignore-modify')) await writeOptions(prefix, facts, changes);
  const lines = names.map((name, at) => `>> config modify (${at + 1} of ${names.length}) ${name}`);
  return {
    code: facts.dialect.configCode,
    stdout: text(...lines, 'Successfully modified server configuration.'),
  };
}

/** `davadmin backend list`, on a host that has it: where calendars are stored. */
export function listBackends(prefix: string, facts: Cs7Facts): Outcome {
  const { options } = readCs7State(prefix, facts);
  const rows = Object.entries(options).flatMap(([name, jndi]) => {
    const [, backend] = /^store\.dav\.(\w+)\.jndiname$/.exec(name) ?? [];
    return backend === undefined ? [] : [{ backend, jndi }];
  });
  const lines =
    facts.dialect.backendList === 'names'
      ? rows.map(({ backend }) => backend)
      : ['Backend ID          JNDI Name', ...rows.map(({ backend, jndi }) => backend.padEnd(20) + jndi)];
  return { code: 0, stdout: text(...lines) };
}

const NOISE = text(
  'Jan 12, 2012 4:01:55 PM com.sun.comms.davserver.cli.DavAdmin run',
  'WARNING: javax.management.RuntimeMBeanException: java.lang.NullPointerException',
  '\tat com.sun.jmx.interceptor.DefaultMBeanServerInterceptor.rethrow(DefaultMBeanServerInterceptor.java:877)',
);

async function writeOptions(prefix: string, facts: Cs7Facts, changes: Readonly<Record<string, string>>): Promise<void> {
  const path = onHost(prefix, davserverPropertiesPath(facts.home));
  await withLock(`${path}.lock`, () => {
    const before = readFileSync(path, 'latin1');
    const after = Object.entries(changes).reduce((text, [name, value]) => editProperties(text, name, value), before);
    writeFileSync(path, after, 'latin1');
  });
}

function unknown(name: string): Outcome {
  return { code: 1, stderr: text(`Unknown configuration option: ${name}`) };
}

const LONG: Readonly<Record<string, string>> = {
  userid: 'u',
  password: 'W',
  clifile: 'F',
  hostname: 'H',
  port: 'p',
  secure: 's',
  detail: 'e',
  quiet: 'q',
  help: 'h',
  version: 'V',
  option: 'o',
  value: 'v',
  file: 'f',
};

const FLAGS = ['W', 'e', 'q', 'h', 'V'];

/** A davadmin line of a known form. */
export interface DavadminWords {
  readonly operation: 'config' | 'backend' | 'version' | 'help';
  readonly action: 'list' | 'modify';
  readonly flags: ReadonlySet<string>;
  /** Values of the options that have one, by letter. */
  readonly values: ReadonlyMap<string, string>;
}

/** What davadmin prints when it is misused; wording and most letters are not documented. */
export function davadminUsage({ fileForm, backendList }: Cs7Dialect): string {
  return text(
    `Usage: davadmin config [list|modify] [-o option [-v value]${fileForm ? ' | -f file' : ''}]`,
    ...(backendList === 'unknown' ? [] : ['       davadmin backend list']),
    '       davadmin version',
    ...(fileForm ? ['  -f|--file file  lines option=value, for a batch of changes'] : []),
    'Common options: -u|--userid user  -W|--password  -F|--clifile file  -H|--hostname host  -p|--port port',
    '                -s|--secure truststore  -e|--detail  -q|--quiet  -h|--help  -V|--version',
  );
}

/**
 * Reads `davadmin operation [action] [options]`. The order that the chapter prints once, `config -o modify name -v value`, is
 * misuse: it leaves a word over. Nothing when the form is not kept.
 */
export function parseDavadminWords(words: readonly string[], dialect: Cs7Dialect): DavadminWords | undefined {
  const first = words.findIndex(word => word.startsWith('-'));
  const [operation, action = 'list', ...rest] = first < 0 ? words : words.slice(0, first);
  const options = parseOptions(first < 0 ? [] : words.slice(first));
  if (options === undefined || rest.length > 0) return undefined;
  if (options.flags.has('h')) return { operation: 'help', action: 'list', ...options };
  if (operation === 'version' || options.flags.has('V')) return { operation: 'version', action: 'list', ...options };
  if (operation === 'backend' && action === 'list' && dialect.backendList !== 'unknown')
    return { operation, action, ...options };
  if (operation !== 'config' || (action !== 'list' && action !== 'modify')) return undefined;
  return fits(action, options.values, dialect) ? { operation, action, ...options } : undefined;
}

function fits(action: DavadminWords['action'], values: ReadonlyMap<string, string>, { fileForm }: Cs7Dialect): boolean {
  const [option, value, file] = ['o', 'v', 'f'].map(letter => values.has(letter));
  if (file) return fileForm && action === 'modify' && !option && !value;
  return action === 'modify' ? Boolean(option && value) : !value;
}

function parseOptions(words: readonly string[]): Pick<DavadminWords, 'flags' | 'values'> | undefined {
  const flags = new Set<string>();
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const letter = letterOf(words[at] ?? '');
    const value = words[at + 1];
    if (letter === undefined) return undefined;
    if (FLAGS.includes(letter)) flags.add(letter);
    else if (value === undefined || values.has(letter)) return undefined;
    else {
      values.set(letter, value);
      at += 1;
    }
  }
  return { flags, values };
}

function letterOf(word: string): string | undefined {
  if (word.startsWith('--')) return LONG[word.slice(2)];
  return Object.values(LONG).find(letter => word === `-${letter}`);
}
