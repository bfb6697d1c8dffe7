import { dirname } from 'node:path';
import { type Finding, type SourcePosition, TargetProblem } from '../core/finding.ts';
import { largestFile } from '../estate/decode.ts';
import { type LoadedEstate, loadEstates } from '../estate/load.ts';
import type { ReadOutside } from './outside.ts';

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

/**
 * Reads and checks the estate files, which are merged; nothing is connected to. With `variables` they are not trusted: each
 * is read only where it lies in its folder, and asks for these variables only.
 */
export async function loadFiles(
  files: readonly string[],
  outside: ReadOutside,
  variables?: ReadonlySet<string>,
): Promise<LoadedEstate> {
  const read = (file: string) => (variables ? readInFolder(file, outside) : readFileBytes(file, outside, largestFile));
  const sources = await Promise.all(files.map(async file => ({ file, content: await read(file) })));
  const unreadable = sources.flatMap(({ content }) => (content instanceof Uint8Array ? [] : [content]));
  if (unreadable.length > 0) return { findings: unreadable };
  const texts = sources.flatMap(({ file, content }) => (content instanceof Uint8Array ? [{ file, content }] : []));
  const { environment, readRegularFile } = outside;
  const day = outside.clock.now().slice(0, 'YYYY-MM-DD'.length);
  return loadEstates(texts, outside.estateSchema, { environment, variables, day, readFile: readRegularFile });
}

/** Reads how targets are reached from a file; what else stands in it is passed over, and may be left out. */
export async function loadConnections(file: string, outside: ReadOutside): Promise<LoadedEstate> {
  const content = await readFileBytes(file, outside, largestFile);
  if (!(content instanceof Uint8Array)) return { findings: [content] };
  const { environment, estateSchema } = outside;
  return loadEstates([{ file, content }], estateSchema, { environment, connectionsOnly: true });
}

/** A link in the place of an estate file could show any file of this machine line by line, as one with errors. */
async function readInFolder(file: string, outside: ReadOutside): Promise<Uint8Array | Finding> {
  const read = outside.readRegularFile(file, largestFile, dirname(file));
  return read instanceof Uint8Array ? read : unreadable(file, read.reason);
}

/** The text of a file, or the finding that it cannot be read. */
export async function readFileText(file: string, outside: ReadOutside): Promise<string | Finding> {
  const bytes = await readFileBytes(file, outside);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes;
}

async function readFileBytes(file: string, outside: ReadOutside, limit?: number): Promise<Uint8Array | Finding> {
  try {
    return await outside.readBytes(file, limit);
  } catch (error) {
    return unreadableFile(file, error);
  }
}

/** The finding for a file that cannot be read. */
export function unreadableFile(file: string, error: unknown): Finding {
  return unreadable(file, reasonOf(error));
}

function unreadable(file: string, reason: string): Finding {
  return {
    severity: 'error',
    code: 'file.unreadable',
    summary: 'A file cannot be read',
    detail: `${file}: ${reason}.`,
  };
}

/** The lines at some places of some files; nothing for what cannot be read any more. */
export async function readLines(
  places: readonly SourcePosition[],
  outside: ReadOutside,
): Promise<(where: SourcePosition) => string | undefined> {
  const lines = new Map<string, readonly string[]>();
  for (const file of new Set(places.map(place => place.file))) {
    const text = await readFileText(file, outside);
    if (typeof text === 'string') lines.set(file, text.split(/\r?\n/));
  }
  return ({ file, line }) => lines.get(file)?.[line - 1];
}

/** Writes a file; the finding where it cannot be written. */
export async function writeFileText(file: string, text: string, outside: ReadOutside): Promise<Finding | undefined> {
  try {
    await outside.writeText(file, text);
    return undefined;
  } catch (error) {
    return unwritableFile(file, error);
  }
}

/** The same for its owner only: a plan, or a part of one, has names and values of every account that it changes. */
export async function writePrivateFile(file: string, text: string, outside: ReadOutside): Promise<Finding | undefined> {
  try {
    await outside.writePrivateText(file, text);
    return undefined;
  } catch (error) {
    return unwritableFile(file, error);
  }
}

/** The names in a folder, none where it is missing. Throws TargetProblem where it cannot be read. */
export async function listFolder(folder: string, outside: ReadOutside): Promise<readonly string[]> {
  return outside.listFolder(folder).catch((error: unknown) => {
    throw new TargetProblem(unreadableFile(folder, error));
  });
}

/** The finding for a file that cannot be written. */
export function unwritableFile(file: string, error: unknown): Finding {
  return {
    severity: 'error',
    code: 'file.unwritable',
    summary: 'A file cannot be written',
    detail: `${file}: ${reasonOf(error)}.`,
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'the system does not let you',
  EEXIST: 'a file with this name is in the way',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is not a folder',
  ENOSPC: 'there is no space left',
};

/** What went wrong with a file, in words that follow its name. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'something unknown';
  return reasons[code] ?? `the system says ${code}`;
}
