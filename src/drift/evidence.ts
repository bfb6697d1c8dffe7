import type { Trace } from '../core/report.ts';
import type { FileReading } from '../ports/host.ts';

/** What something tells of its last change: evidence, no proof. */
export type Evidence = Pick<Trace, 'by' | 'at' | 'from'>;

/**
 * Who can have written a file: those whom its mode lets, and root. The owner alone says little, since an editor keeps it;
 * somebody else who may write in the folder could only have replaced the file by one of their own.
 */
export function writersOf({ owner, mode }: Pick<FileReading, 'owner' | 'mode'>): string {
  if (mode[8] === 'w') return 'anybody on the host';
  const [uid, gid] = owner.split(':');
  const names = [...(uid === '0' ? [] : [`uid ${uid}`]), ...(mode[5] === 'w' && gid !== '0' ? [`gid ${gid}`] : [])];
  return names.length === 0 ? 'root' : `${names.join(', ')} or root`;
}

/** The time of a file (milliseconds since 1970) as ISO 8601, to the second: the rest is the file system's affair. */
export function fileTime(modified: number): string {
  return new Date(Math.floor(modified / 1000) * 1000).toISOString();
}
