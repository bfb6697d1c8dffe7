import { text } from '../outcome.ts';

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
};
const FLAGS = ['W', 'e', 'q', 'h', 'V'];

/** A davadmin line of a known form. */
export interface DavadminWords {
  readonly operation: 'config' | 'version' | 'help';
  readonly action: 'list' | 'modify';
  readonly flags: ReadonlySet<string>;
  /** Values of the options that have one, by letter. */
  readonly values: ReadonlyMap<string, string>;
}

/** What davadmin prints when it is misused; wording and most letters are not documented. */
export const DAVADMIN_USAGE = text(
  'Usage: davadmin config [list|modify] [-o option [-v value]]',
  '       davadmin version',
  'Common options: -u|--userid user  -W|--password  -F|--clifile file  -H|--hostname host  -p|--port port',
  '                -s|--secure truststore  -e|--detail  -q|--quiet  -h|--help  -V|--version',
);

/**
 * Reads `davadmin operation [action] [options]`. The order that the chapter prints once, `config -o modify name -v value`, is
 * misuse: it leaves a word over. Nothing when the form is not kept.
 */
export function parseDavadminWords(words: readonly string[]): DavadminWords | undefined {
  const first = words.findIndex(word => word.startsWith('-'));
  const [operation, action = 'list', ...rest] = first < 0 ? words : words.slice(0, first);
  const options = parseOptions(first < 0 ? [] : words.slice(first));
  if (options === undefined || rest.length > 0) return undefined;
  if (options.flags.has('h')) return { operation: 'help', action: 'list', ...options };
  if (operation === 'version' || options.flags.has('V')) return { operation: 'version', action: 'list', ...options };
  if (operation !== 'config' || (action !== 'list' && action !== 'modify')) return undefined;
  const { values } = options;
  const fits = action === 'modify' ? values.has('o') && values.has('v') : !values.has('v');
  return fits ? { operation, action, ...options } : undefined;
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
