import { randomUUID } from 'node:crypto';
import { equals, or } from '../../ldap/filter.ts';
import { findAccount, firstValue, type LabAccount } from '../freebusy/calendar-directory.ts';
import { askHttp, type HttpAnswer, type HttpQuestion, type HttpReply, plain } from '../freebusy/http-face.ts';
import { clipPeriods, type Period, utcTime } from '../freebusy/icalendar.ts';
import { mailOf, readFreeBusyReply, readScheduleResponse, renderScheduleRequest } from '../freebusy/schedule.ts';
import { renderWcap, WCAP, type WcapAnswer, wcapFailure, wcapRange } from '../freebusy/wcap.ts';
import { readBusyTimes } from './busy-store.ts';
import { type Cs7Server, optionWords } from './lab-container.ts';

/** Whose calendars an account has: this server's, under the unique id, or another's. */
type Side = { readonly local: true; readonly uniqueId: string } | { readonly local: false };

const UNIQUE_ID = 'davcore.uriinfo.permanentuniqueid';

const SUBJECT = 'davcore.uriinfo.subjectattributes';

const LOCAL_USER = 'davcore.scheduling.localuserattr';

/**
 * Looks an address up. An entry is seen with the attributes of `subjectattributes` and no others: one that is missing there might
 * as well be missing in the directory. Nothing when nobody has the address. Throws when the account cannot be used.
 */
async function resolveAccount(server: Cs7Server, mail: string): Promise<Side | undefined> {
  const { directory } = server.face;
  if (directory === undefined) throw new Error('no directory is configured');
  const filter = or(...optionWords(server, 'davcore.uriinfo.emailattributes').map(name => equals(name, mail)));
  const account = await findAccount(directory, filter, [...optionWords(server, SUBJECT), 'objectClass']);
  if (account === undefined) return undefined;
  if (firstValue(account, 'mail') === undefined) throw new Error(unseen(server, account, 'mail'));
  return isLocal(server, account) ? { local: true, uniqueId: uniqueIdOf(server, account) } : { local: false };
}

/** Without the option everybody in the directory is local; with it, who has the attribute (chapter 10, workflow description). */
function isLocal(server: Cs7Server, account: LabAccount): boolean {
  const attribute = server.options[LOCAL_USER]?.trim() ?? '';
  return attribute === '' || firstValue(account, attribute) !== undefined;
}

function uniqueIdOf(server: Cs7Server, account: LabAccount): string {
  const attribute = server.options[UNIQUE_ID]?.trim() ?? '';
  const value = firstValue(account, attribute);
  if (value === undefined) throw new Error(unseen(server, account, attribute));
  return value;
}

function unseen(server: Cs7Server, account: LabAccount, attribute: string): string {
  const fetched = optionWords(server, SUBJECT).some(name => name.toLowerCase() === attribute.toLowerCase());
  const why = fetched ? `the entry has no ${attribute}` : `${attribute} is not in ${SUBJECT} and is not fetched`;
  return `${account.dn} cannot be used: ${why}`;
}

/**
 * When somebody of another server is busy. The domain of their address says where to ask (ischeduledomainmap.properties), and the
 * question is the iSchedule request of chapter 10's sample. Throws, saying what came back, unless it was an answer.
 */
async function askCs6Server(server: Cs7Server, mail: string, range: Period): Promise<readonly Period[]> {
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

const PATH = '/davserver/wcap/get_freebusy.wcap';

/** All that the stand-in answers over HTTP: free/busy, for its own users and for those whom Calendar Server 6.3 sends here. */
export async function answerCs7(server: Cs7Server, question: HttpQuestion): Promise<HttpAnswer> {
  if (question.path !== PATH) return plain(404, 'Not found');
  if (question.method !== 'GET') return plain(405, 'Method not allowed');
  const query = new URLSearchParams(question.query);
  return renderWcap(await freeBusy(server, query), query.get('fmt-out'));
}

async function freeBusy(server: Cs7Server, query: URLSearchParams): Promise<WcapAnswer> {
  try {
    const range = wcapRange(query);
    const mail = mailOf(query.get('calid') ?? '') ?? query.get('mail') ?? '';
    if (mail === '') return wcapFailure(WCAP.failed, 'neither mail nor a calid of the form mailto:address');
    const periods = await busyTimes(server, mail, range);
    if (periods === undefined) return wcapFailure(WCAP.noCalendar, `nobody in the directory has the address ${mail}`);
    return { errno: WCAP.ok, email: mail, range, busy: clipPeriods(periods, range) };
  } catch (error) {
    return wcapFailure(WCAP.failed, error instanceof Error ? error.message : String(error));
  }
}

async function busyTimes(server: Cs7Server, mail: string, range: Period): Promise<readonly Period[] | undefined> {
  const side = await resolveAccount(server, mail);
  if (side === undefined) return undefined;
  return side.local ? await readBusyTimes(server.prefix, side.uniqueId, mail) : await askCs6Server(server, mail, range);
}
