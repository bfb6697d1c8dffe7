import { constants } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TargetProblem } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import type { Journal, JournalLine } from '../../ports/journal.ts';
import { makeFolder } from './file-system.ts';

/** More lines at a time than this come of many writes under way, each of which has the time to wait for others. */
const few = 3;

/** For so many milliseconds lines are gathered then: a sync costs the disk that the directory may need for itself, and time of ours. */
const gathering = 8;

interface Waiting {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * A journal as a file of JSON lines, for its owner only, in a folder that is made where it is missing. Lines that come while
 * the disk is busy go there together: with many writes under way there is one sync for many of them. After a line that could not
 * be written there is no other: what became of the writes before it would not be known.
 */
export async function openJournalFile(folder: string, name: string, now: () => string): Promise<Journal> {
  const path = join(folder, `${name}.jsonl`);
  const file = await openNew(folder, path).catch((error: unknown) => {
    throw unwritable(path, error);
  });
  let waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const flush = async () => {
    for (let batch = waiting; batch.length > 0; batch = waiting) {
      waiting = [];
      failure ??= await writeBatch(file, batch);
      for (const { done, failed } of batch) {
        if (failure) failed(failure.error);
        else done();
      }
      if (batch.length > few) await pause(gathering);
    }
    writing = undefined;
  };
  return {
    name: basename(path, '.jsonl'),
    write: (line: JournalLine, at = now()) =>
      new Promise((done, failed) => {
        const text = `${JSON.stringify({ at, ...line })}\n`;
        waiting.push({ text, done, failed: error => failed(unwritable(path, error)) });
        writing ??= flush();
      }),
    keep: (suffix, pieces) =>
      keepFile(folder, `${name}.${suffix}.json`, pieces).catch((error: unknown) => {
        throw unwritable(join(folder, `${name}.${suffix}.json`), error);
      }),
    close: async () => {
      await writing;
      await file.close();
    },
  };
}

async function openNew(folder: string, path: string): Promise<FileHandle> {
  await makeFolder(folder);
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND;
  const file = await open(path, flags, 0o600);
  await syncFolder(folder);
  return file;
}

async function keepFile(folder: string, name: string, pieces: Iterable<string>): Promise<void> {
  const file = await openNew(folder, join(folder, name));
  try {
    await writeFile(file, pieces);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What is not recorded is not done. */
function unwritable(path: string, error: unknown): TargetProblem {
  const reason = error instanceof Error ? error.message : String(error);
  return new TargetProblem(
    finding('run.journal-unwritable', {
      detail: `${path}: ${reason}\nreconcile records every change before making it. Free space on the disk, or name another folder with --runs.`,
    }),
  );
}

/** What kept the lines from the disk, if anything did. */
async function writeBatch(
  file: FileHandle,
  batch: readonly Waiting[],
): Promise<{ readonly error: unknown } | undefined> {
  try {
    await file.appendFile(batch.map(({ text }) => text).join(''));
    await file.datasync();
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** A new file is only there for good when its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
