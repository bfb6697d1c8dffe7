import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadEstate } from '../../src/estate/load.ts';
import { adoptSettings, refusedSettings, withoutSecretValues } from '../../src/import/adopted-settings.ts';
import type { HostFacts } from '../../src/import/fact.ts';

const schema = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8')) as object;

function host(name: string, settings: Readonly<Record<string, string>>, unclear?: HostFacts['unclear']): HostFacts {
  return {
    ...{ name, product: name.startsWith('cs6') ? 'cs6' : 'cs7', found: [], choices: [], findings: [] },
    ...{ settings: withoutSecretValues(new Map(Object.entries(settings))), domainMap: new Map(), directory: {} },
    ...(unclear && { unclear }),
  };
}

const hosts = [
  host(
    'cs6-a',
    {
      'service.http.idletimeout': '120',
      'local.site.motto': 'a: b # {c}, "d" \\ $HOME'.replaceAll('"', "'"),
      'local.authldapbindcred': 'canary',
      'local.autoprovision': 'yes',
      'group.invite.expand': 'maybe',
      'local.umlaut': 'M\xfcnchen',
      'local.bell': '\x07\x85',
      'local.url': 'ldap://cn=x:canary@ds.example.com',
      'local.odd': '1',
      'caldb.dwp.server.a.example.com': '192.0.2.1',
    },
    new Map([['local.odd', 'line 7 breaks the grammar']]),
  ),
  host('cs6-b', { 'service.http.idletimeout': '120', 'local.site.motto': '', 'local.odd': '1' }),
  host('cs7-a', {
    'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
    'davcore.scheduling.localuserattr': 'davStore',
    'base.ldapinfo.cachettl': '60',
    'notification.dav.smtppassword': 'canary',
    'base.ldapinfo.schemalevel': '3',
    'store.dav.default_backend.x': 'a  b',
  }),
];

it('takes in all that the file may have, at the side where all hosts agree', () => {
  const { found, choices, findings } = adoptSettings(hosts, 'all', schema);
  expect(Object.fromEntries(found.map(({ path, value }) => [path.join(' '), value]))).toEqual({
    'cs6 settings service.http.idletimeout': '120',
    'cs6 hosts cs6-a settings local.site.motto': "a: b # {c}, 'd' \\ $HOME",
    'cs6 hosts cs6-b settings local.site.motto': '',
    'cs6 hosts cs6-b settings local.odd': '1',
    'cs6 hosts cs6-a settings caldb.dwp.server.a.example.com': '192.0.2.1',
    'cs7 settings base.ldapinfo.cachettl': '60',
    'cs7 settings store.dav.default_backend.x': 'a  b',
  });
  expect([choices, findings]).toEqual([[], []]);
});

it('says why each of the others may not be taken', () => {
  const [six, , seven] = hosts.map(one => refusedSettings(one, schema));
  expect(Object.fromEntries([...(six ?? []), ...(seven ?? [])])).toEqual({
    'local.authldapbindcred': 'local.authldapbindcred holds a password, which does not belong in a file in git.',
    'local.autoprovision': 'local.autoprovision is set for every CS6 host by what coexistence needs.',
    'group.invite.expand': 'group.invite.expand must be one of "yes", "no", but is "maybe".',
    'local.umlaut': expect.stringContaining('ASCII'),
    'local.bell': expect.stringContaining('ASCII'),
    'local.url': expect.stringContaining('could use the secret'),
    'local.odd': 'line 7 breaks the grammar',
    'davcore.uriinfo.permanentuniqueid': expect.stringContaining('loses that data'),
    'davcore.scheduling.localuserattr': expect.stringContaining('directory.localUser'),
    'notification.dav.smtppassword': expect.stringContaining('holds a password'),
    'base.ldapinfo.schemalevel': expect.stringContaining('must be one of'),
  });
  expect(JSON.stringify([...(six ?? []), ...(seven ?? [])])).not.toContain('canary');
});

it('takes named ones whatever their case, and refuses what it may not take and what no host has', () => {
  const { found, findings } = adoptSettings(
    hosts,
    ['Service.http.IDLEtimeout', 'local.authldapbindcred', 'base.ldapinfo.cachetl', 'no.such.thing'],
    schema,
  );
  expect(found.map(({ path }) => path.at(-1))).toEqual(['service.http.idletimeout']);
  expect(findings.map(({ code, detail }) => [code, detail.split('\n')])).toEqual([
    ['import.not-adopted', [expect.stringContaining('cs6-a: local.authldapbindcred holds a password')]],
    ['import.not-adopted', ['No host has base.ldapinfo.cachetl.', 'Did you mean "base.ldapinfo.cachettl"?']],
    ['import.not-adopted', ['No host has no.such.thing.']],
  ]);
});

it('gives a file that validates', () => {
  const { found } = adoptSettings(hosts, 'all', schema);
  const settingsAt = (...above: readonly string[]) =>
    Object.fromEntries(
      found.flatMap(({ path, value }) => (path.slice(0, -1).join() === above.join() ? [[path.at(-1), value]] : [])),
    );
  const side = (name: 'cs6' | 'cs7', ...names: readonly string[]) => ({
    settings: settingsAt(name, 'settings'),
    hosts: Object.fromEntries(
      names.map(one => [one, { http: `http://${one}:80`, settings: settingsAt(name, 'hosts', one, 'settings') }]),
    ),
  });
  const text = stringify({
    ...{ version: 1, name: 'x', directory: { url: 'ldapi://x', base: 'o=isp' } },
    cs6: { platform: 'redhat', ...side('cs6', 'cs6-a', 'cs6-b') },
    cs7: { backends: ['x'], davadmin: { passwordFile: '/x' }, ...side('cs7', 'cs7-a') },
    ...{ domains: { 'a.com': { cs6: 'cs6-a' } }, freeBusyRedirect: 'cs7-a' },
    cohorts: { all: { server: 'cs6', members: 'rest' } },
  });
  const { state, findings } = loadEstate('estate.yaml', text, schema);
  expect([findings.filter(({ severity }) => severity === 'error'), state !== undefined]).toEqual([[], true]);
});
