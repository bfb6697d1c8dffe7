import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { davadminFile } from '../../src/lab/lay-rehearsal.ts';
import { cs6Sbin, cs7Home, type Estate, icsConf, runningCs6, startEstate } from '../servers/estate.ts';
import { CS7_USER, deleteCalendars, editFile, restartCs6 } from './broken-settings.ts';
import { type Ran, reconcile } from './cli.ts';

/* The times of a file can be made to lie; what a running server has read decides, and where it is not proved, one restart. */
let estate: Estate;

const domainMap = '/var/opt/sun/comms/davserver/config/ischeduledomainmap.properties';
const limbo = 'grace.okafor@example.com';

beforeAll(async () => {
  estate = await startEstate({ users: 20, groups: 2, resources: 2 });
  await apply();
});
afterAll(async () => estate?.stop());

function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(words, estate.environment);
}

async function apply(): Promise<string> {
  const ran = await run('apply', estate.file, '--yes');
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/In sync\.|Read again: in sync\./)]);
  return ran.stdout;
}

/** Checks, and holds that nothing but one restart is planned, for this reason. */
async function expectRestart(host: string, reason: RegExp): Promise<void> {
  const ran = await run('--check', estate.file);
  expect([ran.code, ran.stdout]).toEqual([2, expect.stringMatching(reason)]);
  expect(ran.stdout.match(/^ +\* .* restart .*$/gm)).toEqual([expect.stringContaining(`* ${host} `)]);
}

async function expectSync(): Promise<string> {
  const ran = await run('--check', estate.file);
  expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('In sync.')]);
  return ran.stdout;
}

function startOf(host: string): string {
  const place = host.startsWith('cs6') ? 'SUNWics5/tmp' : 'sun/comms/davserver';
  return JSON.parse(readFileSync(estate.pathOf(host, `/var/opt/${place}/running.json`), 'utf8')).started;
}

function calendars(): string {
  return readFileSync(estate.pathOf('cs6-fe1', '/var/opt/SUNWics5/csdb/calendars.json'), 'utf8');
}

/** Calendar Server 6 runs with autoprovisioning on, and the file that says otherwise was put back as it was, with its old time. */
function putBack(): void {
  estate.on('cs6-fe1', `cp -p ${icsConf} /var/opt/saved`);
  editFile(estate, 'cs6-fe1', icsConf, text => `${text}local.autoprovision = "yes"\n`);
  restartCs6(estate);
  estate.on('cs6-fe1', `sleep 3; cp -p /var/opt/saved ${icsConf}`);
}

describe('ics.conf', () => {
  it('a copy that was put back with its old time: the restart is planned, and why', async () => {
    deleteCalendars(estate, limbo);
    putBack();
    expect(runningCs6(estate, 'cs6-fe1')['local.autoprovision']).toBe('yes');
    await expectRestart(
      'cs6-fe1',
      /ics\.conf was changed \(ctime\) \S+Z, and it is not proved that cshttpd started later/,
    );
  });

  it('verify asks nothing meanwhile that makes a calendar, and says why', async () => {
    const before = calendars();
    const ran = await run('verify', estate.file, '--probe', CS7_USER, '--probe', limbo, '--format', 'json');
    expect(calendars()).toBe(before);
    const { cells } = JSON.parse(ran.stdout);
    const unasked = cells.filter(({ problem }: { problem?: string }) => problem === 'verify.not-asked');
    expect(unasked.map(({ host, account }: { host: string; account: string }) => `${account} by ${host}`)).toEqual(
      expect.arrayContaining([`${CS7_USER} by cs6-fe1`, `${limbo} by cs6-fe1`, `${limbo} by cs7-fe1`]),
    );
    expect(unasked[0]).toMatchObject({ state: 'unknown', detail: expect.stringContaining('not restarted') });
    await run('verify', estate.file);
    expect(calendars()).toBe(before);
  });

  it('one restart, and it runs with the file', async () => {
    await apply();
    expect(runningCs6(estate, 'cs6-fe1')['local.autoprovision']).toBe('no');
    await expectSync();
  });

  it('a backup or a chmod after a restart of our own owes none', async () => {
    const started = startOf('cs6-fe1');
    estate.on('cs6-fe1', `sleep 3; chmod 600 ${icsConf}; chmod 640 ${icsConf}`);
    await expectSync();
    await apply();
    expect(startOf('cs6-fe1')).toBe(started);
  });

  it('without the record it is one restart, and none after it', async () => {
    estate.on('cs6-fe1', 'rm $HOME/.reconcile/*/start-cs6-service');
    await expectRestart('cs6-fe1', /ics\.conf was changed \(ctime\)/);
    await apply();
    estate.on('cs6-fe1', `sleep 3; chmod 600 ${icsConf}; chmod 640 ${icsConf}`);
    await expectSync();
  });

  it('a time in the future: one restart, then a warning that names it', async () => {
    estate.on('cs6-fe1', `rm $HOME/.reconcile/*/start-cs6-service; touch -d 2099-01-01T00:00:00Z ${icsConf}`);
    await expectRestart('cs6-fe1', /ics\.conf has a time in the future \(mtime 2099-01-01T00:00:00Z\)/);
    await apply();
    const started = startOf('cs6-fe1');
    expect(await expectSync()).toMatch(/in the future[\s\S]*mtime 2099-01-01T00:00:00Z/);
    await apply();
    expect(startOf('cs6-fe1')).toBe(started);
    estate.on('cs6-fe1', `touch ${icsConf}`);
    await expectSync();
  });

  it('a restart by an administrator leaves no record: the times decide', async () => {
    estate.on('cs6-fe1', `cd ${cs6Sbin} && sleep 3 && ./stop-cal && ./start-cal`);
    await expectSync();
    estate.on('cs6-fe1', `sleep 3; chmod 600 ${icsConf}; chmod 640 ${icsConf}`);
    await expectRestart('cs6-fe1', /ics\.conf was changed \(ctime\)/);
    await apply();
    await expectSync();
  });

  it('what differs from the record is not read, whatever the times say', async () => {
    const record = estate.on('cs6-fe1', 'cat $HOME/.reconcile/*/start-cs6-service');
    const sum = /^file ([0-9a-f]{64}) /m.exec(record)?.[1] ?? '';
    const other = `${sum.slice(1)}${sum.startsWith('0') ? '1' : '0'}`;
    estate.on('cs6-fe1', `cd $HOME/.reconcile/*/ && sed -i s/${sum}/${other}/ start-cs6-service`);
    await expectRestart('cs6-fe1', /ics\.conf has changed since cshttpd read it at its start/);
    await apply();
    await expectSync();
  });
});

describe('the files of Calendar Server 7', () => {
  it('a domain map that was put back with its old time', async () => {
    estate.on('cs7-fe1', `sleep 3; cp -p ${domainMap} /var/opt/saved && cp -p /var/opt/saved ${domainMap}`);
    const started = startOf('cs7-fe1');
    await expectSync();
    estate.on('cs7-fe1', 'rm $HOME/.reconcile/*/start-cs7-service');
    await expectRestart('cs7-fe1', /ischeduledomainmap\.properties was changed \(ctime\) \S+Z, and \S+ is not proved/);
    await apply();
    expect(startOf('cs7-fe1')).not.toBe(started);
    await expectSync();
  });

  it('an option that an administrator sets to what it was: the record knows the file', async () => {
    const set = (value: string) =>
      estate.on(
        'cs7-fe1',
        `cd ${cs7Home}/sbin && ./davadmin config modify -u admin -F ${davadminFile} -o notification.dav.smtpport -v "${value}"`,
      );
    set('26');
    await expectRestart('cs7-fe1', /davserver\.properties has changed since \S+ read it at its start/);
    await apply();
    await expectSync();
  });

  it('a time in the future: one restart, then a warning that names it', async () => {
    estate.on('cs7-fe1', `rm $HOME/.reconcile/*/start-cs7-service; touch -d 2099-01-01T00:00:00Z ${domainMap}`);
    await expectRestart('cs7-fe1', /ischeduledomainmap\.properties has a time in the future/);
    await apply();
    const started = startOf('cs7-fe1');
    expect(await expectSync()).toMatch(/mtime 2099-01-01T00:00:00Z/);
    await apply();
    expect(startOf('cs7-fe1')).toBe(started);
  });
});
