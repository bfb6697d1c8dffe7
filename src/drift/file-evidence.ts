import { canonicalJson, sha256 } from '../core/canonical.ts';
import type { Change } from '../core/change.ts';
import { TargetProblem } from '../core/finding.ts';
import type { FileRestore } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Trace } from '../core/report.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import type { FileReading, HostReader } from '../ports/host.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** What something tells of its last change: evidence, no proof. */
export type Evidence = Pick<Trace, 'by' | 'at' | 'from'>;

/**
 * Who can have written a file: those whom its mode lets, and root. The owner alone says little, since an editor keeps it;
 * somebody else who may write in the folder could only have replaced the file by one of their own.
 */
function writersOf({ owner, mode }: Pick<FileReading, 'owner' | 'mode'>): string {
  if (mode[8] === 'w') return 'any user on the host';
  const [uid, gid] = owner.split(':');
  const names = [...(uid === '0' ? [] : [`uid ${uid}`]), ...(mode[5] === 'w' && gid !== '0' ? [`gid ${gid}`] : [])];
  return names.length === 0 ? 'root' : `${names.join(', ')} or root`;
}

/** The time of a file (milliseconds since 1970) as ISO 8601, to the second: the rest is the file system's affair. */
function fileTime(modified: number): string {
  return new Date(Math.floor(modified / 1000) * 1000).toISOString();
}

/** A file that differs. */
interface DifferingFile {
  readonly target: BoundTarget;
  readonly path: string;
  /** What the last run that is known on this machine wrote there. */
  readonly last: FileRestore | undefined;
}

/** What lies beside a file: the backup that the last replacement left, which is the file as it was before that. */
interface Backup {
  readonly path: string;
  /** When the file was replaced, by the clock of the machine that did it; milliseconds since 1970. */
  readonly replaced: number;
  readonly owner: string;
  /** What would have to be changed in it, as its kind sees it. */
  readonly changes: readonly Change[];
}

/** By how much the clocks of two machines may differ, and how long sending a file may take: before that no order is told. */
const clockSlack = 10_000;

/** Who may have changed a file, when, and how that relates to what reconcile last did to it. */
export async function fileEvidence(
  file: DifferingFile,
  changes: readonly Change[],
  ports: ReadPorts,
): Promise<ReadonlyMap<Change, Evidence>> {
  const all = (evidence: Evidence) => new Map(changes.map(change => [change, evidence]));
  try {
    const host = ports.host(file.target.target);
    const [reading] = await host.files([file.path]);
    if (!reading) return all({ from: 'there is no such file' });
    const facts = { by: writersOf(reading), at: fileTime(reading.modified) };
    const backup = await readBackup(file.target, reading, host, ports).catch(unknownOf);
    const known = 'the time of the file and who may write it';
    if (typeof backup === 'string')
      return all({ ...facts, from: `${known}; ${tellRecord(reading, file.last) ?? withoutBackup[backup]}` });
    const story = `${known}; ${tellOrder(reading, backup, file.last)}${tellOwner(reading, backup)}`;
    return new Map(changes.map(change => [change, { ...facts, from: `${story}; ${tellValue(change, backup)}` }]));
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return all({ from: `the file or its folder could not be read again (${problem.finding.code})` });
  }
}

/** What the newest of some files tells, where no single change can be seen in it. */
export async function newestEvidence(
  target: string,
  places: readonly string[],
  what: string,
  ports: ReadPorts,
): Promise<Evidence> {
  try {
    const found = await ports.host(target).files(places);
    // A file that was put back has its old time of writing; nobody can set when it was changed.
    const changedAt = ({ changed, modified }: FileReading) => changed ?? modified;
    const newest = found.toSorted((a, b) => changedAt(b) - changedAt(a))[0];
    if (!newest) return { from: 'the files that could tell were not found' };
    const from = `the time of ${printable(newest.path)}, ${what}, and who may write it`;
    return { by: writersOf(newest), at: fileTime(changedAt(newest)), from };
  } catch (problem) {
    if (!(problem instanceof TargetProblem)) throw problem;
    return { from: `the files that could tell could not be read (${problem.finding.code})` };
  }
}

/** That a backup cannot be read takes nothing from what the file tells. */
function unknownOf(problem: unknown): 'unknown' {
  if (!(problem instanceof TargetProblem)) throw problem;
  return 'unknown';
}

const withoutBackup = {
  none: 'it has no backup by reconcile next to it, so reconcile seems never to have replaced it',
  unknown:
    'it is not known whether reconcile ever replaced it, because its folder cannot be listed or the backup cannot be read',
} as const;

/** What the record of the last run knows for sure, where there is one. */
function tellRecord({ content }: FileReading, last: FileRestore | undefined): string | undefined {
  if (!last) return undefined;
  return sha256(content) === last.written
    ? 'it is as reconcile left it, so the wanted state is newer'
    : 'it is not what reconcile wrote';
}

/** Whether the file is still as reconcile left it. Without the record of that run there are two times, of two clocks. */
function tellOrder(reading: FileReading, backup: Backup, last: FileRestore | undefined): string {
  const { modified } = reading;
  const at = `${new Date(backup.replaced).toISOString().slice(0, 19)}Z`;
  // Another machine may have run later than the last run that is known here.
  const record = tellRecord(reading, last?.backup === backup.path ? last : undefined);
  if (record !== undefined) return `${record} (${at})`;
  if (Math.abs(modified - backup.replaced) <= clockSlack)
    return `reconcile replaced it at about that time (${at}), so it is not known who changed what`;
  return modified > backup.replaced
    ? `changed after reconcile last replaced it (${at})`
    : `older than what reconcile wrote (${at}): an earlier file put back, or clocks that differ`;
}

/** reconcile keeps the owner of a file: another one shows that somebody replaced it. */
function tellOwner({ owner }: FileReading, backup: Backup): string {
  return owner === backup.owner ? '' : `, and replaced by someone: its owner was ${backup.owner}, and now is ${owner}`;
}

/** The backup has what stood there before the last replacement, which a hand may have put back. */
function tellValue(change: Change, { changes }: Backup): string {
  const earlier = changes.find(({ item, key }) => item === change.item && key === change.key);
  if (!earlier) return 'before that it had the wanted value';
  return canonicalJson([earlier.before ?? null]) === canonicalJson([change.before ?? null])
    ? 'before that it was the same as now'
    : 'before that it was something else';
}

/** Names of backups end with the time in UTC, and a number where two are of one second; of the twenty that stay the last is read. */
async function readBackup(
  target: BoundTarget,
  reading: FileReading,
  host: HostReader,
  ports: ReadPorts,
): Promise<Backup | 'none' | 'unknown'> {
  const cut = reading.path.lastIndexOf('/');
  const [folder, base] = [reading.path.slice(0, cut) || '/', reading.path.slice(cut + 1)];
  const listed = await host.query({ words: ['ls', '-1', folder] });
  if (listed.state === 'absent' || listed.code !== 0) return 'unknown';
  const names = listed.output.split('\n').filter(name => name.startsWith(`${base}.reconcile-`));
  const backups = names.flatMap(name => {
    const replaced = stampTime(name.slice(base.length));
    return replaced === undefined ? [] : [{ name, replaced }];
  });
  const newest = backups.toSorted((a, b) => a.replaced - b.replaced || (a.name < b.name ? -1 : 1)).at(-1);
  if (!newest) return 'none';
  const [before] = await host.files([`${folder === '/' ? '' : folder}/${newest.name}`]);
  if (!before) return 'unknown';
  const changes = await changesOf(target, withContent(ports, reading.path, before.content));
  return { path: before.path, replaced: newest.replaced, owner: before.owner, changes };
}

/** `.reconcile-20261122T140509Z` -> milliseconds since 1970. */
function stampTime(suffix: string): number | undefined {
  const match = /^\.reconcile-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-\d)?$/.exec(suffix);
  if (!match) return undefined;
  const [year = 0, month = 1, ...rest] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

async function changesOf(target: BoundTarget, ports: ReadPorts): Promise<readonly Change[]> {
  const changes: Change[] = [];
  for await (const item of target.items(ports)) changes.push(...item.changes);
  return changes;
}

/** The same world, in which one file has another content: so its own kind says what is in a backup. */
function withContent(ports: ReadPorts, path: string, content: Buffer): ReadPorts {
  return {
    ...ports,
    host: name => {
      const host = ports.host(name);
      return {
        files: async candidates =>
          (await host.files(candidates)).map(found => (found.path === path ? { ...found, content } : found)),
        query: command => host.query(command),
        clock: () => host.clock(),
        guard: () => host.guard(),
        startRecord: service => host.startRecord(service),
      };
    },
  };
}
