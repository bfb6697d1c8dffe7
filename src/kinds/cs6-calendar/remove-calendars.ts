import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Change } from '../../core/change.ts';
import { inFlight, untilStopped } from '../../core/collections.ts';
import type { DesiredCs6Host } from '../../core/desired.ts';
import { printable } from '../../core/printable.ts';
import type { Outcome } from '../../core/run.ts';
import type { HostWriter } from '../../ports/host.ts';
import type { WritePorts } from '../../ports/ports.ts';
import { cscal, csexport } from '../../products/cs6.ts';
import { calendarsOf, type ListedCalendar, listAll, listOwned, problemOf } from '../shared/calendar-listing.ts';
import { orProblem, type Unreadable, unproved } from './migration-proof.ts';
import type { MigratedAccount, WantedOfHost } from './owners.ts';

/** What is to be done for one owner. */
export interface Removal {
  readonly owner: string;
  readonly account: MigratedAccount;
  readonly change: Change;
}

type Result = Omit<Outcome, 'change'>;

/** A removal whose end only the list of all calendars tells, and what was said about it. */
interface Undecided {
  readonly removal: Removal;
  readonly said: string;
}

/** Owners that are dealt with at once on a host. */
const atOnce = 4;

/** After how many owners the list of all calendars is read, where it has to decide. */
const batch = 50;

/** Takes the calendars of owners away, each for itself: what is not proved of one stops no other. */
export async function* removeAll(
  removals: readonly Removal[],
  wanted: Pick<WantedOfHost, 'host' | 'state'>,
  ports: WritePorts,
): AsyncIterable<Outcome> {
  for (let start = 0; start < removals.length; start += batch) {
    const undecided: Undecided[] = [];
    const some = untilStopped(removals.slice(start, start + batch), ports);
    for await (const result of inFlight(
      some,
      () => atOnce,
      removal => removeCalendars(removal, wanted, ports),
    )) {
      if ('said' in result) undecided.push(result);
      else yield result;
    }
    if (undecided.length > 0) yield* decideByAll(undecided, wanted.host, ports.host(wanted.host.name));
  }
}

/**
 * Takes the calendars of one owner away, and only when everything that makes this right is seen to be so now:
 *
 *   name is one ─> account is on CS7 ─> login denied ─> CS7 has its times ─> calendars as planned ─> copies ─> delete ─> gone?
 */
async function removeCalendars(
  removal: Removal,
  wanted: Pick<WantedOfHost, 'host' | 'state'>,
  ports: WritePorts,
): Promise<Outcome | Undecided> {
  const { owner, account, change } = removal;
  const { host } = wanted;
  const writer = ports.host(host.name);
  const problem = noName(owner) ?? (await unproved(owner, account, wanted, ports));
  if (problem !== undefined) return { change, ...failed(problem) };
  const planned = typeof change.before === 'string' ? [change.before] : (change.before ?? []);
  const moved = await unlike(planned, host, owner, writer);
  if (moved) return { change, ...moved };
  const exportTo = account.cohort.migrated?.exportTo;
  if (exportTo !== undefined) {
    const reason = await exportCalendars(host, planned, exportTo, writer);
    // A calendar that came while the others were copied would go without a copy.
    const late = reason === undefined ? await unlike(planned, host, owner, writer) : failed(reason);
    if (late) return { change, ...late };
  }
  return remove(removal, host, writer);
}

/** `cscal delete` without an owner has another meaning, and an owner that looks like an option too. */
function noName(owner: string): string | undefined {
  const usable = owner !== '' && !owner.startsWith('-') && !/\s/.test(owner) && printable(owner) === owner;
  return usable ? undefined : `"${owner}" cannot be passed to cscal as an owner: delete these calendars by hand.`;
}

async function unlike(
  planned: readonly string[],
  host: DesiredCs6Host,
  owner: string,
  writer: HostWriter,
): Promise<Result | undefined> {
  const found = await listOwned(host, owner, writer);
  if ('problem' in found) return failed(`cscal -o ${owner} list does not show the calendars: ${found.problem}`);
  const calids = found.calendars.map(({ calid }) => calid).toSorted();
  const same = calids.length === planned.length && planned.toSorted().every((calid, i) => calid === calids[i]);
  if (same && found.calendars.every(one => one.owner === owner)) return undefined;
  const detail = `${owner} owns other calendars than planned: ${calids.join(', ') || 'none'}. Plan again.`;
  return { state: 'conflict', detail: printable(detail) };
}

/**
 * With `-q` it neither asks nor says anything; whether it worked shows in what is left (6.3 Administration Guide, appendix
 * D). What is listed of an owner without calendars is documented nowhere: no calendar and a few words at most, with exit 0,
 * is none. Otherwise, and where the deletion failed and there are words, the list of all decides.
 */
async function remove(removal: Removal, host: DesiredCs6Host, writer: HostWriter): Promise<Outcome | Undecided> {
  const { owner, change } = removal;
  const said = problemOf(await writer.run(cscal(host, '-q', '-o', owner, 'delete')));
  const owned = await listOwned(host, owner, writer);
  if ('problem' in owned) return { removal, said: [said, owned.problem].filter(one => one !== undefined).join('\n') };
  if (owned.calendars.length > 0) return { change, ...leftOver(owner, owned.calendars, host, said) };
  return said !== undefined && owned.remarks > 0 ? { removal, said } : { change, state: 'done' };
}

/** An owner who is in no whole listing has no calendars. */
async function* decideByAll(
  undecided: readonly Undecided[],
  host: DesiredCs6Host,
  writer: HostWriter,
): AsyncIterable<Outcome> {
  const listing = await orProblem(() => listAll(host, writer));
  for (const { removal, said } of undecided) {
    const { owner, change } = removal;
    const left = 'problem' in listing ? [] : [...calendarsOf(listing)].filter(one => sameOwner(one.owner, owner));
    const doubt = 'problem' in listing ? listing.problem : listing.doubt;
    if (left.length > 0) yield { change, ...leftOver(owner, left, host, said) };
    else if (doubt === undefined) yield { change, state: 'done' };
    else
      yield {
        change,
        ...failed(
          `It is not known whether ${owner} still has calendars on ${host.name}: ${said}\nThe list of all calendars does not show it either: ${doubt}\nPlan again: the plan shows calendars that are left.`,
        ),
      };
  }
}

function leftOver(
  owner: string,
  left: readonly ListedCalendar[],
  { name }: DesiredCs6Host,
  said: string | undefined,
): Result {
  const calids = left.map(({ calid }) => calid).join(', ');
  return failed(
    `after cscal delete ${owner} still has ${calids}${said === undefined ? '' : `: ${said}`}\nCheck admin.log on ${name}, and apply again.`,
  );
}

function sameOwner(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Names and answers from outside are part of it. */
function failed(detail: string): Result {
  return { state: 'failed', detail: printable(detail) };
}

/** Longest name that is kept whole: file systems take 255 bytes. */
const longestName = 180;

/**
 * Writes a copy of each calendar into a folder of the host (`csexport`, 6.3 Administration Guide, appendix D) and reads it
 * back. Nothing that is there is overwritten: an earlier copy may be the only good one. Returns why it did not work.
 */
async function exportCalendars(
  host: DesiredCs6Host,
  calids: readonly string[],
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  for (const calid of calids) {
    const problem = await exportOne(host, calid, folder, writer);
    if (problem !== undefined)
      return `${calid} could not be exported to ${folder}: ${problem}\nFix this, and apply again.`;
  }
  return undefined;
}

async function exportOne(
  host: DesiredCs6Host,
  calid: string,
  folder: string,
  writer: HostWriter,
): Promise<string | undefined> {
  if (calid.startsWith('-')) return 'csexport would read its name as an option.';
  const path = await freePath(calid, folder, writer);
  if (typeof path !== 'string') return path.problem;
  const result = await writer.run({ ...csexport(host, '-c', calid, 'calendar', path), makes: path });
  const problem = problemOf(result);
  if (problem !== undefined) return `csexport: ${problem}`;
  const copies = await orProblem(() => writer.files([path]));
  if ('problem' in copies) return copies.problem;
  const [copy] = copies;
  if (!copy) return `csexport reported no failure, but ${path} does not exist.`;
  return isCalendar(copy.content) ? undefined : `${path} is not one complete VCALENDAR.`;
}

/** A name that nothing has yet: the calendar's, else with the time of the host. */
async function freePath(calid: string, folder: string, writer: HostWriter): Promise<string | Unreadable> {
  const stamp = new Date(await writer.clock()).toISOString().replace(/[-:]|\.\d+/g, '');
  const paths = [fileName(calid), `${fileName(calid)}.${stamp}`].map(name => posix.join(folder, `${name}.ics`));
  const there = await orProblem(() => writer.files(paths));
  if ('problem' in there) return there;
  const taken = new Set(there.map(({ asked }) => asked));
  return paths.find(path => !taken.has(path)) ?? { problem: 'the names for its copy already exist.' };
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
