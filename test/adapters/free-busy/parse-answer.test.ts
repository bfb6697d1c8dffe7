import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../../src/adapters/free-busy/parse-answer.ts';

const NINE = Date.UTC(2030, 0, 7, 9);
const HOUR = 3_600_000;

function answer(...lines: readonly string[]): string {
  const whole = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VFREEBUSY', ...lines, 'END:VFREEBUSY', 'END:VCALENDAR', ''];
  return whole.join('\r\n');
}

describe('periods', () => {
  it.each([
    ['with an end', 'FREEBUSY:20300107T090000Z/20300107T100000Z'],
    ['with a duration', 'FREEBUSY:20300107T090000Z/PT1H'],
    ['of a type', 'FREEBUSY;FBTYPE=BUSY-TENTATIVE:20300107T090000Z/PT60M'],
    ['of another type', 'FREEBUSY;FBTYPE=busy-unavailable:20300107T090000Z/PT60M'],
    ['of a type of its own, which means busy', 'FREEBUSY;FBTYPE=X-AWAY:20300107T090000Z/PT60M'],
    ['on a folded line', 'FREEBUSY;FBTYPE=BUSY:20300107T09\r\n 0000Z/20300107T100000Z'],
  ])('%s', (_, line) => {
    expect(parseAnswer(answer(line))).toEqual({ told: true, busy: [{ start: NINE, end: NINE + HOUR }] });
  });

  it('several in one line and in several, in the order they stand', () => {
    const lines = [
      'FREEBUSY:20300107T090000Z/PT1H,20300107T110000Z/20300107T120000Z',
      'FREEBUSY:20300107T100000Z/PT0S',
    ];
    expect(
      parseAnswer(answer(...lines)).busy.map(({ start, end }) => [(start - NINE) / HOUR, (end - NINE) / HOUR]),
    ).toEqual([
      [0, 1],
      [2, 3],
      [1, 1],
    ]);
  });

  it('that are free are none', () => {
    expect(parseAnswer(answer('FREEBUSY;FBTYPE=FREE:20300107T090000Z/PT1H'))).toEqual({ told: true, busy: [] });
  });

  it.each([
    '20300107T090000/20300107T100000',
    '20300107T090000Z/20290107T100000Z',
    '20300107T090000Z/-PT1H',
    '20300107T090000Z/PT',
    '20300107T090000Z/P999999999999999W',
    '20300107T090000Z',
    'garbage/garbage',
    'garbage',
    '',
    ',',
  ])('that are none make the whole answer unreadable: %s', value => {
    expect(() => parseAnswer(answer(`FREEBUSY:${value}`))).toThrow();
  });

  it('of another kind of value too', () => {
    expect(() => parseAnswer(answer('FREEBUSY;VALUE=DATE:20300107'))).toThrow();
  });
});

it('the example of the 2005Q4 reference, with free and busy periods', () => {
  const busy = [{ start: Date.UTC(2002, 4, 18, 17), end: Date.UTC(2002, 4, 18, 18) }];
  expect(parseAnswer(readFileSync('test/cases/12-wcap-2005q4.ics', 'utf8'))).toEqual({ told: true, busy });
});

describe('the number', () => {
  it('stands in either component, and a failure wins', () => {
    expect(parseAnswer(answer('X-NSCP-WCAP-ERRNO:29'))).toMatchObject({ errno: 29 });
    const above = answer('X-NSCP-WCAP-ERRNO:0').replace('VERSION:2.0', 'X-NSCP-WCAP-ERRNO:39');
    expect(parseAnswer(above)).toMatchObject({ errno: 39 });
    expect(parseAnswer(answer())).toEqual({ told: true, busy: [] });
    expect(() => parseAnswer(answer('X-NSCP-WCAP-ERRNO:zero'))).toThrow('no number');
  });
});

describe('what is not one whole VCALENDAR', () => {
  it.each([
    ['nothing', ''],
    ['a page', '<html><body>It works!</body></html>'],
    ['a card', 'BEGIN:VCARD\r\nEND:VCARD\r\n'],
    ['a part', answer().slice(0, -20)],
    ['two', answer() + answer()],
    ['only beginnings', 'BEGIN:A\r\n'.repeat(20_000)],
  ])('%s', (_, text) => {
    expect(() => parseAnswer(text)).toThrow();
  });
});
