import { describe, expect, it, onTestFinished } from 'vitest';
import { openFreeBusy } from '../../../src/adapters/free-busy/reader.ts';
import { directoryEntries } from '../../../src/lab/directory-content.ts';
import { startEmbeddedDirectory } from '../../../src/lab/embedded/ldap-server.ts';
import { cs6Host, cs7Host } from '../../lab/rehearsal-host.ts';

const NOW = Date.UTC(2030, 0, 1);
const HOUR = { start: '20300107T090000Z', end: '20300107T100000Z' };
const PERIOD = { start: Date.UTC(2030, 0, 7, 9), end: Date.UTC(2030, 0, 7, 10) };
// The seventh user of the directory is the first one with a davUniqueId.
const KNOWN = 'grace.okafor@example.com';

async function directory() {
  const bindDn = 'cn=reconcile,ou=Services,o=isp';
  const content = { suffix: 'o=isp', domain: 'example.com', users: 10, groups: 0, resources: 0 };
  const server = await startEmbeddedDirectory({
    entries: directoryEntries(content),
    suffix: 'o=isp',
    bindDn,
    password: 'bind-lab',
  });
  onTestFinished(() => server.stop());
  return { url: server.url, bindDn, password: 'bind-lab', base: 'o=isp' };
}

it('asks the stand-in of CS6 about its own calendars only', async () => {
  const redirect = 'service.wcap.freebusy.redirecturl = "http://127.0.0.1:1/davserver/wcap/get_freebusy.wcap"';
  const host = await cs6Host({
    icsConf: `service.defaultdomain = "example.com"\n${redirect}\n`,
    calendars: [{ calid: 'rd@example.com', owner: 'r+d@example.com', busy: [HOUR] }],
  });
  await host.run('/opt/SUNWics5/cal/sbin/start-cal');
  const ask = (mail: string) => openFreeBusy(NOW).ask({ http: host.url, side: 'cs6', mail });
  expect(await ask('r+d@example.com')).toEqual({ state: 'answered', busy: [PERIOD] });
  expect(await ask('jdoe@example.com')).toEqual({ state: 'nobody', detail: 'errno 29: no such calendar there' });
});

it('asks the stand-in of CS7', async () => {
  const host = await cs7Host({ options: {}, directory: await directory(), busy: { [KNOWN]: [HOUR] } });
  await host.run('/opt/glassfish3/bin/asadmin', ['start-domain', 'domain1']);
  const ask = (mail: string) => openFreeBusy(NOW).ask({ http: host.url, side: 'cs7', mail });
  expect(await ask(KNOWN)).toEqual({ state: 'answered', busy: [PERIOD] });
  expect(await ask('nobody@example.com')).toMatchObject({ state: 'nobody' });
  expect(await ask('jdoe@example.com')).toEqual({ state: 'failed', detail: 'errno 39' });
});

describe('a look-up across both sides', () => {
  it('goes from CS6 to CS7 by its redirect, and from CS7 to CS6 by iSchedule', async () => {
    const cs7 = await cs7Host({ options: {}, directory: await directory(), busy: { [KNOWN]: [HOUR] } });
    await cs7.run('/opt/glassfish3/bin/asadmin', ['start-domain', 'domain1']);
    const redirect = `${cs7.url}/davserver/wcap/get_freebusy.wcap`;
    const cs6 = await cs6Host({
      icsConf: [
        'service.defaultdomain = "example.com"',
        'service.http.caldavcompatible = "yes"',
        `service.wcap.freebusy.redirecturl = "${redirect}"`,
        '',
      ].join('\n'),
      calendars: [{ calid: 'rd@example.com', owner: 'r+d@example.com', busy: [HOUR] }],
    });
    await cs6.run('/opt/SUNWics5/cal/sbin/start-cal');
    const reader = openFreeBusy(NOW);
    const asked = { http: cs6.url, side: 'cs6', redirect } as const;
    const answered = { state: 'answered', busy: [PERIOD] };

    const across = await reader.lookUp({ ...asked, mail: KNOWN });
    expect(across).toMatchObject(answered);
    expect(across.hops.map(({ method, url, came }) => [method, url, came])).toEqual([
      ['GET', `${cs6.url}/get_freebusy.wcap`, `HTTP 302 to ${redirect}`],
      ['GET', redirect, 'HTTP 200, 1 busy time'],
    ]);
    expect(await reader.lookUp({ ...asked, mail: 'r+d@example.com' })).toMatchObject(answered);
    expect(await reader.lookUp({ ...asked, mail: 'nobody@example.com' })).toMatchObject({
      failure: 'errno',
      code: '29',
    });
    expect(await reader.lookUp({ ...asked, mail: KNOWN, redirect: `${redirect}x` })).toMatchObject({
      failure: 'led-astray',
    });

    const schedule = (attendee: string, path = '/ischedule/') =>
      reader.schedule({ url: `${cs6.url}${path}`, organizer: KNOWN, attendee });
    expect(await schedule('r+d@example.com')).toMatchObject(answered);
    expect(await schedule('nobody@example.com')).toMatchObject({ failure: 'schedule-status', code: '3.7' });
    expect(await schedule('r+d@example.com', '/elsewhere/')).toMatchObject({ failure: 'http-status', code: '404' });
  });
});
