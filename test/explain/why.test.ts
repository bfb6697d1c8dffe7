import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reconcile } from '../e2e/cli.ts';
import { estate, lineWith, only, prose, run, text } from './world.ts';

describe('why', () => {
  it('answers with the value, the reason, the line of the file and the chapter', async () => {
    const ran = await run('why', 'cs6-be1', 'local.autoprovision', estate);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const line = text.split('\n').findIndex(row => row.includes('cs6-be1:')) + 1;
    expect(ran.stdout).toMatch(/^ {2}must be +"no"$/m);
    expect(ran.stdout).toContain(`${estate}:${line}\n`);
    expect(ran.stdout).toMatch(/^ +cs6-be1: \{ address: cs6be1\.example\.org/m);
    expect(prose(ran)).toMatch(/because .*CS6 would create a calendar/);
    expect(prose(ran)).toContain('chapter "Configuring the Calendar Server 6 Environment", step 2');
  });

  it.each([
    [
      'cs6-fe1',
      'service.wcap.freebusy.redirecturl',
      'https://cs7fe2.example.org:8181/davserver/wcap/get_freebusy.wcap',
    ],
    ['cs6-fe2', 'service.http.idletimeout', '"120"'],
    ['cs6-fe2', 'service.http.idletimeout', 'left alone until 2999-01-31 (load test; ask ops@example.org)'],
    ['cs6-fe2', 'csapi.plugin.loadall', 'absent'],
    ['cs7-fe1', 'davcore.scheduling.localuserattr', '"xcs7user"'],
    ['cs7-fe1', 'DavCore.uriinfo.subjectAttributes', 'xcs7user, davUniqueId'],
    ['cs7-fe1', 'davcore.uriinfo.permanentuniqueid', 'never writes it'],
    ['cs7-fe1', 'staff.example.org', 'staff.example.org=http://cs6fe2.example.org:80/ischedule/'],
    ['cs7-fe2', 'ischeduledomainmap.properties', 'example.org=http://cs6fe1.example.org:80/ischedule/'],
    ['directory', 'XCS7user', '"store2" on accounts of cohort research'],
    ['directory', 'xcs7user', 'absent on accounts of cohort others'],
    ['directory', 'davuniqueid', 'copied from nsUniqueId'],
    ['directory', 'objectClass', 'davEntity and xcs7account'],
  ])('%s %s must be %s', async (target, key, value) => {
    const ran = await run('why', target, key, '-f', estate);
    expect(ran.code).toBe(0);
    expect(prose(ran)).toContain(value);
    expect(ran.stdout).toMatch(new RegExp(`${estate}:\\d+\\n`));
  });

  it.each([
    ['cs6-be1', 'service.http.idletimeout'],
    ['cs6-be1', 'calstore.some.key'],
    ['cs7-fe1', 'local.autoprovision'],
    ['cs7-fe1', 'elsewhere.example.net'],
    ['directory', 'davStore'],
    ['directory', 'icsAllowedServiceAccess'],
    ['directory', 'telephoneNumber'],
  ])('%s %s is left alone', async (target, key) => {
    const ran = await run('why', target, key, estate);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('left alone');
  });

  it.each([
    ['cs6-b1', 'local.autoprovision', 'cli.unknown-host', 'Did you mean "cs6-be1"'],
    ['nowhere', 'local.autoprovision', 'cli.unknown-host', 'Declared: cs6-fe1'],
    ['cs6-be1', 'local.autoprovison', 'cli.unknown-setting', 'Did you mean "local.autoprovision"?'],
    ['cs6-be1', 'autoprovision', 'cli.unknown-setting', '"local.autoprovision"'],
    ['cs7-fe1', 'nonsense', 'cli.unknown-setting', 'reconcile explain'],
    ['directory', 'xcs7usr', 'cli.unknown-setting', 'Did you mean "xcs7user"?'],
  ])('%s %s is unknown', async (target, key, code, told) => {
    const ran = await run('why', target, key, estate);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(`error ${code}:`);
    expect(ran.stderr).toContain(told);
  });

  it.each([
    ['xcs7user', '"store1" on 25 % of the accounts of cohort pilot, and absent on the others'],
    ['icsAllowedServiceAccess', '"-http:all" on accounts of cohort pilot that are on CS7'],
    ['icsAllowedServiceAccess', 'Environment", step 4'],
  ])('directory %s must be %s, in a wave', async (key, value) => {
    const more = text.replace('store: store1,', 'store: store1, wave: 25%, migrated: { denyCs6Login: true },');
    const ran = await reconcile(['why', 'directory', key], {}, only({ 'estate.yaml': more }));
    expect(ran.code).toBe(0);
    expect(prose(ran)).toContain(value);
  });

  describe('ssh', () => {
    const folder = mkdtempSync(join(tmpdir(), 'why-ssh-'));
    const config = join(folder, 'config');
    afterAll(() => rmSync(folder, { recursive: true }));
    writeFileSync(config, 'Host cs6-be1\n HostName 10.0.0.7\n ProxyJump ops@bastion\nHost bastion\n Port 2222\n');
    const stated = text
      .replace('knownHosts: known_hosts', `knownHosts: known_hosts, user: admin, config: ${config}`)
      .replace('{ address: cs6be1.example.org, ', '{ ');
    const ask = (...words: readonly string[]) =>
      reconcile(['why', 'cs6-be1', 'ssh', ...words], {}, only({ 'estate.yaml': stated }));

    it('shows each value of every hop, and where it comes from', async () => {
      const ran = await ask();
      expect(ran).toMatchObject({ code: 0, stderr: '' });
      const said = prose(ran);
      expect(said).toContain('jump host 1 bastion');
      expect(said).toContain(`Port 2222 ${config}:5`);
      expect(said).toContain(`User ops ${config}:3`);
      expect(said).toContain('the host cs6-be1');
      expect(said).toContain(`HostName 10.0.0.7 ${config}:2`);
      expect(said).toContain(`User admin estate.yaml:${lineWith('ssh: {')}`);
      expect(said).toContain('Port 22 default');
    });

    it('gives the same as data', async () => {
      const { route, state } = JSON.parse((await ask('--format', 'json')).stdout);
      expect(state).toBe('route');
      expect(route).toEqual(
        expect.arrayContaining([
          { hop: 'cs6-be1', key: 'HostName', value: '10.0.0.7', from: 'ssh-config', where: { file: config, line: 2 } },
          { hop: 'cs6-be1', key: 'Port', value: '22', from: 'default' },
          expect.objectContaining({ hop: 'cs6-be1', key: 'User', value: 'admin', from: 'estate' }),
        ]),
      );
    });

    it('says why the way cannot be found, and runs nothing', async () => {
      const ran = join(folder, 'it-ran');
      writeFileSync(config, `Match exec "touch ${ran}"\n Port 1\n`);
      const said = await ask();
      expect(said).toMatchObject({ code: 1, stdout: '' });
      expect(said.stderr).toContain('host.ssh-config-unusable');
      expect(said.stderr).toContain(`${config}:1`);
      expect(existsSync(ran)).toBe(false);
    });
  });

  it('gives the same as data', async () => {
    const ran = await run('why', 'cs6-fe2', 'service.http.idletimeout', estate, '--format', 'json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      target: 'cs6-fe2',
      state: 'wanted',
      answers: [{ value: '"120"', source: { file: estate }, line: expect.stringContaining('idletimeout') }],
    });
  });

  it('says what is wrong with the file', async () => {
    const ran = await run('why', 'cs6', 'local.autoprovision', 'missing.yaml');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('file.unreadable');
  });
});
