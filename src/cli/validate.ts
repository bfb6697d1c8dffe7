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
  const { state, findings } = await loadFiles(files, outside);
  const exitCode = state ? exitCodes.done : exitCodes.error;
  return printReport({ command: 'validate', exitCode, files, findings }, options, outside);
}
