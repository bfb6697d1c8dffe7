import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { calendarAddress, isAddressOf } from '../../../src/adapters/free-busy/parse-answer.ts';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import { httpServer } from './servers.ts';

interface Asked {
  readonly message: IncomingMessage;
  readonly body: string;
}

async function scheduled(organizer: string, attendee: string) {
  const asked: Asked[] = [];
  const url = await httpServer(async (message, response) => {
    asked.push({ message, body: await text(message) });
    response.end();
  });
  const reader = openFreeBusy(Date.UTC(2030, 0, 1, 13, 5));
  const ask = () => reader.schedule({ url: `${url}/ischedule/`, organizer, attendee });
  return { asked, answer: await ask(), ask };
}

describe('a request', () => {
  it("is the chapter's sample with the headers that it lacks", async () => {
    const { asked, ask } = await scheduled('cs7.user@example.com', 'r+d@example.com');
    await ask();
    const [first, second] = asked;
    const host = first?.message.headers.host;
    expect(first?.message.method).toBe('POST');
    expect(first?.message.url).toBe('/ischedule/');
    expect(first?.message.rawHeaders).toEqual([
      ...['Content-Type', 'text/calendar', 'iSchedule-Version', '1.0'],
      ...['Originator', 'mailto:cs7.user@example.com', 'Recipient', 'mailto:r+d@example.com'],
      ...['Content-Length', String(first?.body.length), 'Accept-Encoding', 'identity'],
      ...['Connection', 'close', 'Host', host],
    ]);
    const [uid, another] = [first, second].map(one => /^UID:(.*)\r$/m.exec(one?.body ?? '')?.[1]);
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(uid).not.toBe(another);
    expect(first?.body).toBe(
      [
        'BEGIN:VCALENDAR',
        'VERSION:2.0',
        'PRODID:-//Sun Microsystems/Sun Calendar Server 7.0-0.13//EN',
        'METHOD:REQUEST',
        'BEGIN:VFREEBUSY',
        'DTSTAMP:20300101T130500Z',
        'ORGANIZER:mailto:cs7.user@example.com',
        'DTSTART:20291202T000000Z',
        'DTEND:20310101T000000Z',
        `UID:${uid}`,
        'ATTENDEE:mailto:r+d@example.com',
        'END:VFREEBUSY',
        'END:VCALENDAR',
        '',
      ].join('\r\n'),
    );
  });

  it('is folded where an address is long', async () => {
    const mail = `${'long.'.repeat(40)}name@example.com`;
    const { asked } = await scheduled('a@example.com', mail);
    const lines = asked[0]?.body.split('\r\n') ?? [];
    // RFC 5545 would have 75; ical.js does not count the blank that a line goes on with.
    expect(Math.max(...lines.map(line => Buffer.byteLength(line)))).toBeLessThanOrEqual(76);
    expect(asked[0]?.body.replaceAll('\r\n ', '')).toContain(`\r\nATTENDEE:mailto:${mail}\r\n`);
    expect(asked[0]?.message.headers['recipient']).toBe(`mailto:${mail}`);
  });
});

describe('an address that would say more than an address', () => {
  const escapes = '\u001b[2J@example.com';
  it.each(['a@b\r\nX-Evil: 1', 'a\nATTENDEE:mailto:x@y@b', escapes, '', 'nobody', '@example.com', 'a@', 'a\u2028@b'])(
    'is not sent: %j',
    async mail => {
      for (const [organizer, attendee] of [
        [mail, 'a@example.com'],
        ['a@example.com', mail],
      ] as const) {
        const { asked, answer } = await scheduled(organizer, attendee);
        const detail = expect.stringMatching(/^no mail address: [\x20-\x7e]+$/);
        expect(answer).toEqual({ state: 'failed', failure: 'no-address', detail, hops: [] });
        expect(asked).toEqual([]);
      }
      const reader = openFreeBusy(0, { patience: 100 });
      const question = { http: 'http://127.0.0.1:1', side: 'cs6', mail } as const;
      expect(await reader.lookUp(question)).toMatchObject({ failure: 'no-address' });
    },
  );

  it.each([
    ['jdoe@example.com', 'mailto:jdoe@example.com'],
    ['r+d@example.com', 'mailto:r+d@example.com'],
    ["o'neil@example.com", "mailto:o'neil@example.com"],
    ['a,mailto:b@example.com', 'mailto:a%2Cmailto%3Ab@example.com'],
    ['a?b&c=d;e@example.com', 'mailto:a%3Fb%26c%3Dd%3Be@example.com'],
    ['"john doe"@example.com', 'mailto:%22john%20doe%22@example.com'],
    ['50%@example.com', 'mailto:50%25@example.com'],
    ['jürgen@müller.example', 'mailto:j%C3%BCrgen@m%C3%BCller.example'],
  ])('is encoded: %s', async (mail, uri) => {
    expect(calendarAddress(mail)).toBe(uri);
    expect(isAddressOf(mail, uri)).toBe(true);
    const { asked } = await scheduled('a@example.com', mail);
    expect(asked[0]?.message.headers['recipient']).toBe(uri);
    expect(asked[0]?.body).toContain(`\r\nATTENDEE:${uri}\r\n`);
  });
});

it.each([
  ['MAILTO:JDoe@Example.com', true],
  ['<mailto:jdoe@example.com>', true],
  [' jdoe@example.com\n', true],
  ['mailto:jdoe%40example.com', true],
  ['mailto:jdoe@example.com.evil', false],
  ['urn:uuid:1', false],
  ['mailto:%ff@example.com', false],
])('whether %j is the address of jdoe@example.com: %s', (written, is) => {
  expect(isAddressOf('jdoe@example.com', written)).toBe(is);
});
