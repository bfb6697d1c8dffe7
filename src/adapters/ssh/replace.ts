import { hostname } from 'node:os';
import { pid } from 'node:process';
import { shellLine } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { FileReplacement } from '../../ports/host.ts';
import { type Fence, FenceRefused, fenceCommand, fenceRefusal } from './fence-script.ts';
import { bodyLines, createNonce, type Frame, parseFrames } from './frames.ts';
import type { SshLimits } from './host-endpoint.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Link } from './link.ts';
import { type ListLine, parseClock, parseListLine } from './read-answer.ts';
import { commitScript, type ReplaceNames, replaceNames, STOPS, type Stop, uploadCommand } from './replace-script.ts';
import { cksum, joinPath } from './shell-words.ts';
import { type Trip, type TripRequest, travel, tripFault } from './trip.ts';

/** What the first trip of a replacement found in the folder; ages in milliseconds, by the host's own clock. */
interface FolderReport {
  readonly lock?: { readonly age: number; readonly holder: string };
  readonly temporary: readonly { readonly path: string; readonly age: number }[];
}

/** Reads that report. */
function folderReport(frames: readonly Frame[], names: ReplaceNames): FolderReport {
  const find = (word: string) => frames.find(frame => frame.word === word);
  const now = parseClock(bodyLines(find('clock'))[0] ?? '');
  const list = (word: string) => bodyLines(find(word)).flatMap(line => parseListLine(line) ?? []);
  const age = (line: ListLine) => (now === undefined ? 0 : now - line.modified);
  const temporary = list('temporary').flatMap(line => {
    const end = line.name.split('.reconcile-new.').at(-1) ?? '';
    return /^[0-9a-f]+$/.test(end) ? [{ path: joinPath(names.folder, names.ownStart + end), age: age(line) }] : [];
  });
  const held = list('lock')[0];
  const holder = bodyLines(find('holder'))[0] ?? '';
  return { temporary, ...(held && { lock: { age: age(held), holder } }) };
}

/** Why a script gave up, if it did; `what` is the part of the file that it could not keep. */
function stopFrom(frames: readonly Frame[]): { readonly stop: Stop; readonly what: string } | undefined {
  const [word, what = ''] = frames.find(frame => frame.word === 'stop')?.rest.split(' ') ?? [];
  const stop = Object.keys(STOPS).find((name): name is Stop => name === word);
  return stop && { stop, what };
}

/** The same as a fault; `errors` is what the tools of the host said. */
function stopFault(
  { stop, what }: NonNullable<ReturnType<typeof stopFrom>>,
  names: ReplaceNames,
  report: FolderReport,
  errors: string,
): HostFault {
  const file = printable(names.file);
  switch (stop) {
    case 'gone':
    case 'changed':
      return new HostFault(
        'host.file-changed',
        `${file} ${CHANGES[stop]}\nNothing was written. Plan again and check what changed.`,
      );
    case 'link':
      return new HostFault(
        'host.file-link',
        `${file} is a symbolic link. Replacing it would break the link.\nName the file itself.`,
      );
    case 'locked':
      return lockedFault(names, report);
    case 'links':
      return notWritten(
        names,
        `it has further names (hard links), which would keep the old content.\n${LINKS_REMEDY}`,
        '',
      );
    case 'attributes':
      return notWritten(names, `${LOST[what] ?? LOST['copy']} The file is as it was.`, errors);
    default:
      return notWritten(names, REASONS[stop], errors);
  }
}

function notWritten(names: ReplaceNames, why: string, errors: string): HostFault {
  const said = errors === '' ? '' : `\n${quoteHost(errors)}`;
  return new HostFault('host.file-not-written', `${printable(names.file)}: ${why}${said}`);
}

const LINKS_REMEDY =
  'Nothing was written. Remove the other names ("find FOLDER -samefile FILE" lists them), or make them copies.';

/** What a replacement would lose, and what to do. */
const LOST: Readonly<Record<string, string>> = {
  owner: 'this user cannot give the new file the same owner, mode and access list; log in as its owner or as root.',
  label:
    'the new file would not have the same SELinux label ("ls -Z" shows it); give this login the right to relabel files.',
  extended:
    'the new file would not have the same extended attributes; install cp from GNU coreutils there, or remove the attributes.',
  copy: 'owner, mode, access list, label and extended attributes cannot be copied to the new file.',
};

const CHANGES = {
  gone: 'is gone or no longer a plain file.',
  changed: 'has other content than when it was read.',
} as const;

const REASONS: Readonly<
  Record<Exclude<Stop, 'gone' | 'changed' | 'link' | 'links' | 'locked' | 'attributes'>, string>
> = {
  upload: 'the new content could not be put beside it. The file is as it was.',
  folder:
    'its folder is not at its place, or cannot be kept closed to others while the new content is in it. The file is as it was.',
  lock: 'the lock beside it could not be made. The file is as it was.',
  transfer: 'the new content did not arrive whole. The file is as it was.',
  backup: 'the backup beside it could not be made. The file is as it was.',
  rename: 'the new content could not take its place. The file is as it was.',
  signal: 'the script was ended from outside. The file is whole, but look whether it is the old one or the new one.',
  readback: 'the file was written but has other content now: someone else writes it at the same time.',
};

function lockedFault(names: ReplaceNames, report: FolderReport): HostFault {
  const held = report.lock;
  const age = held ? `, ${Math.max(0, Math.round(held.age / 1000))} s ago` : '';
  const holder = held?.holder ? `: ${printable(held.holder)}${age}` : '';
  const lines = [
    `${printable(names.file)} is being written by another run${holder}.`,
    'Nothing was written. A lock that is older than ten minutes is taken over. When that run is dead for certain, remove it there:',
    `    ${shellLine(['rm', '-f', printable(joinPath(names.folder, names.lock))])}`,
  ];
  return new HostFault('host.file-locked', lines.join('\n'));
}

/** What a replacement needs beside the file. `openedAt`: when this run began, milliseconds of this machine's clock. */
export interface ReplaceSettings {
  readonly link: Link;
  readonly limits: SshLimits;
  readonly openedAt: number;
  readonly fence: Fence;
}

/**
 * Replaces a file in two trips: the new content goes beside it, then a script checks, backs up and renames under a lock.
 * A connection that is lost at any point leaves the file whole. Returns the path of the backup, if there was a file.
 */
export async function replaceFile(
  replacement: FileReplacement,
  settings: ReplaceSettings,
): Promise<string | undefined> {
  const nonce = createNonce();
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const names = replaceNames(replacement.path, nonce, stamp);
  const report = await upload(replacement, names, nonce, settings);
  const suffix = await commit(replacement, names, nonce, report, settings);
  return replacement.expected === 'absent' ? undefined : joinPath(names.folder, names.backup + suffix);
}

async function upload(
  replacement: FileReplacement,
  names: ReplaceNames,
  nonce: string,
  settings: ReplaceSettings,
): Promise<FolderReport> {
  const exists = replacement.expected !== 'absent';
  const isLike = exists || replacement.like !== undefined;
  const command = uploadCommand(names, isLike, exists, nonce);
  const request = tripRequest(command, contentOf(replacement), nonce, settings);
  const trip = await travel(settings.link, request);
  const frames = parseFrames(trip.output, nonce);
  const report = folderReport(frames, names);
  refuse(trip, frames, names, report, () =>
    tripFault(settings.link, trip, request, `sending ${printable(names.file)}`),
  );
  return report;
}

async function commit(
  replacement: FileReplacement,
  names: ReplaceNames,
  nonce: string,
  report: FolderReport,
  settings: ReplaceSettings,
): Promise<string> {
  const runAge = Date.now() - settings.openedAt;
  const lock = report.lock;
  const script = commitScript(
    {
      names,
      before: replacement.expected === 'absent' ? 'absent' : cksum(replacement.expected),
      after: cksum(contentOf(replacement)),
      ...(replacement.content === 'absent' && { removes: true }),
      ...(replacement.like !== undefined && { like: replacement.like }),
      holder: `${nonce} ${printable(hostname())} pid ${pid}`,
      ...(lock && lock.age >= settings.limits.lockAge && { deadHolder: lock.holder }),
      sweep: report.temporary.filter(file => file.age > runAge).map(file => file.path),
    },
    nonce,
    settings.fence,
  );
  const request = tripRequest(fenceCommand(settings.fence), Buffer.from(script), nonce, settings);
  const trip = await travelToCommit(request, names, settings);
  const frames = parseFrames(trip.output, nonce);
  refuse(trip, frames, names, report, () =>
    unsure(tripFault(settings.link, trip, request, `replacing ${printable(names.file)}`), names),
  );
  return frames.find(frame => frame.word === 'backup')?.rest ?? '';
}

/** For a file that is removed an empty one is sent, which never gets its place. */
function contentOf({ content }: FileReplacement): Buffer {
  return content === 'absent' ? Buffer.alloc(0) : content;
}

function tripRequest(command: string, input: Buffer, nonce: string, settings: ReplaceSettings): TripRequest {
  return { command, input, nonce, wait: settings.limits.write, limit: settings.limits.answer };
}

function refuse(
  trip: Trip,
  frames: readonly Frame[],
  names: ReplaceNames,
  report: FolderReport,
  broken: () => HostFault,
): void {
  const refusal = fenceRefusal(frames);
  if (refusal) {
    throw new FenceRefused(refusal);
  }
  const stop = stopFrom(frames);
  if (stop) {
    throw stopFault(stop, names, report, trip.errors);
  }
  if (trip.state !== 'whole') {
    throw broken();
  }
}

async function travelToCommit(request: TripRequest, names: ReplaceNames, settings: ReplaceSettings): Promise<Trip> {
  try {
    return await travel(settings.link, request);
  } catch (error) {
    throw error instanceof HostFault && error.code !== 'host.session-refused' ? unsure(error, names) : error;
  }
}

/** Once the second trip has begun, silence does not tell how far it came. */
function unsure(fault: HostFault, names: ReplaceNames): HostFault {
  const note = `${printable(names.file)} is whole, but it is not known whether it is the old one or the new one: plan again.`;
  return new HostFault(fault.code, `${fault.detail}\n${note}`);
}
