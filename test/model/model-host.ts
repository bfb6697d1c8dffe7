import { TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type {
  Claim,
  Command,
  CommandResult,
  FileReading,
  FileReplacement,
  HostGuard,
  HostLock,
  HostWriter,
  LockHolder,
  RecordWriter,
  RunPart,
  StartRecord,
  Watch,
  Watchdog,
} from '../../src/ports/host.ts';
import { answer } from './host-answers.ts';
import { type HostData, type ModelFile, type ModelLock, places, readAtStart } from './host-data.ts';
import { perform, restart, schedule } from './host-effects.ts';
import type { ModelProgram, ProblemCode } from './model-program.ts';

/** What of the world a host port needs. */
export interface HostWorld {
  now(): number;
  /** Milliseconds that the next call takes. */
  takes(): number;
  /** A name that nothing else has. */
  name(): string;
  /** Called before a file is written or a command run that changes something. */
  writes(program: ModelProgram, data: HostData, what: string, hasLock: boolean): void;
}

type Lock = Parameters<HostWriter['lock']>[0];

/** One host as a program sees it over one connection: what it writes is refused once its lock is gone. */
export function hostPort(
  data: HostData,
  program: ModelProgram,
  world: HostWorld,
): HostWriter & { records: RecordWriter } {
  let own: string | undefined;
  const call = <T>(name: string, writes: boolean, effect: () => T, takes = world.takes(), asks = false): Promise<T> =>
    program.call({ target: data.name, name, writes, asks }, takes, () => {
      if (data.down) throw problem(data, 'host.unreachable', 'it is down');
      return effect();
    });
  const fenced = <T>(name: string, effect: () => T, takes?: number): Promise<T> =>
    call(
      name,
      true,
      () => {
        if (own !== undefined && data.lock?.identity !== own) throw problem(data, 'host.lock-lost', 'it is gone');
        if (data.watchdogs.some(({ state }) => state === 'acting'))
          throw problem(data, 'host.still-at-work', 'its watchdog acts');
        world.writes(program, data, name, own !== undefined);
        if (data.lock) data.lock.heard = world.now();
        return effect();
      },
      takes,
    );
  const taken = (identity: string) => {
    own = identity;
  };
  return {
    files: paths => call('files', false, () => paths.flatMap(path => readingOf(data, path))),
    clock: () => call('clock', false, () => Math.floor(hostTime(data, world) / 1000) * 1000),
    query: async command => {
      const number = program.calls.length;
      const result = await call('query', false, () => answer(data, world.now(), command), undefined, true);
      return result.state === 'ran' ? { ...result, output: program.spoil(number, result.output) } : result;
    },
    startRecord: service => call('startRecord', false, () => startOf(data, service)),
    guard: () => call('guard', false, () => guardOf(data, world)),
    lock: claim => call('lock', true, () => takeLock(data, claim, world, lockCalls(data, world, call), taken)),
    breakLock: identity => call('breakLock', true, () => breakLock(data, identity)),
    acknowledge: () => fenced('acknowledge', () => void data.deeds.splice(0)),
    watch: watch => fenced('watch', () => startWatchdog(data, watch, own ?? '', world)).then(watchdog(data, call)),
    keepStart: (service, processes, files) =>
      fenced('keepStart', () => {
        data.starts[service] = {
          processes: processes.map(({ pid, started }) => ({ pid, started })),
          files: Object.fromEntries(files.map(({ path, content }) => [path, content.toString('latin1')])),
        };
      }),
    replace: replacement => fenced('replace', () => replace(data, replacement, world)),
    run: async command => {
      const number = program.calls.length;
      const result = await fenced('run', () => run(data, command, world), 1_000);
      return result.state === 'ran' ? { ...result, output: program.spoil(number, result.output) } : result;
    },
    restart: async ({ stop, start }) => {
      const gone = await fenced('restart', () => {
        if (run(data, stop, world, false).state === 'absent')
          throw problem(data, 'host.state-folder', 'no such command');
        return restart(data, start.words, world.now());
      });
      return call('restarted', false, () => gone.said, gone.takes);
    },
    records: recordsOf(data, call),
  };
}

type Call = <T>(name: string, writes: boolean, effect: () => T, takes?: number) => Promise<T>;

function problem({ name }: HostData, code: ProblemCode, detail: string): TargetProblem {
  return new TargetProblem(finding(code, { detail: `${name}: ${detail}`, target: name }));
}

/** The time by the clock of a host. */
function hostTime(data: HostData, world: Pick<HostWorld, 'now'>): number {
  return world.now() + data.skew;
}

function readingOf(data: HostData, path: string): readonly FileReading[] {
  const file = data.files[path];
  if (!file) return [];
  const { wholeSeconds, changeTimes } = data.dialect;
  const shown = (time: number) => (wholeSeconds ? Math.floor(time / 1000) * 1000 : time);
  return [
    {
      ...{ asked: path, path, content: Buffer.from(file.text, 'latin1'), modified: shown(file.modified) },
      ...(changeTimes && { changed: shown(file.changed) }),
      ...{ owner: '1001:1001', mode: '-rw-r-----', link: false },
    },
  ];
}

function startOf(data: HostData, service: string): StartRecord | undefined {
  const known = data.starts[service];
  if (!known) return undefined;
  return {
    processes: known.processes,
    holds: ({ path, content }) =>
      known.files[path] === undefined ? undefined : known.files[path] === content.toString('latin1'),
  };
}

function holderOf(data: HostData, { run, by, identity, heard, ended }: ModelLock, world: HostWorld): LockHolder {
  const acting = data.watchdogs.some(({ state }) => state === 'acting');
  return { run, by, identity, state: ended || acting ? 'ended' : 'idle', silent: world.now() - heard };
}

function guardOf(data: HostData, world: HostWorld): HostGuard {
  return {
    ...(data.lock && { holder: holderOf(data, data.lock, world) }),
    watchdogs: data.watchdogs.map(({ watch, state, until }) => ({ name: watch.name, state, until: until + data.skew })),
    acted: structuredClone(data.deeds),
  };
}

function callOff(data: HostData, whose: (owner: string) => boolean): number {
  const off = data.watchdogs.filter(({ owner, state }) => state === 'waiting' && whose(owner));
  data.watchdogs = data.watchdogs.filter(one => !off.includes(one));
  return off.length;
}

function takeLock(
  data: HostData,
  { run, by, expiry, isDead }: Claim & Pick<Lock, 'expiry'>,
  world: HostWorld,
  calls: (identity: string) => HostLock,
  taken: (identity: string) => void,
): Awaited<ReturnType<HostWriter['lock']>> {
  if (data.lock) {
    const holder = holderOf(data, data.lock, world);
    if (holder.state === 'ended' || (holder.silent <= expiry && !isDead(holder))) return { state: 'taken', holder };
  }
  const identity = `${run}-${world.name()}`;
  data.lock = { run, by, identity, heard: world.now(), ended: false };
  taken(identity);
  return { state: 'held', lock: calls(identity), calledOff: callOff(data, () => true) };
}

function lockCalls(data: HostData, world: HostWorld, call: Call): (identity: string) => HostLock {
  return identity => ({
    renew: () =>
      call('renew', true, () => {
        if (data.lock?.identity !== identity) throw problem(data, 'host.lock-lost', 'it is gone');
        data.lock.heard = world.now();
      }),
    release: () =>
      call('release', true, () => {
        if (data.lock?.identity !== identity) return;
        callOff(data, owner => owner === identity);
        data.lock = undefined;
      }),
  });
}

function breakLock(data: HostData, identity: string): Awaited<ReturnType<HostWriter['breakLock']>> {
  if (data.lock?.identity !== identity) return { state: 'changed' };
  if (data.watchdogs.some(({ state }) => state === 'acting')) return { state: 'acting' };
  data.lock = undefined;
  return { state: 'broken', calledOff: callOff(data, () => true) };
}

function startWatchdog(data: HostData, watch: Watch, owner: string, world: HostWorld): { id: string; until: number } {
  if (data.watchdogs.some(one => one.watch.name === watch.name))
    throw problem(data, 'host.watchdog-running', `a watchdog ${watch.name} waits`);
  for (const { backup, before } of watch.files)
    if (data.files[backup]?.text !== before.toString('latin1'))
      throw problem(data, 'host.watchdog-not-started', `${backup} is not what was replaced`);
  const { commands: _, ...kept } = watch;
  const [id, until] = [world.name(), world.now() + watch.patience];
  data.watchdogs.push({ id, owner, watch: kept, until, state: 'waiting', lines: [] });
  schedule(data, { at: until, what: 'bark', id });
  return { id, until };
}

function watchdog(data: HostData, call: Call): (started: { id: string; until: number }) => Watchdog {
  return ({ id, until }) => ({
    until,
    confirm: () =>
      call('confirm', true, () => {
        const waits = data.watchdogs.find(one => one.id === id);
        if (waits?.state === 'waiting') {
          data.watchdogs = data.watchdogs.filter(one => one !== waits);
        } else if (waits || data.deeds.some(({ lines }) => lines.includes(`watch ${id}`)))
          throw problem(data, 'host.watchdog-acted', 'it has put the host back');
      }),
  });
}

function replace(data: HostData, replacement: FileReplacement, world: HostWorld): string | undefined {
  const { path, expected, content } = replacement;
  const held = data.files[path]?.text;
  if (held !== (expected === 'absent' ? undefined : expected.toString('latin1')))
    throw problem(data, 'host.file-changed', `${path} is not what was read`);
  const time = hostTime(data, world);
  const backup = held === undefined ? undefined : `${path}.reconcile-${++data.backups}`;
  if (backup !== undefined && held !== undefined) data.files[backup] = { text: held, modified: time, changed: time };
  if (content === 'absent') delete data.files[path];
  else data.files[path] = { text: content.toString('latin1'), modified: time, changed: time };
  return backup;
}

function run(data: HostData, command: Command, world: HostWorld, really = true): CommandResult {
  const folders = Object.values(places(data));
  const inPlace = command.directories?.some(folder => folders.includes(folder) || folder.endsWith('davserver/sbin'));
  if (!inPlace) return { state: 'absent' };
  return really ? perform(data, command.words, world.now()) : { state: 'ran', code: 0, output: '' };
}

function recordsOf(data: HostData, call: Call): RecordWriter {
  const of = (estate: string) => {
    data.records[estate] ??= {};
    return data.records[estate];
  };
  return {
    runs: estate =>
      call('runs', false, () =>
        Object.entries(of(estate))
          .map(([name, parts]) => ({
            run: name,
            head: parts['head.json'] ?? '',
            ...(parts['end.json'] !== undefined && { end: parts['end.json'] }),
            parts: new Map(Object.entries(parts).map(([part, text]) => [part as RunPart, Buffer.byteLength(text)])),
          }))
          .sort((a, b) => (a.run < b.run ? 1 : -1)),
      ),
    runPart: (estate, name, part) => call('runPart', false, () => of(estate)[name]?.[part]),
    keepRun: (estate, name, parts, keep) =>
      call('keepRun', true, () => {
        const all = of(estate);
        all[name] = { ...all[name], ...Object.fromEntries(parts) };
        for (const old of Object.keys(all).sort().reverse().slice(keep)) delete all[old];
      }),
  };
}

/** The files that the service reads, with what they hold. */
export function servedFiles(data: HostData): Readonly<Record<string, ModelFile | undefined>> {
  return Object.fromEntries(readAtStart(data).map(path => [path, data.files[path]]));
}
