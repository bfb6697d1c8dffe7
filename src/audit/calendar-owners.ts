import { count } from '../core/count.ts';
import type { DesiredCs6Host } from '../core/desired.ts';
import type { TargetProblem } from '../core/finding.ts';
import { calendarCount } from '../kinds/shared/calendar-count.ts';
import { unexpected } from '../kinds/shared/service.ts';
import type { ReadPorts } from '../ports/ports.ts';

/** What `cscal list` printed on a host, checked to be whole. Kept as it came: a calendar costs the bytes of its line. */
export interface CalendarListing {
  readonly host: string;
  readonly output: string;
  readonly calendars: number;
  /** Whether its last line says how many there are; without it only the exit of the command shows that none is missing. */
  readonly isCounted: boolean;
}

/** A calendar of CS6. */
export interface ListedCalendar {
  /** `userid[@domain][:calendar-name]` (Calendar Server 6.3 Administration Guide, chapter 15). */
  readonly calid: string;
  /** `uid` or `uid@domain`; absent where it has none, which does occur. */
  readonly owner?: string;
}

const command = './cscal list';

/**
 * All calendars of a CS6 host. Throws TargetProblem unless the listing is whole and understood: from a shorter one accounts
 * would seem to have no calendar.
 */
export async function readCalendars(host: DesiredCs6Host, ports: ReadPorts): Promise<CalendarListing> {
  const result = await ports.host(host.name).query({ words: ['./cscal', 'list'], directories: host.sbin });
  if (result.state !== 'ran' || result.code !== 0) throw unexpected(host.name, command, result);
  const { output } = result;
  if (output !== '' && !output.endsWith('\n')) throw notUnderstood(host.name, 'it breaks off', output.slice(-500));
  let calendars = 0;
  let last = '';
  for (const line of linesOf(output)) {
    if (parseLine(line)) calendars++;
    else if (/\bowner=|\bstatus=/.test(line)) throw notUnderstood(host.name, 'a line that is not understood', line);
    if (line.trim() !== '') last = line;
  }
  const said = calendarCount(last);
  if (said !== undefined && said !== calendars)
    throw notUnderstood(host.name, `${count(calendars, 'calendar')}, and it says`, last);
  return { host: host.name, output, calendars, isCounted: said !== undefined };
}

/** The calendars of a listing. */
export function* calendarsOf({ output }: CalendarListing): Iterable<ListedCalendar> {
  for (const line of linesOf(output)) {
    const calendar = parseLine(line);
    if (calendar) yield calendar;
  }
}

function* linesOf(output: string): Iterable<string> {
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf('\n', start);
    yield output.slice(start, end < 0 ? output.length : end);
    start = end < 0 ? output.length : end + 1;
  }
}

/**
 * `calid: owner=… status=…`. Users choose the names of calendars: what looks like an owner further to the left is part of
 * a name.
 */
function parseLine(line: string): ListedCalendar | undefined {
  const [, calid, owner] = /^([^:\s].*):\s+owner=(.*?)\s+status=\S[^=]*$/s.exec(line) ?? [];
  if (calid === undefined) return undefined;
  return { calid, ...(owner !== undefined && owner !== '' && { owner }) };
}

function notUnderstood(host: string, why: string, output: string): TargetProblem {
  return unexpected(host, `${command} (${why})`, { state: 'ran', code: 0, output });
}
