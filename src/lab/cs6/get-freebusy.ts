import type { HttpAnswer, HttpQuestion } from '../freebusy/http-face.ts';
import { clipPeriods } from '../freebusy/period.ts';
import { mailOf } from '../freebusy/schedule-request.ts';
import { renderWcap, WCAP, wcapFailure, wcapRange } from '../freebusy/wcap.ts';
import { type Found, findByCalid, findByMail } from './find-calendar.ts';
import { calendarFor } from './provision.ts';
import type { Cs6Server } from './server.ts';

/**
 * get_freebusy.wcap: an own calendar is answered from; for anybody else the asker is sent to `service.wcap.freebusy.redirecturl`,
 * unless that is not set or `noredirect=1` was asked for (Administration Guide, appendix E). In which form the URL is
 * returned is documented nowhere; an HTTP redirection is assumed.
 */
export async function getFreeBusy(server: Cs6Server, question: HttpQuestion): Promise<HttpAnswer> {
  const query = new URLSearchParams(question.query);
  const format = query.get('fmt-out');
  try {
    return (await ownAnswer(server, query, format)) ?? redirection(server, query, question.query) ?? unknown(format);
  } catch (error) {
    return renderWcap(wcapFailure(WCAP.failed, error instanceof Error ? error.message : String(error)), format);
  }
}

async function ownAnswer(
  server: Cs6Server,
  query: URLSearchParams,
  format: string | null,
): Promise<HttpAnswer | undefined> {
  const range = wcapRange(query);
  const calendar = await calendarFor(server, 'asked', await find(server, query));
  if (calendar === undefined) return undefined;
  const email = addressOf(query);
  const busy = clipPeriods(calendar.busy ?? [], range);
  const asked = email === undefined ? {} : { email };
  return renderWcap({ errno: WCAP.ok, calid: calendar.calid, range, busy, ...asked }, format);
}

async function find(server: Cs6Server, query: URLSearchParams): Promise<Found> {
  const mail = addressOf(query);
  if (mail !== undefined) return await findByMail(server, mail);
  const calid = query.get('calid') ?? '';
  if (calid === '') throw new Error('neither calid nor mail');
  return await findByCalid(server, calid);
}

function addressOf(query: URLSearchParams): string | undefined {
  return mailOf(query.get('calid') ?? '') ?? query.get('mail') ?? undefined;
}

function redirection(server: Cs6Server, query: URLSearchParams, asSent: string): HttpAnswer | undefined {
  const url = server.settings['service.wcap.freebusy.redirecturl']?.trim() ?? '';
  if (url === '' || query.get('noredirect') === '1') return undefined;
  return { status: 302, headers: { Location: `${url}${url.includes('?') ? '&' : '?'}${asSent}` }, body: '' };
}

function unknown(format: string | null): HttpAnswer {
  return renderWcap(wcapFailure(WCAP.noCalendar, 'no such calendar on this server'), format);
}
