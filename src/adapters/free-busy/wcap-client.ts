import type { BusyPeriod, FreeBusyAnswer, FreeBusyQuestion } from '../../ports/free-busy.ts';
import { products } from '../../products/products.ts';
import {
  exchange,
  type FreeBusyLimits,
  type HttpQuestion,
  type HttpReply,
  NoAnswer,
  oneLine,
  readable,
} from './http-exchange.ts';
import { ical, type ParsedAnswer, parseAnswer, periodsOf } from './parse-answer.ts';
import { elementsOf, parseXml, type XmlElement } from './xml-tree.ts';

/** Numbers of X-NSCP-WCAP-ERRNO: no failure, and no such calendar (Calendar Server WCAP guide). */
const errno = { ok: 0, noCalendar: 29 } as const;

/** Reads what get_freebusy answered, in either of its two forms. Throws NoAnswer. */
export function readWcapAnswer({ status, type, body }: HttpReply): ParsedAnswer {
  if (status !== 200) throw new NoAnswer('http-status', `HTTP ${status}`, String(status));
  if (!isCalendarType(type)) throw new NoAnswer('wrong-type', `it answered with ${type} and no calendar`);
  return readable(() => (/^\s*</.test(body) ? parseXmlAnswer(body) : parseAnswer(body)));
}

/** The times of an answer. Throws NoAnswer: HTTP says 200 to failures as well, and the errno tells of them. */
export function timesOf({ errno: number, told, busy }: ParsedAnswer): readonly BusyPeriod[] {
  if (number === errno.noCalendar) throw new NoAnswer('errno', `errno ${number}: no such calendar there`, `${number}`);
  if (number !== undefined && number !== errno.ok) throw new NoAnswer('errno', `errno ${number}`, `${number}`);
  if (!told) throw new NoAnswer('unreadable', 'the answer has no free/busy times in it');
  return busy;
}

/** Servers of that age name the type loosely; a page for people is no answer. */
function isCalendarType(type: string): boolean {
  const [name = ''] = type.toLowerCase().split(';');
  return [
    '',
    'text/calendar',
    'text/xml',
    'application/xml',
    'text/plain',
    'application/octet-stream',
    'application/ics',
  ].includes(name.trim());
}

/** The form of `fmt-out=text/xml`: `<iCalendar><iCal><FREEBUSY><FB FBTYPE="BUSY">start/end</FB>`, and the errno beside it. */
function parseXmlAnswer(text: string): ParsedAnswer {
  const root = parseXml(text);
  if (root.name !== 'icalendar') throw new Error(`its root is ${root.name.slice(0, 40)} and not iCalendar`);
  const all = elementsOf(root);
  const numbers = all.filter(({ name }) => name === 'x-nscp-wcap-errno').map(errnoOf);
  const number = numbers.find(one => one !== errno.ok) ?? numbers[0];
  return {
    ...(number !== undefined && { errno: number }),
    told: all.some(({ name }) => ['freebusy', 'vfreebusy', 'fb'].includes(name)),
    busy: all.filter(({ name }) => name === 'fb').flatMap(periodsOfElement),
  };
}

function errnoOf({ text }: XmlElement): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new Error(`its errno is no number: ${text.slice(0, 40)}`);
  return Number(text);
}

/** Its text and its type are those of a FREEBUSY property, which is what reads them. */
function periodsOfElement({ attributes, text }: XmlElement): readonly BusyPeriod[] {
  const type = Object.entries(attributes).find(([name]) => name.toUpperCase() === 'FBTYPE')?.[1] ?? 'BUSY';
  if (!/^[A-Z-]+$/i.test(type) || !/^[-+\dA-Z/,]+$/.test(text)) throw new Error('an FB that has no periods');
  return periodsOf(ical.Property.fromString(`FREEBUSY;FBTYPE=${type}:${text}`));
}

/** What get_freebusy is asked, as a query: whose times, and from when to when. */
export function wcapQuery(mail: string, range: BusyPeriod): URLSearchParams {
  return new URLSearchParams({
    calid: `mailto:${mail}`,
    dtstart: wcapTime(range.start),
    dtend: wcapTime(range.end),
    'fmt-out': 'text/calendar',
  });
}

/** The URL of get_freebusy at a front end. Throws NoAnswer when the front end is no URL. */
export function wcapUrl({ http, side }: FreeBusyQuestion, query: URLSearchParams): URL {
  const address = `${http.replace(/\/+$/, '')}${products[side].getFreeBusy}`;
  if (!URL.canParse(address)) throw new NoAnswer('unreachable', `no URL of a server: ${http}`);
  const url = new URL(address);
  url.search = query.toString();
  return url;
}

/** Asks for it. */
export function wcapQuestion(url: URL): HttpQuestion {
  return { method: 'GET', url, headers: { Accept: 'text/calendar' } };
}

function wcapTime(moment: number): string {
  return new Date(moment).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** As FreeBusyReader has it: one server's own database. */
export async function ask(
  question: FreeBusyQuestion,
  range: BusyPeriod,
  limits: FreeBusyLimits,
): Promise<FreeBusyAnswer> {
  try {
    const query = wcapQuery(question.mail, range);
    // It keeps CS6 to its own database (6.3 Administration Guide, appendix E).
    if (question.side === 'cs6') query.set('noredirect', '1');
    const reply = await exchange(wcapQuestion(wcapUrl(question, query)), limits);
    if (reply.status >= 300 && reply.status < 400) return referral(reply);
    return { state: 'answered', busy: timesOf(readWcapAnswer(reply)) };
  } catch (error) {
    const detail = oneLine(error instanceof Error ? error.message : String(error));
    const unknown = error instanceof NoAnswer && error.failure === 'errno' && error.code === `${errno.noCalendar}`;
    return { state: unknown ? 'nobody' : 'failed', detail };
  }
}

/**
 * In which form CS6 returns its redirect URL is documented nowhere; a redirection is taken for it only where it leads to
 * free/busy again. Any other (to TLS, to a login page) says nothing about the calendar.
 */
function referral({ status, location = '' }: HttpReply): FreeBusyAnswer {
  const place = oneLine(location);
  if (/\/get_freebusy\.wcap(?:\?|$)/.test(location)) return { state: 'nobody', detail: `it refers to ${place}` };
  const detail = `HTTP ${status}, which leads to ${place === '' ? 'nowhere' : place} and not to free/busy times`;
  return { state: 'failed', detail: oneLine(detail) };
}
