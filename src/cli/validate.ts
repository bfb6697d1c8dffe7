import { exitCodes } from './exit-code.ts';
import { loadFile } from './files.ts';
import { type CommonOptions, printReport } from './output.ts';
import type { Outside } from './outside.ts';

/** `validate`: schema and rules, every problem at once; opens no connection. */
export async function validateCommand(file: string, options: CommonOptions, outside: Outside): Promise<number> {
  const { state, findings } = await loadFile(file, outside);
  const exitCode = state ? exitCodes.done : exitCodes.error;
  return printReport({ command: 'validate', exitCode, files: [file], findings }, options, outside);
}
