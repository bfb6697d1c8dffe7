import { calendarCount } from './calendar-count.ts';

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
