import { expect, it, onTestFinished } from 'vitest';
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
