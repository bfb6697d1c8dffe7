import { type HttpAnswer, type HttpQuestion, openHttpFace, plain } from '../freebusy/http-face.ts';
import { getFreeBusy } from './get-freebusy.ts';
import { answerSchedule } from './ischedule.ts';
import { type Cs6Server, isYes } from './server.ts';

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
