import { exitCodes } from './exit-code.ts';
import type { Outside } from './outside.ts';

/** The schemas there are: of the file, of a saved plan, and of what commands print. */
export const schemaNames = ['estate', 'plan', 'report', 'audit', 'verify', 'snapshot', 'part', 'drift-event'] as const;

/** One of them. */
export type SchemaName = (typeof schemaNames)[number];

/** `schema`: a JSON Schema, for editors and other programs. */
export function schemaCommand(name: SchemaName, outside: Outside): number {
  outside.stdout(`${JSON.stringify(outside.readSchema(name), null, 2)}\n`);
  return exitCodes.done;
}
