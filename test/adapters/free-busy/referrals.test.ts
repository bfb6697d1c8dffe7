import { describe, expect, it } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import type { LookUpAnswer } from '../../../src/ports/free-busy.ts';
import { ANSWER, CALENDAR, HOUR, httpServer } from './servers.ts';

const MAIL = 'r+d@example.com';
const PATH = '/davserver/wcap/get_freebusy.wcap';
const QUERY = 'calid=mailto%3Ar%2Bd%40example.com&dtstart=20291202T000000Z&dtend=20310101T000000Z';
const EMPTY = ANSWER.replace(/FREEBUSY:.*\r\n/, '');
const UNKNOWN = ANSWER.replace('ERRNO:0', 'ERRNO:29');

/** A CS7 that notes what it is asked. */
async function cs7(status = 200, headers: Record<string, string> = CALENDAR, body = ANSWER) {
  const asked: string[] = [];
  const url = await httpServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(status, headers).end(body);
  });
  return { asked, url, redirect: `${url}${PATH}` };
}

const cs6 = (status: number, headers: Record<string, string>, body = '') =>
  httpServer((_, response) => response.writeHead(status, headers).end(body));

function lookUp(http: string, redirect?: string): Promise<LookUpAnswer> {
  const reader = openFreeBusy(Date.UTC(2030, 0, 1, 13), { patience: 50_000 });
  return reader.lookUp({ http, side: 'cs6', mail: MAIL, ...(redirect && { redirect }) });
}

describe('the first question', () => {
  it('is what a client asks, and lets CS6 refer', async () => {
    const server = await cs7();
    const answer = await lookUp(`${server.url}/`, server.redirect);
    expect(server.asked).toEqual([`/get_freebusy.wcap?${QUERY}&fmt-out=text%2Fcalendar`]);
    const hop = { method: 'GET', url: `${server.url}/get_freebusy.wcap`, came: 'HTTP 200, 1 busy time' };
    expect(answer).toEqual({
      state: 'answered',
      busy: [HOUR],
      hops: [{ ...hop, milliseconds: expect.any(Number) }],
    });
  });

  it('goes to the path of CS7 for CS7', async () => {
    const server = await cs7();
    await openFreeBusy(0).lookUp({ http: server.url, side: 'cs7', mail: MAIL });
    expect(server.asked[0]).toMatch(PATH);
  });
});

describe('a referral to the configured URL is followed', () => {
  it.each([301, 302, 303, 307, 308])('as HTTP %i', async status => {
    const { redirect, asked } = await cs7();
    const http = await cs6(status, { Location: `${redirect}?calid=x&dtstart=1&dtend=2&fmt-out=3&noredirect=1` });
    const answer = await lookUp(http, redirect);
    expect(answer).toMatchObject({ state: 'answered', busy: [HOUR] });
    expect(answer.hops.map(({ url, came }) => [url, came])).toEqual([
      [`${http}/get_freebusy.wcap`, `HTTP ${status} to ${redirect}`],
      [redirect, 'HTTP 200, 1 busy time'],
    ]);
    expect(asked).toEqual([`${PATH}?calid=x&dtstart=1&dtend=2&fmt-out=3`]);
  });

  it.each<readonly [string, string, (url: string) => string]>([
    ['a property', 'text/calendar', url => EMPTY.replace('X-NSCP', `X-NSCP-WCAP-REDIRECT:${url}\r\nX-NSCP`)],
    [
      'a folded property',
      'text/calendar',
      url => UNKNOWN.replace('X-', `X-URL:${url.slice(0, 20)}\r\n ${url.slice(20)}\r\nX-`),
    ],
    ['an element', 'text/xml', url => `<iCalendar><iCal><X-REDIRECT-URL>${url}</X-REDIRECT-URL></iCal></iCalendar>`],
    ['the whole text', 'text/plain', url => `${url}\r\n`],
    ['a page that goes on', 'text/html', url => `<meta http-equiv="refresh" content='0;url=${url}?a=1&amp;b=2'>`],
  ])('as %s of an answer without times', async (_, type, render) => {
    const { redirect, asked } = await cs7();
    const answer = await lookUp(await cs6(200, { 'Content-Type': type }, render(redirect)), redirect);
    expect(answer).toMatchObject({ state: 'answered', busy: [HOUR] });
    expect(asked).toEqual([expect.stringContaining(QUERY)]);
  });
});

describe('no referral is', () => {
  it.each<readonly [string, string, object]>([
    ['the URL that a calendar has', EMPTY.replace('X-', `URL:http://x.example${PATH}\r\nX-`), { busy: [] }],
    ['a redirect beside times', ANSWER.replace('X-', `X-REDIRECT:http://x.example${PATH}\r\nX-`), { busy: [HOUR] }],
    ['a URL of something else', UNKNOWN.replace('X-', 'X-SEE:http://x.example/help\r\nX-'), { code: '29' }],
  ])('%s', async (_, body, expected) => {
    const { redirect } = await cs7();
    expect(await lookUp(await cs6(200, CALENDAR, body), redirect)).toMatchObject(expected);
  });
});

describe('a referral elsewhere is not followed', () => {
  const place = /^http:\/\/127\.0\.0\.1:(\d+)/;
  it.each<readonly [string, (redirect: string, own: string) => string]>([
    ['to another host', redirect => redirect.replace('127.0.0.1', 'localhost')],
    ['to another port', redirect => redirect.replace(place, 'http://127.0.0.1:1')],
    ['to another path', redirect => `${redirect}/..`],
    ['to another scheme', redirect => redirect.replace('http:', 'https:')],
    ['to a file', () => 'file:///etc/passwd'],
    ['to itself', (_, own) => `${own}/get_freebusy.wcap`],
    ['to a path of its own', () => PATH],
    ['with a name and password', redirect => redirect.replace('http://', 'http://admin:x@')],
    ['to what is no URL', () => 'http://[::1'],
    ['to nothing', () => ''],
  ])('%s', async (_, render) => {
    const { redirect, asked } = await cs7();
    const own = await httpServer((request, response) =>
      response.writeHead(302, { Location: render(redirect, `http://${request.headers.host}`) }).end(),
    );
    const answer = await lookUp(own, redirect);
    expect(answer).toMatchObject({ state: 'failed', failure: 'led-astray', hops: [{ came: expect.any(String) }] });
    expect(answer.hops[0]?.came).toContain(`and not to ${redirect}`);
    expect(JSON.stringify(answer)).not.toContain('admin:x');
    expect(asked).toEqual([]);
  });

  it('where none is configured', async () => {
    const { redirect, asked } = await cs7();
    const answer = await lookUp(await cs6(302, { Location: redirect }));
    expect(answer).toMatchObject({ failure: 'led-astray', detail: expect.stringContaining('none is configured') });
    expect(asked).toEqual([]);
  });

  it.each([
    ['HTTP', 302, { Location: '/davserver/wcap/get_freebusy.wcap' }, ''],
    ['its text', 200, CALENDAR, `http://cs6.example/get_freebusy.wcap`],
  ])('a second time, by %s', async (_, status, headers, body) => {
    const { redirect, asked } = await cs7(status, headers, body);
    const answer = await lookUp(await cs6(302, { Location: redirect }), redirect);
    expect(answer).toMatchObject({
      failure: 'led-astray',
      hops: [{}, { came: expect.stringContaining('second time') }],
    });
    expect(asked).toHaveLength(1);
  });

  it('of an iSchedule request at all', async () => {
    const { redirect, asked } = await cs7();
    const http = await cs6(307, { Location: `${redirect}?secret=1` });
    const reader = openFreeBusy(0, { patience: 50_000 });
    const answer = await reader.schedule({ url: `${http}/ischedule/`, organizer: 'a@b', attendee: MAIL });
    expect(answer).toMatchObject({ failure: 'led-astray', code: '307' });
    expect(asked).toEqual([]);
  });
});

it('a redirection to nowhere is a status', async () => {
  expect(await lookUp(await cs6(304, {}))).toMatchObject({ failure: 'http-status', code: '304' });
  expect(await lookUp(await cs6(302, {}))).toMatchObject({ failure: 'http-status', code: '302' });
});
