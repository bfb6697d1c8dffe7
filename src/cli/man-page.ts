import type { CommandShape, OptionShape } from './command-shape.ts';

/** What the command tree does not know. */
export interface ManFacts {
  readonly version: string;
  /** The lines that `--help` ends with. */
  readonly exitCodes: string;
  /** By the name of the command. */
  readonly examples: Readonly<Record<string, readonly { readonly line: string; readonly tells: string }[]>>;
}

/** The variables of the program itself, besides those that an estate file names. */
const environment = [
  ['RECONCILE_FILE', 'the estate file where the command line names none; several are separated by ":"'],
  ['RECONCILE_RUNS', 'the folder with the records of runs, where --runs is not given'],
  ['RECONCILE_FORMAT', 'the format of the output where --format is not given; commands without this format ignore it'],
  ['NO_COLOR', 'with any value but the empty one: print without colour; wins over FORCE_COLOR'],
  ['FORCE_COLOR', 'with any value but the empty one, "0" and "false": print in colour without a terminal as well'],
  ['COLUMNS', 'the width of text in cells; without it the width of the terminal, or 80'],
  ['SSH_AUTH_SOCK', 'the agent that offers keys where the file names none'],
  ['XDG_STATE_HOME', 'the folder below which records of runs are kept; without it ~/.local/state'],
] as const;

/** The manual page, in the macros of man(7). */
export function manPage(program: CommandShape, { version, exitCodes, examples }: ManFacts): string {
  const { name, description, commands } = program;
  return `${[
    `.TH ${name.toUpperCase()} 1 "" "${name} ${roff(version)}"`,
    '.SH NAME',
    `${name} \\- ${roff(description)}`,
    '.SH SYNOPSIS',
    '.nf',
    ...[program, ...commands].map(command => synopsis(program, command)),
    '.fi',
    '.SH OPTIONS',
    ...optionLines(program),
    '.SH COMMANDS',
    ...commands.flatMap(command => [...commandLines(program, command), ...exampleLines(examples[command.name])]),
    '.SH EXIT STATUS',
    ...exitLines(exitCodes),
    '.SH ENVIRONMENT',
    ...environment.flatMap(([variable, means]) => tagged(bold(variable), means)),
    '.SH FILES',
    ...tagged(bold('estate.yaml'), 'the estate file where none is named'),
    ...tagged(bold('~/.local/state/reconcile'), 'records of runs'),
    '.SH EXAMPLES',
    ...exampleLines(examples[name]),
    '.SH SEE ALSO',
    `${bold(`${name} explain`)} has a page for every finding code, every key of the file and every live setting.`,
  ].join('\n')}\n`;
}

function synopsis(program: CommandShape, command: CommandShape): string {
  const words = command === program ? program.name : `${program.name} ${command.name}`;
  return `${bold(words)} ${roff(command.usage)}`;
}

function commandLines(program: CommandShape, command: CommandShape): readonly string[] {
  const places = command.arguments.flatMap(({ name, description }) => tagged(`\\fI${roff(name)}\\fR`, description));
  return [
    `.SS ${command.name}`,
    '.nf',
    synopsis(program, command),
    '.fi',
    '.PP',
    line(command.description),
    ...places,
    ...optionLines(command),
  ];
}

function optionLines({ options }: CommandShape): readonly string[] {
  return options.flatMap((option: OptionShape) => {
    const choices = typeof option.value === 'object' ? ` (${option.value.choices.join(', ')})` : '';
    return tagged(bold(option.flags), `${option.description}${choices}`);
  });
}

function exampleLines(examples: ManFacts['examples'][string] = []): readonly string[] {
  return examples.flatMap(example => tagged(bold(example.line), example.tells));
}

function exitLines(text: string): readonly string[] {
  return [...text.matchAll(/^ {2}(\d) {2}(.*)$/gm)].flatMap(([, code = '', means = '']) => tagged(bold(code), means));
}

function tagged(tag: string, text: string): readonly string[] {
  return ['.TP', tag, line(text)];
}

function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

/** A line that begins with a dot or a quote is a command to roff. */
function line(text: string): string {
  return text === '' ? '.' : roff(text).replace(/^[.']/, '\\&$&');
}

/** Hyphens become those of ASCII, so that what is copied from the page works. */
function roff(text: string): string {
  return text.replace(/[\\\-`~^]/g, character => characters[character] ?? character).replace(/…/g, '\\[u2026]');
}

const characters: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '`': '\\(ga',
  '~': '\\(ti',
  '^': '\\(ha',
};
