import type { BusyPeriod, FreeBusyQuestion, HttpReach } from '../../ports/free-busy.ts';
import { exchange } from './exchange.ts';
import type { FreeBusyLimits } from './limits.ts';
import { NoAnswer } from './no-answer.ts';
import { oneLine } from './one-line.ts';
import { wcapQuery, wcapQuestion, wcapUrl } from './wcap-question.ts';

/** An address that nobody has: what counts is that there is an answer, not what it is. */
const nobody = 'nobody@reconcile.invalid';

/** As FreeBusyReader has it: whether HTTP answers there. The body is not waited for: the status line says all that counts. */
export async function reach(
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
