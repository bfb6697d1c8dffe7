import { loadFiles } from '../app/load-estate.ts';
import { exitCodes } from '../core/report.ts';
import type { Environment } from './environment.ts';
import { type CommonOptions, printReport } from './output.ts';

/** The file that is meant when none is named. */
export const defaultFile = 'estate.yaml';

/** The files a command line names, each once; `-f` comes first. */
export function namedFiles(...named: readonly (readonly string[] | undefined)[]): readonly string[] {
  const files = [...new Set(named.flatMap(some => some ?? []))];
  return files.length > 0 ? files : [defaultFile];
}

/** Whether a file that is named to `apply` is a saved plan, which is known by its name; estate files are YAML. */
export function isPlanFile(file: string): boolean {
  return file.endsWith('.json');
}

/** The schemas there are: of the file, of a saved plan, and of what commands print. */
export const schemaNames = ['estate', 'plan', 'report', 'audit', 'verify', 'snapshot', 'part', 'drift-event'] as const;

/** One of them. */
export type SchemaName = (typeof schemaNames)[number];

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
  return printReport({ command: 'validate', exitCode, ...known, files, findings }, options, environment);
}
