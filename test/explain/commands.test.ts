import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { liveSettings } from '../../src/explain/live-settings.ts';
import { schemaKeys } from '../../src/explain/schema-keys.ts';
import { findingPages } from '../../src/findings/areas.ts';
import { catalogue } from '../../src/findings/catalogue.ts';
import { reconcile } from '../e2e/cli.ts';
import { estate, lineWith, only, prose, run, text } from './world.ts';

const schema = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8'));
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
    ['icsAllowedServiceAccess', /-http:all for `true`. On all others it is left alone/],
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
    ['base.ldapinfo.cachettl', /"60" if it is not set/],
  ])('%s is a further setting of which something is known', async (name, told) => {
    const ran = await run('explain', name);
    expect(ran.code).toBe(0);
    expect(prose(ran)).toMatch(told);
  });

  it('shows the lines that ask for a key of the file, at the place that is meant', async () => {
    const all = await run('explain', 'cohorts.*.members', '-f', estate);
    expect(all.stdout).toMatch(
      new RegExp(
        `asked for by +${estate}:${lineWith('pilot:')}\\n +pilot: \\{ server: cs7[^]*${estate}:${lineWith('others:')}\\n`,
      ),
    );
    const one = await run('explain', 'cohorts.research.store', '-f', estate);
    expect(one.stdout).toContain(`asked for by  ${estate}:${lineWith('research:')}\n`);
    expect(one.stdout).not.toContain('pilot:');
    const entry = await run('explain', 'ignore[0].until', '-f', estate);
    expect(entry.stdout).toContain(`${estate}:${lineWith('target: cs6-fe2')}\n`);
  });

  it.each([
    ['local.autoprovision', 'cs6-be1: {'],
    ['service.http.idletimeout', 'settings:'],
    ['ischeduledomainmap.properties', 'staff.example.org:'],
    ['service.wcap.freebusy.redirecturl', 'freeBusyRedirect'],
    ['davStore', 'localUser:'],
    ['nsUniqueId', undefined],
    ['icsAllowedServiceAccess', undefined],
  ])('shows the lines that ask for the live setting %s', async (name, part) => {
    const ran = await run('explain', name, '-f', estate);
    expect(ran.code).toBe(0);
    if (part === undefined) expect(ran.stdout).not.toContain('asked for by');
    else expect(ran.stdout).toContain(`${estate}:${lineWith(part)}\n`);
  });

  it('takes estate.yaml where no file is named, and does without it where it is absent or broken', async () => {
    const inPlace = (content: string) => reconcile(['explain', 'cs6.platform'], {}, only({ 'estate.yaml': content }));
    expect((await inPlace(text)).stdout).toContain(`asked for by  estate.yaml:${lineWith('platform:')}\n`);
    const without = (await run('explain', 'cs6.platform')).stdout;
    expect(without).not.toContain('asked for by');
    expect(await inPlace(text.replace('version: 1', 'version: 9'))).toEqual({ code: 0, stdout: without, stderr: '' });
    const code = await run('explain', 'estate.loop', '-f', estate);
    expect(code.stdout).not.toContain('asked for by');
  });

  it('folds many lines, unless all are asked for', async () => {
    const more = Array.from(
      { length: 6 },
      (_, n) => `  c${n}: { server: cs7, store: store1, members: { base: o=${n} } }\n`,
    );
    const many = only({ 'estate.yaml': text.replace('  others:', `${more.join('')}  others:`) });
    const folded = await reconcile(['explain', 'cohorts.*.store'], {}, many);
    expect(folded.stdout).toContain('… and 3 more; --verbose shows all');
    const whole = await reconcile(['explain', 'cohorts.*.store', '--verbose'], {}, many);
    expect(whole.stdout.match(/estate\.yaml:\d+\n/g)).toHaveLength(8);
  });

  it('gives the lines as data', async () => {
    const ran = await run('explain', 'freeBusyRedirect', '-f', estate, '--format', 'json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      kind: 'key',
      askedFor: [{ source: { file: estate, line: lineWith('freeBusyRedirect') }, line: 'freeBusyRedirect: cs7-fe2' }],
    });
  });

  it('tells of an area its codes, one line each', async () => {
    const ran = await run('explain', 'ics-conf');
    const codes = Object.keys(catalogue).filter(code => /^(?:ics-conf|cs6)\./.test(code));
    expect(ran.stdout.trimEnd().split('\n')).toHaveLength(codes.length + 1);
  });

  it('lists every code and every live setting in a line of its own', async () => {
    const ran = await run('explain');
    expect(ran.code).toBe(0);
    for (const name of [...findingPages.map(page => page.code), ...liveSettings.map(setting => setting.name)])
      expect(ran.stdout, name).toMatch(
        new RegExp(`^ {2}${name.replaceAll('.', '\\.')}  +(?:[A-Z\`]|reconcile ).*[.]$`, 'm'),
      );
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

describe('schema', () => {
  it('prints the schema of the file', async () => {
    const ran = await run('schema');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual(schema);
  });
});
