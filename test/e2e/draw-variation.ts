import type { Cs6Dialect, Cs7Dialect, LoginDialect } from '../../src/lab/dialect.ts';
import { rehearsalHosts } from '../../src/lab/lay-rehearsal.ts';
import type { Variation } from './varied-estate.ts';

/** The seeds that a text names: `17`, `1-40`, `3,8,21`. */
export function seedsOf(text: string): readonly number[] {
  return text.split(',').flatMap(part => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** What may stand in the place of the usual, by switch. */
type Choices<Dialect> = { readonly [Name in keyof Dialect]?: readonly Dialect[Name][] };

const cs6Choices: Choices<Cs6Dialect> = {
  listBanner: [false],
  listCount: [false],
  afterStatus: [' (default)', ' type=default'],
  noCalendars: ['nothing', 'failure'],
  activeList: ['table', 'nothing', 'failure'],
  startCode: [1, 255],
  stopCode: [1, 255],
  processes: ['each'],
  processNames: ['path'],
  pidFiles: [true],
  showrev: ['slow', 'absent'],
  patchadd: ['not-root', 'absent'],
  rpm: ['absent'],
  place: ['ha', 'site'],
  installRoot: ['base', 'home'],
  cluster: ['refuses', 'fights'],
  strangers: [
    [{ what: 'base', processes: ['cshttpd', 'csadmind'] }],
    [{ what: 'twin', processes: ['cshttpd', 'csadmind'] }],
    [{ what: 'zone', processes: ['csadmind', 'cshttpd'] }],
  ],
};

const cs7Choices: Choices<Cs7Dialect> = {
  container: ['glassfish2', 'glassfish2-linux', 'weblogic'],
  watchedBy: ['smf', 'systemd'],
  domainList: ['name-status'],
  domainCase: ['upper'],
  processNames: ['path'],
  davadminStart: [1500],
  unset: ['name', 'nothing', 'failure'],
  optionLine: ['indented', 'equals', 'two-lines'],
  configCode: [1],
  bareConfig: ['refused'],
  fileForm: [true],
  versionText: ['7.0.4.14.0', 'Java 1.7.0.13 / Calendar Server 7.0-5.17', 'Calendar Server 7 Update 3', 'unknown'],
  versionCode: [1],
  versionTakesUser: [false],
  backendList: ['names', 'table'],
  place: ['site'],
  packages: ['pkginfo', 'rpm'],
};

const logins: readonly (LoginDialect | undefined)[] = [
  undefined,
  {
    variables: { BLOCK_SIZE: 'human-readable', TIME_STYLE: '+%d.%m.%y', LC_ALL: 'de_DE.UTF-8', LS_COLORS: 'di=01;34' },
    profile: "alias ls='ls --color=always -F'",
  },
];

/** A number from 0 up to 1, always the same row of them for a seed. */
export function makeRandom(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often a switch is not as usual. */
const usualRate = 0.35;

/** Hosts that answer otherwise than usual; the first of CS6 is a front end. */
export function drawVariation(
  random: () => number,
  {
    cs6: six = 2,
    cs7: seven = 1,
    rate = usualRate,
  }: { readonly cs6?: number; readonly cs7?: number; readonly rate?: number } = {},
): Variation {
  const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = <Dialect extends object>(choices: Choices<Dialect>): Partial<Dialect> => {
    const drawn = Object.entries(choices).flatMap(([name, values]) =>
      random() < rate ? [[name, one(values as readonly unknown[])]] : [],
    );
    return Object.fromEntries(drawn) as Partial<Dialect>;
  };
  const login = () => {
    const drawn = one(logins);
    return drawn && { login: drawn };
  };
  const cs6 = (backEnd: boolean) => {
    const platform = one(['solaris-sparc', 'solaris-x86', 'redhat'] as const);
    return { platform, backEnd, dialect: possible(some(cs6Choices), platform), ...login() };
  };
  const names = rehearsalHosts(six, seven);
  return {
    cs6: Object.fromEntries(names.cs6.map((name, i) => [name, cs6(i > 0 && random() < 0.5)])),
    cs7: Object.fromEntries(names.cs7.map(name => [name, { dialect: some(cs7Choices), ...login() }])),
  };
}

/**
 * Only Solaris has zones and Sun Cluster, only separate processes outlive one another, and where two servers run each has all
 * its processes.
 */
function possible(dialect: Partial<Cs6Dialect>, platform: string): Partial<Cs6Dialect> {
  const solaris = platform !== 'redhat';
  const { cluster, strangers = [], processes = 'one', ...rest } = dialect;
  const zones = strangers.some(({ what }) => what === 'zone');
  const others = zones && !solaris ? [] : strangers;
  const each = processes === 'each' || others.length > 0;
  return {
    ...rest,
    ...(solaris && cluster !== undefined && { cluster }),
    ...(others.length > 0 && { strangers, zones }),
    ...(each && { processes: 'each', outlive: 2500 }),
  };
}
