import { describe, expect, it } from 'vitest';
import { keyText, readSetting, valueText } from '../../src/import/set-key.ts';
import { estateSchema } from '../kinds/cases.ts';

const read = (text: string) => readSetting(text, estateSchema);

describe('--set KEY=VALUE', () => {
  it.each([
    ['name=example.com', ['name'], 'example.com'],
    ['cs6.platform=redhat', ['cs6', 'platform'], 'redhat'],
    ['cs6.hosts.cs6-fe1.patch=54', ['cs6', 'hosts', 'cs6-fe1', 'patch'], 54],
    ['cs6.hosts.fe1.example.com.http=http://fe1:8080', ['cs6', 'hosts', 'fe1.example.com', 'http'], 'http://fe1:8080'],
    ['cs6.hosts."a.b".http="http://a:80"', ['cs6', 'hosts', 'a.b', 'http'], 'http://a:80'],
    ['domains.example.com.cs6=fe1', ['domains', 'example.com', 'cs6'], 'fe1'],
    ['cs6.settings.service.http.idletimeout=120', ['cs6', 'settings', 'service.http.idletimeout'], '120'],
    ['cs6.settings.local.x=~', ['cs6', 'settings', 'local.x'], null],
    ['cs7.hosts.a.release=7.0', ['cs7', 'hosts', 'a', 'release'], '7.0'],
    [
      'cs7.settings.service.dav.ischedulewhitelist={ include: [192.0.2.1] }',
      ['cs7', 'settings', 'service.dav.ischedulewhitelist'],
      { include: ['192.0.2.1'] },
    ],
    ['directory.password={ env: LDAP_PASSWORD }', ['directory', 'password'], { env: 'LDAP_PASSWORD' }],
    ['directory.password.env=LDAP_PASSWORD', ['directory', 'password', 'env'], 'LDAP_PASSWORD'],
    ['directory.url.0=ldaps://a', ['directory', 'url', 0], 'ldaps://a'],
    ['ssh.legacyAlgorithms=true', ['ssh', 'legacyAlgorithms'], true],
    ['cs7.davadmin.passwordFile=/etc/davadmin.clifile', ['cs7', 'davadmin', 'passwordFile'], '/etc/davadmin.clifile'],
    ['cohorts.a.members.filter=(departmentNumber=42)', ['cohorts', 'a', 'members', 'filter'], '(departmentNumber=42)'],
  ])('%s', (text, path, value) => {
    expect(read(text)).toEqual({ path, value });
  });

  it.each([
    ['cs6.plattform=redhat', 'Did you mean "platform"?'],
    ['nonsense=1', 'is not a key of the estate file'],
    ['cs6.platform', 'no "="'],
    ['cs6.platform=[a', 'no YAML'],
    ['name=a\nversion: 2', 'no YAML'],
    ['cs6.platform.more=1', 'is not a key'],
    ['cs6.platform=linux', 'must be one of'],
    ['cs6.hosts.a.http=a:80', 'Expected: The URL'],
    ['cs6.hosts.a.patch=x', 'a whole number'],
  ])('refuses %j', (text, words) => {
    const refused = read(text);
    expect(refused).toMatchObject({ code: 'import.option-unusable' });
    expect(refused).toHaveProperty('detail', expect.stringContaining(words));
  });

  it.each([
    'directory.password=geheim',
    'ssh.passphrase=geheim',
    'ssh.privilege.password=geheim',
    'cs6.settings.local.authldapbindcred=geheim',
  ])('never takes or repeats a secret: %s', text => {
    const refused = read(text);
    expect(refused).toMatchObject({ code: 'import.literal-secret' });
    expect(JSON.stringify(refused)).not.toContain('geheim');
  });

  it.each([
    'redhat',
    '120',
    120,
    true,
    null,
    'yes',
    'null',
    '',
    ' a ',
    'a: b',
    'a #b',
    '(&(a=b)(c=d))',
    'uid=x,ou=People,o=isp',
    '[x]',
    '{x}',
    '- a',
    "o'neil",
    'say "hi"',
    '*a',
    '!a',
    '1.10',
    ['a, b', 'c'],
    { include: ['192.0.2.1', 'x y'] },
    { a: { 'b: c': null } },
  ])('writes %j so that it is read back', value => {
    const text = `cohorts.a.members=${valueText({ x: value })}`;
    const back = read(text);
    expect(back).toEqual({ path: ['cohorts', 'a', 'members'], value: { x: value } });
  });

  it('writes a key so that it is read back', () => {
    for (const path of [
      ['cs6', 'hosts', 'a.b', 'address'],
      ['domains', 'example.com', 'cs6'],
      ['cs6', 'settings', 'caldb.cld.cache.[x].y'],
    ])
      expect(read(`${keyText(path)}=x`)).toEqual({ path, value: 'x' });
  });
});
