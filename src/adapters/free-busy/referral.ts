import type { BusyPeriod } from '../../ports/free-busy.ts';
import type { HttpReply } from './exchange.ts';
import { NoAnswer } from './no-answer.ts';
import { readWcapAnswer, timesOf } from './parse-wcap.ts';
import { placeOf } from './trail.ts';

/**
 * The times that get_freebusy tells, or the URL that it refers to instead. In which form CS6 returns its redirect URL is
 * documented nowhere, so each is taken: a redirection of HTTP, or a URL of free/busy in an answer that tells no times of its
 * own. Throws NoAnswer.
 */
export function readTimesOrReferral(reply: HttpReply): readonly BusyPeriod[] | string {
  const { status, location, body } = reply;
  if ([301, 302, 303, 307, 308].includes(status) && location !== undefined) return location;
  try {
    const busy = timesOf(readWcapAnswer(reply));
    // A VFREEBUSY may have a URL of its own (RFC 5545, 3.6.4): only what calls itself a redirect is one.
    const redirect = busy.length > 0 ? undefined : urlIn(linesOf(body).filter(line => /redirect/i.test(line)));
    return redirect ?? busy;
  } catch (error) {
    const redirect = status === 200 ? urlIn(linesOf(body)) : undefined;
    if (redirect === undefined) throw error;
    return redirect;
  }
}

/**
 * The URL that a referral leads to, with what it leaves out of the question. Throws NoAnswer unless it is the place that is
 * configured: a server that could send its asker anywhere could have any other server asked.
 */
export function resolveReferral(to: string, from: URL, configured: string | undefined, query: URLSearchParams): URL {
  const place = URL.canParse(to, from.href) ? new URL(to, from) : undefined;
  if (place === undefined || !isSamePlace(place, configured)) {
    const meant = configured === undefined ? 'and none is configured' : `and not to ${configured}`;
    throw new NoAnswer('led-astray', `it refers to ${sayReferral(to, from)}, ${meant}: not followed`);
  }
  for (const [name, value] of query) if (!place.searchParams.has(name)) place.searchParams.set(name, value);
  place.searchParams.delete('noredirect');
  return place;
}

/** A referral for people: without what is asked about, where it is a URL at all. */
export function sayReferral(to: string, from: URL): string {
  return URL.canParse(to, from.href) ? placeOf(new URL(to, from)) : to;
}

function isSamePlace(place: URL, configured: string | undefined): boolean {
  if (configured === undefined || !URL.canParse(configured)) return false;
  const wanted = new URL(configured);
  const parts = ['protocol', 'username', 'password', 'host', 'pathname'] as const;
  return parts.every(part => place[part] === wanted[part]);
}

/** Unfolded, as iCalendar has it; XML and HTML may stand on one line as a whole, so their tags begin lines too. */
function linesOf(body: string): readonly string[] {
  return body.replace(/\r?\n[ \t]/g, '').split(/[\r\n]+|(?=<[^/])/);
}

function urlIn(lines: readonly string[]): string | undefined {
  return lines
    .flatMap(line => line.match(/https?:\/\/[^\s"'<>]+/gi) ?? [])
    .map(url => url.replaceAll('&amp;', '&'))
    .find(url => URL.canParse(url) && new URL(url).pathname.endsWith('/get_freebusy.wcap'));
}
