import { describe, expect, it } from 'vitest';
import { fileName } from '../../src/kinds/cs6-calendar/remove-calendars.ts';
import { parseListing, uncovered } from '../../src/kinds/shared/calendar-listing.ts';

const ALL = [
  'Calendar list:',
  '',
  'jdoe: owner=jdoe status=enabled',
  'jdoe@example.com:Team = Meetings: owner=jdoe@example.com status=disabled',
  '*** caldb: log.0000000042 recovered ***',
  'lost: owner= status=enabled',
  '',
  '3 calendar(s)',
  '',
];

describe('a listing', () => {
  it('keeps every line that has something on it', () => {
    expect(parseListing(ALL.join('\r\n'))).toEqual({
      calendars: [
        { calid: 'jdoe', owner: 'jdoe', status: 'enabled' },
        { calid: 'jdoe@example.com:Team = Meetings', owner: 'jdoe@example.com', status: 'disabled' },
        { calid: 'lost', owner: '', status: 'enabled' },
      ],
      others: ['Calendar list:', '*** caldb: log.0000000042 recovered ***'],
      count: '3 calendar(s)',
    });
    expect(parseListing('0 calendars\n')).toEqual({ calendars: [], others: [], count: '0 calendars' });
  });

  it.each([
    ['nothing', ''],
    ['broken off', ALL.slice(0, -3).join('\n')],
    ['broken off after a line', ALL.slice(0, 4).join('\n')],
    ['miscounted', ALL.join('\n').replace('3 cal', '4 cal')],
    ['no status', ALL.join('\n').replace(' status=disabled', '')],
    ['no owner at all', ALL.join('\n').replace('owner=jdoe status', 'status')],
    ['two colons', ALL.join('\n').replace('jdoe: owner', 'jdoe:a:b: owner')],
    ['a name that pretends to another owner', ALL.join('\n').replace('jdoe: o', 'x:y: owner=amy status=enabled: o')],
    ['a name with a line end', ALL.join('\n').replace('jdoe: o', 'x:y\namy: owner=amy status=enabled: o')],
    ['a name with a whole line', ALL.join('\n').replace('jdoe: o', 'x:y\namy: owner=amy status=enabled\njdoe: o')],
    [
      'a name that counts',
      ALL.join('\n').replace('\n3 calendar(s)', '').replace('lost: owner= status', '3 calendars: status'),
    ],
  ])('that is %s is none', (_, text) => {
    expect(parseListing(text)).toEqual({ problem: expect.any(String) });
  });
});

describe('the file of a copy', () => {
  it('has a name of its own', () => {
    const long = 'ü'.repeat(100);
    const names = ['a/b', 'a%2Fb', 'a:b', 'a%3Ab', '..', '.', "a'b~!()*", `${long}1`, `${long}2`].map(fileName);
    expect(names.slice(0, 7)).toEqual(['a%2Fb', 'a%252Fb', 'a%3Ab', 'a%253Ab', '%2E.', '%2E', 'a%27b%7E%21%28%29%2A']);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[^/\0]{1,180}$/);
  });
});

describe('busy times', () => {
  const times = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([start, end]) => ({ start, end }));
  it('may be cut up in another way', () => {
    expect(uncovered(times([0, 4]), times([2, 4], [0, 2]))).toEqual([]);
    expect(uncovered(times([1, 2], [3, 3]), times([0, 9], [4, 5]))).toEqual([]);
    expect(uncovered(times([0, 4], [8, 9]), times([0, 2], [3, 9]))).toEqual(times([0, 4]));
    expect(uncovered(times([0, 1]), [])).toEqual(times([0, 1]));
    expect(uncovered([], [])).toEqual([]);
  });
});
