import { exitCodes } from './exit-code.ts';
import type { Outside } from './outside.ts';

/** `schema`: the JSON Schema of the estate file, for editors and other programs. */
export function schemaCommand(outside: Outside): number {
  outside.stdout(`${JSON.stringify(outside.estateSchema, null, 2)}\n`);
  return exitCodes.done;
}
