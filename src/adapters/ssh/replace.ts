import { hostname } from 'node:os';
import { pid } from 'node:process';
import { printable } from '../../core/printable.ts';
import type { FileReplacement } from '../../ports/host.ts';
import { cksum } from './cksum.ts';
import { HostFault } from './fault.ts';
import { type Fence, FenceRefused, fenceCommand, fenceRefusal } from './fence-script.ts';
import { type Frame, parseFrames } from './frames.ts';
import type { SshLimits } from './limits.ts';
import type { Link } from './link.ts';
import { createNonce } from './nonce.ts';
import { joinPath } from './quote.ts';
import { type FolderReport, folderReport, stopFault, stopFrom } from './replace-report.ts';
import { commitScript, type ReplaceNames, replaceNames, uploadCommand } from './replace-script.ts';
import { type Trip, type TripRequest, travel, tripFault } from './trip.ts';

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
