import { randomUUID } from 'node:crypto';
import { askHttp, type HttpReply } from '../freebusy/ask-http.ts';
import { type Period, utcTime } from '../freebusy/period.ts';
import { renderScheduleRequest } from '../freebusy/schedule-request.ts';
import { readFreeBusyReply, readScheduleResponse } from '../freebusy/schedule-response.ts';
import type { Cs7Server } from './server.ts';

/**
 * When somebody of another server is busy. The domain of their address says where to ask (ischeduledomainmap.properties), and the
 * question is the iSchedule request of chapter 10's sample. Throws, saying what came back, unless it was an answer.
 */
export async function askCs6Server(server: Cs7Server, mail: string, range: Period): Promise<readonly Period[]> {
  const domain = mail.slice(mail.lastIndexOf('@') + 1).toLowerCase();
  const url = server.domainMap[domain];
  if (url === undefined) throw new Error(`no route: ischeduledomainmap.properties has no line for ${domain}`);
  const reply = await post(url, mail, domain, range);
  if (reply.status !== 200) throw new Error(`${url} answered HTTP ${reply.status}`);
  return incorporate(url, mail, reply);
}

async function post(url: string, mail: string, domain: string, range: Period): Promise<HttpReply> {
  const recipient = `mailto:${mail}`;
  // The asker's own address belongs here; a question over WCAP without a session has none.
  const organizer = `mailto:freebusy@${domain}`;
  const request = { kind: 'VFREEBUSY', uid: randomUUID(), organizer, attendees: [recipient], range } as const;
  const headers = {
    'Content-Type': 'text/calendar',
    'iSchedule-Version': '1.0',
    Originator: organizer,
    Recipient: recipient,
  };
  try {
    return await askHttp(url, { headers, body: renderScheduleRequest(request, utcTime(new Date())) });
  } catch (error) {
    throw new Error(`${url} did not answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function incorporate(url: string, mail: string, reply: HttpReply): readonly Period[] {
  let said: ReturnType<typeof readScheduleResponse>;
  try {
    said = readScheduleResponse(reply.body);
  } catch (error) {
    throw new Error(`${url} gave no iSchedule answer: ${error instanceof Error ? error.message : String(error)}`);
  }
  const address = `mailto:${mail}`.toLowerCase();
  const mine = said.find(one => one.recipient.toLowerCase() === address) ?? said.at(0);
  if (mine === undefined) throw new Error(`${url} says nothing of ${mail}`);
  if (!mine.status.startsWith('2.')) throw new Error(`${url} says of ${mail}: ${mine.status}`);
  return readFreeBusyReply(mine.calendarData ?? '');
}
