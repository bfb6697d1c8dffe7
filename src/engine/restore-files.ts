import { sha256 } from '../core/canonical.ts';
import type { FileRestore } from '../core/plan.ts';
import type { HostWriter } from '../ports/host.ts';

/**
 * Puts files back byte for byte; true when all of them are as they were. Nothing is touched unless each still has what
 * the run wrote and its backup what was there before: else only what the changes meant can be taken back.
 */
export async function restoreFiles(files: readonly FileRestore[], host: HostWriter): Promise<boolean> {
  const lasting = ends(files);
  const readings = await Promise.all(
    lasting.map(async file => {
      const [[live], [backup]] = await Promise.all([host.files([file.path]), host.files([file.backup])]);
      const sound =
        live !== undefined &&
        backup !== undefined &&
        sha256(live.content) === file.written &&
        sha256(backup.content) === file.original;
      return sound ? { path: live.path, expected: live.content, content: backup.content } : undefined;
    }),
  );
  const replacements = readings.flatMap(reading => reading ?? []);
  if (lasting.length === 0 || replacements.length < lasting.length) return false;
  for (const replacement of replacements) await host.replace(replacement);
  return true;
}

/** A file that was replaced several times: what it was at first, and what was written last. */
function ends(files: readonly FileRestore[]): readonly FileRestore[] {
  const byPath = new Map<string, FileRestore>();
  for (const file of files) {
    const first = byPath.get(file.path);
    byPath.set(file.path, first ? { ...first, written: file.written } : file);
  }
  return [...byPath.values()];
}
