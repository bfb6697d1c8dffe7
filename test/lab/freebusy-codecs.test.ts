import { describe, expect, it } from 'vitest';
import { clipPeriods, readCalendar, readPeriods } from '../../src/lab/freebusy/icalendar.ts';
import {
  readFreeBusyReply,
  readScheduleRequest,
  readScheduleResponse,
  renderFreeBusyReply,
  renderScheduleRequest,
  renderScheduleResponse,
} from '../../src/lab/freebusy/schedule.ts';
import { readWcapXml, renderWcap } from '../../src/lab/freebusy/wcap.ts';

const HOSTILE = 'mailto:a<&>"\'\u0007;:\u{1f4c5}ü@example.com';
const RANGE = { start: '20300107T000000Z', end: '20300108T000000Z' };
const HOUR = { start: '20300107T090000Z', end: '20300107T100000Z' };

/** The request that chapter 10 shows. */
const SAMPLE = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Sun Microsystems/Sun Calendar Server 7.0-0.13//EN
METHOD:REQUEST
BEGIN:VFREEBUSY
DTSTAMP:20040901T200200Z
ORGANIZER:mailto:cs7user@example.com
DTSTART:20040902T000000Z
DTEND:20040903T000000Z
UID:34222-232@example.com
ATTENDEE;CN=Cal7 User:mailto:cs7user@example.sun.com
END:VFREEBUSY
END:VCALENDAR
`;

describe('a scheduling request', () => {
  it('is read in the form of the sample', () => {
    expect(readScheduleRequest(SAMPLE)).toEqual({
      kind: 'VFREEBUSY',
      uid: '34222-232@example.com',
      organizer: 'mailto:cs7user@example.com',
      attendees: ['mailto:cs7user@example.sun.com'],
      range: { start: '20040902T000000Z', end: '20040903T000000Z' },
    });
  });

  it('comes back as it was, long and odd names too', () => {
    const attendees = [`mailto:${'ü'.repeat(200)}@example.com`, HOSTILE];
    const request = { kind: 'VEVENT', uid: 'u', organizer: HOSTILE, attendees, range: RANGE } as const;
    const text = renderScheduleRequest(request, '20300101T000000Z');
    expect(readScheduleRequest(text)).toEqual(request);
    expect(Math.max(...text.split('\r\n').map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(75);
  });

  it.each([
    ['nothing', ''],
    ['no calendar', 'hello\n'],
    ['half of one', SAMPLE.slice(0, 200)],
    ['two of them', SAMPLE + SAMPLE],
    ['a reply', SAMPLE.replace('REQUEST', 'REPLY')],
    ['a task', SAMPLE.replaceAll('VFREEBUSY', 'VTODO')],
    ['nobody', SAMPLE.replace(/ATTENDEE.*\n/, '')],
    ['no range', SAMPLE.replace(/DTEND.*\n/, '')],
    ['a range that ends before it begins', SAMPLE.replace('20040903', '20040901')],
    ['local time', SAMPLE.replace('20040903T000000Z', '20040903T000000')],
    ['crossed ends', SAMPLE.replace('END:VFREEBUSY\nEND:VCALENDAR', 'END:VCALENDAR\nEND:VFREEBUSY')],
  ])('is not: %s', (_, text) => {
    expect(() => readScheduleRequest(text)).toThrow();
  });

  it('takes no long time to refuse', () => {
    const before = process.cpuUsage();
    for (const evil of [`A${';B=,'.repeat(50_000)}`, `A;B=${'"",'.repeat(50_000)}`, 'BEGIN:X\n'.repeat(100_000)])
      expect(() => readCalendar(evil)).toThrow();
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });
});

describe('an iSchedule answer', () => {
  it('comes back as it was, whatever the names', () => {
    const request = { kind: 'VFREEBUSY', uid: 'u', organizer: HOSTILE, attendees: [HOSTILE], range: RANGE } as const;
    const calendarData = renderFreeBusyReply(request, HOSTILE, [HOUR], '20300101T000000Z');
    const xml = renderScheduleResponse([
      { recipient: HOSTILE, status: '2.0;Success', calendarData },
      { recipient: '</response>', status: '3.7;Invalid calendar user' },
    ]);
    expect(xml.replaceAll(/&#\d+;/g, '')).not.toMatch(/&/);
    const [first, second] = readScheduleResponse(xml);
    expect(first).toMatchObject({ recipient: HOSTILE.replace('\u0007', ''), status: '2.0;Success' });
    expect(readFreeBusyReply(first?.calendarData ?? '')).toEqual([HOUR]);
    expect(second).toEqual({ recipient: '</response>', status: '3.7;Invalid calendar user' });
  });

  it('is read in the forms of later drafts and other servers', () => {
    const xml = `<?xml version="1.0"?><I:schedule-response xmlns:I="urn:ietf:params:xml:ns:ischedule" xmlns:D="DAV:">
      <I:response><I:recipient><D:href>mailto:a@b</D:href></I:recipient><I:request-status/>
      <I:calendar-data><![CDATA[BEGIN:VCALENDAR]]></I:calendar-data></I:response></I:schedule-response>`;
    expect(readScheduleResponse(xml)).toEqual([
      { recipient: 'mailto:a@b', status: '', calendarData: 'BEGIN:VCALENDAR' },
    ]);
    expect(() => readScheduleResponse('<html>It works!</html>')).toThrow('not a schedule-response');
  });
});

describe('a WCAP answer', () => {
  it('comes back from its XML as it was', () => {
    const { body, headers } = renderWcap({ errno: 39, busy: [HOUR], detail: HOSTILE }, 'text/xml');
    expect(readWcapXml(body)).toEqual({ errno: 39, busy: [HOUR], detail: HOSTILE.replace('\u0007', '') });
    expect(headers?.['Content-Type']).toMatch(/^text\/xml/);
    expect(readWcapXml('<iCalendar/>')).toBeUndefined();
  });

  it('is iCalendar unless XML is asked for', () => {
    const { body } = renderWcap({ errno: 0, busy: [HOUR], range: RANGE, calid: 'a@b' }, null);
    const [part] = readCalendar(body).parts;
    expect(part?.lines).toContainEqual({ name: 'X-NSCP-WCAP-ERRNO', value: '0' });
    expect(part?.lines).toContainEqual({ name: 'FREEBUSY', value: '20300107T090000Z/20300107T100000Z' });
  });
});

describe('periods', () => {
  it('are cut to the range and sorted', () => {
    const late = { start: '20300107T230000Z', end: '20300109T000000Z' };
    const before = { start: '20300106T000000Z', end: '20300107T000000Z' };
    expect(clipPeriods([late, HOUR, before], RANGE)).toEqual([HOUR, { ...late, end: RANGE.end }]);
  });

  it('are never guessed at', () => {
    expect(readPeriods('20300107T090000Z/20300107T100000Z,20300107T110000Z/20300107T120000Z')).toHaveLength(2);
    for (const text of ['', '20300107T090000Z', '20300107T090000Z/PT1H', '20301307T090000Z/20301308T090000Z'])
      expect(() => readPeriods(text)).toThrow('not a period');
  });
});
