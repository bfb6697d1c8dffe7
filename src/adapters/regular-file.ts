import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';

/** Why a file was not read, in words that end a sentence; `outside`: it does not lie below the folder that was named. */
interface NotRead {
  readonly reason: string;
  readonly outside?: true;
}

/** Reads regular files, up to a byte more than a limit; with `below` only such as lie there, wherever links lead. */
export function makeReadRegularFile(
  reasonOf: (error: unknown) => string,
): (path: string, limit: number, below?: string) => Uint8Array | NotRead {
  return (path, limit, below) => {
    try {
      if (below === undefined) return readOpened(openSync(path, flags), limit);
      // The path is opened as it was checked: a link in its place by now is not followed.
      const real = realpathSync(path);
      if (!liesBelow(real, realpathSync(below))) return { reason: `it does not lie below ${below}`, outside: true };
      return readOpened(openSync(real, flags | constants.O_NOFOLLOW), limit);
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  };
}

/** Opened without waiting: at a pipe nobody may ever write. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Git's own folder has the tokens of CI jobs in it. */
function liesBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  const parts = way.split(sep);
  return way !== '' && parts[0] !== '..' && !isAbsolute(way) && !parts.includes('.git');
}

function readOpened(file: number, limit: number): Uint8Array | NotRead {
  try {
    const stats = fstatSync(file);
    if (stats.isDirectory()) return { reason: 'it is a folder' };
    return stats.isFile() ? readUpTo(file, limit + 1) : { reason: 'it is a pipe or a device, and no file' };
  } finally {
    closeSync(file);
  }
}

/** To the end and not to the size: some files do not know theirs. */
function readUpTo(file: number, most: number): Uint8Array {
  const chunks: Buffer[] = [];
  for (let length = 0; length < most; ) {
    const chunk = Buffer.allocUnsafe(Math.min(1_000_000, most - length));
    const read = readSync(file, chunk);
    if (read === 0) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  return Buffer.concat(chunks);
}
