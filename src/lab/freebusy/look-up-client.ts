import { askHttp, type HttpReply } from './http-face.ts';
import { type Period, utcTime } from './icalendar.ts';
import { readScheduleResponse, renderScheduleRequest } from './schedule.ts';
import { readWcapXml } from './wcap.ts';

/** What a user sees who looks up when somebody else is busy. */
export interface FreeBusyView {
  readonly state: 'busy' | 'failed';
  /** Empty also for somebody who is free, or who is looked up where their calendar is not. */
  readonly periods: readonly Period[];
  /** In words: how many periods, or what went wrong. */
  readonly detail: string;
  /** Every address that was asked, in order. */
  readonly hops: readonly string[];
}

/**
 * Asks a Calendar Server 6.3 (`http://host:port`), as its users do. A redirection is followed once, and only to the host and
 * port of `redirectTo`; a server must not send its users anywhere else.
 */
export async function askCs6(url: string, mail: string, range: Period, redirectTo?: string): Promise<FreeBusyView> {
  const first = `${url}/get_freebusy.wcap?${wcapQuery(mail, range)}`;
  const reply = await attempt(first);
  if (typeof reply === 'string') return failure(reply, first);
  if (reply.status !== 302) return view(reply, first);
  const next = reply.headers.location ?? '';
  if (!isSameServer(next, redirectTo)) return failure(`sent on to ${next || 'nowhere'}, which is not followed`, first);
  const answer = await attempt(next);
  return typeof answer === 'string' ? failure(answer, first, next) : view(answer, first, next);
}

/** Asks a Calendar Server 7, as its users do. */
export async function askCs7(url: string, mail: string, range: Period): Promise<FreeBusyView> {
  const first = `${url}/davserver/wcap/get_freebusy.wcap?${wcapQuery(mail, range)}`;
  const reply = await attempt(first);
  return typeof reply === 'string' ? failure(reply, first) : view(reply, first);
}

/** Invites somebody over a Calendar Server 6.3; hands back what it says of them, such as `2.0;Success`. */
export async function inviteOverCs6(url: string, organizer: string, mail: string, range: Period): Promise<string> {
  const recipient = `mailto:${mail}`;
  const request = { kind: 'VEVENT', uid: `invitation-${mail}`, organizer: `mailto:${organizer}`, range } as const;
  const body = renderScheduleRequest({ ...request, attendees: [recipient] }, utcTime(new Date()));
  const headers = { 'Content-Type': 'text/calendar', Originator: `mailto:${organizer}`, Recipient: recipient };
  const reply = await askHttp(`${url}/ischedule/`, { headers, body });
  if (reply.status !== 200) return `HTTP ${reply.status}`;
  return readScheduleResponse(reply.body)[0]?.status ?? 'nothing';
}

function wcapQuery(mail: string, range: Period): string {
  const words = { calid: `mailto:${mail}`, dtstart: range.start, dtend: range.end, 'fmt-out': 'text/xml' };
  return new URLSearchParams(words).toString();
}

async function attempt(url: string): Promise<HttpReply | string> {
  try {
    return await askHttp(url);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isSameServer(next: string, wanted: string | undefined): boolean {
  return wanted !== undefined && URL.canParse(next) && new URL(next).origin === new URL(wanted).origin;
}

function failure(detail: string, ...hops: readonly string[]): FreeBusyView {
  return { state: 'failed', periods: [], detail, hops };
}

function view(reply: HttpReply, ...hops: readonly string[]): FreeBusyView {
  if (reply.status !== 200) return failure(`HTTP ${reply.status}`, ...hops);
  const answer = readBelievable(reply.body);
  if (typeof answer === 'string') return failure(answer, ...hops);
  if (answer === undefined) return failure('an answer without X-NSCP-WCAP-ERRNO', ...hops);
  if (answer.errno !== 0) return failure(`errno ${answer.errno}: ${answer.detail ?? 'no reason given'}`, ...hops);
  const count = answer.busy.length;
  return { state: 'busy', periods: answer.busy, detail: `${count} busy ${count === 1 ? 'period' : 'periods'}`, hops };
}

function readBelievable(body: string): ReturnType<typeof readWcapXml> | string {
  try {
    return readWcapXml(body);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
