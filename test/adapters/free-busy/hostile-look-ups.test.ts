import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import type { LookUpAnswer, LookUpFailure } from '../../../src/ports/free-busy.ts';
import { ANSWER, drip, pour, rawServer } from './servers.ts';

const MAIL = 'jdoe@example.com';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n';

/** Both kinds of look-up of a server that answers like this. */
async function both(respond: (socket: Socket) => void, patience = 50_000): Promise<readonly LookUpAnswer[]> {
  const http = await rawServer(respond);
  const reader = openFreeBusy(0, { patience });
  const redirect = `${http}/elsewhere`;
  return await Promise.all([
    reader.lookUp({ http, side: 'cs6', mail: MAIL, redirect }),
    reader.schedule({ url: `${http}/ischedule/`, organizer: 'asks@example.com', attendee: MAIL }),
  ]);
}

async function expectBoth(respond: (socket: Socket) => void, failure: LookUpFailure, said: RegExp, patience?: number) {
  for (const answer of await both(respond, patience)) {
    const printable = expect.stringMatching(/^[^\u0000-\u001f\u007f-\u009f\u202a-\u202e]{1,301}$/);
    expect(answer).toMatchObject({ state: 'failed', failure, detail: printable, hops: [{ came: printable }] });
    expect('detail' in answer && answer.detail).toMatch(said);
  }
}

const body = (text: string | Buffer) => (socket: Socket) => {
  socket.write(`${HEAD}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n`);
  socket.end(text);
};
const says = (text: string) => (socket: Socket) => void socket.end(text);
const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`);

describe('a body that is no answer', () => {
  it.each<readonly [string, string | Buffer, LookUpFailure, RegExp]>([
    ['a billion laughs', `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs.join('')}]><x>&l9;</x>`, 'unreadable', /DOCTYPE/],
    [
      'a file as an entity',
      `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>`,
      'unreadable',
      /DOCTYPE/,
    ],
    ['a DTD from elsewhere', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>', 'unreadable', /DOCTYPE/],
    ['an entity that nothing declares', '<schedule-response>&lol;</schedule-response>', 'unreadable', /cannot be read/],
    ['deep XML', '<a>'.repeat(300_000), 'unreadable', /nested deeper/],
    ['deep XML of an answer', `<iCalendar>${'<a>'.repeat(99)}${'</a>'.repeat(99)}</iCalendar>`, 'unreadable', /nested/],
    [
      'many attributes',
      `<iCalendar ${Array.from({ length: 90_000 }, (_, i) => `a${i}="1"`).join(' ')}>`,
      'unreadable',
      /./,
    ],
    ['a huge attribute', `<iCalendar a="${'x'.repeat(900_000)}"/>`, 'unreadable', /./],
    ['a huger attribute', `<iCalendar a="${'x'.repeat(2_000_000)}"/>`, 'too-large', /larger than 1000000 bytes/],
    ['a packed body that nobody announced', gzipSync(Buffer.alloc(50_000_000)), 'unreadable', /./],
    ['bytes', Buffer.alloc(500_000), 'unreadable', /./],
    ['half of a character', Buffer.from([0x3c, 0xe2, 0x82]), 'unreadable', /./],
    ['escape sequences', '<\u001b[2J\u0000\u202e/>', 'unreadable', /disallowed/],
    ['deep iCalendar', 'BEGIN:A\r\n'.repeat(100_000), 'unreadable', /./],
    ['a line of megabytes', `BEGIN:VCALENDAR\r\nX:${'\r\n x'.repeat(700_000)}`, 'too-large', /./],
    ['a million times', `FREEBUSY:${'20300107T090000Z/PT1H,'.repeat(1_000_000)}`, 'too-large', /./],
  ])('%s', async (_, text, failure, said) => {
    await expectBoth(body(text), failure, said);
  });

  it('of another type', async () => {
    await expectBoth(says(`HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n${ANSWER}`), 'wrong-type', /image\/png/);
  });

  it('that is packed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    await expectBoth(
      socket => {
        socket.write(`${HEAD}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`);
        socket.end(bomb);
      },
      'packed',
      /packed \(gzip\)/,
    );
    await expectBoth(says(`${HEAD}Content-Encoding: x\x1b[2J\r\n\r\nx`), 'unreadable', /./);
  });
});

describe('an exchange that goes wrong', () => {
  const chunked = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;
  it.each<readonly [string, (socket: Socket) => void, LookUpFailure, RegExp]>([
    ['hangs up', socket => void socket.destroy(), 'cut-short', /./],
    ['stops in a header', says('HTTP/1.1 200 OK\r\nContent-Ty'), 'cut-short', /./],
    ['stops before the body', says(`${HEAD}Content-Length: 9\r\n\r\n`), 'cut-short', /./],
    ['stops in the body', says(`${HEAD}Content-Length: 900\r\n\r\n<iCal`), 'cut-short', /./],
    ['stops between chunks', says(`${chunked}5\r\n<iCal\r\n`), 'cut-short', /./],
    ['promises a chunk of terabytes', says(`${chunked}fffffffffff\r\n<iCal`), 'cut-short', /./],
    ['sends more than the chunk', says(`${chunked}2\r\n<iCalendar>\r\n0\r\n\r\n`), 'unreadable', /Parse Error/],
    ['counts chunks in words', says(`${chunked}many\r\n<iCal\r\n`), 'unreadable', /Parse Error/],
    ['has a chunk larger than numbers', says(`${chunked}${'f'.repeat(40)}\r\nx`), 'unreadable', /Parse Error/],
    ['sends more than it said', says(`${HEAD}Content-Length: 5\r\n\r\n<iCalendar/>`), 'unreadable', /./],
    [
      'has two lengths',
      says(`${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\nxxxxx`),
      'unreadable',
      /Parse Error/,
    ],
    [
      'has a length and chunks',
      says(`${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`),
      'unreadable',
      /./,
    ],
    ['has a length below nothing', says(`${HEAD}Content-Length: -5\r\n\r\nxxxxx`), 'unreadable', /Parse Error/],
    ['speaks something else', says('SSH-2.0-x\r\n'), 'unreadable', /Parse Error/],
    ['speaks HTTP/2', socket => void socket.end(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])), 'unreadable', /Parse Error/],
    [
      'wants another protocol',
      says('HTTP/1.1 101 No\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'),
      'cut-short',
      /./,
    ],
    ['has a header of megabytes', socket => pour(socket, HEAD, `X: ${'x'.repeat(100_000)}`), 'too-large', /overflow/i],
    ['has endless headers', socket => pour(socket, HEAD, 'X: y\r\n'.repeat(999)), 'too-large', /overflow/i],
    [
      'has endless chunks',
      socket => pour(socket, chunked, `200\r\n${' '.repeat(512)}\r\n`.repeat(99)),
      'too-large',
      /larger/,
    ],
    [
      'has an endless body',
      socket => pour(socket, `${HEAD}\r\n`, 'x'.repeat(65_536)),
      'too-large',
      /larger than 1000000/,
    ],
    ['has escapes in its status line', says('HTTP/1.1 500 \x1b[2J\x00\r\n\r\n'), 'http-status', /^HTTP 500$/],
    ['has escapes in its reason', says('HTTP/1.1 500 \x1b[2J\r\n\r\n'), 'http-status', /^HTTP 500$/],
    ['has a status that is none', says('HTTP/1.1 999 Odd\r\n\r\n'), 'http-status', /^HTTP 999$/],
  ])('%s', async (_, respond, failure, said) => {
    await expectBoth(respond, failure, said);
  });

  it.each<readonly [string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['drips', socket => drip(socket, `${HEAD}\r\n`, '<')],
    ['drips headers', socket => drip(socket, HEAD, 'X: y\r\n')],
    ['drips chunks', socket => drip(socket, `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n<\r\n')],
    ['goes on for ever', socket => pour(socket, '', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(99))],
    ['never closes', socket => void socket.write(`${HEAD}Content-Length: 900\r\n\r\n<iCal`)],
  ])('%s', async (_, respond) => {
    await expectBoth(respond, 'timed-out', /^no whole answer within 0.4 seconds$/, 400);
  });

  it('drips beside a status, which is what counts', async () => {
    await expectBoth(
      socket => drip(socket, 'HTTP/1.1 503 x\r\nContent-Type: text/xml\r\n\r\n<', 'e'),
      'http-status',
      /^HTTP 503$/,
      2000,
    );
  });
});

describe('what it says is printable', () => {
  const to = (text: string) =>
    `<schedule-response><response><recipient>mailto:${MAIL}</recipient>${text}</response></schedule-response>`;
  it.each([
    [
      'in a status',
      to('<request-status>5.1;\u009b2J\u202eevil&#x9b;2J&#10;next</request-status>'),
      /\\u009b2J\\u202eevil\\u009b2J next/,
    ],
    ['in a recipient', to('').replace('mailto:', 'mailto:\u202e'), /tells of mailto:\\u202e/],
    ['in a root', '<\u00e9\u200d\u0085/>', /./],
    [
      'in a description',
      '<error><x/><responsedescription>\u202e\u007f&#9;</responsedescription></error>',
      /\\u202e\\u007f/,
    ],
    ['however long', `<error><x/><responsedescription>${'x'.repeat(500_000)}</responsedescription></error>`, /x…$/],
  ])('%s', async (_, text, said) => {
    const [, answer] = await both(body(text));
    expect(answer).toMatchObject({ state: 'failed', detail: expect.stringMatching(said) });
    expect(answer?.hops[0]?.came).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u202e]{1,301}$/);
  });

  it('in a redirect', async () => {
    const [first] = await both(says('HTTP/1.1 302 x\r\nLocation: http://[\u00e9]\u00a0/\r\n\r\n'));
    expect(first).toMatchObject({ failure: 'led-astray' });
  });
});

it('as many times as fit are read', async () => {
  const times = '20300107T090000Z/PT1H,'.repeat(40_000).slice(0, -1);
  const calendar = `BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:${times}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n`;
  const [answer] = await both(body(calendar));
  expect(answer).toMatchObject({ state: 'answered', busy: { length: 40_000 } });
});
