import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { askHttp } from '../../src/lab/freebusy/http-face.ts';
import { askCs6, inviteOverCs6 } from '../../src/lab/freebusy/look-up-client.ts';
import { readFreeBusyReply, readScheduleResponse, renderScheduleRequest } from '../../src/lab/freebusy/schedule.ts';
import { cs6Host, type RehearsalHost } from './rehearsal-host.ts';

const SBIN = '/opt/SUNWics5/cal/sbin';
const RANGE = { start: '20300107T000000Z', end: '20300108T000000Z' };
const HOUR = { start: '20300107T090000Z', end: '20300107T100000Z' };
const REDIRECT = 'http://127.0.0.1:1/davserver/wcap/get_freebusy.wcap';
const CALENDARS = [
  { calid: 'rd@example.com', owner: 'r+d@example.com', busy: [HOUR] },
  { calid: 'rd@example.com:Team', owner: 'r+d@example.com', busy: [] },
];
const ICALENDAR = { 'Content-Type': 'text/calendar' };

async function started(...lines: readonly string[]): Promise<RehearsalHost> {
  const icsConf = ['service.defaultdomain = "example.com"', ...lines, ''].join('\n');
  const host = await cs6Host({ icsConf, calendars: CALENDARS });
  expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0, stderr: '' });
  return host;
}

function question(...attendees: readonly string[]): string {
  const request = { kind: 'VFREEBUSY', uid: 'u', organizer: 'mailto:a@example.com', range: RANGE } as const;
  return renderScheduleRequest({ ...request, attendees }, '20300101T000000Z');
}

describe('get_freebusy.wcap of Calendar Server 6.3', () => {
  it('answers for its own calendars, by id or by owner', async () => {
    const { url } = await started();
    const ask = async (query: string) => (await askHttp(`${url}/get_freebusy.wcap?${query}`)).body;
    const range = `dtstart=${RANGE.start}&dtend=${RANGE.end}`;
    for (const calid of ['rd', 'rd@example.com', 'mailto:RD@example.com', 'mailto:r%2Bd@example.com'])
      expect(await ask(`calid=${calid}&${range}`)).toContain('FREEBUSY;FBTYPE=BUSY:20300107T090000Z/20300107T100000Z');
    expect(await ask(`calid=rd:Team&${range}`)).toMatch(/CALID:rd@example\.com:Team\r\nX-NSCP-WCAP-ERRNO:0/);
    expect(await ask(`mail=r%2Bd@example.com&fmt-out=text/xml&${range}`)).toContain('<FB FBTYPE="BUSY">20300107T09');
    expect(await ask(`calid=rd&dtstart=tomorrow`)).toContain('X-NSCP-WCAP-ERRNO:39');
    expect(await ask('')).toContain('X-NSCP-WCAP-ERRNO:39');
  });

  it('sends for others to where ics.conf says, with the question as it was', async () => {
    const { url } = await started(`service.wcap.freebusy.redirecturl = "${REDIRECT}"`);
    const query = `calid=mailto%3ajdoe%40example.com&dtstart=${RANGE.start}&dtend=${RANGE.end}&x=%0d%0aSet-Cookie:%20a=b`;
    const reply = await askHttp(`${url}/get_freebusy.wcap?${query}`);
    expect([reply.status, reply.headers.location]).toEqual([302, `${REDIRECT}?${query}`]);
    const stayed = await askHttp(`${url}/get_freebusy.wcap?${query}&noredirect=1`);
    expect([stayed.status, stayed.body]).toEqual([200, expect.stringContaining('X-NSCP-WCAP-ERRNO:29')]);
    const view = await askCs6(url, 'jdoe@example.com', RANGE, 'http://127.0.0.1:2');
    expect(view).toMatchObject({ state: 'failed', detail: expect.stringContaining('not followed') });
    expect(view.hops).toHaveLength(1);
  });

  it('gives up without a place to send to, and when the directory does not answer', async () => {
    const { url } = await started();
    expect(await askCs6(url, 'jdoe@example.com', RANGE)).toMatchObject({
      state: 'failed',
      detail: 'errno 29: no such calendar on this server',
    });
    const directory = { url: 'ldap://127.0.0.1:1', bindDn: 'cn=x', password: 'canary', base: 'o=isp' };
    const host = await cs6Host({ directory });
    await host.run(`${SBIN}/start-cal`);
    const view = await askCs6(host.url, 'jdoe@example.com', RANGE);
    expect(view.detail).toMatch(/^errno 39: the directory: /);
    expect(view.detail).not.toContain('canary');
  });

  it('knows no other paths and methods', async () => {
    const { url } = await started();
    expect((await askHttp(`${url}/`)).status).toBe(404);
    expect((await askHttp(`${url}/get_freebusy.wcap`, { body: 'x' })).status).toBe(405);
    expect((await askHttp(`${url}/ischedule/`, { body: question('mailto:a@b') })).status).toBe(404);
  });
});

describe('iSchedule of Calendar Server 6.3', () => {
  const ON = 'service.http.caldavcompatible = "yes"';

  it('answers for each recipient, without the headers that the sample of the chapter lacks', async () => {
    const { url } = await started(ON);
    const body = question('mailto:rd@example.com', 'mailto:<&>@example.com', 'urn:x');
    const reply = await askHttp(`${url}/ischedule/`, { headers: ICALENDAR, body });
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8']);
    const [own, ...others] = readScheduleResponse(reply.body);
    expect(own).toMatchObject({ recipient: 'mailto:rd@example.com', status: '2.0;Success' });
    expect(readFreeBusyReply(own?.calendarData ?? '')).toEqual([HOUR]);
    expect(others).toEqual([
      { recipient: 'mailto:<&>@example.com', status: '3.7;Invalid calendar user' },
      { recipient: 'urn:x', status: '3.7;Invalid calendar user' },
    ]);
  });

  it('takes the recipients of the header first', async () => {
    const { url } = await started(ON);
    const headers = { ...ICALENDAR, Recipient: 'mailto:nobody@example.com', 'iSchedule-Version': '1.0' };
    const reply = await askHttp(`${url}/ischedule/`, { headers, body: question('mailto:rd@example.com') });
    expect(readScheduleResponse(reply.body).map(one => one.recipient)).toEqual(['mailto:nobody@example.com']);
  });

  it('refuses what is no request', async () => {
    const { url } = await started(ON);
    const post = async (body: string, headers: Readonly<Record<string, string>> = ICALENDAR) =>
      (await askHttp(`${url}/ischedule/`, { headers, body })).status;
    expect(await post('BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n')).toBe(400);
    expect(await post(question('mailto:a@b'), { 'Content-Type': 'text/plain' })).toBe(400);
    expect(await post(question('mailto:a@b'), { ...ICALENDAR, 'iSchedule-Version': '2.0' })).toBe(400);
    expect((await askHttp(`${url}/ischedule/`)).status).toBe(405);
    expect(await post('x'.repeat(1_000_001)).catch(() => 413)).toBe(413);
    expect(await post(question('mailto:rd@example.com'))).toBe(200);
  });

  it('sends a mail to somebody without a calendar, and makes none without a directory', async () => {
    const host = await started(ON);
    expect(await inviteOverCs6(host.url, 'rd@example.com', 'o"neil@example.com', RANGE)).toMatch(/^5\.3;/);
    expect(JSON.parse(host.read('/var/opt/SUNWics5/imip.log'))).toMatchObject({ to: 'o"neil@example.com' });
  });
});

it('a port that is taken, or is none, makes the start fail', async () => {
  const host = await cs6Host();
  const { hostname } = new URL(host.url);
  const other = createServer();
  await new Promise<void>(resolve => other.listen(8080, hostname, resolve));
  const ran = await host.run(`${SBIN}/start-cal`);
  expect([ran.code, ran.stderr]).toEqual([255, expect.stringContaining(`EADDRINUSE`)]);
  expect((await host.run(`${SBIN}/start-cal`, ['-l'])).stdout).not.toContain('http');
  await new Promise<void>(resolve => other.close(() => resolve()));
  expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0 });
  const odd = await cs6Host({ icsConf: 'service.http.port = "none"\n' });
  expect((await odd.run(`${SBIN}/start-cal`)).stderr).toContain('service.http.port is not a port');
});
