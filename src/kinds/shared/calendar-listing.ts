import type { DesiredCs6Host } from '../../core/desired.ts';
import { TargetProblem } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import { finding } from '../../findings/catalogue.ts';
import type { BusyPeriod } from '../../ports/free-busy.ts';
import type { CommandResult, HostReader } from '../../ports/host.ts';
import { cscal } from '../../products/cs6.ts';
import { excerpt, unexpected } from './service.ts';

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

/** Every calendar of a host. Throws TargetProblem unless the listing is whole and all of it is understood. */
export async function listAll(host: DesiredCs6Host, reader: HostReader): Promise<readonly ListedCalendar[]> {
  const result = await reader.query(cscal(host, 'list'));
  if (result.state === 'absent') throw unexpected(host.name, `cscal in ${host.sbin.join(' or ')}`, result);
  if (result.code !== 0) throw unexpected(host.name, './cscal list', result);
  const listing = parseListing(result.output);
  if ('problem' in listing) throw notAListing(host.name, listing.problem, result.output);
  return listing.calendars;
}

/** The calendars that `cscal` itself takes for those of an owner: the ones that a delete would take away. */
export async function listOwned(
  host: DesiredCs6Host,
  owner: string,
  reader: HostReader,
): Promise<readonly ListedCalendar[] | { readonly problem: string }> {
  const result = await reader.query(cscal(host, '-o', owner, 'list'));
  if (result.state === 'absent' || result.code !== 0) return { problem: problemOf(result) ?? 'it did not end well' };
  const listing = parseListing(result.output);
  return 'problem' in listing ? listing : listing.calendars;
}

/** Why a command did not do what it was asked for, as far as its exit says. */
export function problemOf(result: CommandResult): string | undefined {
  if (result.state === 'absent') return 'the command was not found';
  return result.code === 0 ? undefined : `it ended with ${result.code} and printed:\n${excerpt(result.output)}`;
}

function notAListing(host: string, problem: string, output: string): TargetProblem {
  return new TargetProblem(
    finding('calendars.listing-unclear', {
      detail: `${host}: ./cscal list: ${printable(problem)}\n${excerpt(output)}\nWhat is to be deleted is never guessed, and nothing was. Run the command there by hand and compare.`,
      target: host,
    }),
  );
}

/**
 * The number in the last line of `cscal list`, such as `12 calendar(s)`. Nobody documents whether there is one and how it
 * reads, so any line with the word and one number will do.
 */
export function calendarCount(line: string): number | undefined {
  const numbers = line.match(/\d+/g) ?? [];
  return /calendar/i.test(line) && !/[:=]\S/.test(line) && numbers.length === 1 ? Number(numbers[0]) : undefined;
}

/** A calendar as `cscal list` prints it. */
export interface ListedCalendar {
  /** `userid[@domain][:calendar-name]` (6.3 Administration Guide, chapter 15); the name may hold blanks. */
  readonly calid: string;
  /** The primary owner, exactly as printed; empty where there is none. */
  readonly owner: string;
  readonly status: string;
}

/** A whole listing: each line with something on it is a calendar, the count, or one of the others. */
export interface Listing {
  readonly calendars: readonly ListedCalendar[];
  /** Lines that are no calendars, such as a banner. */
  readonly others: readonly string[];
  /** The last line. */
  readonly count: string;
}

/**
 * The form of a line that a public site's export script is known to read: `calid: owner=… status=…`. A calid has one colon
 * at most, and neither owner nor status have `=` in them: a calendar's name could otherwise pretend to an owner. The script
 * takes an owner to have no blanks; a uid may have some.
 */
const calendarLine = /^([^\s:][^:]*(?::[^:]*)?):[ \t]+owner=([^=]*?)[ \t]+status=([^:=]*)$/;

/** What has one of the two words of such a line is meant to be one. */
const almostCalendar = /\bowner=|\bstatus=/;

/**
 * Reads what `cscal list` printed. The last line must count the calendars, and count right: without it a listing that
 * broke off would pass for a whole one.
 */
export function parseListing(output: string): Listing | { readonly problem: string } {
  const lines = output.split(/\r?\n/).filter(line => line.trim() !== '');
  const count = lines.pop() ?? '';
  const calendars: ListedCalendar[] = [];
  const others: string[] = [];
  for (const line of lines) {
    const calendar = parseLine(line);
    if (calendar) calendars.push(calendar);
    else if (almostCalendar.test(line)) return { problem: `a line that is not understood: ${line}` };
    else others.push(line);
  }
  const counted = calendarCount(count);
  if (counted === undefined) return { problem: 'it does not end with the number of calendars' };
  if (counted !== calendars.length) return { problem: `calendars listed: ${calendars.length}, counted: ${counted}` };
  return { calendars, others, count };
}

function parseLine(line: string): ListedCalendar | undefined {
  const [, calid, owner, status] = calendarLine.exec(line) ?? [];
  return calid === undefined || owner === undefined || status === undefined || almostCalendar.test(calid)
    ? undefined
    : { calid, owner, status: status.trim() };
}
