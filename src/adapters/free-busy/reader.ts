import { randomUUID } from 'node:crypto';
import type {
  BusyPeriod,
  FreeBusyQuestion,
  FreeBusyReader,
  HttpReach,
  LookUpAnswer,
  WcapLookUp,
} from '../../ports/free-busy.ts';
import { DEFAULT_LIMITS, exchange, type FreeBusyLimits, type HttpReply, NoAnswer, oneLine } from './http-exchange.ts';
import { requireMailAddress } from './parse-answer.ts';
import {
  followTrail,
  placeOf,
  type Reading,
  readTimes,
  readTimesOrReferral,
  resolveReferral,
  sayReferral,
} from './referral.ts';
import { schedule } from './schedule-client.ts';
import { ask, wcapQuery, wcapQuestion, wcapUrl } from './wcap-client.ts';

/** An address that nobody has: what counts is that there is an answer, not what it is. */
const nobody = 'nobody@reconcile.invalid';

/** As FreeBusyReader has it: whether HTTP answers there. The body is not waited for: the status line says all that counts. */
async function reach(
  { http, side }: Pick<FreeBusyQuestion, 'http' | 'side'>,
  range: BusyPeriod,
  limits: FreeBusyLimits,
): Promise<HttpReach> {
  try {
    const query = wcapQuery(nobody, range);
    if (side === 'cs6') query.set('noredirect', '1');
    await exchange({ ...wcapQuestion(wcapUrl({ http, side, mail: nobody }, query)), bodies: 'none' }, limits);
    return { state: 'answers' };
  } catch (error) {
    // More headers than are taken here: HTTP all the same.
    if (error instanceof NoAnswer && error.failure === 'too-large') return { state: 'answers' };
    return { state: 'silent', detail: oneLine(error instanceof Error ? error.message : String(error)) };
  }
}

/** As FreeBusyReader has it: what a user's client does, and one referral followed. */
function lookUp(question: WcapLookUp, range: BusyPeriod, limits: FreeBusyLimits): Promise<LookUpAnswer> {
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

const day = 86_400_000;

/** What is asked about: whole days around a moment, so that answers of two servers can be compared. */
function rangeAround(now: number, limits: FreeBusyLimits): BusyPeriod {
  const today = Math.floor(now / day) * day;
  return { start: today - limits.daysBack * day, end: today + limits.daysAhead * day };
}

/**
 * Asks over HTTP. Every question of one reader is about the same whole days, so that answers of two servers can be
 * compared. Whatever comes, or does not come, is an answer: it never throws.
 */
export function openFreeBusy(now: number, changes: Partial<FreeBusyLimits> = {}): FreeBusyReader {
  const limits = { ...DEFAULT_LIMITS, ...changes };
  const range = rangeAround(now, limits);
  return {
    reach: server => reach(server, range, limits),
    ask: question => ask(question, range, limits),
    lookUp: question => lookUp(question, range, limits),
    schedule: question => schedule(question, range, { now, uid: randomUUID() }, limits),
  };
}
