import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { replaceFile } from './replace-file.ts';

/** Writes text to a file of its owner's only, packed with gzip, as it comes; where anything throws, the old file is left. */
export function writePacked(path: string, text: AsyncIterable<string>): Promise<void> {
  return replaceFile(path, 0o600, file =>
    pipeline(text, createGzip(), async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) await file.writeFile(piece);
    }),
  );
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
