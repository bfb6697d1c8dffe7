import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { DesiredCs6Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import type { FileReading, HostWriter } from '../../ports/host.ts';
import { csexport } from '../../products/cs6.ts';
import { problemOf } from '../shared/list-calendars.ts';

/** Longest name that is kept whole: file systems take 255 bytes. */
const longestName = 180;

/**
 * Writes a copy of each calendar into a folder of the host (`csexport`, 6.3 Administration Guide, appendix D) and reads it
 * back. Nothing that is there is overwritten: an earlier copy may be the only good one. Returns why it did not work.
 */
export async function exportCalendars(
  host: DesiredCs6Host,
  calids: readonly string[],
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  for (const calid of calids) {
    const problem = await exportOne(host, calid, folder, writer);
    if (problem !== undefined)
      return `${calid} could not be exported to ${folder}: ${problem}\nMend that, and apply again.`;
  }
  return undefined;
}

async function exportOne(
  host: DesiredCs6Host,
  calid: string,
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  if (calid.startsWith('-')) return 'csexport would take its name for an option.';
  const path = await freePath(calid, folder, writer);
  if (typeof path !== 'string') return path.problem;
  const result = await writer.run({ ...csexport(host, '-c', calid, 'calendar', path), makes: path });
  const problem = problemOf(result);
  if (problem !== undefined) return `csexport: ${problem}`;
  const copies = await readFiles([path], writer);
  if ('problem' in copies) return copies.problem;
  const [copy] = copies;
  if (!copy) return `csexport said nothing of a failure, and there is no ${path}.`;
  return isCalendar(copy.content) ? undefined : `${path} is not one whole VCALENDAR.`;
}

/** A name that nothing has yet: the calendar's, else with the time of the host. */
async function freePath(calid: string, folder: string, writer: HostWriter): Promise<string | Unreadable> {
  const stamp = new Date(await writer.clock()).toISOString().replace(/[-:]|\.\d+/g, '');
  const paths = [fileName(calid), `${fileName(calid)}.${stamp}`].map(name => posix.join(folder, `${name}.ics`));
  const there = await readFiles(paths, writer);
  if ('problem' in there) return there;
  const taken = new Set(there.map(({ asked }) => asked));
  return paths.find(path => !taken.has(path)) ?? { problem: 'the names for its copy are taken.' };
}

interface Unreadable {
  readonly problem: string;
}

/** What cannot be read may be there all the same, and proves nothing: it stops this owner, and no other. */
async function readFiles(paths: readonly string[], writer: HostWriter): Promise<readonly FileReading[] | Unreadable> {
  try {
    return await writer.files(paths);
  } catch (problem) {
    if (problem instanceof TargetProblem) return { problem: problem.finding.detail };
    throw problem;
  }
}

/** A file name that a person can read and that stands for one calendar only: percent-encoded, without separators. */
export function fileName(calid: string): string {
  const encoded = encodeURIComponent(calid)
    .replace(/[!'()*~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%40', '@')
    .replace(/^\./, '%2E');
  if (encoded.length <= longestName) return encoded;
  return `${encoded.slice(0, longestName - 17)}~${createHash('sha256').update(calid).digest('hex').slice(0, 16)}`;
}

function isCalendar(content: Buffer): boolean {
  const head = content.subarray(0, 64).toString('latin1').trimStart();
  const tail = content.subarray(-64).toString('latin1').trimEnd();
  return /^BEGIN:VCALENDAR\r?\n/.test(head) && /\nEND:VCALENDAR$/.test(tail);
}
