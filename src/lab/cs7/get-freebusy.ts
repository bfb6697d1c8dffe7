import { type HttpAnswer, type HttpQuestion, plain } from '../freebusy/http-face.ts';
import { clipPeriods, type Period } from '../freebusy/period.ts';
import { mailOf } from '../freebusy/schedule-request.ts';
import { renderWcap, WCAP, type WcapAnswer, wcapFailure, wcapRange } from '../freebusy/wcap.ts';
import { askCs6Server } from './ask-cs6.ts';
import { readBusyTimes } from './busy-store.ts';
import { resolveAccount } from './resolve-account.ts';
import type { Cs7Server } from './server.ts';

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
