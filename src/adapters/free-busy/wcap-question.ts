import type { BusyPeriod, FreeBusyQuestion } from '../../ports/free-busy.ts';
import type { HttpQuestion } from './exchange.ts';
import { NoAnswer } from './no-answer.ts';

/** Where WCAP `get_freebusy` is, below a front end. */
const paths = { cs6: '/get_freebusy.wcap', cs7: '/davserver/wcap/get_freebusy.wcap' } as const;

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
  const address = `${http.replace(/\/+$/, '')}${paths[side]}`;
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
