import type { Command, Option } from 'commander';
import { type NextCommand, redirected, shellLine } from '../core/next-command.ts';
import type { Variables } from '../ports/ports.ts';
import { isEstateFile, isPlanFile } from './options.ts';

/** An option as it was given, with its values as they were written. */
interface GivenOption {
  readonly option: Option;
  readonly values: readonly string[];
}

/** The words of a command, sorted. */
interface SortedWords {
  readonly options: readonly GivenOption[];
  readonly rest: readonly string[];
}

/** Commands that carry something out: what a message adds to them is added to the very command that was given. */
const carryOut: readonly string[] = ['apply', 'undo'];

/** Options that count for one command only: how its results are printed, and what was allowed for it. */
const ofOneCommand = /^--(?:format|output|report|verbose|quiet|no-color|yes|allow-.*)$/;

/**
 * Lets commands take the options that stand before their name, as `reconcile --runs FOLDER apply`: an option of the command
 * itself counts more, and what the command does not have is an error. Files before the name are among those of the command.
 */
export function takesOptionsOfProgram(program: Command): void {
  program.hook('preAction', (_, acting) => {
    if (acting === program) return;
    for (const option of program.options.filter(one => program.getOptionValueSource(one.attributeName()) === 'cli')) {
      const name = option.attributeName();
      const own = acting.options.find(({ long }) => long === option.long);
      if (!own) acting.error(`error: "${acting.name()}" has no option ${option.long}, which stands before it`);
      if (isFileOption(option) || acting.getOptionValueSource(name) === 'cli') continue;
      acting.setOptionValueWithSource(name, program.getOptionValue(name), 'cli');
    }
  });
}

/** Options with a variable that counts where the command line has no such option. */
const variableOf: Readonly<Record<string, string>> = {
  '--file': 'RECONCILE_FILE',
  '--runs': 'RECONCILE_RUNS',
  '--format': 'RECONCILE_FORMAT',
};

/** The options of a command that variables set. A format that this command lacks is one of another command. */
function optionsOfVariables(
  acting: Command,
  given: readonly GivenOption[],
  variables: Variables,
): readonly GivenOption[] {
  return acting.options.flatMap(option => {
    const text = variables[variableOf[option.long ?? ''] ?? ''];
    const isNamed =
      given.some(other => other.option.long === option.long) ||
      (isFileOption(option) && estateFiles(acting).length > 0);
    if (!text || isNamed || !mayBe(option, text, acting)) return [];
    const values = isFileOption(option) ? text.split(':').filter(file => file !== '') : [text];
    return values.map(value => ({ option, values: [value] }));
  });
}

/** A value that no command takes is a slip. */
function mayBe(option: Option, text: string, acting: Command): boolean {
  const choicesOf = (one: Option | undefined) => one?.argChoices ?? [text];
  if (choicesOf(option).includes(text)) return true;
  const all =
    acting.parent?.commands.flatMap(({ options }) => options.filter(({ long }) => long === option.long)) ?? [];
  if (!all.some(one => choicesOf(one).includes(text)))
    acting.error(`error: ${variableOf[option.long ?? '']} is "${text}". Allowed are ${choicesOf(option).join(', ')}.`);
  return false;
}

function setFromVariables(acting: Command, options: readonly GivenOption[]): void {
  for (const { option } of options) {
    const values = options.filter(one => one.option === option).flatMap(one => one.values);
    acting.setOptionValueWithSource(option.attributeName(), isFileOption(option) ? values : values[0], 'env');
  }
}

/** How a command was called, besides its words. */
interface Called {
  readonly variables: Variables;
  /** What runs this program here; see `Environment`. */
  readonly calledAs: string;
}

/** Lets every command of a program draw the commands that its messages name, from the words and variables that were given to it. */
export function drawsCommands(program: Command, { variables, calledAs }: Called): void {
  const given = new Map<Command, GivenOption[]>();
  for (const command of [program, ...program.commands]) {
    const options: GivenOption[] = [];
    given.set(command, options);
    for (const option of command.options)
      command.on(`option:${option.name()}`, (value: unknown) => {
        options.push({ option, values: typeof value === 'string' ? [value] : [] });
      });
  }
  program.hook('preAction', (_, acting) => {
    const own = given.get(acting) ?? [];
    const isReplaced = ({ option }: GivenOption) =>
      !isFileOption(option) && own.some(other => other.option.long === option.long);
    const before = acting === program ? [] : (given.get(program) ?? []).filter(one => !isReplaced(one));
    const ofVariables = optionsOfVariables(acting, [...before, ...own], variables);
    setFromVariables(acting, ofVariables);
    const options = [...before, ...own, ...ofVariables];
    acting.setOptionValue('draw', (next: NextCommand, saved?: string, name = calledAs) =>
      drawn(program, acting, options, next, { saved, name }),
    );
  });
}

function drawn(
  program: Command,
  acting: Command,
  given: readonly GivenOption[],
  { verb, words, into, without = [] }: NextCommand,
  { saved, name }: { readonly saved: string | undefined; readonly name: string },
): string {
  const again = verb === undefined && carryOut.includes(acting.name());
  const target = again ? acting : (program.commands.find(one => one.name() === (verb ?? 'apply')) ?? program);
  // What follows from a plan is the apply of that one, where it was saved.
  const added = sortWords(target, verb === undefined && !again && saved !== undefined ? [saved, ...words] : words);
  const replaced = new Set([...added.options.map(({ option }) => option.long), ...without]);
  const kept = target === acting ? given : goingOver(given, target, acting);
  const options = kept.filter(({ option }) => !replaced.has(option.long) || addsUp(acting, option));
  const files = again ? acting.args : [...added.rest, ...(target === acting ? estateFiles(acting) : [])];
  return redirected(`${name} ${lineOf(target.name(), files, [...options, ...added.options])}`, into);
}

/** What another command takes of the given one: the estate it is about. Files are named by option, as every command takes them. */
function goingOver(given: readonly GivenOption[], target: Command, acting: Command): readonly GivenOption[] {
  const file = target.options.find(isFileOption);
  const named = file ? estateFiles(acting).map(value => ({ option: file, values: [value] })) : [];
  const options = given.flatMap(({ option, values }) => {
    const same = target.options.find(({ long }) => long === option.long);
    return same && !ofOneCommand.test(option.long ?? '') ? [{ option: same, values }] : [];
  });
  return [...options, ...named];
}

/** What was decided for an import stays decided where more is. */
function addsUp(acting: Command, option: Option): boolean {
  return acting.name() === 'import' && ['--set', '--map', '--ldap', '--adopt'].includes(option.long ?? '');
}

function estateFiles(acting: Command): readonly string[] {
  const takesKeys = acting.name() === 'drift' && acting.getOptionValue('accept') !== undefined;
  if (acting.name() === 'doctor' || acting.name() === 'runs' || takesKeys) return acting.args.filter(isEstateFile);
  const at = acting.registeredArguments.findIndex(argument => argument.variadic && argument.name() === 'file');
  const files = at < 0 ? [] : acting.args.slice(at);
  return acting.name() === 'apply' ? files.filter(file => !isPlanFile(file)) : files;
}

function isFileOption({ long }: Option): boolean {
  return long === '--file';
}

/** Sorts words by the options of a command. */
function sortWords(command: Command, words: readonly string[]): SortedWords {
  const options: GivenOption[] = [];
  const rest: string[] = [];
  for (let at = 0; at < words.length; ) {
    const word = words[at++] ?? '';
    const option = command.options.find(({ long, short }) => word === long || word === short);
    if (!option) {
      rest.push(word);
      continue;
    }
    const from = at;
    if (option.required || option.optional) at++;
    options.push({ option, values: words.slice(from, at) });
  }
  return { options, rest };
}

function lineOf(verb: string, files: readonly string[], options: readonly GivenOption[]): string {
  const dashed = files.some(file => file.startsWith('-'));
  const words = options.flatMap(optionWords);
  return shellLine(dashed ? [verb, ...words, '--', ...files] : [verb, ...files, ...words]);
}

function optionWords({ option, values }: GivenOption): readonly string[] {
  const { short, long = '' } = option;
  const name = values.length > 0 && (short === '-f' || short === '-o') ? short : long;
  const [first, ...more] = values;
  return first?.startsWith('-') ? [`${long}=${first}`, ...more] : [name, ...values];
}
