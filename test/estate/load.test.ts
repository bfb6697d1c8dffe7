import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { hostsOf } from '../../src/core/desired.ts';
import { loadEstate } from '../../src/estate/load.ts';
import { estateSchema } from '../kinds/cases.ts';

const chapter = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

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

function loadExample(name: string) {
  const file = `examples/${name}`;
  const options = { day: '2026-12-08', readFile: (path: string) => readFileSync(path) };
  return loadEstate(file, readFileSync(file, 'utf8'), estateSchema, {}, options);
}

describe('examples', () => {
  it('the chapter’s example says the same with maps in braces, which other tests change parts of', () => {
    expect(parse(chapter)).toEqual(parse(readFileSync('examples/chapter.yaml', 'utf8')));
  });

  it.each(readdirSync('examples').filter(name => name.endsWith('.yaml')))('%s is valid', name => {
    const { state, findings } = loadExample(name);
    const expected = name === 'large-site.yaml' ? ['estate.host-key-form'] : [];
    expect(findings.map(({ code }) => code).toSorted()).toEqual(expected);
    expect(findings.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(hostsOf(state ?? { hosts: [] }, 'cs6').length).toBeGreaterThan(0);
  });

  it('the nearest place decides, key by key', () => {
    const hosts = loadExample('large-site.yaml').state?.hosts ?? [];
    const [front, back, cs7] = hosts;
    expect(front?.access).toMatchObject({ user: 'ops', privilege: { by: 'sudo', as: 'root' }, jump: ['bastion'] });
    expect(back?.access).toMatchObject({ user: 'root', legacyAlgorithms: true, jump: ['bastion'] });
    expect(back?.access.privilege).toBeUndefined();
    expect(back?.http).toBeUndefined();
    expect([front, back, cs7].map(host => host?.restart)).toEqual([
      'after-change',
      {
        stop: ['scswitch', '-n', '-j', 'cal'],
        start: ['scswitch', '-e', '-j', 'cal'],
        status: ['scstat', '-g'],
        as: 'root',
      },
      'after-change',
    ]);
    expect(cs7).toMatchObject({ release: '7.0.4.14.0', container: { type: 'glassfish3', domain: 'domain1' } });
  });

  it('the chapter’s example gives the chapter’s settings, each with the line that asks for it', () => {
    const { state } = load(chapter);
    const settings = hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.settings.map(({ key, value, source }) => [
      key,
      value,
      source.line,
    ]);
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
    expect(hostsOf(state ?? { hosts: [] }, 'cs7')[0]?.domains).toMatchObject([
      { domain: 'example.com', url: 'http://cs6server.example.com:8080/ischedule/' },
    ]);
    expect(hostsOf(state ?? { hosts: [] }, 'cs7')[0]?.options).toMatchObject([
      { name: 'davcore.uriinfo.subjectattributes', value: { include: ['davStore', 'davUniqueId'] } },
      { name: 'davcore.scheduling.localuserattr', value: 'davStore' },
    ]);
  });

  it('the example of waves says who is where, and what is done about whom', () => {
    const { state } = loadExample('waves.yaml');
    expect(state?.cohorts).toMatchObject([
      {
        name: 'pilot',
        members: {
          list: ['jdoe', 'uid=asmith,ou=People,o=example.net,o=isp', 'mmuller'],
          listed: { file: 'examples/cohorts/pilot.csv', lines: [2, 3, 4] },
        },
        migrated: { denyLogin: '-http:all', deleteCalendars: true, exportTo: '/var/backups/cs6' },
      },
      { name: 'finance', share: 25, migrated: { deleteCalendars: false } },
      { name: 'wave1', share: 10, members: { group: 'cn=wave1,ou=Groups,o=example.net,o=isp' } },
      { name: 'others', members: 'rest' },
    ]);
    expect(state?.limits).toMatchObject({ moves: { percent: 5 }, deletes: 50 });
  });

  it('paths are relative to the file, and absolute ones stay', () => {
    const { state } = loadEstate('sites/a/estate.yaml', change('known_hosts', '../known_hosts'), estateSchema);
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')[0]?.access.knownHosts).toBe('sites/known_hosts');
    expect(state?.directory.tls.ca).toBe('sites/a/pki/ca.pem');
  });
});

describe('one pass', () => {
  it('all problems come at once, in the order of the file', () => {
    const text = change('bindDn:', 'bindDN:')
      .replace('minimumPatch: 44', 'minimumPatch: many')
      .replace('platform: solaris-sparc', 'platform: hpux')
      .replace('password: { env: LDAP_PASSWORD }', 'password: &p { env: LDAP_PASSWORD }')
      .replace('{ cs6: cs6 }', '{ cs6: cs9 }')
      .replace('freeBusyRedirect: cs7', 'freeBusyRedirect: cs8');
    const codes = load(text).findings.map(f => [f.code, f.where?.line]);
    expect(codes).toEqual([
      ['estate.unknown-key', lineOf(text, 'bindDN:')],
      ['estate.alias', lineOf(text, 'password:')],
      ['estate.wrong-value', lineOf(text, 'hpux')],
      ['estate.wrong-type', lineOf(text, 'many')],
      ['estate.unknown-host', lineOf(text, 'cs9')],
      ['estate.unknown-host', lineOf(text, 'cs8')],
    ]);
  });

  it('a rule says nothing where the schema refused what it reads', () => {
    const text = change('store: defaultbackend', 'store: other').replace('backends: [defaultbackend]', 'backends: [1]');
    expect(load(text).findings.map(f => f.code)).toEqual(['estate.wrong-type']);
  });

  it('a warning lets the file be used', () => {
    const { state, findings } = load(
      change('    cs6: { address', '    cs6: { settings: { service.http.idletimeoutt: "1" }, address'),
    );
    expect(findings.map(f => [f.severity, f.code])).toEqual([['warning', 'estate.setting-unknown']]);
    expect(hostsOf(state ?? { hosts: [] }, 'cs6')).toHaveLength(1);
  });
});

/** The excerpt as a terminal shows it: the line, and a mark below. */
function drawn(text: string, code: string): readonly string[] {
  const { excerpt } = load(text).findings.find(f => f.code === code) ?? {};
  if (!excerpt) throw new Error(`no excerpt for ${code}`);
  return [excerpt.line, `${' '.repeat(excerpt.column - 1)}${'^'.repeat(excerpt.length)}`];
}

describe('the line of a problem', () => {
  it('is shown with a mark under the place', () => {
    expect(drawn(change('bindDn:', 'bindDN:'), 'estate.unknown-key')).toEqual([
      '  bindDN: cn=reconcile,ou=Services,o=isp',
      '  ^^^^^^',
    ]);
    const own = change(
      '{ server: cs7, store: defaultbackend, members: { filter: (departmentNumber=Finance) } }',
      '{ server: cs7, store: defaultbackend, members: { filter: (!(DAVstore=*)) } }',
    );
    expect(drawn(own, 'estate.filter-on-written')[1]?.trimStart()).toBe('^'.repeat('(!(DAVstore=*))'.length));
    expect(drawn(own, 'estate.filter-on-written')[1]?.indexOf('^')).toBe(
      drawn(own, 'estate.filter-on-written')[0]?.indexOf('(!('),
    );
    expect(drawn(change('{ cs6: cs6 }', '{ cs6: [a, b] }'), 'estate.wrong-type')).toEqual([
      '  example.com: { cs6: [a, b] }',
      '                      ^^^^^^',
    ]);
  });

  it('is cut around the mark where it is long', () => {
    const text = change('members: rest', `members: { list: [${'abc, '.repeat(100)}4711${', def'.repeat(100)}] }`);
    const [line = '', mark = ''] = drawn(text, 'estate.wrong-type');
    expect(line).toMatch(/^….*…$/);
    expect(line.length).toBeLessThan(110);
    expect(line.slice(mark.indexOf('^'), mark.length)).toBe('4711');
  });

  it('has no tabs and nothing a terminal would obey', () => {
    const text = change('name: example.com', 'name:\t\t"a\u202eb"\t# \u2066x').replace('version: 1', 'version: 2');
    for (const { excerpt } of load(`${text}name: again\n`).findings)
      expect(excerpt?.line).not.toMatch(/[\t\u202e\u2066]/);
    expect(drawn(change('    cs6: {', '    cs6:\t{\tx: 1,'), 'estate.unknown-key')[1]).toBe('           ^');
  });

  it('hides secrets, also beside the place and where the file cannot be read', () => {
    const flow = change('password: { env: LDAP_PASSWORD }', 'password: { env: LDAP_PASSWORD, value: canary-1 }');
    expect(drawn(flow, 'estate.unknown-key')[0]).toBe('  password: { env: LDAP_PASSWORD, value: •••••• }');
    const named = change('user: admin', 'user: admin, passwd: canary-1, usr: x');
    expect(JSON.stringify(load(named).findings)).not.toContain('canary');
    for (const broken of ['canary-1: x', '"canary-1" x', '|\n    canary-1\n   canary-1: x', '@canary-1', '*canary-1']) {
      const { findings } = load(change('{ env: LDAP_PASSWORD }', broken));
      expect(findings.length).toBeGreaterThan(0);
      expect(JSON.stringify(findings), broken).not.toContain('canary');
    }
  });
});
