import type { DesiredCs6Host } from '../../core/desired.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import { stated } from '../../core/next-command.ts';
import { count } from '../../core/units.ts';
import { finding } from '../../findings/catalogue.ts';
import type { BusyPeriod } from '../../ports/free-busy.ts';
import type { CommandResult, HostReader } from '../../ports/host.ts';
import { cscal } from '../../products/cs6.ts';
import { excerpt } from './service.ts';

/** The times of `all` that `others` together do not cover whole. */
export function uncovered(all: readonly BusyPeriod[], others: readonly BusyPeriod[]): readonly BusyPeriod[] {
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of others.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return all.filter(
    one => one.end > one.start && !merged.some(({ start, end }) => start <= one.start && one.end <= end),
  );
}

/** A calendar as `cscal list` prints it. */
export interface ListedCalendar {
  /** `userid[@domain][:calendar-name]` (6.3 Administration Guide, chapter 15); the name may hold blanks. */
  readonly calid: string;
  /** The primary owner, exactly as printed; empty where there is none. */
  readonly owner: string;
}

/**
 * What `cscal list` printed on a host, kept as it came: a calendar costs the bytes of its line. A calendar that it has is
 * there. Only where it is whole is a calendar that it does not have absent.
 */
export interface CalendarListing {
  readonly host: string;
  readonly output: string;
  /** How many of its lines are calendars. */
  readonly calendars: number;
  /** Why calendars may be missing from it, with what was printed; absent where it is whole. */
  readonly doubt?: string;
}

/**
 * What follows the calid in a line of the form that a public site's export script reads: `calid: owner=… status=…`. What
 * follows the status is not documented and may be anything. The script takes an owner to have no blanks; a uid may have some.
 */
const fields = /:[ \t]+owner=([^=:]*)[ \t]status=/g;

/** What has one of the words of such a line is meant to be one. */
const almostCalendar = /\bowner=|\bstatus=/;

/**
 * A line of a listing: a calendar, `unclear` where it looks like one and is not understood, or nothing. Users choose the
 * names of calendars: where a name has the fields too, nothing tells the owner in the name from the owner.
 */
function parseLine(line: string): ListedCalendar | 'unclear' | undefined {
  fields.lastIndex = 0;
  const found = fields.exec(line);
  if (!found) return almostCalendar.test(line) ? 'unclear' : undefined;
  // A second match would begin where the first ended.
  if (fields.test(line) || !/^[^\s:]/.test(line)) return 'unclear';
  return { calid: line.slice(0, found.index), owner: (found[1] ?? '').trim() };
}

/**
 * The number in the last line of a listing, such as `12 calendar(s)`. Nobody documents whether there is one and how it
 * reads, so any line with the word and one number will do, but for the name of the product.
 */
function calendarCount(line: string): number | undefined {
  const numbers = line.match(/\d+/g) ?? [];
  const isCount = /calendar/i.test(line) && !/calendar server|[:=]\S/i.test(line);
  return isCount && numbers.length === 1 ? Number(numbers[0]) : undefined;
}

function* linesOf(output: string): Iterable<string> {
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf('\n', start);
    const line = output.slice(start, end < 0 ? output.length : end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    start = end < 0 ? output.length : end + 1;
  }
}

/** The calendars of a listing, read line by line. */
export function* calendarsOf({ output }: Pick<CalendarListing, 'output'>): Iterable<ListedCalendar> {
  for (const line of linesOf(output)) {
    const calendar = parseLine(line);
    if (typeof calendar === 'object') yield calendar;
  }
}

/** How many lines a finding shows. */
const shown = 5;

/** What a listing's lines are, counted. */
interface Summary {
  readonly calendars: number;
  readonly unclear: number;
  /** The first of those that are unclear. */
  readonly examples: readonly string[];
  /** Lines with something on them that are no calendars, such as a banner. */
  readonly others: number;
  /** What the last line says. */
  readonly counted: number | undefined;
}

function sumUp(output: string): Summary {
  const sum = { calendars: 0, unclear: 0, others: 0 };
  const examples: string[] = [];
  let last = '';
  for (const line of linesOf(output)) {
    const parsed = parseLine(line);
    if (line.trim() === '') continue;
    last = line;
    if (parsed === 'unclear') {
      sum.unclear++;
      if (examples.length < shown) examples.push(line);
    } else sum[parsed ? 'calendars' : 'others']++;
  }
  return { ...sum, examples, counted: parseLine(last) ? undefined : calendarCount(last) };
}

/** As many lines may stand in place of calendars to say that there are none. */
const mostRemarks = 3;

/** Why a calendar may be missing from what was printed; nothing where only a second reading can tell. */
function doubtOf(output: string, { calendars, unclear, examples, others, counted }: Summary): string | undefined {
  if (unclear > 0)
    return `${count(unclear, 'line')} of it cannot be read as a calendar:\n${excerpt(examples.join('\n'))}`;
  if (counted !== undefined)
    return counted === calendars
      ? undefined
      : `it lists ${count(calendars, 'calendar')}, but its own count is ${counted}.`;
  if (output !== '' && !output.endsWith('\n')) return `it breaks off:\n${excerpt(output.slice(-200))}`;
  if (calendars === 0 && others > mostRemarks)
    return `none of its ${count(others, 'line')} is a calendar:\n${excerpt(output)}`;
  return undefined;
}

/** How often a host is asked that does not count its calendars. */
const mostReadings = 3;

/**
 * Every calendar of a host. It is whole where its last line counts the calendars and counts right, or where two readings
 * one after the other list the same: no document says that there is a count. Throws TargetProblem where `cscal` is missing
 * or failed; it ends with 0 only where it worked (6.3 Administration Guide, appendix D).
 */
export async function listAll(host: DesiredCs6Host, reader: HostReader): Promise<CalendarListing> {
  let last = await listOnce(host, reader);
  for (let readings = 1; !last.isSettled && readings < mostReadings; readings++) {
    const next = await listOnce(host, reader);
    if (!next.isSettled && haveSameCalendars(last.listing, next.listing)) return next.listing;
    last = next;
  }
  return last.isSettled ? last.listing : { ...last.listing, doubt: 'it lists other calendars each time it is run.' };
}

/** One reading; it is settled where no other can tell more. */
async function listOnce(host: DesiredCs6Host, reader: HostReader) {
  const result = await reader.query(cscal(host, 'list'));
  if (result.state === 'absent') throw noListing(host, noCommand(host));
  if (result.code !== 0) throw noListing(host, `./cscal list: ${problemOf(result)}\nIts errors are in admin.log.`);
  const { output } = result;
  const summary = sumUp(output);
  const doubt = doubtOf(output, summary);
  const listing: CalendarListing = {
    ...{ host: host.name, output, calendars: summary.calendars },
    ...(doubt !== undefined && { doubt }),
  };
  return { listing, isSettled: doubt !== undefined || summary.counted !== undefined };
}

function haveSameCalendars(one: CalendarListing, other: CalendarListing): boolean {
  if (one.output === other.output) return true;
  if (one.calendars !== other.calendars) return false;
  const others = calendarsOf(other)[Symbol.iterator]();
  for (const { calid, owner } of calendarsOf(one)) {
    const { value } = others.next();
    if (value?.calid !== calid || value?.owner !== owner) return false;
  }
  return true;
}

/** What `cscal` lists of one owner, and how many lines of it say something else. */
interface OwnedListing {
  readonly calendars: readonly ListedCalendar[];
  readonly remarks: number;
}

/**
 * The calendars that `cscal` itself takes for those of an owner: the ones that a delete would take away. Whether its last
 * line counts them, or all there are, is not documented, so no count is asked for.
 */
export async function listOwned(
  host: DesiredCs6Host,
  owner: string,
  reader: HostReader,
): Promise<OwnedListing | { readonly problem: string }> {
  const result = await reader.query(cscal(host, '-o', owner, 'list'));
  if (result.state === 'absent' || result.code !== 0) return { problem: problemOf(result) ?? 'it failed' };
  const { output } = result;
  const { calendars, unclear, examples, others, counted } = sumUp(output);
  if (unclear > 0) return { problem: `a line cannot be read as a calendar:\n${excerpt(examples.join('\n'))}` };
  const remarks = counted === 0 ? 0 : others;
  if (calendars === 0 && remarks > mostRemarks) return { problem: `no line is a calendar:\n${excerpt(output)}` };
  return { calendars: [...calendarsOf({ output })], remarks };
}

/** Why a command did not do what it was asked for, as far as its exit says. */
export function problemOf(result: CommandResult): string | undefined {
  if (result.state === 'absent') return 'the command was not found';
  return result.code === 0 ? undefined : `it exited with ${result.code} and printed:\n${excerpt(result.output)}`;
}

/** What is to be said of a listing that is not whole. */
export function doubtfulListing({ host, doubt }: CalendarListing): readonly Finding[] {
  if (doubt === undefined) return [];
  const detail = `${host}: ./cscal list exited with 0, but ${doubt}\n${whatCounts}`;
  return [finding('calendars.listing-unclear', { detail, target: host })];
}

const whatCounts =
  'The listed calendars count. It is not known whether others exist: no other calendar is deleted, and no account counts as having no calendar. Run ./cscal list there. If it prints a calendar in an odd way, rename the calendar or delete it by its id.';

function noListing({ name }: DesiredCs6Host, why: string): TargetProblem {
  const detail = `${name}: ${why}\nNone of its calendars is deleted, and it is not known whether an account has one there.`;
  return new TargetProblem(finding('calendars.listing-unclear', { detail, target: name }));
}

function noCommand({ name, sbin }: DesiredCs6Host): string {
  const example = stated(['cs6', 'hosts', name, 'sbin'], sbin[0] ?? '/opt/SUNWics5/cal/sbin');
  return `there is no ./cscal in ${sbin.join(' or ')}. Set its folder:\n${example}`;
}
