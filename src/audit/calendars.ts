import { foldValue } from '../accounts/account.ts';
import type { DesiredCs6Host } from '../core/desired.ts';
import type { TargetProblem } from '../core/finding.ts';
import { count } from '../core/units.ts';
import { calendarCount } from '../kinds/shared/calendar-listing.ts';
import { unexpected } from '../kinds/shared/service.ts';
import type { ReadPorts } from '../ports/ports.ts';
import { HashCollector, type HashSet } from './hash-list.ts';

/** What `cscal list` printed on a host, checked to be whole. Kept as it came: a calendar costs the bytes of its line. */
export interface CalendarListing {
  readonly host: string;
  readonly output: string;
  readonly calendars: number;
  /** Whether its last line says how many there are; without it only the exit of the command shows that none is missing. */
  readonly isCounted: boolean;
}

/** A calendar of CS6. */
interface ListedCalendar {
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
function* calendarsOf({ output }: CalendarListing): Iterable<ListedCalendar> {
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

/** A calendar and the first host that lists it. */
export interface PlacedCalendar extends ListedCalendar {
  readonly host: string;
}

/**
 * Whose calendars there are on CS6. Two calendars that several hosts list alike are one. Besides the listings themselves it
 * keeps 8 bytes for each owner, for each default calendar with another name, and for each calendar.
 */
export class Calendars {
  readonly #listings: readonly CalendarListing[];
  readonly #whole: boolean;
  readonly #names: HashSet;
  readonly #each: HashSet;
  /** How many accounts have each name, counted up to two. */
  readonly #claims: Uint8Array;

  /** `whole`: every host that may have calendars has been read. */
  constructor(listings: readonly CalendarListing[], whole: boolean) {
    this.#listings = listings;
    this.#whole = whole;
    const names = new HashCollector();
    const each = new HashCollector();
    for (const listing of listings)
      for (const calendar of calendarsOf(listing)) {
        for (const name of namesOf(calendar)) names.add(name);
        each.add(keyOf(calendar));
      }
    this.#names = names.unique();
    this.#each = each.unique();
    this.#claims = new Uint8Array(this.#names.size);
  }

  /** Whether an account with these names has a calendar. */
  has(names: readonly string[]): boolean | 'unknown' {
    return names.some(name => this.#names.has(name)) || (this.#whole ? false : 'unknown');
  }

  /** Says that there is an account with these names; to be said once of each. */
  claim(names: readonly string[]): void {
    for (const name of names) {
      const at = this.#names.indexOf(name);
      if (at >= 0) this.#claims[at] = Math.min(2, (this.#claims[at] ?? 0) + 1);
    }
  }

  /** Whether several accounts have claimed the calendars of this name. */
  isShared(name: string): boolean {
    return this.#claims[this.#names.indexOf(name)] === 2;
  }

  get anyShared(): boolean {
    return this.#claims.includes(2);
  }

  /** Those whose owner no account has claimed, and those without an owner. */
  *strays(): Iterable<PlacedCalendar> {
    const seen = new Uint8Array(this.#each.size);
    for (const listing of this.#listings)
      for (const calendar of calendarsOf(listing)) {
        const at = this.#each.indexOf(keyOf(calendar));
        if (seen[at] === 1) continue;
        seen[at] = 1;
        if (calendar.owner === undefined || !this.#isClaimed(calendar.owner)) yield { ...calendar, host: listing.host };
      }
  }

  #isClaimed(owner: string): boolean {
    return (this.#claims[this.#names.indexOf(foldValue(owner))] ?? 0) > 0;
  }
}

/** The owner, and the id of the default calendar, by which CS6 finds it too: that of a room is often owned by a person. */
function namesOf({ calid, owner }: ListedCalendar): readonly string[] {
  const [user = ''] = calid.split(':');
  return [foldValue(user), ...(owner === undefined ? [] : [foldValue(owner)])];
}

function keyOf({ calid, owner }: ListedCalendar): string {
  return `${calid}\n${owner ?? ''}`;
}
