import type { DesiredState } from '../core/desired.ts';
import type { Finding } from '../core/finding.ts';
import { loadEstate } from '../desired/load.ts';
import type { Outside } from './outside.ts';

/** The file that is meant when none is named. */
export const defaultFile = 'estate.yaml';

/** Reads and checks the estate file; nothing is connected to. */
export async function loadFile(
  file: string,
  outside: Outside,
): Promise<{ readonly state?: DesiredState; readonly findings: readonly Finding[] }> {
  const text = await readFileText(file, outside);
  return typeof text === 'string' ? loadEstate(file, text, outside.estateSchema) : { findings: [text] };
}

/** The text of a file, or the finding that it cannot be read. */
export async function readFileText(file: string, outside: Outside): Promise<string | Finding> {
  try {
    return await outside.readText(file);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const said =
      { ENOENT: 'there is no such file', EACCES: 'you may not read it', EISDIR: 'it is a folder' }[reason] ??
      `the system says ${reason}`;
    return {
      severity: 'error',
      code: 'file.unreadable',
      summary: 'A file cannot be read',
      detail: `${file}: ${said}.`,
    };
  }
}
