import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApplyRequest } from '../app/apply-plan.ts';
import type { SignatureRequest } from '../app/saved-plan.ts';
import type { CommonOptions } from './output.ts';

/** What is allowed by number; see `ApplyRequest`. */
export interface AllowanceOptions {
  readonly allowMoves?: number;
  readonly allowMovesBack?: number;
  readonly allowDeletes?: number;
  readonly allowRestarts?: number;
  readonly allowAccounts?: number;
  readonly allowOutsideWindow?: number;
}

/** The options of `apply`. */
export interface ApplyOptions extends CommonOptions, SignatureRequest, AllowanceOptions {
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** The limits that a command lifts by number. */
const allowances = {
  moves: 'let this many accounts move to CS7, over the limit of the file',
  'moves-back': 'let this many accounts move back to CS6, which no limit covers',
  deletes: 'delete the CS6 calendars of this many accounts, which cannot be undone',
  restarts: 'restart this many hosts, over the limit of the file',
  accounts: 'go on although there are fewer accounts than before: the number there is now',
  'outside-window': 'change this many hosts outside their window',
} as const;

/** Gives a command that carries something out `--yes`, and the options that lift limits by number. */
export function addAgreement(command: Command, limits: readonly (keyof typeof allowances)[]): Command {
  command.option('-y, --yes', 'do not ask');
  for (const name of limits) command.option(`--allow-${name} <n>`, allowances[name], wholeNumber(0));
  return command;
}

/** The options of `apply` that no other command has. */
export function addApplyOptions(command: Command): Command {
  return addAgreement(command, ['moves', 'moves-back', 'deletes', 'restarts', 'accounts', 'outside-window'])
    .addOption(
      new Option('--signature <file>', 'a signature of the saved plan; may be given several times').argParser(
        (name: string, before: readonly string[] = []) => [...before, name],
      ),
    )
    .option(
      '--connections <file>',
      'for a signed plan without its estate files: how targets are reached; with --signers',
    )
    .option('--signers <file>', 'whose signatures count, whatever the plan says (OpenSSH allowed_signers)')
    .option('--require-signatures <n>', 'how many signers it takes at least, whatever the plan says', wholeNumber(1));
}

/** What a command line allows by number. */
export function allowancesOf(options: AllowanceOptions): ApplyRequest['allowed'] {
  const { allowMoves, allowMovesBack, allowDeletes, allowRestarts, allowAccounts, allowOutsideWindow } = options;
  return {
    ...(allowMoves !== undefined && { moves: allowMoves }),
    ...(allowMovesBack !== undefined && { movesBack: allowMovesBack }),
    ...(allowDeletes !== undefined && { deletes: allowDeletes }),
    ...(allowRestarts !== undefined && { restarts: allowRestarts }),
    ...(allowAccounts !== undefined && { accounts: allowAccounts }),
    ...(allowOutsideWindow !== undefined && { outsideWindow: allowOutsideWindow }),
  };
}

/** Reads a whole number from a command line, of which the least is given. */
export function wholeNumber(least: number): (text: string) => number {
  return text => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least)
      throw new InvalidArgumentError(`Expected a whole number, ${least} or more.`);
    return value;
  };
}
