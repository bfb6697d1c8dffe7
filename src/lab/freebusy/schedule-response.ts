import { readCalendar, renderCalendar, valuesOf } from './icalendar.ts';
import { type Period, readPeriods, renderPeriod } from './period.ts';
import type { ScheduleRequest } from './schedule-request.ts';
import { element, innerXml, xmlText } from './xml.ts';

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
