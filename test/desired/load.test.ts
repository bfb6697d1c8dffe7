import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadEstate } from '../../src/desired/load.ts';
import { estateSchema } from '../kinds/cases.ts';

const chapter = readFileSync('examples/chapter.yaml', 'utf8');

function load(text: string) {
  return loadEstate('estate.yaml', text, estateSchema);
}

function change(from: string | RegExp, to: string): string {
  const text = chapter.replace(from, to);
  if (text === chapter) throw new Error(`nothing to replace: ${from}`);
  return text;
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

describe('examples', () => {
  it.each(readdirSync('examples').filter(name => name.endsWith('.yaml')))('%s is valid', name => {
    const { state, findings } = loadEstate(`examples/${name}`, readFileSync(`examples/${name}`, 'utf8'), estateSchema);
    expect(findings).toEqual([]);
    expect(state?.cs6.length).toBeGreaterThan(0);
  });

  it('the chapter’s example gives the chapter’s settings, each with the line that asks for it', () => {
    const { state } = load(chapter);
    const settings = state?.cs6[0]?.settings.map(({ key, value, source }) => [key, value, source.line]);
    expect(settings).toEqual([
      ['service.http.caldavcompatible', 'yes', lineOf(chapter, 'cs6: { address')],
      [
        'service.wcap.freebusy.redirecturl',
        'http://cs7u1server.example.com:8080/davserver/wcap/get_freebusy.wcap',
        lineOf(chapter, 'freeBusyRedirect'),
      ],
      ['local.autoprovision', 'no', lineOf(chapter, 'cs6: { address')],
      ['user.invite.autoprovision', 'no', lineOf(chapter, 'cs6: { address')],
      ['group.invite.autoprovision', 'no', lineOf(chapter, 'cs6: { address')],
      ['resource.invite.autoprovision', 'no', lineOf(chapter, 'cs6: { address')],
    ]);
    expect(state?.cs7[0]?.domains).toMatchObject([
      { domain: 'example.com', url: 'http://cs6server.example.com:8080/ischedule/' },
    ]);
    expect(state?.cs7[0]?.options).toMatchObject([
      { name: 'davcore.uriinfo.subjectattributes', value: { include: ['davStore', 'davUniqueId'] } },
      { name: 'davcore.scheduling.localuserattr', value: 'davStore' },
    ]);
  });

  it('paths are relative to the file, and absolute ones stay', () => {
    const { state } = loadEstate('sites/a/estate.yaml', change('known_hosts', '../known_hosts'), estateSchema);
    expect(state?.cs6[0]?.access.knownHosts).toBe('sites/known_hosts');
    expect(state?.directory.ca).toBe('sites/a/pki/ca.pem');
  });
});

/** Each wrong file: its code, where it is, and a part of what is said. */
const wrong: readonly (readonly [string, string, string, string, string])[] = [
  [
    'an unknown key with a near one',
    change('bindDn:', 'bindDN:'),
    'estate.unknown-key',
    'bindDN:',
    'Did you mean "bindDn"',
  ],
  ['an unknown key at the top', `${chapter}\nlimit: 3\n`, 'estate.unknown-key', 'limit: 3', 'Allowed here: version'],
  ['a wrong type', change('minimumPatch: 44', 'minimumPatch: "44"'), 'estate.wrong-type', '"44"', 'must be an integer'],
  [
    'a wrong value',
    change('platform: solaris-sparc', 'platform: solaris'),
    'estate.wrong-value',
    'solaris',
    'solaris-sparc, solaris-x86, redhat',
  ],
  ['a wrong version', change('version: 1', 'version: 2'), 'estate.wrong-value', '2', 'must be 1'],
  [
    'a literal secret',
    change('{ env: LDAP_PASSWORD }', 'hunter2'),
    'estate.wrong-type',
    'hunter2',
    'password must be an object',
  ],
  [
    'a host named twice',
    change('    cs7: { address', '    cs6: { address'),
    'estate.host-named-twice',
    'cs6: { address: cs7u1',
    'Plans and --only',
  ],
  [
    'an address used twice',
    change('    cs6: {', '    other: { address: CS6SERVER.example.com, http: "http://x:1" }\n    cs6: {'),
    'estate.host-named-twice',
    'cs6server.example.com, http',
    'List each cs6 host once',
  ],
  [
    'the same key twice',
    change('    cs6: {', '    cs6: { address: a, http: "http://a:1" }\n    cs6: {'),
    'estate.duplicate-key',
    'cs6: { address: cs6server',
    'Remove one',
  ],
  [
    'an unknown redirect host',
    change('freeBusyRedirect: cs7', 'freeBusyRedirect: cs8'),
    'estate.unknown-host',
    'cs8',
    'Did you mean "cs7"',
  ],
  [
    'a domain on an unknown host',
    change('{ cs6: cs6 }', '{ cs6: cs9 }'),
    'estate.unknown-host',
    'cs9 }',
    'no host of cs6',
  ],
  [
    'a cohort on an unknown store',
    change('store: defaultbackend', 'store: defaultbackent'),
    'estate.unknown-store',
    'defaultbackent',
    'Did you mean "defaultbackend"',
  ],
  [
    'a CS7 cohort without a store',
    change('store: defaultbackend, ', ''),
    'estate.store-missing',
    'migrated',
    'needs "store"',
  ],
  [
    'a store on CS6',
    change('server: cs6, members', 'server: cs6, store: defaultbackend, members'),
    'estate.store-on-cs6',
    'defaultbackend, members: rest',
    'Remove "store"',
  ],
  [
    'a URL without its port',
    change('"http://cs7u1server.example.com:8080"', '"http://cs7u1server.example.com"'),
    'estate.url-without-port',
    '"http://cs7u1',
    'must include it',
  ],
  [
    'no cohort for the rest',
    change('members: rest', 'members: { base: o=isp }'),
    'estate.rest-not-last',
    'cohorts:',
    'members: rest',
  ],
  [
    'rest not last',
    change('  migrated:', '  all: { server: cs6, members: rest }\n  migrated:'),
    'estate.rest-not-last',
    'all:',
    'Move it to the end',
  ],
  [
    'a filter that is not closed',
    change('(departmentNumber=Finance)', '(departmentNumber=Finance'),
    'estate.filter-syntax',
    '(departmentNumber',
    'character',
  ],
  [
    'members of a wrong kind',
    change('members: rest', 'members: everybody'),
    'estate.wrong-type',
    'everybody',
    'Who belongs to it',
  ],
  [
    'an empty selection',
    change('{ filter: (departmentNumber=Finance) }', '{}'),
    'estate.wrong-form',
    '{} }',
    'wrong number',
  ],
  [
    'a key of members that is unknown',
    change('{ filter: (dep', '{ fliter: (dep'),
    'estate.unknown-key',
    'fliter',
    'Did you mean "filter"',
  ],
  ['a missing section', change('freeBusyRedirect: cs7\n', ''), 'estate.missing-key', 'version', 'freeBusyRedirect'],
  ['a bad domain', change('example.com: { cs6', 'Example_com: { cs6'), 'estate.wrong-form', 'Example_com: { cs6', ''],
  [
    'a derived key set by hand',
    change('8080" }\n\ncs7', '8080", settings: { local.autoprovision: "yes" } }\n\ncs7'),
    'estate.derived-key',
    'local.autoprovision',
    'Remove it',
  ],
  [
    'a secret among the settings',
    change('8080" }\n\ncs7', '8080", settings: { local.authldapbindcred: "x" } }\n\ncs7'),
    'estate.secret-setting',
    'local.authldapbindcred',
    'never',
  ],
  ['text that is not YAML', change('cs6:\n', 'cs6: [\n'), 'estate.yaml-syntax', '', ''],
  ['an empty file', '', 'estate.wrong-type', '', 'must be an object'],
];

describe('wrong files', () => {
  it.each(wrong)('%s', (_, text, code, place, said) => {
    const { state, findings } = load(text);
    expect(state).toBeUndefined();
    const found = findings.find(f => f.code === code);
    expect(found, JSON.stringify(findings)).toBeDefined();
    expect(found?.severity).toBe('error');
    expect(found?.detail).toContain(said);
    expect(found?.where?.file).toBe('estate.yaml');
    if (place !== '') expect(found?.where?.line).toBe(lineOf(text, place));
  });

  it('all problems come at once, in the order of the file', () => {
    const text = change('bindDn:', 'bindDN:')
      .replace('minimumPatch: 44', 'minimumPatch: many')
      .replace('platform: solaris-sparc', 'platform: hpux');
    const codes = load(text).findings.map(f => [f.code, f.where?.line]);
    expect(codes).toEqual([
      ['estate.missing-key', lineOf(text, 'directory:')],
      ['estate.unknown-key', lineOf(text, 'bindDN:')],
      ['estate.wrong-value', lineOf(text, 'hpux')],
      ['estate.wrong-type', lineOf(text, 'many')],
    ]);
  });
});
