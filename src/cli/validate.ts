import { exitCodes } from './exit-code.ts';
import { loadFiles } from './files.ts';
import { type CommonOptions, printReport } from './output.ts';
import type { Outside } from './outside.ts';

/** `validate`: schema and rules, every problem of every file at once; opens no connection. */
export async function validateCommand(
  files: readonly string[],
  options: CommonOptions,
  outside: Outside,
): Promise<number> {
  const { state, name, findings } = await loadFiles(files, outside);
  const exitCode = state ? exitCodes.done : exitCodes.error;
  const known = name === undefined ? {} : { estate: name };
  return printReport({ command: 'validate', exitCode, ...known, files, findings }, options, outside);
}
