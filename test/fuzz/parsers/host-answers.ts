import { TargetProblem } from '../../../src/core/finding.ts';
import { findContainer } from '../../../src/import/cs7-container.ts';
import { type CalendarListing, calendarsOf, listAll, listOwned } from '../../../src/kinds/shared/calendar-listing.ts';
import { type OptionsReading, readOptions } from '../../../src/kinds/shared/davadmin-command.ts';
import { fileOfPackage, folderOfPackage } from '../../../src/kinds/shared/places.ts';
import { type Process, parseProcesses, processColumn, processNumbers } from '../../../src/kinds/shared/service.ts';
import { type LiveSoftware, readPatch, readVersion } from '../../../src/kinds/shared/software-level.ts';
import { domainNames, domainState } from '../../../src/products/container.ts';
import { cs6, cs6Today, platformOf } from '../../../src/products/cs6.ts';
import { cs7Files, readRelease } from '../../../src/products/cs7.ts';
import { cs6Host, cs7Host, hostThatPrints, portsOf, ran } from '../hosts.ts';
import { claim, type Parser } from '../parser.ts';

const isProblem = (error: unknown) => error instanceof TargetProblem;

const options = [
  'davcore.uriinfo.subjectattributes',
  'davcore.scheduling.localuserattr',
  'davcore.uriinfo.permanentuniqueid',
];

function optionsHold(text: string, { values, listed }: OptionsReading): void {
  for (const [name, value] of [...values, ...listed]) {
    claim(text.toLowerCase().includes(name) || value === '', `${name} was printed`);
    claim(text.includes(value), `the value of ${name} was printed`);
  }
}

const davadmin: Parser = {
  name: 'davadmin config',
  covers: ['readOptions'],
  samples: [
    'davcore.uriinfo.subjectattributes: cn davstore icsStatus mail mailalternateaddress nsUniqueId owner\ndavcore.scheduling.localuserattr: davstore\ndavcore.uriinfo.permanentuniqueid: nsuniqueid\nlog.dav.commands.loglevel: INFO\n',
    'WARNING: 12:01\n  davcore.scheduling.localuserattr = davstore\ndavcore.uriinfo.permanentuniqueid:\n   davuniqueid\njava.lang.NullPointerException: null\n',
  ],
  words: ['davcore.', 'davcore.scheduling.localuserattr:', ': ', ' = ', '\n  ', 'store.dav.x: y', '\r', 'a.b', '.'],
  read: text => readOptions(cs7Host, hostThatPrints(text), options),
  refuses: isProblem,
  holds: (text, result) => optionsHold(text, result as OptionsReading),
};

const witness: Parser = {
  name: 'davserver.properties as witness',
  covers: ['readOptions'],
  samples: ['davcore.uriinfo.permanentuniqueid=nsuniqueid\ndavcore.scheduling.localuserattr=davstore\nx=\\u0041\n'],
  words: ['davcore.scheduling.localuserattr', '=', '\\', '\\\n', '#'],
  read: text =>
    readOptions(
      cs7Host,
      hostThatPrints('Usage: davadmin', { [`${cs7Host.home[0]}/${cs7Files.options}`]: text }),
      options,
    ),
  refuses: isProblem,
};

function listingHolds(text: string, { doubt }: CalendarListing): void {
  for (const { calid, owner } of calendarsOf({ output: text }))
    claim(text.includes(calid) && text.includes(owner) && calid !== '', 'a calendar was printed');
  const calendars = [...calendarsOf({ output: text })].length;
  const meant = text.split('\n').filter(line => /\bowner=/.test(line)).length;
  claim(doubt !== undefined || calendars >= meant, 'a listing without doubt has every line that names an owner');
}

const calendarList: Parser = {
  name: 'cscal list',
  covers: ['listAll', 'calendarsOf', 'listOwned', 'uncovered'],
  samples: [
    'jdoe: owner=jdoe status=enabled\njdoe:Team: owner=jdoe status=enabled\nx@y:a b: owner=x@y status=disabled\n3 calendar(s)\n',
    'Calendar Server 6.3\njdoe: owner= status=enabled\nroom: owner=A B status=enabled x=y\n',
  ],
  words: [
    ': owner=',
    ' status=',
    'owner=',
    'status=',
    ':',
    '\t',
    '2 calendar(s)',
    ' 7',
    '=',
    'jdoe: owner=a status=b\n',
  ],
  read: async text => {
    await listOwned(cs6Host, 'jdoe', hostThatPrints(text));
    return listAll(cs6Host, hostThatPrints(text));
  },
  refuses: isProblem,
  holds: (text, result) => listingHolds(text, result as CalendarListing),
};

function patchHolds(text: string, { patch }: LiveSoftware): void {
  claim(patch === undefined || new RegExp(`12165[789]-0*${patch}\\b`).test(text), 'the revision was printed');
}

const { patch: _, ...unstated } = cs6Host;

const patches: Parser = {
  name: 'showrev and patchadd',
  covers: ['readPatch'],
  samples: [
    'Patch: 121657-44 Obsoletes:  Requires: 119810-01 Incompatibles:  Packages: SUNWics5\nPatch: 118833-36 Obsoletes:\n',
    'Patch: 121658-54 Obsoletes: x\n',
  ],
  words: ['Patch: ', '121657-', '-44', '\nPatch:\t121657-51', '-', '121657-999999999999999999999'],
  read: text => readPatch({ ...unstated, platform: 'solaris-sparc' }, portsOf(hostThatPrints(text))),
  holds: (text, result) => patchHolds(text, result as LiveSoftware),
};

const packages: Parser = {
  name: 'rpm and pkginfo',
  covers: ['readPatch', 'folderOfPackage', 'fileOfPackage'],
  samples: ['/opt\n', '/opt/sun', 'package sun-calendar-server is not installed\n'],
  words: ['/', '//', '..', ' ', '\n/'],
  read: async text => {
    const host = hostThatPrints(text);
    await readPatch({ ...unstated, platform: 'redhat' }, portsOf(host));
    await fileOfPackage(cs6.packages(cs6Host), host);
    return folderOfPackage({ words: ['./cscal'], directories: [] }, cs6.packages(cs6Host), host);
  },
};

const { release: __, ...unreleased } = cs7Host;

const version: Parser = {
  name: 'davadmin version',
  covers: ['readRelease', 'readVersion'],
  samples: [
    'java version "1.8.0_392"\nOracle Communications Calendar Server version: 7.0.4.16.0 (built Jan 12 2015)\n',
    'Calendar Server 7 Update 3\nMySQL 8.0.32\n7u2 7.0-0.13',
  ],
  words: ['7.0.', '7 Update ', '7u', '8.0', 'java version ', 'Calendar Server ', ' ', '.', '!', 'MySQL'],
  read: async text => {
    const release = readRelease(text);
    await readVersion(unreleased, portsOf(hostThatPrints(text)));
    return release;
  },
  holds: (text, result) => {
    const release = result as ReturnType<typeof readRelease>;
    claim(!release || new RegExp(String(release[0])).test(text), 'the release was printed');
  },
};

function processesHold(text: string, processes: readonly Process[]): void {
  claim(processes.length > 0, 'a list without a process is none');
  for (const { pid, age, words } of processes) {
    claim(
      words.every(word => text.includes(word)),
      'its words were printed',
    );
    claim(pid >= 0 && age >= 0, 'numbers are not negative');
  }
}

const ps: Parser = {
  name: 'ps',
  covers: ['parseProcesses'],
  samples: [
    '  PID     ELAPSED COMMAND\n    1 12-03:04:05 /sbin/init splash\n  812       08:20 ./cshttpd -d 3\n  900 -           <defunct>\n',
    'PID ELAPSED COMMAND\n 7 01:02:03 /opt/SUNWics5/cal/lib/csadmind\n 8 00:00 sh -c "a b"\n 9 <defunct>\n',
  ],
  words: ['-', ':', ' ', '<defunct>', '00:00', '1-', ' 1 00:01 ', '\r', 'x'],
  read: text => parseProcesses('cs6', ran(text)),
  refuses: isProblem,
  holds: (text, result) => processesHold(text, result as readonly Process[]),
};

const columns: Parser = {
  name: 'columns of process numbers, and process files',
  covers: ['processColumn', 'processNumbers'],
  samples: ['  PID ZONE\n  812 global\n  900 zone-a\n', '812\n'],
  words: ['global', ' ', '812', '\n'],
  read: text => {
    const content = Buffer.from(text, 'latin1');
    processNumbers([{ asked: '/p', path: '/p', content, modified: 0, owner: '0:0', mode: '-', link: false }]);
    return processColumn(ran(text));
  },
};

const domains: Parser = {
  name: 'asadmin list-domains',
  covers: ['domainNames', 'domainState'],
  samples: [
    'domain1 running\ndomain2 not running\nCommand list-domains executed successfully.\n',
    'Name: domain1 Status: Not running\nName: other Status: Running, restart required to apply configuration changes\n',
  ],
  words: ['Name: ', 'Status: ', ' not  running', ' running', ' stopped', 'domain1', '\nd running', ' ', '\r'],
  read: text => domainNames(text).map(name => ({ name, state: domainState(text, name) })),
  holds: (text, result) => {
    for (const { name, state } of result as readonly { readonly name: string; readonly state: string | undefined }[]) {
      claim(text.includes(name) && state !== undefined, 'a domain was printed with its state');
      claim(state !== 'stopped' || /not\s+running|stopped/i.test(text), 'what is stopped was said to be');
    }
  },
};

const DOMAIN = `<?xml version="1.0"?>
<domain><servers><server name="server" config-ref="server-config"/></servers><configs><config name="server-config">
<http-listener id="http-listener-1" address="0.0.0.0" port="8080" enabled="true"/><http-listener id="admin-listener" port="4848"/>
<network-listener port="\${HTTP}" protocol="p" address="127.0.0.1"/><protocol name="p" security-enabled="true"/></config></configs>
<system-property name="HTTP" value="8443"/><web-module name="davserver"/></domain>`;

const domainXml: Parser = {
  name: 'domain.xml, and the processes of an application server',
  covers: ['findContainer'],
  samples: [DOMAIN],
  words: [
    '<',
    '/>',
    '<config name="',
    '</config>',
    '<!DOCTYPE d [<!ENTITY a "b">]>',
    '&a;',
    '&#x0;',
    '<![CDATA[',
    '<!--',
    '="',
    '<a>',
  ],
  read: text => {
    const place = `/opt/glassfish3/glassfish/domains/domain1/config/domain.xml`;
    const found = hostThatPrints('domain1 running\n', { [place]: text });
    const query: typeof found.query = async command => ({
      ...ran(command.words.includes('list-domains') ? 'domain1 running\n' : '/opt/glassfish3/bin'),
      directory: '/opt/glassfish3/bin',
    });
    return findContainer(cs7Host, 'cs7.example.com', { ...found, query });
  },
  refuses: isProblem,
  holds: (text, result) => {
    const { listens } = result as Awaited<ReturnType<typeof findContainer>>;
    claim(
      listens.every(url => URL.canParse(url)),
      'a server listens at an address',
    );
    claim(
      listens.every(url => text.includes(new URL(url).port || '80') || /443/.test(text)),
      'the port is in the file',
    );
  },
};

const systems: Parser = {
  name: 'uname and date',
  covers: ['platformOf'],
  samples: [
    'SunOS cs6 5.10 Generic_147147-26 sun4u sparc SUNW,Sun-Fire-V240\n',
    'Linux h 5.10.0 #1 SMP x86_64\n',
    '20261130\n',
  ],
  words: ['SunOS', ' sparc ', ' i86pc', 'Linux'],
  read: text => [platformOf(text), cs6Today],
};

/** What commands of hosts print. */
export const hostAnswers: readonly Parser[] = [
  ...[davadmin, witness, calendarList, patches, packages, version, ps, columns, domains, domainXml, systems],
];
