import { count } from '../../core/units.ts';
import type { BusyPeriod, Hop, LookUpAnswer } from '../../ports/free-busy.ts';
import {
  exchange,
  type FreeBusyLimits,
  type HttpQuestion,
  type HttpReply,
  NoAnswer,
  oneLine,
} from './http-exchange.ts';
import { readWcapAnswer, timesOf } from './wcap-client.ts';

/** What was made of a reply, and how it is said of its hop. */
export interface Reading<T> {
  readonly came: string;
  readonly value: T;
}

/** Makes one exchange of a look-up and has its reply read. Throws NoAnswer. */
type MakeHop = <T>(question: HttpQuestion, read: (reply: HttpReply) => Reading<T>) => Promise<T>;

/** Carries out a look-up whose exchanges are all made through `hop`, so that each is told of whatever becomes of it. */
export async function followTrail(
  limits: FreeBusyLimits,
  walk: (hop: MakeHop) => Promise<readonly BusyPeriod[]>,
): Promise<LookUpAnswer> {
  const hops: Hop[] = [];
  try {
    const busy = await walk((question, read) => makeHop(hops, question, limits, read));
    return { state: 'answered', busy, hops };
  } catch (error) {
    const { failure = 'unreadable', code } = error instanceof NoAnswer ? error : {};
    return { state: 'failed', failure, ...(code !== undefined && { code }), detail: messageOf(error), hops };
  }
}

async function makeHop<T>(
  hops: Hop[],
  question: HttpQuestion,
  limits: FreeBusyLimits,
  read: (reply: HttpReply) => Reading<T>,
): Promise<T> {
  const started = performance.now();
  const note = (came: string): void => {
    const { method, url } = question;
    hops.push({ method, url: placeOf(url), came, milliseconds: Math.round(performance.now() - started) });
  };
  try {
    const { came, value } = read(await exchange(question, limits));
    note(oneLine(came));
    return value;
  } catch (error) {
    note(messageOf(error));
    throw error;
  }
}

/** How times are said of a hop. */
export function readTimes(busy: readonly BusyPeriod[]): Reading<readonly BusyPeriod[]> {
  return { came: `HTTP 200, ${count(busy.length, 'busy time')}`, value: busy };
}

/** A URL without what is asked about, and without a password. */
export function placeOf({ origin, protocol, host, pathname }: URL): string {
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}

function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}

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
