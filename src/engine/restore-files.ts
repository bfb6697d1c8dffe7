import { sha256 } from '../core/canonical.ts';
import type { FileRestore } from '../core/plan.ts';
import type { HostWriter } from '../ports/host.ts';

/**
 * Puts files back byte for byte; true when all of them are as they were. Nothing is touched unless each still has what
 * the run wrote and its backup what was there before: else only what the changes meant can be taken back. A file that the
 * run made is removed.
 */
export async function restoreFiles(files: readonly FileRestore[], host: HostWriter): Promise<boolean> {
  const lasting = ends(files);
  const readings = await Promise.all(
    lasting.map(async file => {
      const { backup: old, original } = file;
      const [[live], [backup]] = await Promise.all([
        host.files([file.path]),
        host.files(old === undefined ? [] : [old]),
      ]);
      if (live === undefined || sha256(live.content) !== file.written) return undefined;
      const [path, expected] = [live.path, live.content];
      if (original === undefined) return { path, expected, content: 'absent' as const };
      const sound = backup !== undefined && sha256(backup.content) === original;
      return sound ? { path, expected, content: backup.content } : undefined;
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
