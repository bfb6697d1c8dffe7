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
    return {
      severity: 'error',
      code: 'file.unreadable',
      summary: 'A file cannot be read',
      detail: `${file}: ${reasonOf(error)}.`,
    };
  }
}

/** Writes a file; the finding where it cannot be written. */
export async function writeFileText(file: string, text: string, outside: Outside): Promise<Finding | undefined> {
  try {
    await outside.writeText(file, text);
    return undefined;
  } catch (error) {
    return {
      severity: 'error',
      code: 'file.unwritable',
      summary: 'A file cannot be written',
      detail: `${file}: ${reasonOf(error)}.`,
    };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'the system does not let you',
  EISDIR: 'it is a folder',
  ENOSPC: 'there is no space left',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'something unknown';
  return reasons[code] ?? `the system says ${code}`;
}
