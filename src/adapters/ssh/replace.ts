import { hostname } from 'node:os';
import { pid } from 'node:process';
import { shellLine } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { FileReplacement } from '../../ports/host.ts';
import { type Fence, FenceRefused, fenceRefusal } from './fence-script.ts';
import { bodyLines, createNonce, type Frame, parseFrames } from './frames.ts';
import type { SshLimits } from './host-endpoint.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Link } from './link.ts';
import { type ListLine, parseClock, parseListLine } from './read-answer.ts';
import { type ReplaceNames, replaceNames, replaceScript, STOPS, type Stop, sweepScript } from './replace-script.ts';
import { cksum, joinPath } from './shell-words.ts';
import { type Trip, type TripRequest, travel, tripFault } from './trip.ts';

/** What a replacement found in the folder; ages in milliseconds, by the host's own clock. */
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
 * Replaces a file in one trip: the new content goes beside it, then a script checks, backs up and renames under a lock. A lock that
 * a dead run left behind, and its folders, are dealt with in further ones.
 * A connection that is lost at any point leaves the file whole. Returns the path of the backup, if there was a file.
 */
export async function replaceFile(
  replacement: FileReplacement,
  settings: ReplaceSettings,
): Promise<string | undefined> {
  const first = await attempt(replacement, settings);
  const { lock } = first.report;
  const isDead = first.trip.frames.some(({ word, rest }) => word === 'stop' && rest === 'locked');
  const { trip, names, report } =
    isDead && lock && lock.age >= settings.limits.lockAge ? await attempt(replacement, settings, lock.holder) : first;
  refuse(trip, names, report, settings);
  const runAge = Date.now() - settings.openedAt;
  await sweep(
    first.report.temporary.filter(({ age }) => age > runAge).map(({ path }) => path),
    settings,
  );
  const suffix = trip.frames.find(frame => frame.word === 'backup')?.rest ?? '';
  return replacement.expected === 'absent' ? undefined : joinPath(names.folder, names.backup + suffix);
}

interface Attempt {
  readonly names: ReplaceNames;
  readonly report: FolderReport;
  readonly trip: Trip & { readonly request: TripRequest; readonly frames: readonly Frame[] };
}

async function attempt(replacement: FileReplacement, settings: ReplaceSettings, deadHolder?: string): Promise<Attempt> {
  const nonce = createNonce();
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const names = replaceNames(replacement.path, nonce, stamp);
  const content = contentOf(replacement);
  const words = {
    names,
    before: replacement.expected === 'absent' ? 'absent' : cksum(replacement.expected),
    after: cksum(content),
    ...(replacement.content === 'absent' && { removes: true }),
    ...(replacement.like !== undefined && { like: replacement.like }),
    holder: `${nonce} ${printable(hostname())} pid ${pid}`,
    ...(deadHolder !== undefined && { deadHolder }),
  };
  const script = Buffer.from(replaceScript(words, nonce, settings.fence));
  const call = { mark: settings.fence.mark, leads: script.length };
  const request = tripRequest(call, Buffer.concat([script, content]), nonce, settings);
  const trip = await travelToReplace(request, names, settings);
  const frames = parseFrames(trip.output, nonce);
  return { names, report: folderReport(frames, names), trip: { ...trip, request, frames } };
}

/** The file has its content: what dead runs left beside it is no reason to call that in question. */
async function sweep(paths: readonly string[], settings: ReplaceSettings): Promise<void> {
  if (paths.length === 0) return;
  const nonce = createNonce();
  try {
    await travel(settings.link, tripRequest({}, Buffer.from(sweepScript(paths, nonce)), nonce, settings));
  } catch (fault) {
    if (!(fault instanceof HostFault)) throw fault;
  }
}

/** For a file that is removed an empty one is sent, which never gets its place. */
function contentOf({ content }: FileReplacement): Buffer {
  return content === 'absent' ? Buffer.alloc(0) : content;
}

function tripRequest(
  call: TripRequest['call'],
  input: Buffer,
  nonce: string,
  { limits }: ReplaceSettings,
): TripRequest {
  return { call, input, nonce, wait: limits.write, limit: limits.answer };
}

function refuse(trip: Attempt['trip'], names: ReplaceNames, report: FolderReport, { link }: ReplaceSettings): void {
  const refusal = fenceRefusal(trip.frames);
  if (refusal) {
    throw new FenceRefused(refusal);
  }
  const stop = stopFrom(trip.frames);
  if (stop) {
    throw stopFault(stop, names, report, trip.errors);
  }
  if (trip.state !== 'whole') {
    throw unsure(tripFault(link, trip, trip.request, `replacing ${printable(names.file)}`), names);
  }
}

async function travelToReplace(request: TripRequest, names: ReplaceNames, settings: ReplaceSettings): Promise<Trip> {
  try {
    return await travel(settings.link, request);
  } catch (error) {
    throw error instanceof HostFault && error.code !== 'host.session-refused' ? unsure(error, names) : error;
  }
}

/** Once the trip has begun, silence does not tell how far it came. */
function unsure(fault: HostFault, names: ReplaceNames): HostFault {
  const note = `${printable(names.file)} is whole, but it is not known whether it is the old one or the new one: plan again.`;
  return new HostFault(fault.code, `${fault.detail}\n${note}`);
}
