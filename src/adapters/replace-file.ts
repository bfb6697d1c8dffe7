import { type FileHandle, open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Lets `write` fill a file beside the place of `path` and renames it once it is on disk: a reader finds the old content or the
 * new one, never a part, and where anything throws the old one is left.
 */
export async function replaceFile(
  path: string,
  mode: number,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  // node_exporter reads *.prom only, and other programs no hidden files.
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  // In a container every run has the same number: one that was killed may have left its own.
  await rm(beside, { force: true });
  const file = await open(beside, 'wx', mode);
  try {
    await write(file);
    await file.sync();
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The same with a text that those may read whom the umask lets. */
export function replaceText(path: string, text: string): Promise<void> {
  return replaceFile(path, 0o666, file => file.writeFile(text));
}

/** The same with a text for its owner only. A link leads to the file it names; what is no file, such as a pipe, is written to. */
export async function replacePrivateText(path: string, text: string): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const found = await stat(place).catch(() => undefined);
  if (found && !found.isFile()) return writeFile(place, text);
  return replaceFile(place, 0o600, file => file.writeFile(text));
}
