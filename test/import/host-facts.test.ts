import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DesiredState, Host } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { loadEstates } from '../../src/estate/load.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type { LookedHost } from '../../src/import/fact.ts';
import { findHosts, restartChoices } from '../../src/import/host-facts.ts';
import { findRoutes } from '../../src/import/host-routes.ts';
import type { CommandResult, FileReading, HostReader } from '../../src/ports/host.ts';
import type { ExaminePorts } from '../../src/ports/ports.ts';
import { memoryPorts } from '../fakes/memory-ports.ts';

const schema = JSON.parse(readFileSync('schemas/estate.schema.json', 'utf8')) as object;

/** What a host of the test shows. */
interface Shown {
  readonly uname?: string;
  /** Path -> text, a character a byte. A name with `->` in front is a link to another path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Command, by the beginning of its words -> what it prints; `!` in front of the text: it ends with 1. */
  readonly commands?: Readonly<Record<string, string>>;
  /** Folders that have `start-cal`, `davadmin` or `asadmin`. */
  readonly folders?: readonly string[];
  readonly gone?: true;
  /** A file that may not be read. */
  readonly locked?: string;
}

const solaris = 'SunOS cs6server 5.10 Generic_147440-27 sun4v sparc SUNW,T5240';
const ics = '/etc/opt/SUNWics5/config/ics.conf';
const properties = '/opt/sun/comms/davserver/config/davserver.properties';
const map = '/opt/sun/comms/davserver/config/ischeduledomainmap.properties';
const domainXml = '/opt/glassfish3/glassfish/domains/domain1/config/domain.xml';
const listener = (port: number) =>
  `<domain><applications name="davserver"/><configs><config name="server-config"><http-listener id="l${port}" port="${port}"/></config></configs></domain>`;

/** A CS6 host with its usual places. */
function six(conf: string, more: Shown = {}): Shown {
  return {
    ...{ uname: solaris, folders: ['/opt/SUNWics5/cal/sbin'], files: { [ics]: conf, ...more.files } },
    commands: { 'showrev -p': 'Patch: 121657-54 Obsoletes: \n', ...more.commands },
  };
}

/** A CS7 host with its usual places; `options` as davadmin lists them. */
function seven(options: Readonly<Record<string, string>> = {}, more: Shown = {}): Shown {
  const all = {
    'davcore.uriinfo.permanentuniqueid': 'davUniqueId',
    'davcore.uriinfo.subjectattributes': 'cn',
    ...options,
  };
  const list = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`);
  return {
    uname: 'Linux cs7u1server 2.6.18 x86_64 GNU/Linux',
    folders: ['/opt/sun/comms/davserver/sbin', '/opt/glassfish3/bin', ...(more.folders ?? [])],
    files: { [properties]: '', '/etc/davadmin.clifile': '', [domainXml]: listener(8080), ...more.files },
    commands: {
      './davadmin config': list.join(''),
      './davadmin version': 'Calendar Server 7.0.5.17.0\n',
      './asadmin list-domains': 'domain1 running\n',
      ...more.commands,
    },
  };
}

function readerOf(name: string, { files = {}, commands = {}, folders = [], gone, locked = '' }: Shown): HostReader {
  const lost = () => {
    throw new TargetProblem(finding('host.unreachable', { detail: `${name} is gone`, target: name }));
  };
  const reading = (asked: string): readonly FileReading[] => {
    const text = files[asked];
    if (text === undefined) return [];
    const link = text.startsWith('->');
    const content = Buffer.from((link ? files[text.slice(2)] : text) ?? '', 'latin1');
    return [{ asked, path: asked, content, modified: 1000, changed: 2000, owner: '1:1', mode: '-rw-r-----', link }];
  };
  const { ports } = memoryPorts({});
  return {
    ...ports.host(name),
    files: async candidates => (gone || candidates.includes(locked) ? lost() : candidates.flatMap(reading)),
    query: async ({ words, directories, find }): Promise<CommandResult> => {
      if (gone) return lost();
      const directory = directories?.find(folder => folders.includes(folder));
      if (directories && directory === undefined) return { state: 'absent' };
      if (find) return { state: 'ran', code: 0, output: `${directory}\n`, ...(directory && { directory }) };
      const said = Object.entries(commands).find(([start]) => words.join(' ').startsWith(start))?.[1];
      if (said === undefined) return { state: 'absent' };
      return { state: 'ran', code: said.startsWith('!') ? 1 : 0, output: said.replace(/^!/, '') };
    },
  };
}

/** Finds over hosts whose names begin with their side; the address of each is its name in example.com. */
async function find(
  hosts: Readonly<Record<string, Shown>>,
  change: (host: Host) => Host = host => host,
  reach: 'answers' | 'silent' = 'silent',
): Promise<readonly LookedHost[]> {
  const entries = (side: string) =>
    Object.keys(hosts)
      .filter(name => name.startsWith(side))
      .map(name => `    ${name}: { address: ${name}.example.com, http: "http://${side}.none:1" }`);
  const content = [
    ...['version: 1', 'directory: { url: "ldapi://none" }'],
    ...[
      'cs6:',
      '  platform: solaris-sparc',
      '  hosts:',
      ...entries('cs6'),
      ...(entries('cs6').length ? [] : ['    x6: { http: "http://x6:1" }']),
    ],
    ...[
      'cs7:',
      '  davadmin: { passwordFile: /etc/davadmin.clifile }',
      '  hosts:',
      ...entries('cs7'),
      ...(entries('cs7').length ? [] : ['    x7: { http: "http://x7:1" }']),
    ],
  ].join('\n');
  const { state, findings } = loadEstates([{ file: 'estate.yaml', content }], schema, { connectionsOnly: true });
  if (!state) throw new Error(JSON.stringify(findings));
  const known: DesiredState = {
    ...state,
    hosts: state.hosts.filter(({ name }) => name in hosts).map(({ http: _, ...host }) => change(host)),
  };
  return findHosts(known, portsOf(hosts, reach));
}

function portsOf(hosts: Readonly<Record<string, Shown>>, reach: 'answers' | 'silent'): ExaminePorts {
  const never = () => Promise.reject(new Error('not asked'));
  const { ports } = memoryPorts({});
  const free = { ...ports.freeBusy(), reach: async () => ({ state: reach, detail: 'no' }) };
  return {
    ...{ directory: () => ports.directory(), freeBusy: () => free },
    host: name => readerOf(name, hosts[name] ?? {}),
    records: () => ports.records(''),
    examine: name => ({
      look: async ({ paths }) => {
        const { uname = '', files = {}, gone } = hosts[name] ?? {};
        if (gone) throw new TargetProblem(finding('host.unreachable', { detail: `${name} is gone`, target: name }));
        const rights = paths.map(path => {
          const kind = path in files ? ('file' as const) : ('missing' as const);
          return { path, kind, read: true, write: true, execute: false };
        });
        return { user: 'root', uid: 0, system: uname, lacking: [], paths: rights, space: [] };
      },
    }),
    ...{ reach: never, offeredKey: never, wouldModify: never, directoryServers: () => [] },
    inTime: async promise => ({ value: await promise }),
  };
}

function found(hosts: readonly LookedHost[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(hosts.flatMap(host => host.found.map(({ path, value }) => [path.join('.'), value])));
}

function asked(hosts: readonly Pick<LookedHost, 'choices'>[]): Readonly<Record<string, unknown>> {
  const choices = hosts.flatMap(host => host.choices);
  return Object.fromEntries(choices.map(({ path, candidates }) => [path.join('.'), candidates]));
}

describe('a host of Calendar Server 6', () => {
  it('has its settings without a lost or invented key, and no secret', async () => {
    const conf = ['07-ics-hash-comment', '08-ics-wrapped', '13-ics-edgemail-fe']
      .map(name => readFileSync(`test/cases/${name}.conf`, 'latin1'))
      .join('\n');
    const own = `${conf}
!local.commented = "no"
!!caldb.dwp.server.[hostname].ip
service.http.port = "8080"\r
local.twice = "1"
local.twice = "2"
local.bare = word
 local.indented = "x"
local.autoprovision ="no" group.invite.autoprovision = "no"
local.umlaut = "M\xfcnchen"
local.authldapbindcred = "canary"
`;
    const [host] = await find({ cs6: six(own) });
    expect(Object.fromEntries(host?.settings ?? [])).toEqual({
      'local.autoprovision': 'no',
      'group.invite.autoprovision': 'no',
      'caldb.dwp.server.calendar1.sesta.com': 'calendar1.sesta.com',
      'service.wcap.freebusy.redirecturl': 'http://old.example.com:8080/x',
      'alarm.diskstat.msgalarmdescription': 'percentage calendar partition diskspace available',
      'alarm.diskstat.msgalarmthresholddirection': '-1',
      'alarm.msgalarmnoticehost': 'mail.example.com',
      'alarm.msgalarmnoticeport': '25',
      'alarm.msgalarmnoticetemplate': '',
      'browser.cache.enable': 'no',
      'caldb.berkeleydb.circularlogging': 'yes',
      'caldb.berkeleydb.ensmsg.advancedtopics': 'no',
      'service.http.port': '8080',
      'local.twice': '2',
      'local.bare': 'word',
      'local.indented': 'x',
      'local.umlaut': 'M\xfcnchen',
      'local.authldapbindcred': '',
    });
    expect([...(host?.unclear?.keys() ?? [])].toSorted()).toEqual([
      'caldb.dwp.server.calendar1.sesta.com',
      'group.invite.autoprovision',
      'local.autoprovision',
      'local.bare',
      'local.indented',
      'service.wcap.freebusy.redirecturl',
    ]);
  });

  it('with two ics.conf files has to be decided, and a link to one of them is none', async () => {
    const other = '/opt/SUNWics5/cal/config/ics.conf';
    const two = await find({
      cs6: six('service.http.port = "80"', { files: { [other]: 'service.http.port = "81"' } }),
    });
    expect(asked(two)).toEqual({ 'cs6.hosts.cs6.config': [ics, other] });
    expect(two[0]?.settings.size).toBe(0);
    const linked = await find({ cs6: six('service.http.port = "80"', { files: { [other]: `->${ics}` } }) });
    expect([found(linked)['cs6.hosts.cs6.config'], asked(linked)]).toEqual([ics, {}]);
  });

  it('may be on a system that is not known', async () => {
    const hosts = await find({ cs6: { ...six('service.http.port = "80"'), uname: 'AIX cs6 1 5' } });
    expect(asked(hosts)).toEqual({ 'cs6.platform': ['solaris-sparc', 'solaris-x86', 'redhat'] });
    const one = await find(
      { 'cs6-a': six('service.http.port = "80"'), 'cs6-b': { ...six(''), uname: '' } },
      undefined,
      'answers',
    );
    expect(found(one)).toMatchObject({ 'cs6.platform': 'solaris-sparc' });
    expect(asked(one)).toEqual({ 'cs6.hosts.cs6-b.platform': ['solaris-sparc', 'solaris-x86', 'redhat'] });
  });

  it.each([
    ['service.http.port = "8080"', 'http://cs6.example.com:8080'],
    ['service.http.port = "8080"\nservice.http.listenaddr = "INADDR_ANY"', 'http://cs6.example.com:8080'],
    ['service.http.port = "8080"\nservice.http.listenaddr = "10.0.0.7"', undefined],
    ['service.http.port = "80a"', undefined],
    ['service.http.port = "70000"', undefined],
    ['local.x = "1"', undefined],
    ['service.http.port = "8080"\nservice.http.enable = "no"', 'none'],
  ])('answers where its settings say: %j', async (conf, http) => {
    const hosts = await find({ cs6: six(conf) });
    expect(hosts[0]?.http ?? (Object.keys(asked(hosts)).length === 0 ? 'none' : undefined)).toBe(http);
  });

  it('with no port in its settings answers on the usual one if it does', async () => {
    const hosts = await find({ cs6: six('local.x = "1"') }, undefined, 'answers');
    expect(found(hosts)['cs6.hosts.cs6.http']).toBe('http://cs6.example.com:80');
  });

  it('that is gone has a finding and nothing else', async () => {
    const hosts = await find({ 'cs6-a': six('service.http.port = "80"'), 'cs6-b': { gone: true } });
    expect(hosts[1]).toMatchObject({ found: [], choices: [], findings: [{ code: 'host.unreachable' }] });
    expect(asked([findRoutes(hosts, new Map([['example.com', 1]]))])).toMatchObject({
      'domains.example.com.cs6': ['cs6-a', 'cs6-b'],
    });
  });

  it('says its platform once where all agree, and each that differs its own', async () => {
    const linux = { ...six('service.http.port = "80"'), uname: 'Linux x 2.6' };
    const hosts = await find({ 'cs6-a': six(''), 'cs6-b': linux, 'cs6-c': six('') }, undefined, 'answers');
    expect(found(hosts)).toMatchObject({ 'cs6.platform': 'solaris-sparc', 'cs6.hosts.cs6-b.platform': 'redhat' });
    expect(found(hosts)).not.toHaveProperty(['cs6.hosts.cs6-a.platform']);
  });
});

describe('a host of Calendar Server 7', () => {
  it('is where its application server listens, as GlassFish 2 and 3 write it', async () => {
    const [host] = await find({ cs7: seven() });
    expect(host?.http).toBe('http://cs7.example.com:8080');
    const three = `<domain><system-property name="P" value="9080"/><configs><config name="server-config"><network-config>
<protocol name="a"/><protocol name="s" security-enabled="true"/><protocol name="admin-listener"/>
<network-listener name="a" protocol="a" port="\${P}"/><network-listener name="s" protocol="s" port="8181"/>
<network-listener name="admin-listener" protocol="admin-listener" port="4848"/></network-config></config></configs>davserver</domain>`;
    const hosts = await find({ cs7: seven({}, { files: { [domainXml]: three } }) });
    expect(hosts[0]?.http).toBe('http://cs7.example.com:9080');
  });

  it.each(['<domain><http-listener port="80', 'no XML', '<domain/>'])('of which nothing can be told: %j', async xml => {
    const hosts = await find({ cs7: seven({}, { files: { [domainXml]: xml } }) });
    expect(asked(hosts)).toEqual({ 'cs7.hosts.cs7.http': [] });
  });

  it('is where the redirects of CS6 point to, unless its own configuration says otherwise', async () => {
    const conf = (url: string) => six(`service.http.port = "80"\nservice.wcap.freebusy.redirecturl = "${url}"`);
    const path = '/davserver/wcap/get_freebusy.wcap';
    const none = { [domainXml]: '' };
    const named = await find({ cs6: conf(`http://CS7.example.com:81${path}`), cs7: seven({}, { files: none }) });
    expect(named[1]?.http).toBe('http://CS7.example.com:81');
    const other = await find({ cs6: conf(`http://cs7.example.com:81${path}`), cs7: seven() });
    expect(asked(other)).toEqual({
      'cs7.hosts.cs7.http': ['http://cs7.example.com:81', 'http://cs7.example.com:8080'],
    });
    const short = await find({ cs6: conf(`http://cs7u1server.example.org:8080${path}`), cs7: seven() });
    expect(short[1]?.http).toBe('http://cs7u1server.example.org:8080');
  });

  it('with several domains has the one that davserver is in', async () => {
    const domains = '/opt/glassfish3/glassfish/domains';
    const commands = { './asadmin list-domains': 'domain1 not running\ncal running\n' };
    const files = {
      [domainXml]: '<domain/>',
      [`${domains}/cal/config/domain.xml`]: listener(8080),
      [`${domains}/cal/config/pid`]: '12',
    };
    const hosts = await find({ cs7: seven({}, { commands, files }) });
    expect([found(hosts), asked(hosts)]).toEqual([
      { 'cs7.container.domain': 'cal', 'cs7.hosts.cs7.http': 'http://cs7.example.com:8080' },
      {},
    ]);
    const both = await find({ cs7: seven({}, { commands, files: { ...files, [domainXml]: listener(80) } }) });
    expect(asked(both)).toEqual({ 'cs7.hosts.cs7.container.domain': ['domain1', 'cal'] });
  });

  it('has its asadmin where the running GlassFish was installed', async () => {
    const commands = {
      'ps -e': '  PID ELAPSED COMMAND\n  9 01:00 java -Dcom.sun.aas.installRoot=/srv/gf/glassfish x\n',
    };
    const folders = ['/opt/sun/comms/davserver/sbin', '/srv/gf/bin'];
    const files = {
      '/srv/gf/glassfish/domains/domain1/config/domain.xml': listener(80),
      '/srv/gf/glassfish/domains/domain1/config/pid': '9',
    };
    const hosts = await find({ cs7: { ...seven({}, { commands, files }), folders } });
    expect(found(hosts)).toEqual({
      'cs7.container.bin': '/srv/gf/bin',
      'cs7.container.pidFile': '/srv/gf/glassfish/domains/domain1/config/pid',
      'cs7.hosts.cs7.http': 'http://cs7.example.com:80',
    });
  });

  it('whose password file is missing, or not given and in two places', async () => {
    const stated = (passwordFile: string) => (host: Host) =>
      host.product === 'cs7' ? { ...host, davadmin: { ...host.davadmin, passwordFile } } : host;
    const one = await find({ cs7: seven() }, stated(''));
    expect(found(one)).toMatchObject({ 'cs7.davadmin.passwordFile': '/etc/davadmin.clifile' });
    const two = await find({ cs7: seven({}, { files: { '/etc/opt/davadmin.clifile': '' } }) }, stated(''));
    expect(asked(two)).toEqual({
      'cs7.hosts.cs7.davadmin.passwordFile': ['/etc/davadmin.clifile', '/etc/opt/davadmin.clifile'],
    });
    expect(two[0]?.findings).toEqual([]);
  });

  it('with another attribute of unique ids than its neighbour leaves that to a person', async () => {
    const hosts = await find({
      'cs7-a': seven({ 'davcore.uriinfo.permanentuniqueid': 'davUniqueId' }),
      'cs7-b': seven({
        'davcore.uriinfo.permanentuniqueid': 'entryUUID',
        'davcore.scheduling.localuserattr': 'DAVSTORE',
      }),
      'cs7-c': seven({
        'davcore.uriinfo.permanentuniqueid': 'DAVUNIQUEID',
        'davcore.scheduling.localuserattr': 'davStore',
      }),
    });
    expect(asked(hosts)).toEqual({ 'directory.uniqueId.attribute': ['davUniqueId', 'entryUUID'] });
  });

  it('whose domain.xml may not be read costs its address, and davserver.properties nothing', async () => {
    const xml = await find({ cs7: { ...seven(), locked: domainXml } });
    expect([asked(xml), xml[0]?.findings]).toEqual([{ 'cs7.hosts.cs7.http': [] }, []]);
    expect(xml[0]?.settings.get('davcore.uriinfo.permanentuniqueid')).toBe('davUniqueId');
    const file = await find({ cs7: { ...seven(), locked: properties } });
    expect([asked(file), file[0]?.findings]).toEqual([{}, []]);
  });

  it('suggests the directory that it uses', async () => {
    const options = {
      'base.ldapinfo.ugldap.ldaphost': 'ds1.example.com:1389,ds2.example.com',
      'base.ldapinfo.ugldap.ldapbinddn': 'cn=cal',
      'base.ldapinfo.dcroot': 'o=isp',
    };
    const conf = 'local.ugldaphost = "localhost"\nlocal.ugldapport = "636"\nservice.http.port = "80"\n';
    const odd = 'local.ugldaphost = "ldap-x y;z"\nlocal.ugldapport = "x"\nservice.http.port = "80"\n';
    const hosts = await find({ 'cs6-a': six(conf), 'cs6-b': six(odd), cs7: seven(options) });
    expect(hosts.map(({ directory }) => directory)).toMatchObject([
      { url: 'ldaps://cs6-a.example.com:636' },
      {},
      { url: 'ldap://ds1.example.com:1389', bindDn: 'cn=cal', base: 'o=isp' },
    ]);
    expect(hosts[1]?.directory).toEqual({});
  });

  it('whose davadmin does not work costs its settings only', async () => {
    const commands = { './davadmin config': '!Access denied\n' };
    const lines = [
      'davcore.uriinfo.permanentuniqueid=entryUUID',
      'davcore.scheduling.localuserattr=',
      'secret.password=canary',
    ];
    const files = { [properties]: lines.join('\n') };
    const [host] = await find({ cs7: seven({}, { commands, files }) });
    expect(host).toMatchObject({ http: 'http://cs7.example.com:8080', findings: [{ code: 'host.unexpected-output' }] });
    expect(Object.fromEntries(host?.settings ?? [])).toEqual({
      'davcore.uriinfo.permanentuniqueid': 'entryUUID',
      'secret.password': '',
    });
    expect(host?.directory).toEqual({ uniqueId: 'entryUUID' });
  });
});

describe('the routes between the sides', () => {
  const redirect = (url: string) => six(`service.http.port = "80"\nservice.wcap.freebusy.redirecturl = "${url}"`);
  const mapped = (text: string) => seven({}, { files: { [map]: text } });

  it('are those of the lines there are; a stranger is named', async () => {
    const hosts = await find({
      'cs6-a': redirect('http://cs7-b.example.com:8080/davserver/wcap/get_freebusy.wcap'),
      'cs6-b': redirect('http://me:canary@old.example.org:80/x'),
      'cs7-a': mapped(
        'example.com=http://cs6-b.example.com:80/ischedule/\npartner.net=http://cal.partner.net/ischedule/\n',
      ),
      'cs7-b': mapped(
        'example.com=http://cs6-b.example.com:80/ischedule/\nUPPER.com=http://cs6-b.example.com:80/ischedule/\n',
      ),
    });
    const facts = findRoutes(hosts, new Map([['example.com', 5]]));
    expect([facts.found, facts.choices]).toEqual([
      [
        { path: ['freeBusyRedirect'], value: 'cs7-b' },
        { path: ['domains', 'example.com', 'cs6'], value: 'cs6-b' },
      ],
      [],
    ]);
    expect(JSON.stringify(facts)).not.toContain('canary');
    expect(facts.findings.map(({ code, target, detail }) => [code, target, detail.split('\n').at(-1)])).toEqual([
      ['import.points-elsewhere', 'cs6-b', 'Otherwise the plan replaces it.'],
      [
        'import.points-elsewhere',
        'cs7-a',
        'No account on CS6 has an address in that domain, so the line is left as it is.',
      ],
      ['import.odd-domain', 'cs7-b', expect.stringContaining('UPPER.com')],
    ]);
  });

  it('that disagree, or that nothing shows, are left to a person', async () => {
    const hosts = await find({
      'cs6-a': redirect('http://cs7-a.example.com:8080/x'),
      'cs6-b': redirect('http://cs7-b.example.com:8080/x'),
      'cs7-a': mapped('a.com=http://cs6-a.example.com:80/ischedule/'),
      'cs7-b': mapped('a.com=http://cs6-b.example.com:80/ischedule/'),
    });
    expect(asked([findRoutes(hosts, new Map([['b.com', 1]]))])).toEqual({
      freeBusyRedirect: ['cs7-a', 'cs7-b'],
      'domains.a.com.cs6': ['cs6-a', 'cs6-b'],
      'domains.b.com.cs6': ['cs6-a', 'cs6-b'],
    });
  });

  it('lead to no back end', async () => {
    const hosts = await find({
      'cs6-a': six('service.http.port = "80"'),
      'cs6-b': six('service.http.port = "80"\nservice.http.enable = "no"'),
      cs7: mapped('a.com=http://cs6-b.example.com:80/ischedule/'),
    });
    const { found: facts, findings } = findRoutes(hosts, new Map([['a.com', 1]]));
    expect(facts).toContainEqual({ path: ['domains', 'a.com', 'cs6'], value: 'cs6-a' });
    expect(findings.map(({ code }) => code)).toEqual(['import.back-end-asked']);
  });

  it('of no domain at all have to be given', async () => {
    const hosts = await find({ cs6: six('service.http.port = "80"'), cs7: seven() });
    expect(asked([findRoutes(hosts, new Map())])).toEqual({ domains: [] });
  });
});

it('a restart that a finding says how to state is a choice, and nothing else of it is', () => {
  const detail = (name: string) =>
    `which?\nSet it, or restart it yourself:\n    cs6.hosts.${name}.restart: { stop: [a], start: [b] }\n    cs6.hosts.${name}.restart: never`;
  const unclear = (name: string) => finding('cs6.instances-unclear', { detail: detail(name), target: name });
  const gone = finding('host.unreachable', { detail: 'gone', target: 'cs6-c' });
  const choices = restartChoices([unclear('cs6-a'), unclear('cs6-a'), unclear('"cs6.b"'), gone]);
  expect(choices.map(({ path, candidates }) => [path, candidates])).toEqual([
    [['cs6', 'hosts', 'cs6-a', 'restart'], ['never']],
    [['cs6', 'hosts', 'cs6.b', 'restart'], ['never']],
  ]);
});
