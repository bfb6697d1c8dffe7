import { count } from '../../core/count.ts';
import type { BusyPeriod, Hop, LookUpAnswer } from '../../ports/free-busy.ts';
import { exchange, type HttpQuestion, type HttpReply } from './exchange.ts';
import type { FreeBusyLimits } from './limits.ts';
import { NoAnswer } from './no-answer.ts';
import { oneLine } from './one-line.ts';

/** What was made of a reply, and how it is said of its hop. */
export interface Reading<T> {
  readonly came: string;
  readonly value: T;
}

/** Makes one exchange of a look-up and has its reply read. Throws NoAnswer. */
export type MakeHop = <T>(question: HttpQuestion, read: (reply: HttpReply) => Reading<T>) => Promise<T>;

/** Carries out a look-up whose exchanges are all made through `hop`, so that each is told of whatever becomes of it. */
export async function followTrail(
  limits: FreeBusyLimits,
  walk: (hop: MakeHop) => Promise<readonly BusyPeriod[]>,
): Promise<LookUpAnswer> {
  const hops: Hop[] = [];
  try {
    const busy = await walk((question, read) => makeHop(hops, question, limits, read));
    return { state: 'answered', busy, hops };
  } catch (error) {
    const { failure = 'unreadable', code } = error instanceof NoAnswer ? error : {};
    return { state: 'failed', failure, ...(code !== undefined && { code }), detail: messageOf(error), hops };
  }
}

async function makeHop<T>(
  hops: Hop[],
  question: HttpQuestion,
  limits: FreeBusyLimits,
  read: (reply: HttpReply) => Reading<T>,
): Promise<T> {
  const started = performance.now();
  const note = (came: string): void => {
    const { method, url } = question;
    hops.push({ method, url: placeOf(url), came, milliseconds: Math.round(performance.now() - started) });
  };
  try {
    const { came, value } = read(await exchange(question, limits));
    note(oneLine(came));
    return value;
  } catch (error) {
    note(messageOf(error));
    throw error;
  }
}

/** How times are said of a hop. */
export function readTimes(busy: readonly BusyPeriod[]): Reading<readonly BusyPeriod[]> {
  return { came: `HTTP 200, ${count(busy.length, 'busy time')}`, value: busy };
}

/** A URL without what is asked about, and without a password. */
export function placeOf({ origin, protocol, host, pathname }: URL): string {
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}

function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message : String(error));
}
