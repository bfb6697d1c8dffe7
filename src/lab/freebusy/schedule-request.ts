import { type Component, firstOf, readCalendar, renderCalendar, valuesOf } from './icalendar.ts';
import { isPeriod, type Period } from './period.ts';

/** What an iSchedule request asks: when somebody is busy, or whether they come. */
export interface ScheduleRequest {
  readonly kind: 'VFREEBUSY' | 'VEVENT';
  readonly uid: string;
  /** Calendar addresses: `mailto:…`. */
  readonly organizer: string;
  readonly attendees: readonly string[];
  readonly range: Period;
}

/** The request in the form of the sample of chapter 10, "About the Calendar Server 7 Configuration". */
export function renderScheduleRequest(request: ScheduleRequest, stamp: string): string {
  return renderCalendar([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sun Microsystems/Sun Calendar Server 7.0-0.13//EN',
    'METHOD:REQUEST',
    `BEGIN:${request.kind}`,
    `DTSTAMP:${stamp}`,
    `ORGANIZER:${request.organizer}`,
    `DTSTART:${request.range.start}`,
    `DTEND:${request.range.end}`,
    `UID:${request.uid}`,
    ...request.attendees.map(attendee => `ATTENDEE:${attendee}`),
    `END:${request.kind}`,
    'END:VCALENDAR',
  ]);
}

/** Reads a request. Throws when it is none. */
export function readScheduleRequest(body: string): ScheduleRequest {
  const calendar = readCalendar(body);
  if (firstOf(calendar, 'METHOD')?.toUpperCase() !== 'REQUEST') throw new Error('METHOD is not REQUEST');
  const [part, ...more] = calendar.parts.filter(one => one.name !== 'VTIMEZONE');
  if (part === undefined || more.length > 0 || !isKind(part.name)) throw new Error('not one VFREEBUSY or VEVENT');
  const range = { start: needed(part, 'DTSTART'), end: needed(part, 'DTEND') };
  if (!isPeriod(range)) throw new Error('DTSTART and DTEND are no period in UTC');
  const attendees = valuesOf(part, 'ATTENDEE');
  if (attendees.length === 0) throw new Error('ATTENDEE is missing');
  return { kind: part.name, uid: needed(part, 'UID'), organizer: needed(part, 'ORGANIZER'), attendees, range };
}

/** The mail address of a calendar address; nothing when it is of another scheme. */
export function mailOf(address: string): string | undefined {
  return /^mailto:(.+@.+)$/i.exec(address.trim())?.[1];
}

function isKind(name: string): name is ScheduleRequest['kind'] {
  return name === 'VFREEBUSY' || name === 'VEVENT';
}

function needed(component: Component, name: string): string {
  const value = firstOf(component, name);
  if (value === undefined || value === '') throw new Error(`${name} is missing`);
  return value;
}
