import { exitCodes } from '../core/exit-code.ts';
import type { Environment } from './environment.ts';

/** The schemas there are: of the file, of a saved plan, and of what commands print. */
export const schemaNames = ['estate', 'plan', 'report', 'audit', 'verify', 'snapshot', 'part', 'drift-event'] as const;

/** One of them. */
export type SchemaName = (typeof schemaNames)[number];

/** `schema`: a JSON Schema, for editors and other programs. */
export function schemaCommand(name: SchemaName, environment: Environment): number {
  environment.terminal.stdout(`${JSON.stringify(environment.schemas.read(name), null, 2)}\n`);
  return exitCodes.done;
}
