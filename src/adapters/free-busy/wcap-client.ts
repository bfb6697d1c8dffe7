import type { BusyPeriod, FreeBusyAnswer, FreeBusyQuestion } from '../../ports/free-busy.ts';
import { exchange, type HttpReply } from './exchange.ts';
import type { FreeBusyLimits } from './limits.ts';
import { NoAnswer } from './no-answer.ts';
import { oneLine } from './one-line.ts';
import { errno, readWcapAnswer, timesOf } from './parse-wcap.ts';
import { wcapQuery, wcapQuestion, wcapUrl } from './wcap-question.ts';

/** As FreeBusyReader has it: one server's own database. */
export async function ask(
  question: FreeBusyQuestion,
  range: BusyPeriod,
  limits: FreeBusyLimits,
): Promise<FreeBusyAnswer> {
  try {
    const query = wcapQuery(question.mail, range);
    // It keeps CS6 to its own database (6.3 Administration Guide, appendix E).
    if (question.side === 'cs6') query.set('noredirect', '1');
    const reply = await exchange(wcapQuestion(wcapUrl(question, query)), limits);
    if (reply.status >= 300 && reply.status < 400) return referral(reply);
    return { state: 'answered', busy: timesOf(readWcapAnswer(reply)) };
  } catch (error) {
    const detail = oneLine(error instanceof Error ? error.message : String(error));
    const unknown = error instanceof NoAnswer && error.failure === 'errno' && error.code === `${errno.noCalendar}`;
    return { state: unknown ? 'nobody' : 'failed', detail };
  }
}

/**
 * In which form CS6 returns its redirect URL is documented nowhere; a redirection is taken for it only where it leads to
 * free/busy again. Any other (to TLS, to a login page) says nothing about the calendar.
 */
function referral({ status, location = '' }: HttpReply): FreeBusyAnswer {
  const place = oneLine(location);
  if (/\/get_freebusy\.wcap(?:\?|$)/.test(location)) return { state: 'nobody', detail: `it refers to ${place}` };
  const detail = `HTTP ${status}, which leads to ${place === '' ? 'nowhere' : place} and not to free/busy times`;
  return { state: 'failed', detail: oneLine(detail) };
}
