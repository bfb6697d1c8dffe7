import { type Command, Option } from 'commander';
import type { Allowances } from '../plan/guards.ts';
import type { CommonOptions } from './output.ts';
import type { SignatureOptions } from './signatures.ts';
import { wholeNumber } from './whole-number.ts';

/** The options of `apply`. */
export interface ApplyOptions extends CommonOptions, SignatureOptions {
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** A file that says how targets are reached, where the estate files of a signed plan are not at hand. */
  readonly connections?: string;
  /** What is allowed by number; see `Allowances`. */
  readonly allowMoves?: number;
  readonly allowMovesBack?: number;
  readonly allowDeletes?: number;
  readonly allowRestarts?: number;
  readonly allowAccounts?: number;
  readonly allowOutsideWindow?: number;
  /** Folder of the records of runs. */
  readonly runs?: string;
}

/** The options of `apply` that no other command has. */
export function addApplyOptions(command: Command): Command {
  const allow = (name: string, description: string) =>
    command.option(`--allow-${name} <n>`, description, wholeNumber(0));
  command.option('-y, --yes', 'do not ask');
  allow('moves', 'let this many accounts move to CS7, over the limit of the file');
  allow('moves-back', 'let this many accounts move back to CS6, which no limit covers');
  allow('deletes', 'delete the CS6 calendars of this many accounts, which cannot be undone');
  allow('restarts', 'restart this many hosts, over the limit of the file');
  allow('accounts', 'go on although there are fewer accounts than before: the number there is now');
  allow('outside-window', 'change this many hosts outside their window');
  return command
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
export function allowancesOf(options: ApplyOptions): Allowances {
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
