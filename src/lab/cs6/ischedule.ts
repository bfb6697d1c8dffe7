import type { HttpAnswer, HttpQuestion } from '../freebusy/http-face.ts';
import { clipPeriods, utcTime } from '../freebusy/period.ts';
import { mailOf, readScheduleRequest, type ScheduleRequest } from '../freebusy/schedule-request.ts';
import {
  type RecipientResponse,
  renderFreeBusyReply,
  renderScheduleError,
  renderScheduleResponse,
} from '../freebusy/schedule-response.ts';
import { findByMail } from './find-calendar.ts';
import { mailInvitation } from './imip.ts';
import { calendarFor } from './provision.ts';
import type { Cs6Server } from './server.ts';

const HEADERS = { 'Content-Type': 'application/xml; charset=utf-8', 'iSchedule-Version': '1.0' };

/**
 * The iSchedule handler that `service.http.caldavcompatible` turns on: free/busy questions of Calendar Server 7. The sample in
 * chapter 10 has no Originator, Recipient or iSchedule-Version, so none of them is asked for. Invitations reach a real server
 * in other ways; here too, so that what the autoprovisioning of invitations does can be seen.
 */
export async function answerSchedule(server: Cs6Server, question: HttpQuestion): Promise<HttpAnswer> {
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
