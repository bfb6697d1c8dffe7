import { readFileSync } from 'node:fs';
import type { Environment } from '../../src/cli/environment.ts';
import { runCommandLine } from '../../src/cli/program.ts';
import { TargetProblem } from '../../src/core/finding.ts';
import { finding } from '../../src/findings/catalogue.ts';
import type { FreeBusyReader, MailClient } from '../../src/ports/free-busy.ts';
import type { HostWriter, RecordWriter } from '../../src/ports/host.ts';
import type { Journal } from '../../src/ports/journal.ts';
import type { WritePorts } from '../../src/ports/ports.ts';
import { Chance } from './chance.ts';
import type { HostData } from './host-data.ts';
import { passTime } from './host-effects.ts';
import { type DirectoryData, type DirectoryWrite, directoryPort } from './model-directory.ts';
import { hostPort } from './model-host.ts';
import { type Fault, type Interlude, ModelProgram } from './model-program.ts';
import { VirtualClock } from './virtual-clock.ts';

/** All that a story changes: plain data, so that it can be copied and tried out. */
export interface WorldData {
  now: number;
  chance: number;
  names: number;
  programs: number;
  hosts: HostData[];
  directory: DirectoryData;
  /** Files of each machine that programs run on. */
  machines: Record<string, Record<string, string>>;
  /** Numbers of programs that are over, by machine. */
  over: string[];
}

/** How a program is run. */
export interface ProgramRequest {
  readonly words: readonly string[];
  readonly machine?: string;
  readonly fault?: Fault | undefined;
  readonly interludes?: readonly Interlude[];
  /** It reads from a replica that may have fallen behind. */
  readonly lags?: boolean;
}

const never = new Promise<never>(() => {});
const schemas = new Map<string, object>();

function schemaNamed(name: string): object {
  const known = schemas.get(name) ?? (JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')) as object);
  schemas.set(name, known);
  return known;
}

/** Servers, files and time in memory, and programs that work on them. */
export class World {
  readonly data: WorldData;
  readonly clock: VirtualClock;
  /** What broke a law while programs ran. */
  readonly broken: string[] = [];
  /** Called at each write to the directory. */
  wrote: (write: DirectoryWrite) => void = () => {};
  #chance: Chance;

  constructor(data: WorldData) {
    this.data = data;
    this.clock = new VirtualClock(data.now);
    this.clock.passed = until => {
      for (const host of data.hosts) passTime(host, until);
    };
    this.#chance = new Chance(data.chance);
  }

  /** The same once more. */
  copy(): World {
    return new World(structuredClone({ ...this.data, now: this.clock.now }));
  }

  host(name: string): HostData {
    const found = this.data.hosts.find(one => one.name === name);
    if (!found) throw new Error(`no host ${name}`);
    return found;
  }

  /** Runs one program to its end, or to its death. */
  async run(request: ProgramRequest): Promise<ModelProgram> {
    const program = this.begin(request);
    await this.clock.runUntil(() => program.isOver);
    this.end(program);
    return program;
  }

  /** Runs two at the same time: the second begins at a call of the first. */
  async runBoth(first: ProgramRequest, second: ProgramRequest, at: number): Promise<readonly ModelProgram[]> {
    const begun: ModelProgram[] = [];
    const interludes = [{ at, happen: () => void begun.push(this.begin(second)) }];
    const one = this.begin({ ...first, interludes });
    await this.clock.runUntil(() => one.isOver && begun.every(other => other.isOver));
    for (const program of [one, ...begun]) this.end(program);
    return [one, ...begun];
  }

  /** Begins a program; it goes on while the clock runs. */
  begin({ words, machine = 'a', fault, interludes = [], lags = false }: ProgramRequest): ModelProgram {
    const program = new ModelProgram(++this.data.programs, machine, words, this.clock);
    // The same once more in a copy.
    this.#chance = new Chance(this.data.chance + 7919 * program.number);
    program.fault = fault;
    program.interludes.push(...interludes);
    runCommandLine(words, this.#environment(program, lags)).then(
      code => {
        program.code = code;
      },
      problem => {
        program.crash = problem;
      },
    );
    return program;
  }

  end(program: ModelProgram): void {
    program.dead = true;
    this.data.over.push(`${program.machine} ${program.number}`);
  }

  #environment(program: ModelProgram, lags: boolean): Environment {
    const files = this.#files(program.machine);
    const connections = {
      toRead: async () => ({ ports: this.#ports(program, lags), close: async () => {} }),
      toWrite: async () => ({ ports: this.#ports(program, false), close: async () => {} }),
      toMail: () => never,
      toExamine: () => never,
    };
    return {
      terminal: {
        stdout: text => {
          if (!program.dead) program.stdout += text;
        },
        stderr: text => {
          if (!program.dead) program.stderr += text;
        },
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        onInterrupt: stop => {
          program.stop = stop;
          return () => {};
        },
      },
      files: fileSystem(files),
      connections,
      schemas: { estate: schemaNamed('estate'), plan: schemaNamed('plan'), read: schemaNamed },
      clock: { now: () => new Date(this.clock.now).toISOString() },
      variables: { HOME: '/home/ops', LDAP_PASSWORD: 'secret', COLUMNS: '1000' },
      version: '0.0.0-model',
      calledAs: 'reconcile',
      enterFolder: () => {},
      readExample: () => '',
      openRevision: () => finding('run.unknown', { detail: 'there is no git in the model' }),
      routes: { factsOf: async () => [], partsOf: async () => ({ files: [], folders: [], programs: [] }) },
      readProvenance: () => ({ actor: `ops@${program.machine}` }),
      checkSignature: () => never,
      claim: run => ({
        run,
        by: `ops@${program.machine} process ${program.number}`,
        isDead: ({ by }) => {
          const [, machine = '', number = ''] = /^ops@(\S+) process (\d+)$/.exec(by) ?? [];
          return machine === program.machine && this.data.over.includes(`${machine} ${number}`);
        },
      }),
      openJournal: (folder, name) => this.#openJournal(program, files, `${folder}/${name}`),
      watching: async () => ({
        pause: milliseconds => this.clock.sleep(milliseconds),
        elapsed: () => this.clock.now,
        chance: () => this.#chance.next(),
        replaceText: fileSystem(files).replace,
        openNotifiers: async () => [],
        openPing: async () => undefined,
        openMetrics: async () => ({
          looked: async () => {},
          mayFail: () => {},
          untold: () => {},
          close: async () => {},
        }),
      }),
      rehearse: () => never,
      listFaults: async () => ({}),
    };
  }

  #takes(): number {
    return 20 + this.#chance.below(150);
  }

  #ports(program: ModelProgram, lags: boolean): WritePorts {
    const hosts = new Map<string, HostWriter & { records: RecordWriter }>();
    const world = {
      now: () => this.clock.now,
      takes: () => this.#takes(),
      name: () => String(++this.data.names),
      writes: (by: ModelProgram, { name }: HostData, what: string, hasLock: boolean) => {
        if (!hasLock) this.broken.push(`${what} on ${name} by program ${by.number} without its lock`);
      },
    };
    const host = (name: string) => {
      const known = hosts.get(name) ?? hostPort(this.host(name), program, world);
      hosts.set(name, known);
      return known;
    };
    const directory = directoryPort(this.data.directory, program, {
      lags,
      takes: () => this.#takes(),
      wrote: write => this.wrote(write),
    });
    const freeBusy = this.#freeBusy();
    return {
      host,
      records: name => host(name).records,
      directory: () => directory,
      freeBusy: () => freeBusy,
      mail: () => noMail,
      pause: async milliseconds => {
        await this.clock.sleep(milliseconds);
        if (program.dead) await never;
      },
      stopping: () => false,
      elapsed: () => this.clock.now,
    };
  }

  #freeBusy(): FreeBusyReader {
    const failed = async () =>
      ({ state: 'failed', failure: 'errno', code: '29', detail: 'not in this model', hops: [] }) as const;
    return {
      reach: async ({ http }) => {
        const host = this.data.hosts.find(one => one.http === http);
        const serves = host && !host.down && host.processes.some(({ name }) => name === 'cshttpd' || name === 'java');
        return serves ? { state: 'answers' } : { state: 'silent', detail: 'connection refused' };
      },
      ask: async ({ mail, side }) => {
        const entry = this.data.directory.entries.find(({ attributes }) => attributes['mail']?.includes(mail));
        const isThere = side === 'cs7' ? (entry?.attributes['davstore'] ?? []).length > 0 : entry !== undefined;
        return isThere ? { state: 'answered', busy: [] } : { state: 'nobody', detail: 'no such calendar' };
      },
      lookUp: failed,
      schedule: failed,
    };
  }

  #files(machine: string): Record<string, string> {
    this.data.machines[machine] ??= {};
    return this.data.machines[machine];
  }

  async #openJournal(program: ModelProgram, files: Record<string, string>, base: string): Promise<Journal> {
    const path = `${base}.jsonl`;
    const here = (name: string) => ({ target: 'here', name, writes: true, asks: false });
    await program.call(here('open'), 5, () => {
      if (files[path] !== undefined)
        throw new TargetProblem(finding('run.journal-unwritable', { detail: `${path} exists` }));
      files[path] = '';
    });
    return {
      name: base.slice(base.lastIndexOf('/') + 1),
      write: (line, at = new Date(this.clock.now).toISOString()) =>
        program.call(here(line.line), 2, () => {
          files[path] += `${JSON.stringify({ at, ...line })}\n`;
        }),
      keep: (suffix, pieces) =>
        program.call(here('keep'), 2, () => {
          files[`${base}.${suffix}.json`] = [...pieces].join('');
        }),
      close: async () => {},
    };
  }
}

const noMail: MailClient = {
  greet: async () => ({ state: 'fails', detail: 'not in this model' }),
  send: async () => ({ state: 'fails', detail: 'not in this model' }),
};

function missing(path: string): Error {
  return Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
}

function fileSystem(files: Record<string, string>): Environment['files'] {
  const bytes = (path: string): Uint8Array => {
    const text = files[path];
    if (text === undefined) throw missing(path);
    return Buffer.from(text);
  };
  const put = async (path: string, text: string) => {
    files[path] = text;
  };
  return {
    read: async (path, limit) => bytes(path).subarray(0, limit === undefined ? undefined : limit + 1),
    async *readPieces(path) {
      yield bytes(path);
    },
    readEnd: async (path, limit) => bytes(path).subarray(-limit),
    readRegular: path => (files[path] === undefined ? { reason: 'there is no such file' } : Buffer.from(files[path])),
    // biome-ignore lint/correctness/useYield: nothing is packed here
    async *readPacked(path) {
      throw missing(path);
    },
    pathInRepository: path => path,
    list: async folder =>
      Object.keys(files).flatMap(path => (path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [])),
    write: put,
    replace: put,
    mayReplace: async path => files[path] !== undefined,
    writePrivate: async (path, text) => put(path, typeof text === 'string' ? text : [...text].join('')),
    remove: async path => {
      delete files[path];
    },
    writePacked: () => never,
  };
}
