import { isBelow } from '../../src/ldap/distinguished-name.ts';
import { type LdapFilter, parseFilter } from '../../src/ldap/filter.ts';
import type { DirectorySchema } from '../../src/ldap/schema.ts';
import type { DirectoryEntry, DirectoryWriter, Modification, ModifyResult } from '../../src/ports/directory.ts';
import type { FreeBusyAnswer, FreeBusyReader, LookUpAnswer, MailClient } from '../../src/ports/free-busy.ts';
import type {
  Command,
  CommandResult,
  FileReading,
  FileReplacement,
  HostGuard,
  HostWriter,
  RecordWriter,
  RunPart,
} from '../../src/ports/host.ts';
import type { WritePorts } from '../../src/ports/ports.ts';

/** What a fake estate holds: the one host's files, davadmin options and processes, and the directory's entries. */
export interface Memory {
  files?: Record<string, string>;
  options?: Record<string, string>;
  entries?: { dn: string; attributes: Record<string, string[]> }[];
  /** Seconds since the service was started; absent: it does not run. */
  running?: number;
  /** Seconds since the files were written. */
  written?: number;
  /** Seconds since anything about them was changed; as `written` where left out, and not known where null. */
  changed?: number | null;
  /** What the running process read when it was started by a restart, by path. */
  recorded?: Record<string, string>;
  /** What commands print, by the beginning of their words; `late` where they did not end in so many milliseconds. */
  output?: Record<string, { code: number; output: string; late?: number }>;
  /** Commands that are in none of their folders: `./start-cal`. */
  missing?: string[];
  /** What `cscal list` knows; all of them are enabled. */
  calendars?: { calid: string; owner: string }[];
  /** By side and mail address: `cs7 jdoe@example.com`; nobody has the others. */
  freeBusy?: Record<string, FreeBusyAnswer>;
  /** Records of runs: the text of each part, by the name of the run. */
  records?: Record<string, Record<string, string>>;
  /** Nobody is known unless these are given. */
  lookUp?: FreeBusyReader['lookUp'];
  schedule?: FreeBusyReader['schedule'];
  mail?: MailClient;
}

const nobody = { state: 'nobody', detail: 'not in this fake' } as const;

/** Records as a host keeps them, of every estate in the same place. */
function memoryRecords(memory: Memory): RecordWriter {
  const kept = () => {
    memory.records ??= {};
    return memory.records;
  };
  return {
    runs: async () =>
      Object.entries(kept())
        .map(([run, parts]) => ({
          run,
          head: parts['head.json'] ?? '',
          ...(parts['end.json'] !== undefined && { end: parts['end.json'] }),
          parts: new Map(Object.entries(parts).map(([part, text]) => [part as RunPart, Buffer.byteLength(text)])),
        }))
        .sort((a, b) => (a.run < b.run ? 1 : -1)),
    runPart: async (_, run, part) => kept()[run]?.[part],
    keepRun: async (_, run, parts, keep) => {
      const all = kept();
      all[run] = { ...all[run], ...Object.fromEntries(parts) };
      const old = Object.keys(all).sort().reverse().slice(keep);
      for (const name of old) delete all[name];
    },
  };
}

/** Ports over plain data, for the pure part of the kinds; `writes` lists all that was written, `queries` the questions to hosts. */
export function memoryPorts(memory: Memory): {
  readonly ports: WritePorts;
  readonly writes: string[];
  readonly queries: string[];
} {
  const writes: string[] = [];
  const queries: string[] = [];
  const host = memoryHost(memory, writes, queries);
  const directory = memoryDirectory(memory, writes);
  const freeBusy = memoryFreeBusy(memory);
  const records = memoryRecords(memory);
  const ports = {
    host: () => host,
    records: () => records,
    directory: () => directory,
    freeBusy: () => freeBusy,
    mail: () => memory.mail ?? noMail,
    pause: async () => {},
    elapsed: () => 0,
    stopping: () => false,
  };
  return { ports, writes, queries };
}

const noMail: MailClient = {
  greet: async () => ({ state: 'fails', detail: 'not in this fake' }),
  send: async () => ({ state: 'fails', detail: 'not in this fake' }),
};

/** What is replaced in `memory` later counts from then on. */
function memoryFreeBusy(memory: Memory): FreeBusyReader {
  const unknown = (failure: 'errno' | 'schedule-status', code: string): LookUpAnswer => {
    return { state: 'failed', failure, code, detail: nobody.detail, hops: [] };
  };
  return {
    reach: async () => ({ state: 'answers' }),
    ask: async ({ mail, side }) => memory.freeBusy?.[`${side} ${mail}`] ?? nobody,
    lookUp: async question => (await memory.lookUp?.(question)) ?? unknown('errno', '29'),
    schedule: async question => (await memory.schedule?.(question)) ?? unknown('schedule-status', '3.7'),
  };
}

const now = Date.UTC(2026, 10, 22);

/** A restart of a fake host, by its commands and its process list: it starts nothing as long as one of the old processes is listed. */
export function restartOver({ run, query }: Pick<HostWriter, 'run' | 'query'>): HostWriter['restart'] {
  return async ({ stop, start, processes: old, status }) => {
    const said = await run(stop);
    const asked = status && (await query(status));
    const list = await query({ words: ['ps', '-e', '-o', 'pid', '-o', 'etime', '-o', 'args'] });
    const listed = list.state === 'ran' ? list.output.split('\n').map(row => Number.parseInt(row, 10)) : old;
    const left = asked ? asked.state === 'ran' && asked.code === 0 : old.some(pid => listed.includes(pid));
    return left ? { stop: said } : { stop: said, start: await run(start) };
  };
}

function memoryHost(memory: Memory, writes: string[], queries: string[]): HostWriter {
  const host = memoryCommands(memory, writes, queries);
  return { ...host, restart: restartOver(host) };
}

function memoryCommands(memory: Memory, writes: string[], queries: string[]): Omit<HostWriter, 'restart'> {
  const reading = (path: string): FileReading[] => {
    const text = memory.files?.[path];
    if (text === undefined) return [];
    const content = Buffer.from(text, 'latin1');
    const modified = now - (memory.written ?? 1000) * 1000;
    const { changed = memory.written ?? 1000 } = memory;
    const times = { modified, ...(changed !== null && { changed: now - changed * 1000 }) };
    return [{ asked: path, path, content, ...times, owner: '1001:1001', mode: '-rw-r-----', link: false }];
  };
  return {
    files: async candidates => candidates.flatMap(reading),
    clock: async () => now,
    startRecord: async () => {
      const { recorded, running } = memory;
      if (!recorded || running === undefined) return undefined;
      const started = now - running * 1000 - 1000;
      const holds = ({ path, content }: FileReading) =>
        recorded[path] === undefined ? undefined : recorded[path] === content.toString('latin1');
      return { processes: [812, 900].map(pid => ({ pid, started })), holds };
    },
    keepStart: async (_, __, files) => {
      memory.recorded = Object.fromEntries(files.map(({ path, content }) => [path, content.toString('latin1')]));
    },
    query: async command => {
      queries.push(command.words.join(' '));
      return answer(memory, command, writes);
    },
    run: async command => {
      writes.push(command.words.join(' '));
      return answer(memory, command, writes);
    },
    replace: async ({ path, expected, content }: FileReplacement) => {
      const held = memory.files?.[path];
      if ((held ?? 'absent') !== (expected === 'absent' ? 'absent' : expected.toString('latin1')))
        throw new Error('not what was expected');
      memory.files = { ...memory.files, [path]: content.toString('latin1') };
      memory.written = 0;
      writes.push(path);
      return held === undefined ? undefined : `${path}.backup`;
    },
    ...memoryLock(),
    acknowledge: async () => {},
    watch: async () => ({ confirm: async () => {}, until: 0 }),
  };
}

/** A lock whose holder is never silent. */
function memoryLock(): Pick<HostWriter, 'lock' | 'guard' | 'breakLock'> {
  let holder: NonNullable<HostGuard['holder']> | undefined;
  const lose = () => {
    throw new Error('the lock is no longer held');
  };
  return {
    lock: async ({ run, by }) => {
      if (holder) return { state: 'taken', holder };
      const own = { run, by, identity: run, state: 'idle', silent: 0 } as const;
      holder = own;
      const release = async () => {
        holder = holder === own ? undefined : holder;
      };
      const renew = async () => (holder === own ? undefined : lose());
      return { state: 'held', lock: { renew, release }, calledOff: 0 };
    },
    guard: async () => ({ ...(holder && { holder }), watchdogs: [], acted: [] }),
    breakLock: async identity => {
      const broken = holder?.identity === identity;
      holder = broken ? undefined : holder;
      return broken ? { state: 'broken', calledOff: 0 } : { state: 'changed' };
    },
  };
}

function answer(memory: Memory, { words, directories, find }: Command, writes: string[]): CommandResult {
  const ran = (output: string, code = 0): CommandResult => ({ state: 'ran', code, output, directory: '/' });
  const line = words.join(' ');
  if (memory.missing?.includes(words[0] ?? '')) return { state: 'absent' };
  const [directory = '/'] = directories ?? [];
  if (find) return { state: 'ran', code: 0, output: `${directory}\n`, directory };
  const fixed = Object.entries(memory.output ?? {}).find(([start]) => line.startsWith(start));
  if (fixed) {
    const [, { code, output, late }] = fixed;
    return { state: 'ran', code, output, directory: '/', ...(late !== undefined && { late }) };
  }
  if (words[0] === 'date') return ran('20261122\n');
  if (words[0] === 'ps') return words.includes('etime') ? ran(processes(memory)) : ran('', 1);
  if (words[0] === './davadmin' && words[1] === 'config') return davadmin(memory, words, ran);
  if (words[0] === './cscal') return ran(cscal(memory, words));
  if (words[0] === './csexport') return ran(csexport(memory, words));
  if (writes.at(-1) === line && /^\.\/(stop-cal|asadmin stop-domain)/.test(line)) {
    delete memory.running;
    return ran('');
  }
  if (['./start-cal', './asadmin'].includes(words[0] ?? '')) {
    if (writes.at(-1) === line) memory.running = 0;
    if (writes.at(-1) === line) memory.written = 5;
    if (line === './asadmin list-domains') return ran(`domain1 ${memory.running === undefined ? 'not ' : ''}running\n`);
    return ran('http\n');
  }
  return words[0] === './stop-cal' ? ran('') : { state: 'absent' };
}

function processes({ running }: Memory): string {
  const age = `${String(Math.floor((running ?? 0) / 60)).padStart(2, '0')}:${String((running ?? 0) % 60).padStart(2, '0')}`;
  const rows =
    running === undefined ? [] : [`  812       ${age} ./cshttpd -d 3`, `  900       ${age} java -domainname domain1`];
  return ['  PID     ELAPSED COMMAND', '    1 12-03:04:05 /sbin/init', ...rows, ''].join('\n');
}

function davadmin(
  memory: Memory,
  words: readonly string[],
  ran: (output: string, code?: number) => CommandResult,
): CommandResult {
  const name = words[words.indexOf('-o') + 1] ?? '';
  if (words[2] === 'modify') {
    memory.options = { ...memory.options, [name]: words[words.indexOf('-v') + 1] ?? '' };
    return ran('Done.\n');
  }
  const all = Object.entries(memory.options ?? {}).map(([option, value]) => `${option}: ${value}\n`);
  if (!words.includes('-o')) return ran(['log4j: no appender\n', ...all].join(''));
  const value = memory.options?.[name];
  return value === undefined ? ran(`Unknown option ${name}\n`, 1) : ran(`log4j: no appender\n${name}: ${value}\n`);
}

/** `cscal [-q] [-o owner] list|delete`; case does not count in an owner. */
function cscal(memory: Memory, words: readonly string[]): string {
  const owner = words.includes('-o') ? words[words.indexOf('-o') + 1]?.toLowerCase() : undefined;
  const calendars = memory.calendars ?? [];
  const meant = calendars.filter(one => owner === undefined || one.owner.toLowerCase() === owner);
  if (words.at(-1) === 'delete') {
    memory.calendars = owner ? calendars.filter(one => !meant.includes(one)) : calendars;
    return '';
  }
  const lines = meant.map(({ calid, owner: name }) => `${calid}: owner=${name} status=enabled`);
  return ['Calendar list:', '', ...lines, '', `${meant.length} calendar(s)`, ''].join('\n');
}

function csexport(memory: Memory, words: readonly string[]): string {
  const text = `BEGIN:VCALENDAR\r\nX-NSCP-CALPROPS-RELATIVE-CALID:${words[2]}\r\nEND:VCALENDAR\r\n`;
  memory.files = { ...memory.files, [words[4] ?? '']: text };
  return '';
}

function memoryDirectory(memory: Memory, writes: string[]): DirectoryWriter {
  return {
    server: async () => undefined,
    password: async () => ({}),
    wouldModify: async () => ({ state: 'takes' }),
    schema: async () => calendarSchema,
    async *search({ base, filter, scope }) {
      const parsed = parseFilter(filter);
      if ('problem' in parsed) throw new Error(`no filter: ${filter}`);
      for (const { dn, attributes } of memory.entries ?? [])
        if (
          (scope === 'base' ? isBelow(dn, base) && isBelow(base, dn) : isBelow(dn, base)) &&
          fits(parsed.filter, attributes)
        )
          yield entryOf(dn, attributes);
    },
    modify: async (dn, modifications) => modify(memory, dn, modifications, writes),
  };
}

function fits(filter: LdapFilter, attributes: Record<string, string[]>): boolean {
  const text = (value: Uint8Array) => Buffer.from(value).toString().toLowerCase();
  switch (filter.type) {
    case 'and':
      return filter.parts.every(part => fits(part, attributes));
    case 'or':
      return filter.parts.some(part => fits(part, attributes));
    case 'not':
      return !fits(filter.part, attributes);
    case 'present':
      return valuesOf(attributes, filter.attribute.toLowerCase()).length > 0;
    case 'equal':
      return valuesOf(attributes, filter.attribute.toLowerCase()).includes(text(filter.value));
    case 'substrings':
      return valuesOf(attributes, filter.attribute.toLowerCase()).some(v =>
        v.endsWith(text(filter.pieces.at(-1) ?? new Uint8Array())),
      );
    default:
      throw new Error(`not in this fake: ${filter.type}`);
  }
}

function valuesOf(attributes: Record<string, string[]>, name: string): string[] {
  return Object.entries(attributes).flatMap(([key, values]) =>
    key.toLowerCase() === name ? values.map(v => v.toLowerCase()) : [],
  );
}

function entryOf(dn: string, attributes: Record<string, string[]>): DirectoryEntry {
  return { dn, attributes: new Map(Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), values])) };
}

function modify(memory: Memory, dn: string, modifications: readonly Modification[], writes: string[]): ModifyResult {
  const entry = memory.entries?.find(e => e.dn === dn);
  if (!entry) return { state: 'conflict', detail: 'noSuchObject' };
  const draft = structuredClone(entry.attributes);
  for (const { operation, attribute, values } of modifications) {
    const has = draft[attribute] ?? [];
    const clash = operation === 'add' ? values.some(v => has.includes(v)) : values.some(v => !has.includes(v));
    if (clash) return { state: 'conflict', detail: operation === 'add' ? 'attributeOrValueExists' : 'noSuchAttribute' };
    const next = operation === 'add' ? [...has, ...values] : has.filter(v => !values.includes(v));
    if (next.length > 0) draft[attribute] = next;
    else delete draft[attribute];
  }
  entry.attributes = draft;
  writes.push(dn);
  return { state: 'done' };
}

const calendarSchema: DirectorySchema = {
  attributes: new Map(
    [
      'davstore',
      'davuniqueid',
      'nsuniqueid',
      'objectclass',
      'departmentnumber',
      'uid',
      'mail',
      'icsstatus',
      'icsallowedserviceaccess',
    ].map(name => [name, { singleValue: name.startsWith('dav') }]),
  ),
  objectClasses: new Map([
    ['daventity', { auxiliary: true, may: ['davstore', 'davuniqueid'], must: [] }],
    ['icscalendaruser', { auxiliary: true, may: ['icsstatus', 'icsallowedserviceaccess'], must: [] }],
    ['icscalendargroup', { auxiliary: true, may: ['icsstatus'], must: [] }],
    ['icscalendarresource', { auxiliary: true, may: ['icsstatus'], must: [] }],
  ]),
};
