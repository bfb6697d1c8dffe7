import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clearFault, setFault } from '../../src/lab/fault.ts';
import { until } from '../tools/until.ts';
import { cs6Host, type RehearsalHost } from './rehearsal-host.ts';

const SBIN = '/opt/SUNWics5/cal/sbin';
const ICS_CONF = '/etc/opt/SUNWics5/config/ics.conf';
const RUNNING = '/var/opt/SUNWics5/tmp/running.json';

function autoprovision(host: RehearsalHost): string {
  return JSON.parse(host.read(RUNNING)).settings['local.autoprovision'];
}

function pidOf(host: RehearsalHost): number {
  return JSON.parse(host.read(RUNNING)).pid;
}

describe('start-cal and stop-cal', () => {
  it('run with what ics.conf said at the start', async () => {
    const host = await cs6Host({ icsConf: 'local.autoprovision = "yes"\n' });
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0, stderr: '' });
    const pid = pidOf(host);
    writeFileSync(`${host.tree}${ICS_CONF}`, 'local.autoprovision = "no"\n');

    const again = await host.run(`${SBIN}/start-cal`);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('already running');
    expect([autoprovision(host), pidOf(host)]).toEqual(['yes', pid]);

    expect((await host.run(`${SBIN}/stop-cal`)).stdout).toContain('were stopped');
    expect(host.exists(RUNNING)).toBe(false);
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0 });
    expect(autoprovision(host)).toBe('no');
  });

  it('list active, enabled and all components', async () => {
    const host = await cs6Host({ icsConf: 'service.ens.enable = "no"\n' });
    const list = async (option: string) =>
      (await host.run(`${SBIN}/start-cal`, [option])).stdout.trim().split('\n').slice(1).join(' ');
    expect(await list('-l')).toBe('');
    expect(await list('-L')).toBe('watcher store notify admin http');
    expect(await list('-A')).toBe('watcher ens store notify admin dwp http');
    await host.run(`${SBIN}/start-cal`);
    expect(await list('-l')).toBe('watcher store notify admin http');
    await host.run(`${SBIN}/stop-cal`, ['admin', 'store']);
    expect(await list('-l')).toBe('watcher notify http');
    await host.run(`${SBIN}/start-cal`, ['store']);
    expect(await list('-l')).toBe('watcher store notify http');
    await host.run(`${SBIN}/stop-cal`, ['-f']);
    expect(await list('-l')).toBe('');
  });

  it('refuse what they do not know and a broken file', async () => {
    const host = await cs6Host({ icsConf: 'a = "1\n' });
    expect(await host.run(`${SBIN}/start-cal`, ['-x'])).toMatchObject({ code: 255 });
    expect(await host.run(`${SBIN}/start-cal`, ['cshttpd'])).toMatchObject({ code: 255 });
    const broken = await host.run(`${SBIN}/start-cal`);
    expect(broken.code).toBe(255);
    expect(broken.stderr).toContain('ics.conf line 2');
    expect(host.exists(RUNNING)).toBe(false);
    expect((await host.run(`${SBIN}/stop-cal`)).stdout).toContain('not running');
  });

  it('take a killed server for stopped', async () => {
    const host = await cs6Host();
    await host.run(`${SBIN}/start-cal`);
    const pid = pidOf(host);
    process.kill(pid, 'SIGKILL');
    await until(async () => !(await host.run(`${SBIN}/start-cal`, ['-l'])).stdout.includes('http'), 'it is dead');
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0 });
    expect(pidOf(host)).not.toBe(pid);
  });

  it('use the places of Red Hat', async () => {
    const host = await cs6Host({ platform: 'redhat' });
    expect(await host.run('/opt/sun/calendar/sbin/start-cal')).toMatchObject({ code: 0 });
    expect(host.exists('/var/opt/sun/calendar/tmp/running.json')).toBe(true);
    expect(statSync(`${host.tree}/etc/opt/sun/calendar/config/ics.conf`).mode & 0o777).toBe(0o640);
  });
});

describe('faults of the service', () => {
  it('a start that fails, lies, dies', async () => {
    const host = await cs6Host();
    setFault(host.tree, 'start-cal.fail', 'once');
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 255 });
    setFault(host.tree, 'start-cal.silent', 'once');
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0 });
    expect(host.exists(RUNNING)).toBe(false);
    setFault(host.tree, 'start-cal.dies', '50');
    expect(await host.run(`${SBIN}/start-cal`)).toMatchObject({ code: 0 });
    const listed = async () => (await host.run(`${SBIN}/start-cal`, ['-l'])).stdout;
    await until(async () => !(await listed()).includes('http'), 'it is dead');
    clearFault(host.tree, 'start-cal.dies');
  });

  it('a stop that fails or lies', async () => {
    const host = await cs6Host();
    await host.run(`${SBIN}/start-cal`);
    setFault(host.tree, 'stop-cal.fail', 'once');
    expect(await host.run(`${SBIN}/stop-cal`)).toMatchObject({ code: 255 });
    setFault(host.tree, 'stop-cal.ignore', 'once');
    expect(await host.run(`${SBIN}/stop-cal`)).toMatchObject({ code: 0 });
    expect((await host.run(`${SBIN}/start-cal`, ['-l'])).stdout).toContain('http');
  });
});

it("shows only the host's own processes", async () => {
  const [host, other] = await Promise.all([cs6Host(), cs6Host()]);
  await Promise.all([host.run(`${SBIN}/start-cal`), other.run(`${SBIN}/start-cal`)]);
  const { stdout } = await host.run('/opt/lab/bin/ps', ['-e', '-o', 'pid', '-o', 'etime', '-o', 'args']);
  const lines = stdout.trim().split('\n');
  expect(lines[0]?.trim().split(/\s+/)).toEqual(['PID', 'ELAPSED', 'COMMAND']);
  const servers = lines.filter(line => line.includes('cshttpd')).map(line => Number(line.trim().split(/\s+/)[0]));
  expect(servers).toEqual([pidOf(host)]);
  expect(lines).toHaveLength(3);
});
