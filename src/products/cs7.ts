import { chapter } from '../core/declared.ts';
import type { DesiredCs7Host } from '../core/desired.ts';
import { asadmin } from './container.ts';
import { knownDavadmin } from './known-davadmin.ts';
import { anyWord, type DerivedSetting, type PackageQuestion, type Product, type ProductCommand } from './product.ts';

/** Where Calendar Server 7 is installed (Calendar Server 7.0.5 Installation and Configuration Guide). */
export const cs7Places = {
  /** Candidates for CalendarServer_home; the first is where its installer puts it. */
  homes: ['/opt/sun/comms/davserver'],
  /** Folder of data and configuration; the `config` of CalendarServer_home commonly is a link into it. */
  data: '/var/opt/sun/comms/davserver',
} as const;

/** The files below CalendarServer_home that the server reads. */
export const cs7Files = {
  /** What davadmin writes: all options (Calendar Server 7.0.5 System Administrator's Guide, configuration files). It exists on every installed host. */
  options: 'config/davserver.properties',
  /** The passwords (same guide). */
  credentials: 'config/davservercreds.properties',
  /** Which CS6 to ask for each mail domain (chapter 10, "Configuring the Calendar Server 7 Environment"). */
  domainMap: 'config/ischeduledomainmap.properties',
} as const;

/** A file of a host, below each of the places where CalendarServer_home may be. */
export function cs7FilePlaces({ home }: Pick<DesiredCs7Host, 'home'>, file: keyof typeof cs7Files): readonly string[] {
  return home.map(folder => `${folder}/${cs7Files[file]}`);
}

/** A release of Calendar Server 7 or 8 as far as coexistence depends on it: 7 Update 4 is [7, 4], 8.0.0.4.0 is [8, 0]. */
export type Cs7Release = readonly [major: number, update: number];

/** The release that coexistence needs (chapter 10, "Minimum Software Requirements"). */
export const cs7Minimum = { release: [7, 1], inWords: 'Calendar Server 7 Update 1' } as const;

/** `7.0.4.14.0`, `7.0-0.13` (build 13 of no update), `7 Update 3`, `7u2`, `8.0.0.4.0`; never a part of another number. */
const releaseForm = /(?<![\d.])(?:7\.0[.-](\d+)|7\s*u(?:pdate)?\s*(\d+)|(8)(?:\.\d+)+)(?![a-z\d])/gi;

/** Other products whose numbers have the same form, right before it. */
const otherProduct = /(?:java|jdk|jre|mysql|oracle database|glassfish|weblogic|solaris|linux)\W*(?:version\W*)?$/i;

/**
 * The release that a text names: what `davadmin version` printed, or a line of the estate file. A number that follows the name of
 * the server counts before any other; nothing where there is none, or where two differ.
 */
export function readRelease(text: string): Cs7Release | undefined {
  const found = text.split('\n').flatMap(releasesIn);
  const own = found.filter(one => one.own);
  const named = new Map(
    (own.length > 0 ? own : found).map(({ release: [major = 0, update = 0] }) => [
      `${major}.${update}`,
      [major, update] as const,
    ]),
  );
  return named.size === 1 ? [...named.values()][0] : undefined;
}

/** The releases in a line; `own`: the name of the server stands somewhere before it. */
function releasesIn(line: string): readonly { readonly release: readonly number[]; readonly own: boolean }[] {
  const named = /calendar server|davserver|davadmin/i.exec(line);
  const nameEnd = named ? named.index + named[0].length : Number.POSITIVE_INFINITY;
  let passed = 0;
  return [...line.matchAll(releaseForm)].flatMap(match => {
    const before = line.slice(passed, match.index);
    passed = match.index + match[0].length;
    if (otherProduct.test(before)) return [];
    return [
      { release: match[3] === undefined ? [7, Number(match[1] ?? match[2])] : [8, 0], own: nameEnd <= match.index },
    ];
  });
}

/** The options of davadmin that coexistence stands on. */
export const cs7Options = {
  subject: 'davcore.uriinfo.subjectattributes',
  localUser: 'davcore.scheduling.localuserattr',
  /** What data is filed under: a change on a server that holds data loses that data. */
  uniqueId: 'davcore.uriinfo.permanentuniqueid',
} as const;

/** Usual places of the file with davadmin's options; no document names one, the chapter prints the first. */
export const davadminFiles: readonly string[] = ['/etc/davadmin.clifile', '/etc/opt/davadmin.clifile'];

/** The back ends that options name: each has its own, such as `store.dav.defaultbackend.backendid`. */
export function backendNames(options: ReadonlyMap<string, string>): readonly string[] {
  const names = [...options].flatMap(([name, value]) => {
    const [, folder, what] = /^store\.dav\.([^.]+)\.(backendid|jndiname)$/.exec(name) ?? [];
    return folder === undefined ? [] : [what === 'backendid' ? value : folder];
  });
  return [...new Set(names)];
}

/** The attributes of accounts that CS7 goes by, where the file names no others. */
export const cs7Attributes = {
  uniqueId: 'davUniqueId',
  copyFrom: 'nsUniqueId',
  localUser: 'davStore',
  objectClass: 'davEntity',
} as const;

/**
 * Chapter 10, "Configuring the Calendar Server 7 Environment", steps 3 and 4. The list comes first: an attribute
 * that is not fetched would make every account look like one of CS6.
 */
const derivedSettings: readonly DerivedSetting[] = [
  {
    name: cs7Options.subject,
    value: ({ localUser, uniqueId }) => ({ include: [localUser, uniqueId] }),
    because: ({ localUser, uniqueId }) =>
      `CS7 fetches only these attributes of an account, and it needs ${localUser} to tell its own accounts from those of CS6 and ${uniqueId} to find their data (chapter 10, "Configuring the Calendar Server 7 Environment", step 4).`,
    chapter: chapter.subjectAttributes,
    from: 'directory.localUser',
  },
  {
    name: cs7Options.localUser,
    value: ({ localUser }) => localUser,
    because: ({ localUser }) =>
      `CS7 takes an account that has ${localUser} for its own, and asks CS6 about all others (chapter 10, "About the Calendar Server 7 Configuration").`,
    chapter: chapter.localUser,
    from: 'directory.localUser',
  },
];

/** Chapter 10, steps 3 and 4, with the words in the order that works; the password comes from the file on the host. */
export function davadmin(host: DesiredCs7Host, ...action: readonly string[]): ProductCommand {
  return davadminWithoutUser(host, ...action, '-u', host.davadmin.user);
}

/** `davadmin` as whichever user the file on the host names. */
export function davadminWithoutUser(host: DesiredCs7Host, ...action: readonly string[]): ProductCommand {
  return {
    words: ['./davadmin', ...action],
    directories: host.home.map(home => `${home}/sbin`),
    environment: { DAVADMIN_CLIFILE: host.davadmin.passwordFile },
  };
}

const home = { commands: ['sun/comms/davserver/sbin', 'davserver/sbin', 'sbin'], files: [] };

/** Oracle's own collector finds Calendar Server 7 by these. */
const packageQuestions: readonly PackageQuestion[] = [
  { words: ['pkginfo', '-r', 'SUNWdavserver'], ...home },
  { words: ['rpm', '-q', '--queryformat', '%{INSTALLPREFIX}', 'sun-davserver'], ...home },
];

/** Oracle Calendar Server 7, which runs in a container: what starts and stops is the container. */
export const cs7: Product<DesiredCs7Host> = {
  id: 'cs7',
  name: 'Calendar Server 7',
  processes: [],
  programs: () => [],
  packages: () => packageQuestions,
  pidFiles: ({ container }) => container.pidFile,
  readsAtStart: host => [...cs7FilePlaces(host, 'options'), ...cs7FilePlaces(host, 'domainMap')],
  stop: host => asadmin(host, 'stop-domain', host.container.domain),
  start: host => asadmin(host, 'start-domain', host.container.domain),
  list: host => asadmin(host, 'list-domains'),
  queries: [
    ['./asadmin', 'list-domains'],
    ...packageQuestions.map(({ words }) => words),
    ['./davadmin', 'version', '-u', anyWord],
    ['./davadmin', 'version'],
    ['./davadmin', 'config', '-u', anyWord],
    ['./davadmin', 'config', '-o', anyWord, '-u', anyWord],
  ],
  getFreeBusy: '/davserver/wcap/get_freebusy.wcap',
  knownSettings: knownDavadmin,
  derivedSettings,
};
