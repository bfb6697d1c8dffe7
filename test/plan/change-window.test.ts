import { describe, expect, it } from 'vitest';
import { type ChangeWindow, isOpen, isZone, localTime, nextOpening } from '../../src/core/change-window.ts';

const nights: ChangeWindow = { days: ['sat', 'sun'], from: '22:00', to: '06:00', zone: 'Europe/Berlin' };
const lunch: ChangeWindow = { days: ['mon', 'wed'], from: '12:00', to: '13:30', zone: 'Asia/Kolkata' };
const saturdays: ChangeWindow = { days: ['sat'], from: '00:00', to: '24:00', zone: 'UTC' };
/** A quarter of an hour that the clocks jump over, and one that they show twice. */
const skipped: ChangeWindow = { days: ['sun'], from: '02:15', to: '02:30', zone: 'Europe/Berlin' };
const across: ChangeWindow = { days: ['sun'], from: '02:30', to: '03:30', zone: 'Europe/Berlin' };

describe('a window is open', () => {
  it.each([
    ['on the evening of its day, in winter', nights, '2026-12-05T21:00:00Z', true],
    ['not a minute before', nights, '2026-12-05T20:59:59Z', false],
    ['past midnight', nights, '2026-12-06T04:59:59Z', true],
    ['not at its end', nights, '2026-12-06T05:00:00Z', false],
    ['on the second evening', nights, '2026-12-06T21:00:00Z', true],
    ['on the morning after the second, which is a Monday', nights, '2026-12-07T04:00:00Z', true],
    ['not on the evening of that Monday', nights, '2026-12-07T21:00:00Z', false],
    ['not on the morning of its first day, which belongs to Friday', nights, '2026-12-05T04:00:00Z', false],
    ['an hour earlier in summer', nights, '2026-07-04T20:00:00Z', true],
    ['not before that', nights, '2026-07-04T19:59:00Z', false],
    ['where the clocks are half an hour off', lunch, '2026-12-07T06:30:00Z', true],
    ['until then', lunch, '2026-12-07T08:00:00Z', false],
    ['not on another day', lunch, '2026-12-08T06:30:00Z', false],
    ['a whole day from its first minute', saturdays, '2026-12-05T00:00:00Z', true],
    ['to its last', saturdays, '2026-12-05T23:59:59Z', true],
    ['and not on the next', saturdays, '2026-12-06T00:00:00Z', false],
  ] as const)('%s', (_, window, at, open) => {
    expect(isOpen([window], at)).toBe(open);
  });

  it.each([
    ['spring: the last minute of winter', nights, '2027-03-28T00:59:00Z', true],
    ['spring: 05:59 comes an hour earlier', nights, '2027-03-28T03:59:00Z', true],
    ['spring: and 06:00 too', nights, '2027-03-28T04:00:00Z', false],
    ['autumn: 02:30 for the first time', nights, '2026-10-25T00:30:00Z', true],
    ['autumn: 02:30 for the second time', nights, '2026-10-25T01:30:00Z', true],
    ['autumn: 05:59 comes an hour later', nights, '2026-10-25T04:59:00Z', true],
    ['autumn: and 06:00 too', nights, '2026-10-25T05:00:00Z', false],
    ['spring: a time that the clocks never show, before the jump', skipped, '2027-03-28T00:59:59Z', false],
    ['spring: and after it', skipped, '2027-03-28T01:00:00Z', false],
    ['autumn: a quarter of an hour twice, first', skipped, '2026-10-25T00:15:00Z', true],
    ['autumn: closed in between', skipped, '2026-10-25T00:30:00Z', false],
    ['autumn: second', skipped, '2026-10-25T01:15:00Z', true],
    ['spring: what begins in the gap is open right after it', across, '2027-03-28T01:00:00Z', true],
  ] as const)('in the nights the clocks are changed: %s', (_, window, at, open) => {
    expect(isOpen([window], at)).toBe(open);
  });

  it('where any of several is', () => {
    expect(isOpen([lunch, saturdays], '2026-12-05T12:00:00Z')).toBe(true);
    expect(isOpen([lunch, nights], '2026-12-05T12:00:00Z')).toBe(false);
  });
});

describe('the next opening', () => {
  it.each([
    ['the same evening', [nights], '2026-12-05T10:00:00Z', 'Sat 2026-12-05 22:00 in Europe/Berlin'],
    ['the week after', [nights], '2026-12-07T05:00:00Z', 'Sat 2026-12-12 22:00 in Europe/Berlin'],
    ['the earliest of several', [nights, lunch], '2026-12-08T10:00:00Z', 'Wed 2026-12-09 12:00 in Asia/Kolkata'],
    [
      'a week later, where the clocks jump over it',
      [skipped],
      '2027-03-27T10:00:00Z',
      'Sun 2027-04-04 02:15 in Europe/Berlin',
    ],
    ['right after the jump', [across], '2027-03-27T10:00:00Z', 'Sun 2027-03-28 03:00 in Europe/Berlin'],
    ['the second of two in one night', [skipped], '2026-10-25T00:30:00Z', 'Sun 2026-10-25 02:15 in Europe/Berlin'],
    ['not on a whole minute', [saturdays], '2026-12-04T23:58:30.500Z', 'Sat 2026-12-05 00:00 in UTC'],
  ] as const)('is %s', (_, windows, at, expected) => {
    expect(nextOpening(windows, at)).toBe(expected);
  });

  it('is the first minute in which it is open, hour by hour of a year in which the clocks change', () => {
    for (let time = Date.parse('2026-10-20T00:00:00Z'); time < Date.parse('2026-11-01T00:00:00Z'); time += 5_400_000) {
      const at = new Date(time).toISOString();
      if (isOpen([nights], at)) continue;
      expect(nextOpening([nights], at), at).toMatch(/^(Sat|Sun) \S+ 22:00 in Europe\/Berlin$/);
    }
  });
});

describe('zones', () => {
  it.each(['Europe/Berlin', 'UTC', 'America/Argentina/Ushuaia', 'Etc/GMT+5'])('%s is one', zone => {
    expect(isZone(zone)).toBe(true);
  });

  it.each(['Europe/Berln', 'Mars', 'Europe/', ''])('"%s" is none', zone => {
    expect(isZone(zone)).toBe(false);
  });

  it('show a time as the clocks there do', () => {
    expect(localTime('2026-12-31T23:05:00Z', 'Asia/Kolkata')).toBe('Fri 2027-01-01 04:35 in Asia/Kolkata');
    expect(localTime('2026-12-31T23:05:00Z', 'America/New_York')).toBe('Thu 2026-12-31 18:05 in America/New_York');
  });
});
