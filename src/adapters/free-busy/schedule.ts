import type { BusyPeriod, LookUpAnswer, ScheduleLookUp } from '../../ports/free-busy.ts';
import { isAddressOf } from './calendar-address.ts';
import type { HttpReply } from './exchange.ts';
import type { FreeBusyLimits } from './limits.ts';
import { NoAnswer, readable } from './no-answer.ts';
import { parseAnswer } from './parse-answer.ts';
import { parseScheduleAnswer, type RecipientAnswer, type ScheduleAnswer } from './parse-schedule.ts';
import { timesOf } from './parse-wcap.ts';
import { type Stamp, scheduleQuestion } from './schedule-question.ts';
import { followTrail, readTimes } from './trail.ts';

/** As FreeBusyReader has it: what CS7 does for a user of CS6. */
export function schedule(
  question: ScheduleLookUp,
  range: BusyPeriod,
  stamp: Stamp,
  limits: FreeBusyLimits,
): Promise<LookUpAnswer> {
  return followTrail(limits, async hop =>
    hop(scheduleQuestion(question, range, stamp), reply => readTimes(timesFor(question.attendee, reply))),
  );
}

function timesFor(attendee: string, reply: HttpReply): readonly BusyPeriod[] {
  const answer = reply.status === 200 ? readAnswer(reply) : readRefusal(reply);
  if (answer.form === 'error') throw refused(reply.status, answer);
  const { status, calendar } = answerFor(attendee, answer.responses);
  const [number] = /^\d+(?:\.\d+)*/.exec(status ?? '') ?? [];
  // Some leave the status out, or empty, of what is an answer (so Cyrus says of others).
  if (status !== undefined && !number?.startsWith('2'))
    throw new NoAnswer('schedule-status', `request-status ${status}`, number);
  if (calendar === undefined) throw new NoAnswer('unreadable', 'the answer has no free/busy times in it');
  return timesOf(readable(() => parseAnswer(calendar)));
}

function readAnswer({ type, body }: HttpReply): ScheduleAnswer {
  if (!isXmlType(type)) throw new NoAnswer('wrong-type', `it answered with ${type} and no schedule-response`);
  return readable(() => parseScheduleAnswer(body));
}

/** The body of a refusal says why in an element of its own, where it is of iSchedule at all. */
function readRefusal({ status, location, body }: HttpReply): ScheduleAnswer {
  if (status >= 300 && status < 400 && location !== undefined)
    throw new NoAnswer('led-astray', `HTTP ${status} to ${location}, which is not followed`, String(status));
  try {
    const answer = parseScheduleAnswer(body);
    if (answer.form === 'error') return answer;
  } catch {
    // A page for people, or nothing: the status is all there is.
  }
  throw new NoAnswer('http-status', `HTTP ${status}`, String(status));
}

function refused(status: number, { name, description }: ScheduleAnswer & { readonly form: 'error' }): NoAnswer {
  const why = description === undefined ? '' : ` (${description})`;
  return new NoAnswer('schedule-status', `HTTP ${status}: ${name}${why}`, name);
}

function answerFor(attendee: string, responses: readonly RecipientAnswer[]): RecipientAnswer {
  const own = responses.find(({ recipient }) => recipient !== undefined && isAddressOf(attendee, recipient));
  const [only, another] = responses;
  if (own) return own;
  if (only && !another && only.recipient === undefined) return only;
  const told = only?.recipient === undefined ? 'nobody' : only.recipient;
  throw new NoAnswer('unreadable', `the answer tells of ${told} and not of ${attendee}`);
}

/** A page for people is no answer. */
function isXmlType(type: string): boolean {
  const [name = ''] = type.toLowerCase().split(';');
  return ['', 'text/xml', 'application/xml', 'text/plain', 'application/octet-stream'].includes(name.trim());
}
