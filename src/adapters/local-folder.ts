import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder for its owner only, and those above it that are missing. `mkdir` with `recursive` tries for ever where a
 * file system says that the folder above is missing although it exists, as /proc does.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await isFolder(folder))) return;
    const above = dirname(folder);
    if (!hasCode(error, 'ENOENT') || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(folder);
  }
}

/** The names in a folder; none where it is missing. Throws where it cannot be read. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  );
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
