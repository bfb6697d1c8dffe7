import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codePages } from '../../src/explain/code-pages.ts';
import { liveSettings } from '../../src/explain/live-settings.ts';
import { schemaKeys } from '../../src/explain/schema-keys.ts';
import { type Ran, reconcile } from '../e2e/cli.ts';

const schema = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));
const estate = 'estates/wave-1.yaml';

const text = `version: 1
name: example.org
directory:
  url: ldaps://ds1.example.org:636
  bindDn: cn=reconcile,o=isp
  password: { env: LDAP_PASSWORD }
  base: o=isp
  localUser: { attribute: xcs7user, objectClass: xcs7account }
ssh: { knownHosts: known_hosts }
cs6:
  platform: solaris-sparc
  hosts:
    cs6-fe1: { address: cs6fe1.example.org, http: "http://cs6fe1.example.org:80" }
    cs6-fe2:
      address: cs6fe2.example.org
      http: "http://cs6fe2.example.org:80"
      settings: { service.http.idletimeout: "120", csapi.plugin.loadall: ~ }
    cs6-be1: { address: cs6be1.example.org, http: "http://cs6be1.example.org:80" }
cs7:
  hosts:
    cs7-fe1: { address: cs7fe1.example.org, http: "https://cs7fe1.example.org:8181" }
    cs7-fe2: { address: cs7fe2.example.org, http: "https://cs7fe2.example.org:8181" }
  backends: [store1, store2]
  davadmin: { passwordFile: /etc/davadmin.clifile }
domains:
  example.org: { cs6: cs6-fe1 }
  staff.example.org: { cs6: cs6-fe2 }
freeBusyRedirect: cs7-fe2
cohorts:
  pilot: { server: cs7, store: store1, members: { list: [jdoe] } }
  research: { server: cs7, store: store2, members: { base: "ou=Research,o=isp" } }
  others: { server: cs6, members: rest }
ignore:
  - { target: cs6-fe2, key: service.http.idletimeout, until: 2999-01-31, reason: load test, owner: ops@example.org }
`;

/** The shipped command line, in a world with one file, where a connection is a failure. */
function run(...words: readonly string[]): Promise<Ran> {
  return reconcile(
    words,
    {},
    {
      readBytes: async path => {
        if (path !== estate) throw Object.assign(new Error(path), { code: 'ENOENT' });
        return Buffer.from(text);
      },
      connect: () => Promise.reject(new Error('a connection was opened')),
    },
  );
}

/** Wrapped prose as one line. */
function prose(ran: Ran): string {
  return ran.stdout.replace(/\s+/g, ' ');
}

describe('explain', () => {
  it('tells of a finding code what it means, why it matters, what to do and where in the chapter', async () => {
    const ran = await run('explain', 'estate.url-without-port');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^estate\.url-without-port {2}a finding code\n/);
    for (const heading of ['what it means', 'why it matters', 'what to do', 'chapter'])
      expect(ran.stdout).toContain(`\n  ${heading} `);
    expect(prose(ran)).toContain('"Configuring the Calendar Server 6 Environment", step 2');
  });

  it.each([
    ['cs6.minimumPatch', 'cs6.minimumPatch', /default +44\n/],
    ['cohorts.*.members', 'cohorts.*.members', /exactly "rest", or a map/],
    ['cohorts.finance.members', 'cohorts.*.members', /cohorts\.\*\.members\.filter/],
    ['directory.uniqueId.attribute', 'directory.uniqueId.attribute', /default +davUniqueId\n/],
    ['domains.mail.example.com.cs6', 'domains.*.cs6', /the key must be there/],
    ['cs6.hosts.cs6-be1.settings.service.http.port', 'cs6.hosts.*.settings.*', /a text/],
    ['ignore[0].until', 'ignore.*.until', /2027-01-31/],
    ['ssh.identity.env', 'ssh.identity.env', /SSH_KEY_FILE/],
    ['cs6.platform', 'cs6.platform', /one of "solaris-sparc", "solaris-x86", "redhat"/],
    ['version', 'version', /exactly 1/],
  ])('%s is the key %s of the file', async (name, path, told) => {
    const ran = await run('explain', name);
    expect(ran.code).toBe(0);
    expect(ran.stdout.split('\n')[0]).toBe(`${path}  a key of the file`);
    expect(ran.stdout).toMatch(told);
  });

  it.each([
    ['local.autoprovision', /Always "no"/],
    ['DavStore', /absent on those of Calendar Server 6/],
    ['icsAllowedServiceAccess', /left alone/],
    ['ischeduledomainmap.properties', /\/ischedule\//],
    ['davcore.scheduling.localuserattr', /directory\.localUser/],
  ])('%s is a live setting', async (name, told) => {
    const ran = await run('explain', name);
    expect(ran.code).toBe(0);
    for (const heading of ['what it does', 'what reconcile does', 'without it'])
      expect(ran.stdout).toContain(`\n  ${heading} `);
    expect(prose(ran)).toMatch(told);
  });

  it.each([
    ['service.http.idletimeout', /cs6\.hosts\.\*\.settings/],
    ['caldb.dwp.server.cs6-be1.ip', /back end/],
    ['base.ldapinfo.cachettl', /"60" while it is not set/],
  ])('%s is a further setting of which something is known', async (name, told) => {
    const ran = await run('explain', name);
    expect(ran.code).toBe(0);
    expect(prose(ran)).toMatch(told);
  });

  it('tells of an area its codes, one line each', async () => {
    const ran = await run('explain', 'ics-conf');
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(9);
  });

  it('lists every code and every live setting in a line of its own', async () => {
    const ran = await run('explain');
    expect(ran.code).toBe(0);
    for (const name of [...codePages.map(page => page.code), ...liveSettings.map(setting => setting.name)])
      expect(ran.stdout, name).toMatch(new RegExp(`^ {2}${name.replaceAll('.', '\\.')}  +[A-Z\`].*[.]$`, 'm'));
  });

  it.each([
    ['autoprov', /"local\.autoprovision", "user\.invite\.autoprovision"/],
    ['local.autoprovison', /Did you mean "local\.autoprovision"\?/],
    ['minimumPatch', /Did you mean "cs6\.minimumPatch"\?/],
    ['estate.unkown-key', /Did you mean "estate\.unknown-key"/],
    ['zzzz', /reconcile explain\n/],
  ])('%s means nothing, and what is near is named', async (name, told) => {
    const ran = await run('explain', name);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^error cli\.unknown-name: /);
    expect(ran.stderr).toMatch(told);
  });

  it('shows what it echoes without control characters', async () => {
    const ran = await run('explain', 'a\u001b[31mb');
    expect(ran.stderr).toContain('"a\\u001b[31mb"');
    expect(ran.stderr).not.toContain('\u001b');
  });

  it('gives the same as data', async () => {
    const json = async (...words: readonly string[]) =>
      JSON.parse((await run('explain', ...words, '--format', 'json')).stdout);
    expect(await json('estate.loop')).toMatchObject({ kind: 'code', page: { code: 'estate.loop' } });
    expect(await json('cs6.minimumPatch')).toMatchObject({
      kind: 'key',
      key: { path: 'cs6.minimumPatch', default: 44 },
    });
    expect(await json('davStore')).toMatchObject({ kind: 'setting', setting: { name: 'davStore' } });
    expect((await json()).areas.length).toBeGreaterThan(8);
    expect((await json('zzzz')).findings[0].code).toBe('cli.unknown-name');
  });

  it.each(schemaKeys(schema).map(key => key.path))('the key %s has a page', async path => {
    const ran = await run('explain', path);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\n {2}what it says /);
  });

  it('names only keys that there are as what decides a setting', () => {
    const paths = schemaKeys(schema).map(key => key.path);
    for (const { name, decidedBy } of liveSettings) {
      for (const path of decidedBy) expect(paths, name).toContain(path);
    }
  });
});

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

describe('schema', () => {
  it('prints the schema of the file', async () => {
    const ran = await run('schema');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual(schema);
  });
});
