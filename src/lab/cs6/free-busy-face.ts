import { appendFileSync } from 'node:fs';
import { type HttpAnswer, type HttpQuestion, openHttpFace, plain } from '../freebusy/http-face.ts';
import { clipPeriods, utcTime } from '../freebusy/icalendar.ts';
import {
  mailOf,
  type RecipientResponse,
  readScheduleRequest,
  renderFreeBusyReply,
  renderScheduleError,
  renderScheduleResponse,
  type ScheduleRequest,
} from '../freebusy/schedule.ts';
import { renderWcap, WCAP, wcapFailure, wcapRange } from '../freebusy/wcap.ts';
import { onHost } from '../host-tree.ts';
import { type Cs6Server, imipLogPath, isYes } from './cs6-layout.ts';
import { calendarFor, type Found, findByCalid, findByMail } from './find-calendar.ts';

/**
 * get_freebusy.wcap: an own calendar is answered from; for anybody else the asker is sent to `service.wcap.freebusy.redirecturl`,
 * unless that is not set or `noredirect=1` was asked for (Administration Guide, appendix E). In which form the URL is
 * returned is documented nowhere; an HTTP redirection is assumed.
 */
async function getFreeBusy(server: Cs6Server, question: HttpQuestion): Promise<HttpAnswer> {
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

/** Sends the invitation by mail (iMIP), which is what is wanted for somebody of the other server; here a line in a file. */
function mailInvitation(server: Cs6Server, { organizer, uid }: ScheduleRequest, mail: string): void {
  const line = JSON.stringify({ sent: new Date().toISOString(), from: organizer, to: mail, uid });
  appendFileSync(onHost(server.prefix, imipLogPath(server.facts.data)), `${line}\n`);
}

const HEADERS = { 'Content-Type': 'application/xml; charset=utf-8', 'iSchedule-Version': '1.0' };

/**
 * The iSchedule handler that `service.http.caldavcompatible` turns on: free/busy questions of Calendar Server 7. The sample in
 * chapter 10 has no Originator, Recipient or iSchedule-Version, so none of them is asked for. Invitations reach a real server
 * in other ways; here too, so that what the autoprovisioning of invitations does can be seen.
 */
async function answerSchedule(server: Cs6Server, question: HttpQuestion): Promise<HttpAnswer> {
  const version = question.headers['ischedule-version'];
  if (version !== undefined && version !== '1.0') return refused('version-not-supported', String(version));
  if (!/^text\/calendar\b/i.test(question.headers['content-type'] ?? ''))
    return refused('invalid-calendar-data-type', 'the body is not text/calendar');
  let request: ScheduleRequest;
  try {
    request = readScheduleRequest(question.body);
  } catch (error) {
    return refused('invalid-scheduling-message', error instanceof Error ? error.message : String(error));
  }
  const responses: RecipientResponse[] = [];
  for (const recipient of recipientsOf(question, request)) responses.push(await respond(server, request, recipient));
  return { status: 200, headers: HEADERS, body: renderScheduleResponse(responses) };
}

function refused(condition: string, detail: string): HttpAnswer {
  return { status: 400, headers: HEADERS, body: renderScheduleError(condition, detail) };
}

/** Those of the header, else those of the message. */
function recipientsOf(question: HttpQuestion, request: ScheduleRequest): readonly string[] {
  const named = [question.headers['recipient'] ?? []].flat().flatMap(value => value.split(','));
  const recipients = named.map(one => one.trim()).filter(one => one !== '');
  return recipients.length > 0 ? recipients : request.attendees;
}

async function respond(server: Cs6Server, request: ScheduleRequest, recipient: string): Promise<RecipientResponse> {
  const mail = mailOf(recipient);
  if (mail === undefined) return { recipient, status: '3.7;Invalid calendar user' };
  try {
    return request.kind === 'VEVENT'
      ? await invite(server, request, recipient, mail)
      : await lookUp(server, request, recipient, mail);
  } catch {
    return { recipient, status: '5.1;Service unavailable' };
  }
}

async function lookUp(
  server: Cs6Server,
  request: ScheduleRequest,
  recipient: string,
  mail: string,
): Promise<RecipientResponse> {
  const calendar = await calendarFor(server, 'asked', await findByMail(server, mail));
  if (calendar === undefined) return { recipient, status: '3.7;Invalid calendar user' };
  const busy = clipPeriods(calendar.busy ?? [], request.range);
  const calendarData = renderFreeBusyReply(request, recipient, busy, utcTime(new Date()));
  return { recipient, status: '2.0;Success', calendarData };
}

async function invite(
  server: Cs6Server,
  request: ScheduleRequest,
  recipient: string,
  mail: string,
): Promise<RecipientResponse> {
  const calendar = await calendarFor(server, 'invited', await findByMail(server, mail));
  if (calendar !== undefined) return { recipient, status: '2.0;Success' };
  mailInvitation(server, request, mail);
  return { recipient, status: '5.3;No scheduling support for user' };
}

/** Opens the port of `service.http.port`; hands back what closes it. Fails when it cannot be had. */
export function openCs6Face(server: Cs6Server): Promise<() => Promise<void>> {
  const port = Number(server.settings['service.http.port']);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('service.http.port is not a port');
  return openHttpFace(server.face.address, port, question => answer(server, question));
}

async function answer(server: Cs6Server, question: HttpQuestion): Promise<HttpAnswer> {
  // Without the parameter there is no such handler: the path is as unknown as any other.
  if (question.path === '/ischedule/' && isYes(server, 'service.http.caldavcompatible'))
    return question.method === 'POST' ? await answerSchedule(server, question) : wrongMethod('POST');
  if (question.path === '/get_freebusy.wcap')
    return question.method === 'GET' ? await getFreeBusy(server, question) : wrongMethod('GET');
  return plain(404, 'Not found');
}

function wrongMethod(allowed: string): HttpAnswer {
  const { headers, ...rest } = plain(405, 'Method not allowed');
  return { ...rest, headers: { ...headers, Allow: allowed } };
}
