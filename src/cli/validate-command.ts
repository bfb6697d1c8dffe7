import { loadFiles } from '../app/load-estate.ts';
import { exitCodes } from '../core/report.ts';
import type { Environment } from './environment.ts';
import type { SchemaName } from './options.ts';
import { type CommonOptions, printReport, reportingOn } from './output.ts';

/** `schema`: a JSON Schema, for editors and other programs. */
export function schemaCommand(name: SchemaName, environment: Environment): number {
  environment.terminal.stdout(`${JSON.stringify(environment.schemas.read(name), null, 2)}\n`);
  return exitCodes.done;
}

/** `validate`: schema and rules, every problem of every file at once; opens no connection. */
export async function validateCommand(
  files: readonly string[],
  options: CommonOptions,
  environment: Environment,
): Promise<number> {
  const { state, name, findings } = await loadFiles(files, environment);
  const exitCode = state ? exitCodes.done : exitCodes.error;
  const known = name === undefined ? {} : { estate: name };
  const about = reportingOn(options, 'validate', files);
  return printReport({ command: 'validate', exitCode, ...known, files, findings }, about, environment);
}
