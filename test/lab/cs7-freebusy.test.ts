import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { askHttp } from '../../src/lab/freebusy/http-face.ts';
import { askCs7 } from '../../src/lab/freebusy/look-up-client.ts';
import { type Slapd, startSlapd } from '../servers/slapd.ts';
import { cs7Host, type RehearsalHost } from './rehearsal-host.ts';

const RANGE = { start: '20300107T000000Z', end: '20300108T000000Z' };
const HOUR = { start: '20300107T090000Z', end: '20300107T100000Z' };
// The seventh user of the directory is the first one with a davUniqueId.
const KNOWN = 'grace.okafor@example.com';
const STORE = '/var/opt/sun/comms/davserver/busy.json';

let slapd: Slapd;
const folder = mkdtempSync(join(tmpdir(), 'lab-slapd-'));

beforeAll(async () => {
  slapd = await startSlapd(folder);
});
afterAll(async () => {
  await slapd?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function started(options: Readonly<Record<string, string>>, domainMap = ''): Promise<RehearsalHost> {
  const { url, bindDn, password } = slapd;
  const directory = { url, bindDn, password, base: 'o=isp' };
  const host = await cs7Host({ options, domainMap, directory, busy: { [KNOWN]: [HOUR] } });
  expect(await host.run('/opt/glassfish3/bin/asadmin', ['start-domain', 'domain1'])).toMatchObject({ code: 0 });
  return host;
}

/** A stranger in the place of Calendar Server 6.3. */
async function stranger(status: number, body: string): Promise<string> {
  const server: Server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end(body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/ischedule/`;
}

describe('get_freebusy.wcap of Calendar Server 7', () => {
  it('takes everybody in the directory for its own without localuserattr, and needs a unique id', async () => {
    const host = await started({});
    expect(await askCs7(host.url, KNOWN, RANGE)).toMatchObject({ state: 'busy', periods: [HOUR] });
    expect(Object.keys(JSON.parse(host.read(STORE)))).toEqual([expect.stringMatching(/^[0-9a-f]{8}-/)]);
    expect(await askCs7(host.url, KNOWN, RANGE)).toMatchObject({ state: 'busy', periods: [HOUR] });
    expect((await askCs7(host.url, 'jdoe@example.com', RANGE)).detail).toBe(
      'errno 39: uid=jdoe,ou=People,o=example.com,o=isp cannot be used: the entry has no davUniqueId',
    );
    expect((await askCs7(host.url, 'nobody*)(uid=*@example.com', RANGE)).detail).toMatch(/^errno 29: nobody in the/);
  });

  it('never sees an attribute that subjectattributes lacks', async () => {
    const host = await started({ 'davcore.uriinfo.subjectattributes': 'cn mail' });
    expect((await askCs7(host.url, KNOWN, RANGE)).detail).toMatch(/davUniqueId is not in davcore\.uriinfo\.subject/);
    const blind = await started({ 'davcore.uriinfo.subjectattributes': 'davstore' });
    expect((await askCs7(blind.url, KNOWN, RANGE)).detail).toMatch(/mail is not in davcore\.uriinfo\.subject/);
  });

  it('answers in both forms, and to nothing else', async () => {
    const { url } = await started({});
    const query = `mail=${KNOWN}&dtstart=${RANGE.start}&dtend=${RANGE.end}`;
    const path = `${url}/davserver/wcap/get_freebusy.wcap`;
    expect((await askHttp(`${path}?${query}`)).body).toContain('FREEBUSY;FBTYPE=BUSY:20300107T090000Z/2030');
    expect((await askHttp(`${path}?${query}&fmt-out=text/xml`)).body).toContain('<FB FBTYPE="BUSY">20300107T090000Z');
    expect((await askHttp(`${path}?calid=jdoe`)).body).toContain('X-NSCP-WCAP-ERRNO:39');
    expect((await askHttp(`${url}/get_freebusy.wcap`)).status).toBe(404);
    expect((await askHttp(path, { body: '' })).status).toBe(405);
  });
});

describe('a user of another server', () => {
  const LOCAL = { 'davcore.scheduling.localuserattr': 'davStore' };

  it.each([
    ['HTTP 500', 500, 'x', /answered HTTP 500$/],
    ['a page', 200, '<html>It works!</html>', /gave no iSchedule answer: not a schedule-response$/],
    ['nothing', 200, '<schedule-response></schedule-response>', /says nothing of grace\.okafor@example\.com$/],
    [
      'a refusal',
      200,
      '<schedule-response><response><recipient>x</recipient><request-status>5.1;Later</request-status></response></schedule-response>',
      /says of grace\.okafor@example\.com: 5\.1;Later$/,
    ],
    [
      'half an answer',
      200,
      '<schedule-response><response><recipient>x</recipient><request-status>2.0;Success</request-status></response></schedule-response>',
      /not one whole VCALENDAR$/,
    ],
  ])('is asked about where the domain map says, and what comes back is named: %s', async (_, status, body, said) => {
    const host = await started(LOCAL, `example.com=${await stranger(status, body)}\n`);
    expect(await askCs7(host.url, KNOWN, RANGE)).toMatchObject({
      state: 'failed',
      detail: expect.stringMatching(said),
    });
  });

  it('is out of reach where nobody answers', async () => {
    const host = await started(LOCAL, 'example.com=http://127.0.0.1:1/ischedule/\n');
    expect((await askCs7(host.url, KNOWN, RANGE)).detail).toMatch(/:1\/ischedule\/ did not answer: .*ECONNREFUSED/);
  });

  it('is out of reach without a line for the domain', async () => {
    const host = await started(LOCAL, 'example.org=http://127.0.0.1:1/ischedule/\n');
    expect((await askCs7(host.url, KNOWN, RANGE)).detail).toMatch(/no route: .* no line for example\.com$/);
  });
});
