import { readFileSync } from 'node:fs';
import { onlyReading } from '../../src/adapters/open-ports.ts';
import { type AuditOptions, auditCommand } from '../../src/cli/audit-command.ts';
import { type DriftOptions, driftCommand } from '../../src/cli/drift-command.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { hostsOf } from '../../src/core/desired.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import type { LookNumbers, MetricsAbout, Notice } from '../../src/ports/daemon.ts';
import type { ReadPorts } from '../../src/ports/ports.ts';
import { offline, replacing } from '../estate/offline.ts';
import { type Memory, memoryPorts } from '../fakes/memory-ports.ts';
import { desiredOf } from '../kinds/cases.ts';

const [cs6] = hostsOf(desiredOf({ name: '', live: {}, changes: [] }), 'cs6');
const [cs7] = hostsOf(desiredOf({ name: '', live: {}, changes: [] }), 'cs7');

/** Where the one host of these tests has its ics.conf. */
export const icsConf = '/opt/SUNWics5/cal/config/ics.conf';

/** The estate of `examples/chapter.yaml` as it should be, on one host that is both servers. */
export function inSyncMemory(): Memory {
  const options = (cs7?.options ?? []).map(({ name, value }) => {
    const text =
      value === null ? '' : typeof value === 'string' ? value : ['cn', 'icsstatus', 'mail', ...value.include].join(' ');
    return [name, text] as const;
  });
  return {
    files: {
      [cs6?.config[0] ?? icsConf]: (cs6?.settings ?? []).map(({ key, value }) => `${key} = "${value}"\n`).join(''),
      '/opt/sun/comms/davserver/config/davserver.properties': 'a=b\n',
      '/opt/sun/comms/davserver/config/ischeduledomainmap.properties': (cs7?.domains ?? [])
        .map(({ domain, url }) => `${domain}=${url}\n`)
        .join(''),
      '/opt/glassfish3/glassfish/domains/domain1/config/pid': '900\n',
    },
    options: { ...Object.fromEntries(options), 'davcore.uriinfo.permanentuniqueid': cs7?.uniqueIdAttribute ?? '' },
    entries: [entry('anna'), entry('ben')],
    running: 50,
    written: 1000,
    output: {
      'showrev -p': { code: 0, output: 'Patch: 121657-54 Obsoletes:\n' },
      './davadmin version': { code: 0, output: 'Calendar Server 7.0.5.17.0\n' },
    },
  };
}

function entry(uid: string): NonNullable<Memory['entries']>[number] {
  const attributes = { uid: [uid], mail: [`${uid}@example.com`], davUniqueId: [uid], nsUniqueId: [uid] };
  return { dn: `uid=${uid},o=isp`, attributes: { objectClass: ['icsCalendarUser', 'davEntity'], ...attributes } };
}

/** What one pause between two looks is used for; after the last an interrupt comes. */
type Meanwhile = (memory: Memory) => void;

/** How a test makes the world worse than it is. */
export interface Trouble {
  /** Looks, counted from 1, at which the directory, or everything, cannot be read. */
  readonly directoryDown?: readonly number[];
  readonly breakdown?: readonly number[];
  /** Tries to tell, counted from 1, that fail. */
  readonly untold?: readonly number[];
  /** No sign of life is taken. */
  readonly deafPing?: true;
  readonly files?: Record<string, string>;
  /** What happens in the middle of a look. */
  readonly during?: (look: number, interrupt: () => void) => Promise<void> | undefined;
}

/** What came of a command in this world. */
export interface Course {
  readonly code: number;
  /** What was printed at each look. */
  readonly printed: readonly string[];
  readonly stderr: string;
  readonly pauses: readonly number[];
  readonly told: readonly Notice[];
  readonly numbers: readonly LookNumbers[];
  /** What the metrics were opened with. */
  readonly about: readonly MetricsAbout[];
  /** `start`, `success`, `fail`, with the text. */
  readonly pings: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** The most looks that were under way at the same time, and connections that were left open. */
  readonly atOnce: number;
  readonly open: number;
}

/** The files of this world. */
export const estateFile = 'estate.yaml';
const text = readFileSync('test/estate/chapter-in-braces.yaml', 'utf8');

/** Runs `drift` in a world of its own, where time passes only in pauses. */
export function runDrift(
  options: Partial<DriftOptions>,
  meanwhile: readonly Meanwhile[] = [],
  trouble: Trouble = {},
  memory: Memory = inSyncMemory(),
): Promise<Course> {
  const all: DriftOptions = { format: 'text', color: false, ...options };
  return inWorld(environment => driftCommand([estateFile], all, environment), meanwhile, trouble, memory);
}

/** Runs `audit` there. */
export function runAudit(
  options: Partial<AuditOptions>,
  meanwhile: readonly Meanwhile[] = [],
  trouble: Trouble = {},
  memory: Memory = inSyncMemory(),
): Promise<Course> {
  const all: AuditOptions = { format: 'text', color: false, ...options };
  return inWorld(environment => auditCommand([estateFile], all, environment), meanwhile, trouble, memory);
}

async function inWorld(
  run: (environment: Environment) => Promise<number>,
  meanwhile: readonly Meanwhile[],
  trouble: Trouble,
  memory: Memory,
): Promise<Course> {
  const files: Record<string, string> = trouble.files ?? { [estateFile]: text };
  const base = offline(files);
  const course = {
    pauses: [] as number[],
    told: [] as Notice[],
    numbers: [] as LookNumbers[],
    about: [] as MetricsAbout[],
    pings: [] as string[],
    printed: [] as string[],
  };
  let [time, looks, underWay, atOnce, open, tries] = [Date.parse('2026-12-08T10:00:00.000Z'), 0, 0, 0, 0, 0];
  let interrupt = () => {};
  const environment = replacing(base, {
    terminal: {
      stdout: said => void course.printed.push(said),
      onInterrupt: stop => {
        interrupt = stop;
        return () => {};
      },
    },
    files: {
      list: async folder =>
        folder === '.'
          ? Object.keys(files)
          : Object.keys(files).flatMap(path => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [])),
      replace: async (path, content) => {
        files[path] = content;
      },
      remove: async path => {
        delete files[path];
      },
    },
    clock: { now: () => new Date(time).toISOString() },
    connections: {
      toRead: async () => {
        looks += 1;
        open += 1;
        atOnce = Math.max(atOnce, ++underWay);
        await trouble.during?.(looks, () => interrupt());
        if (trouble.breakdown?.includes(looks)) throw new RangeError('a mistake of ours');
        const ports = onlyReading(memoryPorts(memory).ports, { hosts: [] });
        const down = trouble.directoryDown?.includes(looks) === true;
        return {
          ports: down ? { ...ports, directory: noDirectory } : ports,
          close: async () => {
            open -= 1;
            underWay -= 1;
          },
        };
      },
      toMail: async () => {
        const { ports } = memoryPorts(memory);
        return { ports: { ...onlyReading(ports, { hosts: [] }), mail: ports.mail }, close: async () => {} };
      },
    },
    watching: async () => ({
      elapsed: () => time,
      chance: () => 0.75,
      pause: async milliseconds => {
        course.pauses.push(milliseconds);
        time += milliseconds;
        const next = meanwhile[course.pauses.length - 1];
        if (next) next(memory);
        else interrupt();
      },
      replaceText: async (path, content) => {
        files[path] = content;
      },
      openNotifiers: async ({ webhook }) =>
        webhook
          ? [
              {
                name: 'webhook',
                tell: async notice => {
                  if (trouble.untold?.includes(++tries)) throw down('notify.webhook-failed');
                  course.told.push(notice);
                },
              },
            ]
          : [],
      openPing: async ({ ping }) =>
        ping && {
          started: async () => void course.pings.push('start'),
          ended: async (succeeded, said) => {
            course.pings.push(`${succeeded ? 'success' : 'fail'}: ${said}`);
            if (trouble.deafPing) throw down('notify.ping-failed');
          },
        },
      openMetrics: async (_, about) => ({
        looked: async numbers => {
          course.about.push(about);
          course.numbers.push(numbers);
        },
        mayFail: () => {},
        untold: () => {},
        close: async () => {},
      }),
    }),
  });
  const code = await run(environment);
  return { code, ...course, stderr: base.said().stderr, files, atOnce, open };
}

function down(code: string): TargetProblem {
  return new TargetProblem({ severity: 'error', code, summary: 'It is down', detail: 'It does not answer.' });
}

function noDirectory(): ReturnType<ReadPorts['directory']> {
  return {
    server: async () => undefined,
    password: async () => {
      throw down('directory.unreachable');
    },
    schema: async () => {
      throw down('directory.unreachable');
    },
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    async *search() {
      throw down('directory.unreachable');
    },
  };
}
