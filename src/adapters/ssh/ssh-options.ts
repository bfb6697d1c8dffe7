import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import pLimit from 'p-limit';
import type { RouteSource } from '../../core/connection.ts';
import { printable } from '../../core/printable.ts';
import type { Variables } from '../../ports/ports.ts';
import { plainVariables } from '../local/secret-source.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import {
  asksForProgram,
  fitsPattern,
  type HostQuestion,
  hostNameOf,
  linesOf,
  readSshConfig,
  type SshConfig,
  type StatedLines,
  stateOf,
} from './ssh-config.ts';
import { configFault, expandHome } from './ssh-config-file.ts';

/** The keywords of ssh_config(5) that count here. */
export const optionNames = [
  ...(['HostName', 'Port', 'User', 'IdentityFile', 'IdentitiesOnly', 'IdentityAgent', 'CertificateFile'] as const),
  ...(['ProxyJump', 'ProxyCommand', 'ProxyUseFdpass', 'UserKnownHostsFile', 'GlobalKnownHostsFile'] as const),
  ...(['HostKeyAlgorithms', 'HostKeyAlias', 'ConnectTimeout'] as const),
];

/** One of them. */
export type OptionName = (typeof optionNames)[number];

/** What the configuration states of one keyword. Paths have their tokens and `~` expanded; `none` is no value. */
export interface StatedOption {
  readonly values: readonly string[];
  readonly source: RouteSource;
}

/** What the configuration states of a host; a keyword that it leaves to the default is absent. */
export type HostOptions = ReadonlyMap<OptionName, StatedOption>;

/** What options depend on besides the files. */
export interface OptionSettings {
  /** The home folder and the name of the user in the password database. */
  readonly home: string;
  readonly localUser: string;
  readonly variables: Variables;
  /** No OpenSSH client is asked. */
  readonly isAlone: boolean;
}

/** Clients that are asked at the same time. */
const atOnce = 8;

/** Milliseconds after which a client does not answer. */
const patience = 30_000;

/**
 * Finds what the configuration of OpenSSH states of hosts. Where an OpenSSH client is installed, `ssh -G` decides; reconcile's
 * own reading says which line a value comes from, and decides where there is no client. `ssh -G` is not asked about files with
 * `Match exec`, because it would run the command.
 */
export class SshOptions {
  readonly #settings: OptionSettings;
  readonly #files = new Map<string | undefined, SshConfig>();
  readonly #answers = new Map<string, Promise<HostOptions>>();
  readonly #limit = pLimit(atOnce);
  /** What the client prints where no file states anything. */
  #usual: Promise<Printed | undefined> | undefined;

  constructor(settings: OptionSettings) {
    // `Include ~/…` of the client follows HOME, all else the password database: with one home no file is read that was not searched.
    this.#settings = { ...settings, variables: { ...settings.variables, HOME: settings.home } };
  }

  /** The options of one host; `path`: the one file that counts instead of the usual ones. Throws a HostFault. */
  of(question: HostQuestion, path: string | undefined): Promise<HostOptions> {
    const key = JSON.stringify([path, question.host, question.user, question.port]);
    const known = this.#answers.get(key);
    const answer = known ?? this.#limit(() => this.#ask(question, path));
    this.#answers.set(key, answer);
    return answer;
  }

  async #ask(question: HostQuestion, path: string | undefined): Promise<HostOptions> {
    const { home, localUser, variables } = this.#settings;
    const files = this.#files.get(path) ?? readSshConfig(path, home);
    this.#files.set(path, files);
    const environment = { ...plainVariables(variables), ...namedVariables(files, variables) };
    const isAlone = this.#settings.isAlone || asksForProgram(files);
    const printed = isAlone ? undefined : await runClient(question, path, environment);
    const lines = stateOf(files, question, { localUser, isAlone: !printed });
    if (!printed) return ownOptions(lines, tokensOf(question, lines, this.#settings));
    this.#usual ??= runClient({ host: 'none' }, 'none', environment);
    const usual = (await this.#usual) ?? new Map();
    const first = (key: string) => printed.get(key)?.[0] ?? '';
    const [h, p, r] = [first('hostname'), first('port'), first('user')];
    const tokens = { ...tokensOf(question, lines, this.#settings), h, p, r };
    const given = {
      hostname: [question.host.toLowerCase()],
      user: [question.user ?? localUser],
      port: [String(question.port ?? 22)],
    };
    return decide(ownOptions(lines, tokens), printed, new Map([...usual, ...Object.entries(given)]), tokens);
  }
}

/** What `ssh -G` prints, by keyword in lower case. */
type Printed = ReadonlyMap<string, readonly string[]>;

/** Asks the OpenSSH client; nothing where none is installed. `path`: as `-F` has it; absent: the usual files. */
async function runClient(
  { host, user, port }: HostQuestion,
  path: string | undefined,
  environment: Variables,
): Promise<Printed | undefined> {
  const words = [
    '-G',
    ...(path === undefined ? [] : ['-F', path]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', host],
  ];
  const options = { env: environment, timeout: patience, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    const child = execFile('ssh', words, options, (error, stdout, stderr) => {
      if (!error) return resolve(parsePrinted(stdout));
      if (typeof error.code === 'string') return resolve(undefined);
      reject(refusal(words, stderr));
    });
    child.stdin?.end();
  });
}

function refusal(words: readonly string[], stderr: string): HostFault {
  const loop = /jumphost loop via (\S+)/.exec(stderr);
  if (loop) return loopFault(loop[1] ?? '');
  return configFault(`${printable(['ssh', ...words].join(' '))} failed:\n${quoteHost(stderr.replaceAll('\r', ''))}`);
}

/** The fault that a jump host is reached through itself. */
export function loopFault(host: string): HostFault {
  return new HostFault(
    'host.jump-invalid',
    `the jump host ${printable(host)} is reached through itself (ProxyJump).\nIn the OpenSSH configuration, leave it out of the block: Host * !${printable(host)}`,
  );
}

function parsePrinted(text: string): Printed {
  const found = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    found.set(key, [...(found.get(key) ?? []), value]);
  }
  return found;
}

/** The variables that paths of the configuration name: OpenSSH expands `${NAME}`, and `$NAME` of IdentityAgent. */
function namedVariables(files: SshConfig, variables: Variables): Variables {
  const names = linesOf(files)
    .filter(({ keyword }) => /file$|^identityagent$/.test(keyword))
    .flatMap(({ text }) => [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
  return Object.fromEntries(names.map(name => [name, variables[name]]));
}

/** What counts for the keywords: what the client printed, with the line of the own reading where both agree. */
function decide(own: HostOptions, printed: Printed, usual: Printed, tokens: Tokens): HostOptions {
  const counting = optionNames.flatMap(name => {
    const text = printed.get(name.toLowerCase()) ?? [];
    const stated = own.get(name);
    const values = normal(name, printedWords(name, text), path => expandPrinted(name, path, tokens));
    if (stated && sameList(values, stated.values)) return [[name, stated] as const];
    if (sameList(text, usual.get(name.toLowerCase()) ?? [])) return [];
    return [[name, { values, source: { from: 'ssh-config' } as const }] as const];
  });
  return new Map(counting);
}

/** The client prints the paths of a list behind each other, whatever blanks they have. */
function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.join(' ') === other.join(' ');
}

function printedWords(name: OptionName, lines: readonly string[]): readonly string[] {
  return name.endsWith('KnownHostsFile') ? lines.flatMap(line => line.split(' ')) : lines;
}

/** The client has expanded all paths but those of keys and certificates. */
function expandPrinted(name: OptionName, path: string, tokens: Tokens): string {
  return name === 'IdentityFile' || name === 'CertificateFile' ? expandPath(path, tokens) : expandHome(path, tokens.d);
}

/** Keywords whose value is the rest of the line as it is written. */
const unsplit: readonly OptionName[] = ['ProxyJump', 'ProxyCommand'];

function ownOptions(lines: StatedLines, tokens: Tokens): HostOptions {
  const stated = optionNames.flatMap(name => {
    const found = lines.get(name.toLowerCase());
    if (!found?.[0]) return [];
    const { file, line } = found[0];
    const words = found.flatMap(({ words, text }) => (unsplit.includes(name) ? [text] : words));
    const values = normal(name, name === 'HostName' ? [tokens.h] : words, path => expandPath(path, tokens));
    return [[name, { values, source: { from: 'ssh-config', file, line } as const }] as const];
  });
  return new Map(stated);
}

/** The values of a keyword in the one form that both ways of reading have. */
function normal(name: OptionName, words: readonly string[], expand: (path: string) => string): readonly string[] {
  const [first = ''] = words;
  const given = words.filter(word => word.toLowerCase() !== 'none');
  switch (name) {
    case 'HostName':
      return [first.toLowerCase()];
    case 'Port':
      if (!/^\d{1,5}$/.test(first)) throw configFault(`Port ${printable(first)}: this is no number of a port.`);
      return [first];
    case 'IdentityFile':
    case 'CertificateFile':
    case 'UserKnownHostsFile':
    case 'GlobalKnownHostsFile':
      return given.map(expand);
    case 'IdentityAgent':
      return words.map(word => (/^(none|SSH_AUTH_SOCK|\$\w+)$/.test(word) ? word : expand(word)));
    case 'IdentitiesOnly':
    case 'ProxyUseFdpass':
      return words.map(word => (/^(yes|true)$/i.test(word) ? 'yes' : 'no'));
    case 'ProxyJump':
      return given.flatMap(word => word.split(','));
    case 'HostKeyAlgorithms':
      return keyAlgorithms(first);
    case 'ConnectTimeout':
      return given.map(seconds);
    default:
      return given;
  }
}

/** The key algorithms that OpenSSH 9 offers by default, without those of certificates and of security keys. */
const usualAlgorithms = [
  ...['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ...['rsa-sha2-512', 'rsa-sha2-256'],
];
const allAlgorithms = [...usualAlgorithms, 'ssh-rsa', 'ssh-dss'];

/** A list of key algorithms; one that begins with `+`, `-` or `^` changes the usual list (ssh_config(5)). */
function keyAlgorithms(list: string): readonly string[] {
  const [, sign = '', names = ''] = /^([-+^]?)(.*)$/s.exec(list) ?? [];
  const meant = names.split(',').flatMap(name => allAlgorithms.filter(known => fitsPattern(name, known)));
  const others = usualAlgorithms.filter(known => !meant.includes(known));
  if (sign === '-') return others;
  if (sign === '^') return [...meant, ...others];
  return [...new Set(sign === '+' ? [...usualAlgorithms, ...meant] : meant)];
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A time of sshd_config(5), "TIME FORMATS", in seconds. */
function seconds(time: string): string {
  const parts = [...time.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)];
  return String(parts.reduce((sum, [, number, unit]) => sum + Number(number) * (unitSeconds[unit || 's'] ?? 1), 0));
}

/** The tokens of ssh_config(5), "TOKENS", and the variables for `${NAME}`. */
export interface Tokens extends Readonly<Record<'d' | 'h' | 'i' | 'k' | 'L' | 'l' | 'n' | 'p' | 'r' | 'u', string>> {
  readonly variables: Variables;
}

function tokensOf({ host, user, port }: HostQuestion, lines: StatedLines, settings: OptionSettings): Tokens {
  const word = (keyword: string) => lines.get(keyword)?.[0]?.words[0];
  const { home, localUser, variables } = settings;
  const here = hostname();
  return {
    ...{ d: home, u: localUser, i: String(process.getuid?.() ?? ''), l: here, L: here.replace(/\..*$/s, '') },
    ...{ h: hostNameOf(lines, host).toLowerCase(), n: host, k: word('hostkeyalias') ?? host },
    ...{ p: String(port ?? word('port') ?? 22), r: user ?? word('user') ?? localUser, variables },
  };
}

function expandPath(path: string, tokens: Tokens): string {
  return expandTokens(expandHome(path, tokens.d), tokens).replace(/\$\{(\w+)\}/g, (_, name) => {
    const value = tokens.variables[name];
    if (value === undefined) throw configFault(`${printable(path)}: the environment variable ${name} is not set.`);
    return value;
  });
}

/** Replaces the tokens of a text. Throws a HostFault for one that is not known here. */
export function expandTokens(text: string, tokens: object): string {
  return text.replace(/%(.?)/gs, (whole, name) => {
    const value = name === '%' ? '%' : new Map<string, unknown>(Object.entries(tokens)).get(name);
    if (typeof value !== 'string') throw configFault(`${printable(text)}: reconcile does not know the token ${whole}.`);
    return value;
  });
}
