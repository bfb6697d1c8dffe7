import type { BusyPeriod, LookUpAnswer, WcapLookUp } from '../../ports/free-busy.ts';
import { requireMailAddress } from './calendar-address.ts';
import type { HttpReply } from './exchange.ts';
import type { FreeBusyLimits } from './limits.ts';
import { NoAnswer } from './no-answer.ts';
import { readTimesOrReferral, resolveReferral, sayReferral } from './referral.ts';
import { followTrail, placeOf, type Reading, readTimes } from './trail.ts';
import { wcapQuery, wcapQuestion, wcapUrl } from './wcap-question.ts';

/** As FreeBusyReader has it: what a user's client does, and one referral followed. */
export function lookUp(question: WcapLookUp, range: BusyPeriod, limits: FreeBusyLimits): Promise<LookUpAnswer> {
  return followTrail(limits, async hop => {
    requireMailAddress(question.mail);
    const query = wcapQuery(question.mail, range);
    const url = wcapUrl(question, query);
    const first = await hop(wcapQuestion(url), reply => readFirst(reply, url, question.redirect, query));
    return first instanceof URL ? await hop(wcapQuestion(first), reply => readLast(reply, first)) : first;
  });
}

/** Times, or where else to ask. */
function readFirst(
  reply: HttpReply,
  asked: URL,
  configured: string | undefined,
  query: URLSearchParams,
): Reading<readonly BusyPeriod[] | URL> {
  const said = readTimesOrReferral(reply);
  if (typeof said !== 'string') return readTimes(said);
  const place = resolveReferral(said, asked, configured, query);
  return { came: `HTTP ${reply.status} to ${placeOf(place)}`, value: place };
}

function readLast(reply: HttpReply, asked: URL): Reading<readonly BusyPeriod[]> {
  const said = readTimesOrReferral(reply);
  if (typeof said !== 'string') return readTimes(said);
  const further = sayReferral(said, asked);
  throw new NoAnswer('led-astray', `it refers on to ${further}: not followed a second time`);
}
