import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/**
 * Writes text to a file, packed with gzip, as it comes. The file gets its name once it is whole and on disk, and is for its
 * owner only; where anything throws, what had that name before is left.
 */
export async function writePacked(path: string, text: AsyncIterable<string>): Promise<void> {
  const begun = `${path}.${process.pid}.part`;
  const file = await open(begun, 'wx', 0o600);
  try {
    await pipeline(text, createGzip(), file.createWriteStream({ flush: true }));
    await rename(begun, path);
  } catch (error) {
    await rm(begun, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The unpacked bytes of such a file. Throws what the system says, or an error without its code where it is not packed so. */
export function readPacked(path: string): AsyncIterable<Uint8Array> {
  const packed = createReadStream(path);
  const unpacked = createGunzip();
  // What goes wrong with one ends the other, whose reader is then told.
  packed.on('error', error => unpacked.destroy(error));
  unpacked.on('close', () => packed.destroy());
  return packed.pipe(unpacked);
}
