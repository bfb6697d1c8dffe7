/** Days of the week, as the file names them, in order. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** A day of the week. */
export type Weekday = (typeof weekdays)[number];

/** Hours in which a host may be changed, as the clocks on the wall there show them. */
export interface ChangeWindow {
  /** The days it begins on. */
  readonly days: readonly Weekday[];
  /** HH:MM; a window whose `to` is before its `from` runs past midnight, and belongs to the day it began. */
  readonly from: string;
  /** HH:MM, exclusive; 24:00 is the end of the day. */
  readonly to: string;
  /** A name of the time zone database, such as Europe/Berlin. */
  readonly zone: string;
}

/** What a clock on the wall shows. */
interface WallTime {
  readonly date: string;
  readonly weekday: number;
  readonly minute: number;
}

const minute = 60_000;
const hour = 60 * minute;
const minutesOfDay = 24 * 60;

/** How far an opening is looked for: a week, and one more for a night in which the clocks jump over it. */
const hoursAhead = 15 * 24;

/** Whether the time zone database has this name. */
export function isZone(zone: string): boolean {
  try {
    return formatOf(zone) !== undefined;
  } catch {
    return false;
  }
}

/** Whether one of the windows is open at a time (ISO 8601). */
export function isOpen(windows: readonly ChangeWindow[], at: string): boolean {
  const time = Date.parse(at);
  return windows.some(window => isOpenAt(window, wallTime(time, offsetAt(time, window.zone))));
}

/** When the first of the windows opens that is not open at a time: the time there, in words. */
export function nextOpening(windows: readonly ChangeWindow[], at: string): string | undefined {
  const openings = windows.flatMap(window => {
    const time = openingOf(window, Date.parse(at));
    return time === undefined ? [] : [{ time, zone: window.zone }];
  });
  const [first] = openings.sort((a, b) => a.time - b.time);
  return first && localTime(first.time, first.zone);
}

/** A time as the clocks of a zone show it: `Sat 2026-12-05 22:00 in Europe/Berlin`. */
export function localTime(at: string | number, zone: string): string {
  const time = typeof at === 'number' ? at : Date.parse(at);
  const wall = wallTime(time, offsetAt(time, zone));
  const day = weekdays[wall.weekday] ?? '';
  return `${day.slice(0, 1).toUpperCase()}${day.slice(1)} ${wall.date} ${clock(wall.minute)} in ${zone}`;
}

/** A window as the file says it: `sat, sun 22:00-06:00 Europe/Berlin`. */
export function windowText({ days, from, to, zone }: ChangeWindow): string {
  return `${days.length === weekdays.length ? 'every day' : days.join(', ')} ${from}-${to} ${zone}`;
}

function isOpenAt({ days, from, to }: ChangeWindow, wall: WallTime): boolean {
  const [first, end] = [minutesOf(from), minutesOf(to)];
  const begins = (weekday: number) => days.some(day => weekdays.indexOf(day) === weekday);
  if (first < end) return begins(wall.weekday) && wall.minute >= first && wall.minute < end;
  const lateOn = begins(wall.weekday) && wall.minute >= first;
  return lateOn || (begins((wall.weekday + 6) % 7) && wall.minute < end);
}

/** The minute it opens in. The zone is asked once an hour only, unless its clocks are put forward or back in that hour. */
function openingOf(window: ChangeWindow, from: number): number | undefined {
  const begin = Math.ceil(from / minute) * minute;
  for (let start = begin; start < begin + hoursAhead * hour; start += hour) {
    const offset = offsetAt(start, window.zone);
    const steady = offset === offsetAt(start + hour, window.zone);
    for (let time = start; time < start + hour; time += minute) {
      if (isOpenAt(window, wallTime(time, steady ? offset : offsetAt(time, window.zone)))) return time;
    }
  }
  return undefined;
}

function wallTime(time: number, offset: number): WallTime {
  const shifted = new Date(time + offset);
  return {
    date: shifted.toISOString().slice(0, 'YYYY-MM-DD'.length),
    // JavaScript begins the week on Sunday.
    weekday: (shifted.getUTCDay() + 6) % 7,
    minute: shifted.getUTCHours() * 60 + shifted.getUTCMinutes(),
  };
}

/** Making one takes a hundred times as long as using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numeric = 'numeric';
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { ...fields, timeZone: zone, hourCycle: 'h23', calendar: 'iso8601' });
  formats.set(zone, made);
  return made;
}

/** How far the clocks of a zone are ahead of UTC, in milliseconds. */
function offsetAt(time: number, zone: string): number {
  const whole = Math.floor(time / 1000) * 1000;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const field = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const shown = Date.UTC(
    field('year'),
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  return shown - whole;
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

function clock(minutes: number): string {
  const rest = minutes % minutesOfDay;
  return [Math.floor(rest / 60), rest % 60].map(part => String(part).padStart(2, '0')).join(':');
}
