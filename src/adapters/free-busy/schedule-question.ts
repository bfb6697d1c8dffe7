import type { BusyPeriod, ScheduleLookUp } from '../../ports/free-busy.ts';
import { calendarAddress } from './calendar-address.ts';
import type { HttpQuestion } from './exchange.ts';
import { ical } from './ical-library.ts';
import { NoAnswer } from './no-answer.ts';

/** What the time and the chance of a request are. */
export interface Stamp {
  /** DTSTAMP, milliseconds since 1970. */
  readonly now: number;
  readonly uid: string;
}

/**
 * A free/busy request as CS7 Update 1 sends it (the chapter's sample), with the headers that its draft of iSchedule asks for
 * and the sample lacks. Only ever a VFREEBUSY: nobody is invited. Throws NoAnswer when an address or the URL is none.
 */
export function scheduleQuestion(question: ScheduleLookUp, range: BusyPeriod, stamp: Stamp): HttpQuestion {
  const organizer = calendarAddress(question.organizer);
  const attendee = calendarAddress(question.attendee);
  if (!URL.canParse(question.url)) throw new NoAnswer('unreachable', `no URL of a server: ${question.url}`);
  return {
    method: 'POST',
    url: new URL(question.url),
    headers: {
      'Content-Type': 'text/calendar',
      'iSchedule-Version': '1.0',
      Originator: organizer,
      Recipient: attendee,
    },
    body: renderRequest(organizer, attendee, range, stamp),
    bodies: 'all',
  };
}

/** In the order of the sample. */
function renderRequest(organizer: string, attendee: string, range: BusyPeriod, { now, uid }: Stamp): string {
  const freeBusy = [
    ['dtstamp', {}, 'date-time', jcalTime(now)],
    ['organizer', {}, 'cal-address', organizer],
    ['dtstart', {}, 'date-time', jcalTime(range.start)],
    ['dtend', {}, 'date-time', jcalTime(range.end)],
    ['uid', {}, 'text', uid],
    ['attendee', {}, 'cal-address', attendee],
  ];
  const calendar = [
    ['version', {}, 'text', '2.0'],
    ['prodid', {}, 'text', '-//Sun Microsystems/Sun Calendar Server 7.0-0.13//EN'],
    ['method', {}, 'text', 'REQUEST'],
  ];
  return `${new ical.Component(['vcalendar', calendar, [['vfreebusy', freeBusy, []]]])}\r\n`;
}

/** A moment as RFC 7265 writes it. */
function jcalTime(moment: number): string {
  return new Date(moment).toISOString().replace(/\.\d+/, '');
}
