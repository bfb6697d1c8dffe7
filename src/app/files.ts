import { type Finding, TargetProblem } from '../core/finding.ts';
import { nextCommands } from '../core/next-command.ts';
import { finding } from '../findings/catalogue.ts';
import { defaultFile, type LocalFiles, standardInput } from '../ports/local-files.ts';

/** The bytes of a file, or the finding that it cannot be read. */
export async function readFileBytes(file: string, files: LocalFiles, limit?: number): Promise<Uint8Array | Finding> {
  try {
    return await files.read(file, limit);
  } catch (error) {
    return unreadableFile(file, error);
  }
}

/** The text of a file, or the finding that it cannot be read. */
export async function readFileText(file: string, files: LocalFiles): Promise<string | Finding> {
  const bytes = await readFileBytes(file, files);
  return bytes instanceof Uint8Array ? new TextDecoder().decode(bytes) : bytes;
}

/** What is made of a file that may be too long to be read at once, or the finding that it cannot be read. */
export async function readInPieces<T>(
  file: string,
  files: LocalFiles,
  make: (pieces: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T | Finding> {
  try {
    return await make(files.readPieces(file));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return unreadableFile(file, error);
  }
}

/** Writes a file; the finding where it cannot be written. */
export async function writeFileText(file: string, text: string, files: LocalFiles): Promise<Finding | undefined> {
  return files.write(file, text).then(
    () => undefined,
    (error: unknown) => unwritableFile(file, error),
  );
}

/** The same for its owner only: a plan, or a part of one, has names and values of every account that it changes. */
export async function writePrivateFile(
  file: string,
  text: string | Iterable<string>,
  files: LocalFiles,
): Promise<Finding | undefined> {
  return files.writePrivate(file, text).then(
    () => undefined,
    (error: unknown) => unwritableFile(file, error),
  );
}

/** The names in a folder, none where it is missing. Throws TargetProblem where it cannot be read. */
export async function listFolder(folder: string, files: LocalFiles): Promise<readonly string[]> {
  return files.list(folder).catch((error: unknown) => {
    throw new TargetProblem(unreadableFile(folder, error));
  });
}

/** The finding for a file that cannot be read. */
export function unreadableFile(file: string, error: unknown): Finding {
  if (file === defaultFile && codeOf(error) === 'ENOENT')
    return finding('file.no-estate', {
      detail: `There is no ${defaultFile} in this folder. Name a file, or begin with an example:`,
      next: [nextCommands.example(defaultFile)],
    });
  return unreadable(file === standardInput ? 'standard input' : file, reasonOf(error));
}

/** The same where the reason is known. */
export function unreadable(file: string, reason: string): Finding {
  return finding('file.unreadable', { detail: `${file}: ${reason}.` });
}

/** The finding for a file that cannot be written. */
export function unwritableFile(file: string, error: unknown): Finding {
  return finding('file.unwritable', { detail: `${file}: ${reasonOf(error)}.` });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EEXIST: 'a file with this name is in the way',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it, or a part of its path, is not a folder',
  ETTY: 'standard input is a terminal. Redirect a file to it',
  EOUTTTY: 'standard output is a terminal. Redirect it to a file',
  ENOSPC: 'the disk is full',
};

/** What went wrong with a file, in words that follow its name. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? `the system says ${code}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'something unknown';
}
