import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startStrangers } from '../../src/lab/cs6/tool.ts';
import type { Cs6Dialect, Cs7Dialect } from '../../src/lab/dialect.ts';
import { strangersRun } from '../../src/lab/process-list.ts';
import { until } from '../tools/until.ts';
import { cs6Host, cs7Host, type Ran, type RehearsalHost } from './rehearsal-host.ts';

/** What a stand-in prints with each switch of its dialect. */

const SBIN = '/opt/SUNWics5/cal/sbin';
const BIN = '/opt/lab/bin';
const jdoe = { calid: 'jdoe@example.com', owner: 'jdoe@example.com' };

describe('cscal', () => {
  const list = async (dialect: Partial<Cs6Dialect>, ...words: readonly string[]): Promise<Ran> => {
    const host = await cs6Host({ dialect, calendars: [jdoe] });
    return host.run('./cscal', [...words, 'list'], { cwd: SBIN });
  };
  const line = 'jdoe@example.com: owner=jdoe@example.com status=enabled';

  it('may print calendars only', async () => {
    const ran = await list({ listBanner: false, listCount: false });
    expect(ran).toMatchObject({ code: 0, stdout: `${line}\n` });
  });

  it('may print something after the status', async () => {
    expect((await list({ afterStatus: ' type=default' })).stdout).toContain(`${line} type=default\n`);
  });

  it.each([
    ['listing', 0, 'Calendar list:\n\n\n0 calendar(s)\n'],
    ['nothing', 0, ''],
    ['failure', 255, ''],
  ] as const)('has a %s for an owner without calendars', async (noCalendars, code, stdout) => {
    expect(await list({ noCalendars }, '-o', 'nobody@example.com')).toMatchObject({ code, stdout });
  });
});

describe('start-cal and stop-cal', () => {
  it.each([
    ['names', 0, 'Sun Java System Calendar Server 6.3 -- csservice\nwatcher\nens\nstore\nnotify\nadmin\nhttp\n'],
    ['table', 0, 'Daemon      State\n-----------------\nwatcher     up\nenpd        up\n'],
    ['nothing', 0, ''],
    ['failure', 1, ''],
  ] as const)('list what is active: %s', async (activeList, code, stdout) => {
    const host = await cs6Host({ dialect: { activeList } });
    await host.run(`${SBIN}/start-cal`);
    const ran = await host.run(`${SBIN}/start-cal`, ['-l']);
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(stdout)]);
  });

  it('may end with other codes than 0', async () => {
    const host = await cs6Host({ dialect: { startCode: 3, stopCode: 1 } });
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 3 });
    expect(runningNames(await processes(host))).toEqual(['cshttpd']);
    expect(await host.run(`${SBIN}/stop-cal`)).toMatchObject({ code: 1 });
    expect(await host.run(`${SBIN}/stop-cal`, ['-x'])).toMatchObject({ code: 255 });
    expect(runningNames(await processes(host))).toEqual([]);
  });
});

const listProcesses = ['-e', '-o', 'pid', '-o', 'etime', '-o', 'args'];

async function processes(host: RehearsalHost, words: readonly string[] = listProcesses): Promise<readonly string[]> {
  const ran = await host.run(`${BIN}/ps`, words);
  return ran.stdout.split('\n').slice(1);
}

function runningNames(rows: readonly string[]): readonly string[] {
  return rows.flatMap(row => /\d (?:\S*\/)?(cs\w+d|enpd|watcher)\b/.exec(row)?.[1] ?? []).toSorted();
}

const all = ['csadmind', 'cshttpd', 'csnotifyd', 'csstored', 'enpd', 'watcher'];

describe('ps', () => {
  it('may show each component below the base', async () => {
    const host = await cs6Host({ dialect: { processes: 'each', processNames: 'path' } });
    await host.run(`${SBIN}/start-cal`);
    const rows = await processes(host);
    expect(runningNames(rows)).toEqual(all);
    expect(rows.join('\n')).toContain(' /opt/SUNWics5/cal/lib/cshttpd -d1\n');
    await host.run(`${SBIN}/stop-cal`, ['admin']);
    expect(runningNames(await processes(host))).toEqual(all.slice(1));
    await host.run(`${SBIN}/stop-cal`, ['-f']);
    expect(runningNames(await processes(host))).toEqual([]);
  });

  it('shows csadmind on a back end without cshttpd', async () => {
    const host = await cs6Host({ icsConf: 'service.http.enable = "no"\n' });
    await host.run(`${SBIN}/start-cal`);
    expect(runningNames(await processes(host))).toEqual(['csadmind']);
  });

  it('may show processes that outlive stop-cal', async () => {
    const host = await cs6Host({ dialect: { processes: 'each', outlive: 1500 } });
    await host.run(`${SBIN}/start-cal`);
    await host.run(`${SBIN}/stop-cal`);
    expect(runningNames(await processes(host))).toEqual(all.filter(name => name !== 'cshttpd'));
    await until(async () => runningNames(await processes(host)).length === 0, 'all are gone');
    expect(readdirSync(`${host.tree}/var/opt/lab/daemons`)).toEqual([]);
  });

  it('may be helped by files with process numbers', async () => {
    const host = await cs6Host({ dialect: { processes: 'each', pidFiles: true } });
    await host.run(`${SBIN}/start-cal`);
    for (const name of all) {
      const pid = Number(host.read(`/var/opt/SUNWics5/tmp/${name}.pid`));
      expect((await processes(host)).join('\n')).toMatch(new RegExp(`^ *${pid} .*${name}`, 'm'));
    }
    await host.run(`${SBIN}/stop-cal`);
    expect(host.exists('/var/opt/SUNWics5/tmp/csadmind.pid')).toBe(false);
  });

  const strangers = [
    { what: 'zone', processes: ['cshttpd'] },
    { what: 'base', processes: ['csadmind'] },
  ] as const;

  it('may show the processes of others, told apart by zone or base', async () => {
    const host = await cs6Host({ dialect: { processNames: 'path', zones: true, strangers } });
    startStrangers(host.tree);
    await host.run(`${SBIN}/start-cal`);
    const everywhere = await processes(host, ['-e', '-o', 'pid', '-o', 'zone', '-o', 'args']);
    const servers = everywhere.flatMap(row => /^ *\d+ +(\S+) (\S+)\/cal\/lib\/(\S+)/.exec(row)?.slice(1).join() ?? []);
    expect(servers.toSorted()).toEqual([
      'global,/opt/SUNWics5,cshttpd',
      'global,/opt/second/SUNWics5,csadmind',
      'zone1,/opt/SUNWics5,cshttpd',
    ]);
    expect((await host.run(`${BIN}/zonename`)).stdout).toBe('global\n');
    expect(runningNames(await processes(host, ['-z', 'zone1', '-o', 'pid,args']))).toEqual(['cshttpd']);
    expect(runningNames(await processes(host, ['-z', 'global', '-o', 'pid,args']))).toEqual(['csadmind', 'cshttpd']);
    await host.run(`${SBIN}/stop-cal`);
    expect(strangersRun(host.tree)).toBe(true);
  });

  it('knows no zones unless told', async () => {
    const host = await cs6Host({ dialect: { strangers: [{ what: 'twin', processes: ['cshttpd'] }] } });
    startStrangers(host.tree);
    expect(runningNames(await processes(host))).toEqual(['cshttpd']);
    expect(await host.run(`${BIN}/ps`, ['-z', 'global', '-o', 'pid'])).toMatchObject({ code: 1 });
    expect(host.exists(`${BIN}/zonename`)).toBe(false);
  });
});

describe('software and places of CS6', () => {
  it('may lack what lists patches, and refuse it', async () => {
    const host = await cs6Host({ dialect: { showrev: 'absent', patchadd: 'not-root' } });
    expect(host.exists(`${BIN}/showrev`)).toBe(false);
    expect(await host.run(`${BIN}/patchadd`, ['-p'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'patchadd: You must be root to execute this program\n',
    });
    const redhat = await cs6Host({ platform: 'redhat', dialect: { rpm: 'absent' } });
    expect(redhat.exists(`${BIN}/rpm`)).toBe(false);
  });

  it('may take long to list them', async () => {
    const host = await cs6Host({ dialect: { showrev: 'slow', showrevDelay: 1 } });
    const begun = Date.now();
    expect((await host.run(`${BIN}/showrev`, ['-p'])).stdout).toContain('121657-44');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1000);
  });

  it.each([
    ['usual', 'base', '/opt', SBIN, '/etc/opt/SUNWics5/config/ics.conf'],
    ['ha', 'home', '/opt/SUNWics5/cal', SBIN, '/opt/SUNWics5/cal/config/ics.conf'],
    ['site', 'base', '/opt/site', '/opt/site/SUNWics5/cal/sbin', '/opt/site/etc/opt/SUNWics5/config/ics.conf'],
    ['site', 'home', '/opt/site/SUNWics5/cal', '/opt/site/SUNWics5/cal/sbin', undefined],
  ] as const)('may be %s, found by its %s', async (place, installRoot, root, sbin, icsConf) => {
    const host = await cs6Host({ dialect: { place, installRoot } });
    expect(await host.run(`${BIN}/pkginfo`, ['-r', 'SUNWics5'])).toMatchObject({ code: 0, stdout: `${root}\n` });
    expect(await host.run(`${BIN}/pkginfo`, ['-r', 'SUNWother'])).toMatchObject({ code: 1, stdout: '' });
    expect(await host.run(`${sbin}/start-cal`)).toMatchObject({ code: 0 });
    if (icsConf) expect(host.exists(icsConf)).toBe(true);
  });

  it('may be found by rpm', async () => {
    const host = await cs6Host({ platform: 'redhat', dialect: { place: 'site', installRoot: 'base' } });
    const words = ['-q', '--queryformat', '%{INSTALLPREFIX}'];
    expect(await host.run(`${BIN}/rpm`, [...words, 'sun-calendar-server'])).toMatchObject({ stdout: '/opt/site' });
    expect(await host.run(`${BIN}/rpm`, [...words, 'other'])).toMatchObject({ code: 1 });
    expect(await host.run('/opt/site/sun/calendar/sbin/start-cal')).toMatchObject({ code: 0 });
  });
});

describe('Sun Cluster', () => {
  it('keeps start-cal and stop-cal to itself', async () => {
    const host = await cs6Host({ dialect: { cluster: 'refuses' } });
    expect(host.read('/etc/opt/SUNWics5/config/ics.conf')).toContain('\nlocal.server.ha.enabled="yes"\n');
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 255 });
    expect((await host.run(`${BIN}/scstat`, ['-g'])).stdout).toContain(' Offline');
    expect(await host.run(`${BIN}/scswitch`, ['-e', '-j', 'cal'])).toMatchObject({ code: 0 });
    expect((await host.run(`${BIN}/scstat`, ['-g'])).stdout).toContain(' Online');
    expect(await host.run(`${SBIN}/stop-cal`)).toMatchObject({ code: 255 });
    expect(await host.run(`${BIN}/scswitch`, ['-n', '-j', 'cal'])).toMatchObject({ code: 0 });
    expect(runningNames(await processes(host))).toEqual([]);
  });

  it('may start again what was stopped behind its back', async () => {
    const host = await cs6Host({ dialect: { cluster: 'fights' } });
    await host.run(`${SBIN}/start-cal`);
    const [before] = await processes(host);
    expect(await host.run(`${SBIN}/stop-cal`)).toMatchObject({ code: 0 });
    await until(async () => runningNames(await processes(host)).length > 0, 'it runs again');
    expect((await processes(host))[0]).not.toBe(before);
  });
});

const HOME = '/opt/sun/comms/davserver';
const RUNNING = '/var/opt/sun/comms/davserver/running.json';

describe('the container', () => {
  it.each([
    ['glassfish3', '/opt/glassfish3/bin', '/opt/glassfish3/glassfish/domains/domain1/config/pid'],
    [
      'glassfish2',
      '/opt/SUNWappserver/appserver/bin',
      '/var/opt/SUNWappserver/domains/domain1/config/.__com_sun_appserv_pid',
    ],
    [
      'glassfish2-linux',
      '/opt/sun/appserver/bin',
      '/var/opt/sun/appserver/domains/domain1/config/.__com_sun_appserv_pid',
    ],
  ] as const)('%s', async (container, bin, pidFile) => {
    const host = await cs7Host({ dialect: { container, processNames: 'path' } });
    expect((await host.run(`${bin}/asadmin`, ['list-domains'])).stdout).toMatch(/^domain1 not running\n/);
    expect(await host.run(`${bin}/asadmin`, ['start-domain', 'domain1'])).toMatchObject({ code: 0 });
    const { pid, title } = JSON.parse(host.read(RUNNING));
    expect([Number(host.read(pidFile)), title]).toEqual([pid, expect.stringContaining('/bin/java -')]);
    expect((await processes(host)).join('\n')).toContain(`${title}\n`);
    expect(await host.run(`${bin}/asadmin`, ['stop-domain', 'domain1'])).toMatchObject({ code: 0 });
    expect(host.exists(pidFile)).toBe(false);
  });

  it.each([
    ['words', 'upper', 'domain1 NOT RUNNING'],
    ['name-status', 'usual', 'Name: domain1 Status: Not running'],
    ['name-status', 'upper', 'NAME: domain1 STATUS: NOT RUNNING'],
  ] as const)('lists domains by %s, case %s', async (domainList, domainCase, line) => {
    const host = await cs7Host({ dialect: { domainList, domainCase } });
    expect((await host.run('/opt/glassfish3/bin/asadmin', ['list-domains'])).stdout).toContain(`${line}\n`);
  });

  it('may be a service of systemd', async () => {
    const host = await cs7Host({ dialect: { watchedBy: 'systemd' } });
    const systemctl = (verb: string) => host.run(`${BIN}/systemctl`, [verb, 'glassfish']);
    expect(await systemctl('is-active')).toMatchObject({ code: 3, stdout: 'inactive\n' });
    expect(await systemctl('start')).toMatchObject({ code: 0 });
    const before = host.read(RUNNING);
    await host.run('/opt/glassfish3/bin/asadmin', ['stop-domain']);
    await until(() => host.exists(RUNNING), 'it runs again');
    expect(host.read(RUNNING)).not.toBe(before);
    expect(await systemctl('is-active')).toMatchObject({ code: 0, stdout: 'active\n' });
    expect(await systemctl('stop')).toMatchObject({ code: 0 });
    expect(await systemctl('is-active')).toMatchObject({ code: 3 });
  });

  it('may be a service of SMF', async () => {
    const host = await cs7Host({ dialect: { watchedBy: 'smf', domainList: 'name-status', domainCase: 'upper' } });
    const service = 'svc:/application/glassfish:domain1';
    const state = async () => (await host.run(`${BIN}/svcs`, ['-H', '-o', 'state', service])).stdout;
    expect(await state()).toBe('disabled\n');
    expect(await host.run(`${BIN}/svcadm`, ['enable', '-s', service])).toMatchObject({ code: 0 });
    expect(await state()).toBe('online\n');
    expect(await host.run(`${BIN}/svcadm`, ['disable', '-s', service])).toMatchObject({ code: 0 });
    expect(await state()).toBe('disabled\n');
  });

  it('may be WebLogic, which has scripts', async () => {
    const host = await cs7Host({ dialect: { container: 'weblogic' } });
    const bin = '/opt/oracle/user_projects/domains/domain1/bin';
    expect(await host.run(`${bin}/startWebLogic.sh`)).toMatchObject({ code: 0 });
    expect(await host.run(`${BIN}/calendar-runs`)).toMatchObject({ code: 0 });
    expect(await host.run(`${bin}/stopWebLogic.sh`)).toMatchObject({ code: 0 });
    expect(await host.run(`${BIN}/calendar-runs`)).toMatchObject({ code: 1 });
  });
});

describe('davadmin', () => {
  const unset = 'davcore.scheduling.localuserattr';
  const set = 'davcore.uriinfo.permanentuniqueid';

  async function started(dialect: Partial<Cs7Dialect>): Promise<RehearsalHost> {
    const host = await cs7Host({ dialect });
    await host.run('/opt/glassfish3/bin/asadmin', ['start-domain', 'domain1']);
    return host;
  }

  function davadmin(host: RehearsalHost, ...words: readonly string[]): Promise<Ran> {
    const env = { DAVADMIN_CLIFILE: '/etc/opt/davadmin.clifile' };
    return host.run('./davadmin', words, { cwd: `${HOME}/sbin`, env });
  }

  it.each([
    ['colon', `${unset}: \n`, 0],
    ['name', `${unset}\n`, 0],
    ['nothing', '', 0],
    ['failure', '', 1],
  ] as const)('prints %s for an option that is not set', async (form, stdout, code) => {
    const host = await started({ unset: form });
    expect(await davadmin(host, 'config', '-o', unset)).toMatchObject({ code, stdout });
    expect(await davadmin(host, 'config', '-o', set)).toMatchObject({ code: 0, stdout: `${set}: davUniqueId\n` });
  });

  it.each([
    ['indented', `    ${set}: davUniqueId\n`],
    ['equals', `${set}=davUniqueId\n`],
    ['two-lines', `${set}:\n    davUniqueId\n`],
  ] as const)('prints an option %s', async (optionLine, stdout) => {
    const host = await started({ optionLine });
    expect((await davadmin(host, 'config', '-o', set)).stdout).toBe(stdout);
    expect((await davadmin(host, 'config')).stdout).toContain(`\n${stdout}`);
  });

  it('may end with 1 though it answered, and refuse to list all', async () => {
    const host = await started({ configCode: 1, bareConfig: 'refused' });
    expect(await davadmin(host, 'config', '-o', set)).toMatchObject({ code: 1, stdout: `${set}: davUniqueId\n` });
    expect(await davadmin(host, 'config')).toMatchObject({ code: 1, stdout: '' });
    expect(await davadmin(host, 'config', 'modify', '-o', unset, '-v', 'davStore')).toMatchObject({ code: 1 });
    expect(host.read(`${HOME}/config/davserver.properties`)).toBe(`${unset}=davStore\n`);
  });

  it('may take a file of changes', async () => {
    const host = await started({ fileForm: true });
    expect((await davadmin(host, 'config', '-h')).stdout).toContain('-f file');
    writeFileSync(`${host.tree}/etc/opt/batch`, `${unset}=davStore\nlog.dav.commands.loglevel=FINE\n`);
    expect(await davadmin(host, 'config', 'modify', '-f', '/etc/opt/batch')).toMatchObject({ code: 0 });
    expect(host.read(`${HOME}/config/davserver.properties`)).toBe(
      `${unset}=davStore\nlog.dav.commands.loglevel=FINE\n`,
    );
    const plain = await started({});
    expect((await davadmin(plain, 'config', '-h')).stdout).not.toContain('-f file');
    expect(await davadmin(plain, 'config', 'modify', '-f', '/etc/opt/batch')).toMatchObject({ code: 1 });
  });

  it('has other versions', async () => {
    const versionText = 'Java 1.7.0.13 / Calendar Server 7.0-0.13';
    const host = await cs7Host({ dialect: { versionText, versionCode: 2, versionTakesUser: false } });
    expect(await davadmin(host, 'version', '-u', 'admin')).toMatchObject({ code: 1, stdout: '' });
    expect(await davadmin(host, 'version')).toMatchObject({ code: 2, stdout: `${versionText}\n` });
  });

  it.each([
    ['unknown', 1, ''],
    ['names', 0, 'defaultbackend\nischedulebackend\n'],
    ['table', 0, 'Backend ID          JNDI Name\ndefaultbackend      jdbc/defaultbackend\n'],
  ] as const)('lists back ends: %s', async (backendList, code, stdout) => {
    const host = await started({ backendList });
    const ran = await davadmin(host, 'backend', 'list', '-u', 'admin');
    expect([ran.code, ran.stdout]).toEqual([code, expect.stringContaining(stdout)]);
  });

  it('needs time to start, and each start is counted', async () => {
    const host = await cs7Host({ dialect: { davadminStart: 700 } });
    const begun = Date.now();
    await davadmin(host, 'version');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(700);
    await davadmin(host, 'config', '-o', set);
    expect(readFileSync(`${host.tree}/var/opt/lab/davadmin.calls`, 'utf8')).toBe(`version\nconfig -o ${set}\n`);
  });

  it.each([
    ['pkginfo', ['-r', 'SUNWdavserver'], '/opt/site/sun/comms/davserver\n'],
    ['rpm', ['-q', '--queryformat', '%{INSTALLPREFIX}', 'sun-davserver'], '/opt/site/sun/comms/davserver'],
  ] as const)('may lie elsewhere, found by %s', async (packages, words, stdout) => {
    const host = await cs7Host({ dialect: { place: 'site', packages } });
    expect(await host.run(`${BIN}/${packages}`, words)).toMatchObject({ code: 0, stdout });
    expect(host.exists('/opt/site/sun/comms/davserver/sbin/davadmin')).toBe(true);
    expect(host.exists(HOME)).toBe(false);
  });
});
