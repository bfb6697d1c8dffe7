import { text } from '../outcome.ts';

const OPTIONS = {
  create: 'qvacdgklmnoy',
  modify: 'qvacdgklmnoy',
  delete: 'qvoO',
  reset: 'qvoO',
  disable: 'qvoO',
  list: 'qvoO',
  enable: 'qvkoO',
  version: '',
} as const;

const FLAGS = 'qvO';

/** The commands of cscal (Administration Guide, appendix D). */
export type CscalCommand = keyof typeof OPTIONS;

/** A cscal line that has the documented form. */
export interface CscalWords {
  readonly command: CscalCommand;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** `-O`: other owners count too; what it does exactly is not documented. */
  readonly others: boolean;
  /** Values of the options that have one, by letter. */
  readonly values: ReadonlyMap<string, string>;
  readonly calid?: string;
}

/** What cscal prints when it is misused; the wording is made up, the forms are documented. */
export const CSCAL_USAGE = text(
  'Usage: cscal [-q|-v] [-a aces] [-c charset] [-d description] [-g categories] [-k yes|no] [-l langcode]',
  '             [-m email] [-n name] [-o owner] [-y otherowners]  create|modify calid',
  '       cscal [-q|-v] [-o owner] [-O]  delete|reset calid',
  '       cscal [-q|-v] [-o owner] [-O]  disable|list [calid]',
  '       cscal [-q|-v] [-k yes|no] [-o owner] [-O]  enable [calid]',
  '       cscal version',
);

/**
 * Reads a line by the documented form: options, then the command, then at most one calid. The order that the chapter prints,
 * `delete -o uid`, is misuse. Nothing when the form is not kept.
 */
export function parseCscalWords(words: readonly string[]): CscalWords | undefined {
  const letters = new Set<string>();
  const values = new Map<string, string>();
  let at = 0;
  for (let word = words[at]; word?.startsWith('-'); word = words[at]) {
    const letter = word.slice(1);
    const value = words[at + 1];
    letters.add(letter);
    if (!FLAGS.includes(letter) && value !== undefined) values.set(letter, value);
    at += FLAGS.includes(letter) ? 1 : 2;
  }
  const [command, ...targets] = words.slice(at);
  if (!isCommand(command) || ![...letters].every(letter => allows(command, letter))) return undefined;
  const [calid] = targets;
  if (!fits(command, targets, values)) return undefined;
  const flags = { quiet: letters.has('q'), verbose: letters.has('v'), others: letters.has('O') };
  if (flags.quiet && flags.verbose) return undefined;
  return { command, values, ...flags, ...(calid === undefined ? {} : { calid }) };
}

function isCommand(word: string | undefined): word is CscalCommand {
  return word !== undefined && Object.hasOwn(OPTIONS, word);
}

function allows(command: CscalCommand, letter: string): boolean {
  return letter.length === 1 && OPTIONS[command].includes(letter);
}

function fits(command: CscalCommand, targets: readonly string[], values: ReadonlyMap<string, string>): boolean {
  const needed = command === 'create' || command === 'modify' || (isDangerous(command) && !values.has('o'));
  const most = command === 'version' ? 0 : 1;
  return targets.length <= most && targets.length >= (needed ? 1 : 0) && !targets.some(word => word.startsWith('-'));
}

function isDangerous(command: CscalCommand): boolean {
  return command === 'delete' || command === 'reset';
}
