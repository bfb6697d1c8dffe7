import {
  closeSync,
  constants,
  createReadStream,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { type FileHandle, mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { standardOutput } from '../../ports/local-files.ts';

/**
 * Makes a folder, for its owner only unless told, and those above it that are missing. `mkdir` with `recursive` tries for ever where a
 * file system says that the folder above is missing although it exists, as /proc does.
 */
export async function makeFolder(folder: string, mode = 0o700): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await isFolder(folder))) return;
    const above = dirname(folder);
    if (!hasCode(error, 'ENOENT') || (await isFolder(above))) throw error;
    await makeFolder(above, mode);
    await makeFolder(folder, mode);
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

/**
 * Lets `write` fill a file beside the place of `path` and renames it once it is on disk: a reader finds the old content or the
 * new one, never a part, and where anything throws the old one is left.
 */
async function replaceFile(path: string, mode: number, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const beside = besideOf(path);
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

/** node_exporter reads *.prom only, and other programs no hidden files. */
function besideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.new`);
}

/** The same with a text that those may read whom the umask lets. */
export function replaceText(path: string, text: string): Promise<void> {
  return replaceFile(path, 0o666, file => file.writeFile(text));
}

/** The same for a file that keeps its permissions, behind a link too; a folder that is missing is made. */
export async function replaceKeepingMode(path: string, text: string): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const found = await stat(place).catch(() => undefined);
  if (found && !found.isFile()) return writeFile(place, text);
  if (!found) await makeFolder(dirname(place), 0o777);
  return replaceFile(place, 0o666, async file => {
    await file.writeFile(text);
    if (found) await file.chmod(found.mode & 0o7777);
  });
}

/** Removes a file, or a link and not what it leads to; one that is missing is no error. */
export function removeFile(path: string): Promise<void> {
  return rm(path, { force: true });
}

/** Whether a file is there. Throws what the system says where it could not be replaced. */
export async function mayReplace(path: string): Promise<boolean> {
  const place = await realpath(path).catch(() => path);
  // The rights alone do not say it: a file system may take no files.
  const beside = besideOf(place);
  await (await open(beside, 'wx')).close();
  await rm(beside, { force: true });
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  return found !== undefined;
}

/** The same with a text for its owner only. A link leads to the file it names; what is no file, such as a pipe, is written to. */
export async function replacePrivateText(path: string, text: string | Iterable<string>): Promise<void> {
  const place = await realpath(path).catch(() => path);
  const found = await stat(place).catch(() => undefined);
  if (found && !found.isFile()) return writeFile(place, text);
  return replaceFile(place, 0o600, file => writeFile(file, text));
}

/**
 * Writes text to a file of its owner's only, packed with gzip, as it comes; where anything throws, the old file is left.
 * `-` is standard output, unless that is a terminal.
 */
export function writePacked(path: string, text: AsyncIterable<string>): Promise<void> {
  const pack = (write: (piece: Buffer) => Promise<void>) =>
    pipeline(text, createGzip(), async (pieces: AsyncIterable<Buffer>) => {
      for await (const piece of pieces) await write(piece);
    });
  return path === standardOutput
    ? pack(writeToOutput)
    : replaceFile(path, 0o600, file => pack(piece => file.writeFile(piece)));
}

async function writeToOutput(piece: Buffer): Promise<void> {
  const { stdout } = process;
  if (stdout.isTTY) throw Object.assign(new Error('standard output is a terminal'), { code: 'EOUTTTY' });
  await new Promise<void>((resolve, reject) => stdout.write(piece, error => (error ? reject(error) : resolve())));
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

/** A file from the root of the git repository that it lies in, which is a folder with `.git`; in none, as it is written. */
export function pathInRepository(file: string): string {
  const whole = resolve(file);
  for (let folder = dirname(whole); ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return relative(folder, whole).split(sep).join('/');
    if (folder === dirname(folder)) return file;
  }
}

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
