import { expect, it } from 'vitest';
import { NoAnswer, readable } from '../../../src/adapters/free-busy/http-exchange.ts';
import { readTimesOrReferral } from '../../../src/adapters/free-busy/referral.ts';
import { parseScheduleAnswer } from '../../../src/adapters/free-busy/schedule-client.ts';
import { ANSWER } from './servers.ts';

const REDIRECT = ANSWER.replace('X-', 'X-REDIRECT:http://h.example/get_freebusy.wcap?x=1\r\nX-');
const XML =
  '<iCalendar><iCal><X-NSCP-WCAP-ERRNO>0</X-NSCP-WCAP-ERRNO><FB>20300107T090000Z/PT1H</FB></iCal></iCalendar>';
const RESPONSE = `<response><recipient>a@b</recipient><calendar-data><![CDATA[${ANSWER}]]></calendar-data></response>`;
const PIECES = [
  ...['\r\n ', '\r\n', ';', ':', '"', '\\', ',', '=', '/', '-', 'P', 'T', '%', '^n', '\u0000', '\ufeff', '99999999'],
  ...['<', '>', '&', '&#0;', '&#x110000;', ']]>', '<![CDATA[', '<!--', '<!DOCTYPE', '__proto__', 'http://'],
  ...['BEGIN:', 'END:', 'FREEBUSY:', 'VALUE=', 'VALUE=PERIOD', 'TZID=', 'RRULE:FREQ=', 'DTSTART;VALUE=DATE:2030'],
];

/** Numbers that look random and are the same every time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function mutate(text: string, number: (below: number) => number): string {
  const at = number(text.length);
  const piece = PIECES[number(PIECES.length)] ?? '';
  const gone = [0, piece.length, number(12)][number(3)] ?? 0;
  return `${text.slice(0, at)}${number(3) === 0 ? '' : piece}${text.slice(at + gone)}`;
}

it('an answer with mistakes is read or refused, and never tells of a time that ends before it begins', () => {
  const number = numbers(7);
  const outcomes = new Set<string>();
  const whole = `<schedule-response>${RESPONSE}</schedule-response>`;
  for (let round = 0; round < 3000; round += 1) {
    const text = [ANSWER, REDIRECT, XML, whole][round % 4] ?? '';
    const body = mutate(mutate(mutate(text, number), number), number);
    try {
      const read =
        text === whole
          ? readable(() => parseScheduleAnswer(body)).form
          : readTimesOrReferral({ status: 200, type: '', body });
      for (const { start, end } of typeof read === 'string' ? [] : read) expect(end - start).toBeGreaterThanOrEqual(0);
      outcomes.add(typeof read === 'string' ? 'read' : 'times');
    } catch (error) {
      expect(error, body).toBeInstanceOf(NoAnswer);
      outcomes.add('refused');
    }
  }
  expect([...outcomes].toSorted()).toEqual(['read', 'refused', 'times']);
});
