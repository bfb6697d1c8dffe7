import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { setFault } from '../../src/lab/fault.ts';
import { cs7Host, type Ran, type RehearsalHost, type RunOptions } from './rehearsal-host.ts';

const HOME = '/opt/sun/comms/davserver';
const ASADMIN = '/opt/glassfish3/bin/asadmin';
const PID = '/opt/glassfish3/glassfish/domains/domain1/config/pid';
const RUNNING = '/var/opt/sun/comms/davserver/running.json';
const SUBJECT = 'davcore.uriinfo.subjectattributes';
const FILE = ['-F', '/etc/opt/davadmin.clifile'];

function davadmin(on: RehearsalHost, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return on.run('./davadmin', words, { cwd: `${HOME}/sbin`, ...options });
}

async function startedHost(): Promise<RehearsalHost> {
  const host = await cs7Host({ options: { [SUBJECT]: 'cn davstore icsstatus mail' } });
  expect(await host.run(ASADMIN, ['start-domain', 'domain1'])).toMatchObject({ code: 0 });
  return host;
}

describe('davadmin config', () => {
  it('reads options', async () => {
    const host = await startedHost();
    expect(await davadmin(host, ['config', '-o', SUBJECT, ...FILE])).toEqual({
      code: 0,
      stdout: `${SUBJECT}: cn davstore icsstatus mail\n`,
      stderr: '',
    });
    const unset = await davadmin(host, ['config', 'list', ...FILE, '-o', 'davcore.scheduling.localuserattr']);
    expect(unset).toMatchObject({ code: 0, stdout: 'davcore.scheduling.localuserattr: \n' });
    expect(await davadmin(host, ['config', ...FILE, '-o', 'no.such'])).toMatchObject({ code: 1, stdout: '' });
    expect((await davadmin(host, ['config', ...FILE])).stdout).toContain(
      '\ndavcore.uriinfo.permanentuniqueid: davUniqueId\n',
    );
  });

  it('modifies the file at once and the running server not at all', async () => {
    const host = await startedHost();
    const before = host.read(RUNNING);
    expect(await davadmin(host, ['config', 'modify', ...FILE, '-o', SUBJECT, '-v', 'davstore'])).toMatchObject({
      code: 0,
    });
    expect((await davadmin(host, ['config', ...FILE, '-o', SUBJECT])).stdout).toBe(`${SUBJECT}: davstore\n`);
    expect(host.read(`${HOME}/config/davserver.properties`)).toBe(`${SUBJECT}=davstore\n`);
    expect(statSync(`${host.tree}${HOME}/config/davserver.properties`).mode & 0o777).toBe(0o600);
    expect(host.read(RUNNING)).toBe(before);
    await host.run(ASADMIN, ['stop-domain', 'domain1']);
    await host.run(ASADMIN, ['start-domain', 'domain1']);
    expect(JSON.parse(host.read(RUNNING)).options[SUBJECT]).toBe('davstore');
  });

  it('refuses the swapped words of the chapter and other misuse', async () => {
    const host = await startedHost();
    const lines = [
      ['config', '-o', 'modify', SUBJECT, '-v', 'x'],
      ['config', 'modify', '-o', SUBJECT],
      ['config', '-o', SUBJECT, '-v', 'x'],
      ['config', 'change'],
      ['calendar'],
      [],
      ['config', '-z'],
    ];
    for (const words of lines) {
      const ran = await davadmin(host, [...words, ...(words.length > 0 ? FILE : [])]);
      expect(ran).toMatchObject({ code: 1, stdout: '' });
      expect(ran.stderr).toContain('Usage: davadmin');
    }
  });

  it('asks for the password', async () => {
    const host = await startedHost();
    const words = ['config', '-o', SUBJECT];
    const prompt = 'Enter Admin password:\n';
    expect(await davadmin(host, words)).toEqual({ code: 1, stdout: prompt, stderr: 'No password given.\n' });
    expect(await davadmin(host, words, { input: 'canary pass\n' })).toMatchObject({
      code: 0,
      stdout: `${prompt}${SUBJECT}: cn davstore icsstatus mail\n`,
    });
    expect(await davadmin(host, words, { input: 'wrong\n' })).toMatchObject({ code: 1 });
    expect(await davadmin(host, [...words, ...FILE, '-W'], { input: 'wrong\n' })).toMatchObject({ code: 1 });
    expect(await davadmin(host, [...words, ...FILE, '-u', 'root'])).toMatchObject({ code: 1 });
    expect(await davadmin(host, words, { env: { DAVADMIN_CLIFILE: '/etc/opt/davadmin.clifile' } })).toMatchObject({
      code: 0,
    });
    writeFileSync(`${host.tree}/etc/opt/bare`, 'canary pass\n');
    expect(await davadmin(host, [...words, '-F', '/etc/opt/bare'])).toMatchObject({ code: 0 });
    expect(await davadmin(host, [...words, '-F', '/etc/opt/none'])).toMatchObject({ code: 1 });
  });

  it('needs the container', async () => {
    const host = await cs7Host();
    const unreachable = { code: 1, stdout: '', stderr: 'Unable to connect to localhost:8686\n' };
    expect(await davadmin(host, ['config', ...FILE])).toEqual(unreachable);
    expect(await davadmin(host, ['version'])).toMatchObject({
      code: 0,
      stdout: 'Oracle Communications Calendar Server version: 7.0.5.17.0\n',
    });
    await host.run(ASADMIN, ['start-domain']);
    expect(await davadmin(host, ['config', ...FILE])).toMatchObject({ code: 0 });
    expect(await davadmin(host, ['config', ...FILE, '-p', '8687'])).toMatchObject({ code: 1 });
  });

  it('has its faults', async () => {
    const host = await startedHost();
    setFault(host.tree, 'davadmin.noise', 'once');
    expect((await davadmin(host, ['config', ...FILE, '-o', SUBJECT])).stdout).not.toContain(SUBJECT);
    setFault(host.tree, 'davadmin.ignore-modify', 'once');
    expect(await davadmin(host, ['config', 'modify', ...FILE, '-o', SUBJECT, '-v', 'x'])).toMatchObject({ code: 0 });
    expect(host.read(`${HOME}/config/davserver.properties`)).not.toContain('=x');
    setFault(host.tree, 'davadmin.fail', 'once');
    expect(await davadmin(host, ['config', ...FILE])).toMatchObject({ code: 1 });
  });
});

describe('asadmin', () => {
  it('starts and stops the container, which keeps its domain map', async () => {
    const host = await startedHost();
    writeFileSync(`${host.tree}${HOME}/config/ischeduledomainmap.properties`, 'example.com=http://cs6:80/ischedule/\n');
    expect(JSON.parse(host.read(RUNNING)).domainMap).toEqual({});
    expect(Number(host.read(PID))).toBe(JSON.parse(host.read(RUNNING)).pid);
    expect((await host.run(ASADMIN, ['list-domains'])).stdout).toContain('domain1 running\n');
    expect(await host.run(ASADMIN, ['start-domain', 'domain1'])).toMatchObject({ code: 1 });
    expect((await host.run('/opt/lab/bin/ps', ['-e', '-o', 'pid', '-o', 'args'])).stdout).toMatch(/^ *\d+ java *$/m);

    expect(await host.run(ASADMIN, ['stop-domain', 'domain1'])).toMatchObject({ code: 0 });
    expect([host.exists(PID), host.exists(RUNNING)]).toEqual([false, false]);
    expect((await host.run(ASADMIN, ['list-domains', 'domain1'])).stdout).toContain('domain1 not running\n');
    expect(await host.run(ASADMIN, ['stop-domain', 'domain1'])).toMatchObject({ code: 0 });

    await host.run(ASADMIN, ['start-domain', 'domain1']);
    expect(JSON.parse(host.read(RUNNING)).domainMap).toEqual({ 'example.com': 'http://cs6:80/ischedule/' });
  });

  it('refuses what it does not know', async () => {
    const host = await cs7Host({ configIsLink: false });
    for (const words of [['start-domain', 'domain2'], ['restart'], ['start-domain', '--verbose'], []])
      expect(await host.run(ASADMIN, words)).toMatchObject({ code: 1 });
    setFault(host.tree, 'asadmin.start-fail', 'once');
    expect(await host.run(ASADMIN, ['start-domain'])).toMatchObject({ code: 1 });
    await host.run(ASADMIN, ['start-domain']);
    setFault(host.tree, 'asadmin.stop-fail', 'once');
    expect(await host.run(ASADMIN, ['stop-domain'])).toMatchObject({ code: 1 });
    expect(host.exists(PID)).toBe(true);
  });
});
