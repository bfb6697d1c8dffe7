import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import type { FreeBusyQuestion } from '../../../src/ports/free-busy.ts';
import { ANSWER, CALENDAR, HOUR, httpServer as http, rawServer as raw } from './servers.ts';

function ask(url: string, side: FreeBusyQuestion['side'] = 'cs7', patience = 50_000) {
  return openFreeBusy(Date.UTC(2030, 0, 1, 13), { patience }).ask({ http: url, side, mail: 'j+doe@example.com' });
}

describe('a question', () => {
  it('is about whole days, and tells CS6 not to refer', async () => {
    const asked: { url: string; packed: unknown }[] = [];
    const url = await http((request, response) => {
      asked.push({ url: request.url ?? '', packed: request.headers['accept-encoding'] });
      response.writeHead(200, CALENDAR).end(ANSWER);
    });
    expect(await ask(`${url}/`)).toEqual({ state: 'answered', busy: [HOUR] });
    await ask(url, 'cs6');
    const query =
      'calid=mailto%3Aj%2Bdoe%40example.com&dtstart=20291202T000000Z&dtend=20310101T000000Z&fmt-out=text%2Fcalendar';
    expect(asked).toEqual([
      { url: `/davserver/wcap/get_freebusy.wcap?${query}`, packed: 'identity' },
      { url: `/get_freebusy.wcap?${query}&noredirect=1`, packed: 'identity' },
    ]);
  });
});

describe('a redirection', () => {
  it('is not followed; to free/busy it means nobody', async () => {
    let followed = 0;
    const elsewhere = await http((_, response) => {
      followed += 1;
      response.writeHead(200, CALENDAR).end(ANSWER);
    });
    const place = `${elsewhere}/davserver/wcap/get_freebusy.wcap?calid=x`;
    const url = await http((_, response) => response.writeHead(302, { Location: place }).end());
    expect(await ask(url, 'cs6')).toEqual({ state: 'nobody', detail: `it refers to ${place}` });
    expect(followed).toBe(0);
  });

  it('to anything else proves nothing', async () => {
    const url = await http((_, response) => response.writeHead(301, { Location: 'https://x.example/login' }).end());
    expect(await ask(url)).toEqual({ state: 'failed', detail: expect.stringContaining('x.example/login') });
    const bare = await http((_, response) => response.writeHead(304).end());
    expect(await ask(bare)).toMatchObject({ state: 'failed', detail: expect.stringContaining('nowhere') });
  });
});

describe('a server that misbehaves ends in a failure, in time', () => {
  it.each([
    ['says no', 500, CALENDAR, ANSWER, /^HTTP 500$/],
    ['has no such page', 404, {}, 'x', /^HTTP 404$/],
    ['shows a page', 200, { 'Content-Type': 'text/html' }, '<html>', /^it answered with text\/html/],
    ['talks nonsense', 200, {}, 'garbage', /^the answer cannot be read: /],
    ['says nothing', 200, CALENDAR, '', /^the answer cannot be read: /],
    ['has another number', 200, CALENDAR, ANSWER.replace('ERRNO:0', 'ERRNO:28'), /^errno 28$/],
    ['tells no times', 200, CALENDAR, 'BEGIN:VCALENDAR\r\nX-NSCP-WCAP-ERRNO:0\r\nEND:VCALENDAR\r\n', /no free\/busy/],
    ['packs it', 200, { ...CALENDAR, 'Content-Encoding': 'gzip' }, gzipSync(ANSWER), /^the answer is packed \(gzip\)/],
    ['sends a bomb', 200, { 'Content-Encoding': 'gzip' }, gzipSync(Buffer.alloc(50_000_000)), /^the answer is packed/],
  ])('%s', async (_, status, headers, body, said) => {
    const url = await http((_, response) => response.writeHead(status, headers).end(body));
    expect(await ask(url)).toEqual({ state: 'failed', detail: expect.stringMatching(said) });
  });

  it('knows no such calendar', async () => {
    const url = await http((_, response) =>
      response.writeHead(200, CALENDAR).end(ANSWER.replace('ERRNO:0', 'ERRNO:29')),
    );
    expect(await ask(url)).toMatchObject({ state: 'nobody' });
  });

  it('needs no number and no type', async () => {
    const url = await http((_, response) => response.end(ANSWER.replace('X-NSCP-WCAP-ERRNO:0\r\n', '')));
    expect(await ask(url)).toMatchObject({ state: 'answered' });
  });

  it('never ends', async () => {
    let sent = 0;
    const url = await http((_, response) => {
      const more = (): void => {
        sent += 65_536;
        if (!response.destroyed && sent < 200_000_000)
          response.write(Buffer.alloc(65_536, 'x'), () => setImmediate(more));
      };
      response.writeHead(200, CALENDAR);
      more();
    });
    const reader = openFreeBusy(0, { patience: 20_000 });
    const answer = await reader.ask({ http: url, side: 'cs7', mail: 'x@example.com' });
    expect(answer).toEqual({ state: 'failed', detail: 'the answer is larger than 1000000 bytes' });
    expect(sent).toBeLessThan(50_000_000);
  });

  it('drips, or says nothing at all', async () => {
    const url = await http((_, response) => {
      response.writeHead(200, CALENDAR);
      const timer = setInterval(() => response.write('X'), 50);
      response.on('close', () => clearInterval(timer));
    });
    const late = { state: 'failed', detail: 'no whole answer within 0.4 seconds' };
    expect(await ask(url, 'cs7', 400)).toEqual(late);
    expect(await ask(await raw(() => {}), 'cs7', 400)).toEqual(late);
  });

  it.each([
    ['hangs up', (socket: Socket) => socket.destroy(), /hang up|ECONNRESET/],
    [
      'hangs up half way',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nBEGIN:'),
      /aborted/,
    ],
    ['speaks something else', (socket: Socket) => socket.end('SSH-2.0-x\r\n'), /Parse Error/],
    [
      'has endless headers',
      (socket: Socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`),
      /overflow/i,
    ],
    ['has escapes in it', (socket: Socket) => socket.end('HTTP/1.1 302 x\r\nLocation: \x1b[2J\r\n\r\n'), /./],
  ])('%s', async (_, respond, said) => {
    const answer = await ask(await raw(respond));
    expect(answer).toEqual({ state: 'failed', detail: expect.stringMatching(said) });
    expect(JSON.stringify(answer)).not.toContain('\u001b');
  });

  it('is not there, or is no address', async () => {
    expect(await ask('http://127.0.0.1:1')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('REFUSED'),
    });
    expect(await ask('nonsense')).toMatchObject({ state: 'failed' });
  });
});
