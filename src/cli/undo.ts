import { undoRun, writeUndoByHand } from '../app/undo-run.ts';
import { exitCodes } from '../core/exit-code.ts';
import { askFor, printRun } from './apply.ts';
import { type AllowanceOptions, allowancesOf } from './apply-options.ts';
import { readContext, writeContext } from './contexts.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printFailure, reportingOn } from './output.ts';

/** The options of `undo`. */
export interface UndoOptions extends CommonOptions, AllowanceOptions {
  readonly runs?: string;
  readonly only?: readonly string[];
  readonly yes?: boolean;
  /** Folder to write LDIF and commands into, for a day without this program. */
  readonly manual?: string;
}

/** `undo RUN`: takes back what a run did, where nobody has changed it since. */
export async function undoCommand(
  run: string,
  files: readonly string[],
  given: UndoOptions,
  environment: Environment,
): Promise<number> {
  const options = reportingOn(given, 'undo', files);
  const request = { ...options, run, files, allowed: allowancesOf(options) };
  if (options.manual === undefined) {
    const result = await undoRun(request, writeContext(environment, options), askFor(options, environment));
    return printRun('undo', result, options, environment);
  }
  const written = await writeUndoByHand(request, options.manual, readContext(environment, options));
  if ('failed' in written) return printFailure(written, options, environment);
  environment.terminal.stdout(written.paths.map(path => `${path}\n`).join(''));
  return exitCodes.done;
}
