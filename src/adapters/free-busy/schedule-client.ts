import type { BusyPeriod, LookUpAnswer, ScheduleLookUp } from '../../ports/free-busy.ts';
import { type FreeBusyLimits, type HttpQuestion, type HttpReply, NoAnswer, readable } from './http-exchange.ts';
import { calendarAddress, ical, isAddressOf, parseAnswer } from './parse-answer.ts';
import { followTrail, readTimes } from './referral.ts';
import { timesOf } from './wcap-client.ts';
import { parseXml, type XmlElement } from './xml-tree.ts';

/** What an iSchedule server says of one recipient; what is missing was missing. */
interface RecipientAnswer {
  readonly recipient?: string;
  /** `2.0;Success`. */
  readonly status?: string;
  /** An iCalendar text. */
  readonly calendar?: string;
}

/** The body of an iSchedule answer: one answer for each recipient, or why the whole request is refused. */
type ScheduleAnswer =
  | { readonly form: 'responses'; readonly responses: readonly RecipientAnswer[] }
  /** `name` is that of an element such as version-not-supported. */
  | { readonly form: 'error'; readonly name: string; readonly description?: string };

/** In the first draft, and in those after it. */
const descriptions = ['responsedescription', 'response-description'];

/** Reads the body of an answer of any draft. Throws with a reason when it is none. */
export function parseScheduleAnswer(text: string): ScheduleAnswer {
  const root = parseXml(text);
  if (root.name === 'error') return errorOf(root);
  if (root.name !== 'schedule-response')
    throw new Error(`its root is ${root.name.slice(0, 40)}, not schedule-response`);
  return { form: 'responses', responses: root.children.filter(({ name }) => name === 'response').map(responseOf) };
}

function errorOf({ children, text }: XmlElement): ScheduleAnswer {
  const described = children.find(({ name }) => descriptions.includes(name))?.text ?? text;
  const named = children.find(({ name }) => !descriptions.includes(name))?.name ?? 'error';
  return { form: 'error', name: named, ...(described !== '' && { description: described }) };
}

/** The DTD of the first draft has the recipient in an `href`, its examples have it as text. */
function responseOf({ children }: XmlElement): RecipientAnswer {
  const part = (name: string): XmlElement | undefined => children.find(one => one.name === name);
  const recipient = part('recipient')?.children.find(({ name }) => name === 'href') ?? part('recipient');
  const [status, calendar] = [part('request-status'), part('calendar-data')];
  return {
    ...(recipient && recipient.text !== '' && { recipient: recipient.text }),
    ...(status && status.text !== '' && { status: status.text }),
    ...(calendar && calendar.text !== '' && { calendar: calendar.text }),
  };
}

/** What the time and the chance of a request are. */
interface Stamp {
  /** DTSTAMP, milliseconds since 1970. */
  readonly now: number;
  readonly uid: string;
}

/**
 * A free/busy request as CS7 Update 1 sends it (the chapter's sample), with the headers that its draft of iSchedule asks for
 * and the sample lacks. Only ever a VFREEBUSY: nobody is invited. Throws NoAnswer when an address or the URL is none.
 */
function scheduleQuestion(question: ScheduleLookUp, range: BusyPeriod, stamp: Stamp): HttpQuestion {
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

/** As FreeBusyReader has it: what CS7 does for a user of CS6. */
export function schedule(
  question: ScheduleLookUp,
  range: BusyPeriod,
  stamp: Stamp,
  limits: FreeBusyLimits,
): Promise<LookUpAnswer> {
  return followTrail(limits, async hop =>
    hop(scheduleQuestion(question, range, stamp), reply => readTimes(timesFor(question.attendee, reply))),
  );
}

function timesFor(attendee: string, reply: HttpReply): readonly BusyPeriod[] {
  const answer = reply.status === 200 ? readAnswer(reply) : readRefusal(reply);
  if (answer.form === 'error') throw refused(reply.status, answer);
  const { status, calendar } = answerFor(attendee, answer.responses);
  const [number] = /^\d+(?:\.\d+)*/.exec(status ?? '') ?? [];
  // Some leave the status out, or empty, of what is an answer (so Cyrus says of others).
  if (status !== undefined && !number?.startsWith('2'))
    throw new NoAnswer('schedule-status', `request-status ${status}`, number);
  if (calendar === undefined) throw new NoAnswer('unreadable', 'the answer has no free/busy times in it');
  return timesOf(readable(() => parseAnswer(calendar)));
}

function readAnswer({ type, body }: HttpReply): ScheduleAnswer {
  if (!isXmlType(type)) throw new NoAnswer('wrong-type', `it answered with ${type} and no schedule-response`);
  return readable(() => parseScheduleAnswer(body));
}

/** The body of a refusal says why in an element of its own, where it is of iSchedule at all. */
function readRefusal({ status, location, body }: HttpReply): ScheduleAnswer {
  if (status >= 300 && status < 400 && location !== undefined)
    throw new NoAnswer('led-astray', `HTTP ${status} to ${location}, which is not followed`, String(status));
  try {
    const answer = parseScheduleAnswer(body);
    if (answer.form === 'error') return answer;
  } catch {
    // A page for people, or nothing: the status is all there is.
  }
  throw new NoAnswer('http-status', `HTTP ${status}`, String(status));
}

function refused(status: number, { name, description }: ScheduleAnswer & { readonly form: 'error' }): NoAnswer {
  const why = description === undefined ? '' : ` (${description})`;
  return new NoAnswer('schedule-status', `HTTP ${status}: ${name}${why}`, name);
}

function answerFor(attendee: string, responses: readonly RecipientAnswer[]): RecipientAnswer {
  const own = responses.find(({ recipient }) => recipient !== undefined && isAddressOf(attendee, recipient));
  const [only, another] = responses;
  if (own) return own;
  if (only && !another && only.recipient === undefined) return only;
  const told = only?.recipient === undefined ? 'nobody' : only.recipient;
  throw new NoAnswer('unreadable', `the answer tells of ${told} and not of ${attendee}`);
}

/** A page for people is no answer. */
function isXmlType(type: string): boolean {
  const [name = ''] = type.toLowerCase().split(';');
  return ['', 'text/xml', 'application/xml', 'text/plain', 'application/octet-stream'].includes(name.trim());
}
