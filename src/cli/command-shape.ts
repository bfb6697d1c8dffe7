import type { Argument, Command, Option } from 'commander';

/** What can follow an option or stand in an argument's place. */
export type ValueShape = { readonly choices: readonly string[] } | 'files' | 'folders' | 'anything';

/** An option as a shell sees it. */
export interface OptionShape {
  /** `-f` and `--file`, or one of them. */
  readonly names: readonly string[];
  /** As `--help` writes it: `-f, --file <file>`. */
  readonly flags: string;
  readonly description: string;
  /** Absent: it takes no value. */
  readonly value?: ValueShape;
}

/** A command as a shell sees it. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  /** What follows the name: `[options] <run> [file...]`. */
  readonly usage: string;
  readonly options: readonly OptionShape[];
  readonly arguments: readonly { readonly name: string; readonly description: string; readonly value: ValueShape }[];
  readonly commands: readonly CommandShape[];
}

/** The whole program as data, so that what is made of it never goes stale. Hidden options and commands are left out. */
export function shapeOf(command: Command): CommandShape {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    usage: command.usage(),
    options: help.visibleOptions(command).map(optionShape),
    arguments: help.visibleArguments(command).map(argument => ({
      name: argument.name(),
      description: argument.description,
      value: valueShape(argument, argument.name()),
    })),
    commands: help.visibleCommands(command).map(shapeOf),
  };
}

function optionShape(option: Option): OptionShape {
  const { flags, description, short, long, required, optional } = option;
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(flags)?.[1] ?? '';
  return {
    names: [short, long].flatMap(name => name ?? []),
    flags,
    description,
    ...((required || optional) && { value: valueShape(option, placeholder) }),
  };
}

function valueShape({ argChoices }: Option | Argument, placeholder: string): ValueShape {
  if (argChoices) return { choices: argChoices };
  if (placeholder.includes('file')) return 'files';
  return placeholder.includes('folder') ? 'folders' : 'anything';
}
