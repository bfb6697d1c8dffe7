import { printable } from '../../core/printable.ts';
import type { FreeBusyAnswer, FreeBusyQuestion, FreeBusyReader } from '../../ports/free-busy.ts';
import { exchange, type HttpReply, NoAnswer } from './exchange.ts';
import { DEFAULT_LIMITS, type FreeBusyLimits } from './limits.ts';
import { type ParsedAnswer, parseAnswer } from './parse-answer.ts';

/** Numbers of X-NSCP-WCAP-ERRNO: no failure, and no such calendar (Calendar Server WCAP guide). */
const errno = { ok: 0, noCalendar: 29 } as const;

const day = 86_400_000;

/**
 * Asks over HTTP. Every question of one reader is about the same whole days, so that answers of two servers can be
 * compared. Whatever comes, or does not come, is an answer: it never throws.
 */
export function openFreeBusy(now: number, changes: Partial<FreeBusyLimits> = {}): FreeBusyReader {
  const limits = { ...DEFAULT_LIMITS, ...changes };
  const today = Math.floor(now / day) * day;
  const range = { start: today - limits.daysBack * day, end: today + limits.daysAhead * day };
  return {
    ask: async question => {
      try {
        return answerOf(await exchange(addressOf(question, range), limits));
      } catch (error) {
        return failed(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** WCAP `get_freebusy`; `noredirect` keeps CS6 to its own database (6.3 Administration Guide, appendix E). */
function addressOf({ http, side, mail }: FreeBusyQuestion, range: { readonly start: number; readonly end: number }) {
  const path = side === 'cs6' ? '/get_freebusy.wcap' : '/davserver/wcap/get_freebusy.wcap';
  const url = new URL(`${http.replace(/\/+$/, '')}${path}`);
  url.search = new URLSearchParams({
    calid: `mailto:${mail}`,
    dtstart: wcapTime(range.start),
    dtend: wcapTime(range.end),
    'fmt-out': 'text/calendar',
    ...(side === 'cs6' && { noredirect: '1' }),
  }).toString();
  return url;
}

function wcapTime(moment: number): string {
  return new Date(moment).toISOString().replace(/[-:]|\.\d+/g, '');
}

function answerOf(reply: HttpReply): FreeBusyAnswer {
  const { status, type, body } = reply;
  if (status >= 300 && status < 400) return referral(reply);
  if (status !== 200) return failed(`HTTP ${status}`);
  if (!isCalendarType(type)) return failed(`it answered with ${type} and no calendar`);
  return meaning(body);
}

function meaning(body: string): FreeBusyAnswer {
  const { errno: number, told, busy } = read(body);
  if (number === errno.noCalendar) return { state: 'nobody', detail: `errno ${number}: no such calendar there` };
  if (number !== undefined && number !== errno.ok) return failed(`errno ${number}`);
  return told ? { state: 'answered', busy } : failed('the answer has no free/busy times in it');
}

function read(body: string): ParsedAnswer {
  try {
    return parseAnswer(body);
  } catch (error) {
    throw new NoAnswer(`the answer cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * In which form CS6 returns its redirect URL is documented nowhere; a redirection is taken for it only where it leads to
 * free/busy again. Any other (to TLS, to a login page) says nothing about the calendar.
 */
function referral({ status, location = '' }: HttpReply): FreeBusyAnswer {
  const place = outside(location);
  if (/\/get_freebusy\.wcap(?:\?|$)/.test(location)) return { state: 'nobody', detail: `it refers to ${place}` };
  return failed(`HTTP ${status}, which leads to ${place === '' ? 'nowhere' : place} and not to free/busy times`);
}

/** Servers of that age name the type loosely; a page for people is no answer. */
function isCalendarType(type: string): boolean {
  const [name = ''] = type.toLowerCase().split(';');
  return ['', 'text/calendar', 'text/plain', 'application/octet-stream', 'application/ics'].includes(name.trim());
}

function failed(reason: string): FreeBusyAnswer {
  return { state: 'failed', detail: outside(reason) };
}

/** Text from outside, on one line and not longer than a person reads. */
function outside(text: string): string {
  const line = printable(text).replaceAll('\n', ' ');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
