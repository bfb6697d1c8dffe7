import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostsOf } from '../../src/core/desired.ts';
import type { Finding } from '../../src/core/finding.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { buildPlan, wantedDigest } from '../../src/plan/build.ts';
import { refusals } from '../../src/plan/guards.ts';
import { allows, knownSetting } from '../../src/products/known-setting.ts';
import { isDerived, products } from '../../src/products/products.ts';
import { estateSchema } from '../kinds/cases.ts';

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

interface Settings {
  readonly cs6?: string;
  readonly cs6Host?: string;
  readonly cs7?: string;
  readonly cs7Host?: string;
}

/** The chapter's example with settings laid in, each in flow style on the line of its key. */
function textWith({ cs6, cs6Host, cs7, cs7Host }: Settings): string {
  const laid = (text: string | undefined, indent: string) => (text === undefined ? '' : `${indent}settings: ${text}\n`);
  return chapter
    .replace('cs6:\n', `cs6:\n${laid(cs6, '  ')}`)
    .replace('\ncs7:\n', `\ncs7:\n${laid(cs7, '  ')}`)
    .replace(/(cs6server\.example\.com:8080") \}/, cs6Host === undefined ? '$1 }' : `$1, settings: ${cs6Host} }`)
    .replace(/(cs7u1server\.example\.com:8080") \}/, cs7Host === undefined ? '$1 }' : `$1, settings: ${cs7Host} }`);
}

function load(settings: Settings) {
  const text = textWith(settings);
  return { text, ...loadEstate('estate.yaml', text, estateSchema) };
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

function ownSettings(settings: Settings) {
  const { state, findings, text } = load(settings);
  expect(findings).toEqual([]);
  return { text, own: hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.settings.filter(({ key }) => !isDerived('cs6', key)) };
}

function ownOptions(settings: Settings) {
  const { state, findings, text } = load(settings);
  expect(findings).toEqual([]);
  return {
    text,
    own: hostsOf(state ?? { hosts: [] }, 'cs7')[0]?.options.filter(({ name }) => !isDerived('cs7', name)),
  };
}

describe('ics.conf', () => {
  it('a host has the keys of its group, and its own entry wins', () => {
    const { text, own } = ownSettings({
      cs6: '{ service.http.idletimeout: "180", group.invite.expand: "no" }',
      cs6Host: '{ service.http.idletimeout: "120", service.http.port: "8080" }',
    });
    expect(own?.map(({ key, value, because, source }) => [key, value, because, source.line])).toEqual([
      ['service.http.idletimeout', '120', 'It is set in cs6.hosts.cs6.settings.', lineOf(text, 'cs6: { address')],
      ['group.invite.expand', 'no', 'It is set in cs6.settings.', lineOf(text, 'settings:')],
      ['service.http.port', '8080', 'It is set in cs6.hosts.cs6.settings.', lineOf(text, 'cs6: { address')],
    ]);
  });

  it('~ means absent, for the group, for one host, and against the group', () => {
    expect(ownSettings({ cs6: '{ group.invite.expand: ~ }' }).own).toMatchObject([{ value: null }]);
    expect(ownSettings({ cs6Host: '{ group.invite.expand: ~ }' }).own).toMatchObject([{ value: null }]);
    const both = ownSettings({ cs6: '{ group.invite.expand: "no" }', cs6Host: '{ group.invite.expand: ~ }' });
    expect(both.own).toMatchObject([{ value: null }]);
    const back = ownSettings({ cs6: '{ group.invite.expand: ~ }', cs6Host: '{ group.invite.expand: "no" }' });
    expect(back.own).toMatchObject([{ value: 'no' }]);
  });
});

describe('davadmin', () => {
  it('values exactly, lists whatever the case, ~ and blanks for not set; a host wins whatever the case of the name', () => {
    const { text, own } = ownOptions({
      cs7: '{ log.dav.commands.loglevel: " FINE ", notification.dav.smtpuser: ~, notification.dav.smtphost: "  ", base.ldapinfo.cachettl: "30" }',
      cs7Host: '{ BASE.ldapinfo.cachettl: "10", service.dav.ischedulewhitelist: { include: [192.0.2.1] } }',
    });
    expect(own?.map(({ name, value, caseMatters, source }) => [name, value, caseMatters, source.line])).toEqual([
      ['log.dav.commands.loglevel', 'FINE', true, lineOf(text, '" FINE "')],
      ['notification.dav.smtpuser', null, false, lineOf(text, '" FINE "')],
      ['notification.dav.smtphost', null, true, lineOf(text, '" FINE "')],
      ['BASE.ldapinfo.cachettl', '10', true, lineOf(text, 'BASE')],
      ['service.dav.ischedulewhitelist', { include: ['192.0.2.1'] }, false, lineOf(text, 'BASE')],
    ]);
  });
});

/** Each wrong entry: where it stands, its code, and a part of what is said. */
const wrong: readonly (readonly [string, Settings, string, string])[] = [
  [
    'a wrong word',
    { cs6: '{ group.invite.expand: "maybe" }' },
    'estate.setting-value',
    'must be one of "yes", "no", but is "maybe"',
  ],
  ['y for yes', { cs6Host: '{ group.invite.expand: "y" }' }, 'estate.setting-value', 'Did you mean "yes"?'],
  ['yes for y', { cs6: '{ csapi.plugin.loadall: "yes" }' }, 'estate.setting-value', 'Did you mean "y"?'],
  ['on, which is not a slip of no', { cs6: '{ group.invite.expand: "on" }' }, 'estate.setting-value', 'mean "yes"?'],
  ['a slip', { cs6: '{ caldb.cld.type: "locale" }' }, 'estate.setting-value', 'Did you mean "local"?'],
  ['a blank before yes', { cs6: '{ group.invite.expand: " yes" }' }, 'estate.setting-value', 'Did you mean "yes"?'],
  ['not a number', { cs6: '{ service.http.idletimeout: "2m" }' }, 'estate.setting-value', 'whole number of at least 0'],
  ['too big a port', { cs6: '{ service.dwp.port: "65536" }' }, 'estate.setting-value', 'from 1 to 65535'],
  ['what must stay', { cs6: '{ service.virtualdomain.support: "no" }' }, 'estate.setting-value', 'must be "yes"'],
  ['an option', { cs7: '{ base.ldapinfo.cachettl: "1m" }' }, 'estate.setting-value', 'seconds'],
  [
    'a list where one value stands',
    { cs7Host: '{ base.ldapinfo.dcroot: { include: [o=isp] } }' },
    'estate.setting-value',
    'single value',
  ],
  ['a derived key', { cs6: '{ local.autoprovision: ~ }' }, 'estate.derived-key', 'every CS6 host'],
  ['a derived key of a host', { cs6Host: '{ user.invite.autoprovision: "yes" }' }, 'estate.derived-key', 'Remove it'],
  [
    'a derived list',
    { cs7: '{ davcore.uriinfo.subjectattributes: { include: [uid] } }' },
    'estate.derived-key',
    'every CS7 host by directory.localUser',
  ],
  ['a derived option', { cs7Host: '{ davcore.scheduling.localUserAttr: ~ }' }, 'estate.derived-key', 'Remove it'],
  ['a password', { cs7: '{ notification.dav.smtppassword: "x" }' }, 'estate.secret-setting', 'does not belong'],
  ['an absent password', { cs6: '{ local.authldapbindcred: ~ }' }, 'estate.secret-setting', 'does not belong'],
  [
    'the unique id',
    { cs7: '{ davcore.uriinfo.permanentUniqueId: davUniqueId }' },
    'estate.unique-id-attribute',
    'Calendar Server 8 Installation and Configuration Guide, post-configuration',
  ],
  [
    'the unique id of a host',
    { cs7Host: '{ davcore.uriinfo.permanentuniqueid: ~ }' },
    'estate.unique-id-attribute',
    '',
  ],
  ['two spellings', { cs7: '{ log.dav.a.loglevel: INFO, LOG.dav.a.loglevel: FINE }' }, 'estate.duplicate-key', 'one'],
  ['a bare number', { cs6: '{ service.http.idletimeout: 120 }' }, 'estate.wrong-type', 'Write it in quotes: "120".'],
  ['a number that ends in 0', { cs6: '{ service.http.idletimeout: 1.10 }' }, 'estate.wrong-type', 'in quotes: "1.10".'],
  ['nothing', { cs6: '{ service.http.idletimeout: }' }, 'estate.setting-value', 'or ~ if'],
  ['nothing but a remark', { cs6: '{ service.http.idletimeout: # later\n    }' }, 'estate.setting-value', 'or ~ if'],
  ['nothing for an option', { cs7: '{ log.dav.a.loglevel: , log.dav.b.loglevel: ~ }' }, 'estate.setting-value', ''],
  ['nothing for a host', { cs7Host: '{ log.dav.a.loglevel: }' }, 'estate.setting-value', 'after the colon'],
  ['a bare truth', { cs6: '{ group.invite.expand: true }' }, 'estate.wrong-type', 'a string or empty (~)'],
  ['a double quote in it', { cs6: `{ group.default.acl: 'a"b' }` }, 'estate.wrong-form', ''],
  ['an upper-case key', { cs6: '{ Group.invite.expand: "no" }' }, 'estate.wrong-form', ''],
  ['a number for an option', { cs7: '{ base.ldapinfo.cachettl: 60 }' }, 'estate.wrong-type', 'in quotes'],
  ['nothing to include', { cs7: '{ davcore.uriinfo.emailattributes: { include: [] } }' }, 'estate.wrong-form', ''],
  ['another word', { cs7: '{ davcore.uriinfo.emailattributes: { exclude: [a] } }' }, 'estate.unknown-key', 'include'],
];

describe('wrong settings', () => {
  it.each(wrong)('%s', (_, settings, code, said) => {
    const { state, findings, text } = load(settings);
    expect(state).toBeUndefined();
    const found = findings.find(f => f.code === code);
    expect(found, JSON.stringify(findings)).toMatchObject({ severity: 'error', where: { file: 'estate.yaml' } });
    expect(found?.detail).toContain(said);
    expect(found?.where?.line).toBe(lineOf(text, 'settings:'));
  });

  it('an entry that breaks several rules is told once, by the gravest', () => {
    const { findings } = load({ cs6: '{ local.authldapbindcred: "x" }' });
    expect(findings.map(f => f.code)).toEqual(['estate.secret-setting']);
  });

  it('an entry that the schema refuses takes no other out of sight', () => {
    const { findings } = load({ cs6: '{ service.http.port: 80, group.invite.expand: "y" }', cs7Host: '{ a b: "x" }' });
    expect(findings.map(f => f.code)).toEqual(['estate.wrong-type', 'estate.setting-value', 'estate.wrong-form']);
  });

  it.each([
    ['hosts', / {2}hosts:\n {4}cs6: .*\n/, '  hosts: none\n'],
    ['a host', /cs6: \{ address: .*\n/, 'cs6: 1\n'],
    ['the settings of a host', '8080" }', '8080", settings: [1] }'],
    ['a setting', 'group.invite.expand: "y"', 'group.invite.expand: "y", service.http.port: 80'],
  ])('%s that the schema refuses take no setting elsewhere out of sight', (_, from, to) => {
    const text = textWith({ cs6: '{ group.invite.expand: "y" }', cs7: '{ base.ldapinfo.cachettl: "1m" }' });
    const { findings } = loadEstate('estate.yaml', text.replace(from, to), estateSchema);
    expect(findings.map(f => f.code).sort()).toEqual([
      'estate.setting-value',
      'estate.setting-value',
      'estate.wrong-type',
    ]);
  });

  it('the message about a key whose name only looks like a secret hides nothing', () => {
    const [finding] = load({ cs6: '{ service.wcap.allowchangepassword: "y" }' }).findings;
    expect(finding?.detail).toContain('must be one of "yes", "no", but is "y".');
    expect(finding?.excerpt?.line).toBe('  settings: { service.wcap.allowchangepassword: "y" }');
  });

  it('a known key whose name only looks like a secret is free', () => {
    expect(load({ cs6: '{ service.wcap.allowchangepassword: "yes" }' }).findings).toEqual([]);
  });
});

describe('unknown settings', () => {
  const misspelled = { cs6: '{ service.http.idletimout: "120" }', cs7: '{ base.ldapinfo.cachetll: "60", x.y: ~ }' };

  it('are warnings with what was probably meant, and are managed all the same', () => {
    const { state, findings, text } = load(misspelled);
    expect(findings.map(f => [f.severity, f.code, f.where?.line])).toEqual([
      ['warning', 'estate.setting-unknown', lineOf(text, 'service.http.idletimout')],
      ['warning', 'estate.setting-unknown', lineOf(text, 'base.ldapinfo.cachetll')],
      ['warning', 'estate.setting-unknown', lineOf(text, 'x.y')],
    ]);
    expect(findings[0]?.detail).toContain('Did you mean "service.http.idletimeout"?');
    expect(findings[1]?.detail).toContain('Did you mean "base.ldapinfo.cachettl"?');
    expect(findings[2]?.detail).toContain('Compare its name');
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.settings.at(-1)).toMatchObject({
      key: 'service.http.idletimout',
      value: '120',
    });
  });

  it('are part of the plan, and refuse nothing', () => {
    const { state, findings } = load(misspelled);
    if (!state) throw new Error('it was not loaded');
    const plan = buildPlan(state, [], {
      tool: '0',
      readAt: '2026-11-22T10:00:00.000Z',
      accounts: { counted: 0, all: true },
      warnings: findings,
    });
    expect(plan.findings.map((f: Finding) => f.code)).toEqual(findings.map(f => f.code));
    expect(plan).not.toHaveProperty('warnings');
    expect(refusals(plan)).toEqual([]);
  });
});

describe('ignore', () => {
  const ignoring = (target: string, key: string) =>
    loadEstate(
      'estate.yaml',
      `${textWith({ cs6: '{ service.http.port: "80" }', cs7: '{ base.ldapinfo.cachettl: "30" }' })}
ignore: [{ target: ${target}, key: ${key}, until: 2099-01-31, reason: load test, owner: ops }]
`,
      estateSchema,
    ).findings.map(f => f.code);

  it.each([
    ['cs6', 'service.http.port', []],
    ['cs7', 'base.ldapinfo.cachettl', []],
    ['cs6', 'local.autoprovision', ['estate.ignore-not-own']],
    ['cs7', 'davcore.scheduling.localuserattr', ['estate.ignore-not-own']],
    ['cs7', 'example.com', ['estate.ignore-not-own']],
  ])('%s %s', (target, key, codes) => {
    expect(ignoring(target, key)).toEqual(codes);
  });
});

describe('why', () => {
  it('everything says why, in a sentence; what coexistence needs by the section of the chapter', () => {
    const { state } = load({ cs6: '{ service.http.port: "80" }', cs7: '{ base.ldapinfo.cachettl: "30" }' });
    const [cs6, cs7] = [hostsOf(state ?? { hosts: [] }, 'cs6')[0], hostsOf(state ?? { hosts: [] }, 'cs7')[0]];
    const reasons = [...(cs6?.settings ?? []), ...(cs7?.options ?? []), ...(cs7?.domains ?? [])].map(d => d.because);
    expect(reasons.filter(because => because.includes('(chapter 10, "'))).toHaveLength(9);
    for (const because of reasons) expect(because).toMatch(/^[A-Z].*\.$/);
  });

  it('is not part of what is wanted', () => {
    const { state } = load({ cs6: '{ service.http.port: "80" }' });
    if (!state) throw new Error('it was not loaded');
    const told = JSON.parse(JSON.stringify(state).replaceAll('"because":"', '"because":"Otherwise: '));
    expect(wantedDigest(told)).toBe(wantedDigest(state));
  });
});

describe.each([
  ['ics.conf', products.cs6],
  ['davadmin', products.cs7],
] as const)('what is known of %s', (_, { knownSettings: known, derivedSettings }) => {
  it('is in lower case, each name once, with a default that is allowed and whole sentences', () => {
    expect(new Set(known.map(setting => setting.name)).size).toBe(known.length);
    for (const setting of known) {
      expect(setting.name).toBe(setting.name.toLowerCase());
      expect(setting.default === undefined || allows(setting, setting.default), setting.name).toBe(true);
      expect(setting.meaning, setting.name).toMatch(/\.$/);
      expect(setting.source, setting.name).not.toBe('');
      expect(knownSetting(known, setting.name.replaceAll(/[[\]]/g, ''))?.name).toBe(setting.name);
    }
  });

  it('has all that is derived', () => {
    for (const { name } of derivedSettings) expect(knownSetting(known, name)?.name).toBe(name);
  });
});
