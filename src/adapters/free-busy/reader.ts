import { randomUUID } from 'node:crypto';
import type { FreeBusyReader } from '../../ports/free-busy.ts';
import { DEFAULT_LIMITS, type FreeBusyLimits } from './limits.ts';
import { lookUp } from './look-up.ts';
import { rangeAround } from './range.ts';
import { reach } from './reach.ts';
import { schedule } from './schedule.ts';
import { ask } from './wcap-client.ts';

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
