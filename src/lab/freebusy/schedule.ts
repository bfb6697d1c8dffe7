import {
  type Component,
  firstOf,
  isPeriod,
  type Period,
  readCalendar,
  readPeriods,
  renderCalendar,
  renderPeriod,
  valuesOf,
} from './icalendar.ts';
import { element, innerXml, xmlText } from './wcap.ts';

/** What an iSchedule server says about one recipient. */
export interface RecipientResponse {
  readonly recipient: string;
  /** `2.0;Success`. */
  readonly status: string;
  /** An iCalendar text. */
  readonly calendarData?: string;
}

const NAMESPACE = 'urn:ietf:params:xml:ns:ischedule';

/** The body of an answer, in the form of the first draft of iSchedule (November 2009). */
export function renderScheduleResponse(responses: readonly RecipientResponse[]): string {
  const rows = responses.flatMap(({ recipient, status, calendarData }) => [
    '<response>',
    element('recipient', recipient),
    element('request-status', status),
    ...(calendarData === undefined ? [] : [element('calendar-data', calendarData)]),
    '</response>',
  ]);
  return [
    '<?xml version="1.0" encoding="utf-8" ?>',
    `<schedule-response xmlns="${NAMESPACE}">`,
    ...rows,
    '</schedule-response>',
    '',
  ].join('\n');
}

/** The body of a refusal of the whole request. */
export function renderScheduleError(condition: string, detail: string): string {
  return [
    '<?xml version="1.0" encoding="utf-8" ?>',
    `<error xmlns="${NAMESPACE}">`,
    `<${condition}/>`,
    element('responsedescription', detail),
    '</error>',
    '',
  ].join('\n');
}

/** Reads the body of an answer; the recipient may be text or an `href`. Throws when it is none. */
export function readScheduleResponse(xml: string): readonly RecipientResponse[] {
  const [root] = innerXml(xml, 'schedule-response');
  if (root === undefined) throw new Error('not a schedule-response');
  return innerXml(root, 'response').map(response => {
    const [recipient = '', status = '', data] = ['recipient', 'request-status', 'calendar-data'].map(name =>
      innerXml(response, name).map(xmlText).at(0),
    );
    return { recipient, status, ...(data === undefined ? {} : { calendarData: data }) };
  });
}

/** The answer's calendar data: when the attendee is busy. */
export function renderFreeBusyReply(
  request: ScheduleRequest,
  attendee: string,
  busy: readonly Period[],
  stamp: string,
): string {
  return renderCalendar([
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Sun Microsystems/Sun Java System Calendar Server 6.3//EN',
    'METHOD:REPLY',
    'BEGIN:VFREEBUSY',
    `DTSTAMP:${stamp}`,
    `ORGANIZER:${request.organizer}`,
    `DTSTART:${request.range.start}`,
    `DTEND:${request.range.end}`,
    `UID:${request.uid}`,
    `ATTENDEE:${attendee}`,
    ...busy.map(period => `FREEBUSY;FBTYPE=BUSY:${renderPeriod(period)}`),
    'END:VFREEBUSY',
    'END:VCALENDAR',
  ]);
}

/** Reads such calendar data. Throws when it is none. */
export function readFreeBusyReply(calendarData: string): readonly Period[] {
  const found = readCalendar(calendarData).parts.find(part => part.name === 'VFREEBUSY');
  if (found === undefined) throw new Error('no VFREEBUSY in the calendar data');
  return valuesOf(found, 'FREEBUSY').flatMap(readPeriods);
}

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
