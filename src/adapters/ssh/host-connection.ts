import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import pLimit from 'p-limit';
import { printable } from '../../core/printable.ts';
import type {
  BrokenLock,
  Command,
  CommandResult,
  FileReading,
  FileReplacement,
  HostExaminer,
  HostGuard,
  HostLook,
  HostQuestion,
  HostWriter,
  KeptRun,
  RecordWriter,
  RestartOutcome,
  RunPart,
  ServiceRestart,
  StartRecord,
  Watch,
  Watchdog,
} from '../../ports/host.ts';
import { examineFragment, examineFrom } from './examine-script.ts';
import { type Fence, FenceRefused, makeFence } from './fence-script.ts';
import type { SshLimits } from './host-endpoint.ts';
import { HostFault, type HostProblemCode, toProblem } from './host-fault.ts';
import { acknowledge, breakLock, lostFault, readGuard, takeLock } from './host-lock.ts';
import { startWatchdog } from './host-watchdog.ts';
import { keepRun, readRunPart, readRuns } from './kept-runs.ts';
import type { Link } from './link.ts';
import { lookScript } from './lock-script.ts';
import type { Acting } from './privilege.ts';
import { clockFrom, commandFrom, describeCommand, fileFrom } from './read-answer.ts';
import { CLOCK_FRAGMENT, commandFragment, fileFragment } from './read-script.ts';
import { replaceFile } from './replace.ts';
import { restartFragments, restartFrom } from './restart-script.ts';
import { type Ask, answers, carry, carryPatiently, createMemory, createQueue } from './run-script.ts';
import { keepStart, recordFragment, recordFrom } from './start-record.ts';
import { type Send, sendScript } from './state-folder.ts';

/** Faults after which nobody knows whether the host has heard. */
const LOST_ON_THE_WAY: ReadonlySet<HostProblemCode> = new Set<HostProblemCode>([
  'host.connection-lost',
  'host.no-answer',
  'host.unreachable',
  'host.session-refused',
]);

/** Opens a connection. `since`: what was opened before that time on the way to the host is not trusted; the clock is `performance.now`. */
type Connect = (since: number) => Promise<Link>;

/**
 * One host over SSH. It connects at the first request, and again at the next one after a loss. Everything runs as `/bin/sh`
 * with a script on standard input, whatever the login shell is: SFTP would need more trips, and its rename checks nothing.
 */
export class HostConnection implements HostWriter, RecordWriter, HostExaminer {
  readonly #name: string;
  readonly #connect: Connect;
  readonly #limits: SshLimits;
  readonly #shellsAhead: boolean;
  readonly #ask: Ask;
  readonly #slots: ReturnType<typeof pLimit>;
  readonly #writes = pLimit(1);
  readonly #memory = createMemory(paths => this.#read(paths));
  readonly #openedAt = Date.now();
  readonly #problems = new WeakMap<object, Error>();
  /** The identity with which this connection holds the lock, or held it last: what it writes shows it. */
  #own: string | undefined;
  /** The end of the last look at the guard: what takes a trip of its own is asked after it. */
  #looked: Promise<void> | undefined;
  #link: Promise<Link> | undefined;
  /** The connection that has to answer before it is used again. */
  #resting: Promise<Link> | undefined;
  /** What was opened before on the way to the host is not trusted when another connection is needed. */
  #since = 0;
  #unwatch: () => void = () => undefined;
  #failure: { readonly fault: unknown; readonly at: number } | undefined;
  #closed = false;

  /** `shellsAhead`: many scripts are going to be run. */
  constructor(name: string, connect: Connect, limits: SshLimits, shellsAhead = false) {
    this.#name = name;
    this.#connect = connect;
    this.#limits = limits;
    this.#shellsAhead = shellsAhead;
    this.#slots = pLimit(limits.sessions);
    this.#ask = createQueue(
      () => this.#open(),
      (link, fragments) => this.#slots(() => carry(link, fragments, limits)),
    );
  }

  files(candidates: readonly string[]): Promise<readonly FileReading[]> {
    return this.#told(() => this.#read(candidates));
  }

  query(command: Command): Promise<CommandResult> {
    const ask = () => this.#query(command);
    return this.#told(() => (command.patience === undefined ? ask() : this.#memory.recall(command, ask)));
  }

  clock(): Promise<number> {
    return this.#told(async () => {
      const [answer] = await this.#ask([{ text: CLOCK_FRAGMENT, label: 'date' }]);
      return clockFrom(answer?.frames ?? []);
    });
  }

  look(question: HostQuestion): Promise<HostLook> {
    return this.#told(async () => {
      const [answer] = await this.#ask([{ text: examineFragment(question), label: 'the look at the host' }]);
      return examineFrom(question, answer?.frames ?? [], answer?.errors ?? '');
    });
  }

  startRecord(service: string): Promise<StartRecord | undefined> {
    return this.#told(async () => {
      const [answer] = await this.#ask([{ text: recordFragment(service), label: `the record of ${service}` }]);
      return recordFrom(answer?.frames ?? []);
    });
  }

  keepStart(...[service, processes, files]: Parameters<HostWriter['keepStart']>): Promise<void> {
    return this.#write(link => {
      const limits = { wait: this.#limits.write, limit: this.#limits.answer };
      return keepStart(service, processes, files, this.#fence(link), script => sendScript(link, script, limits));
    });
  }

  run(command: Command): Promise<CommandResult> {
    const forget = () => this.#memory.forget();
    return this.#write(async link => {
      forget();
      const fragments = [{ text: commandFragment(command), label: describeCommand(command) }];
      const [answer] = await carry(link, fragments, this.#limits, this.#fence(link)).finally(forget);
      return commandFrom(command, answer?.frames ?? []);
    });
  }

  restart(restart: ServiceRestart): Promise<RestartOutcome> {
    const forget = () => this.#memory.forget();
    return this.#write(async link => {
      forget();
      // Both commands may take as long as each alone.
      const limits = { ...this.#limits, write: 2 * this.#limits.write + restart.patience.stopped };
      const fragments = restartFragments(restart);
      const [stopped, started] = await carry(link, fragments, limits, this.#fence(link)).finally(forget);
      return restartFrom(restart, stopped?.frames ?? [], started?.frames ?? []);
    });
  }

  replace(replacement: FileReplacement): Promise<string | undefined> {
    return this.#write(link => {
      const fence = this.#fence(link);
      return replaceFile(replacement, { link, limits: this.#limits, openedAt: this.#openedAt, fence });
    });
  }

  lock(claim: Parameters<HostWriter['lock']>[0]): ReturnType<HostWriter['lock']> {
    return this.#told(async () => {
      const send = this.#insistently(this.#sender('read'));
      const taken = await takeLock(claim, send);
      if (taken.state === 'taken') {
        return taken;
      }
      const { own, lock, calledOff } = taken;
      this.#own = own;
      const renew = () => this.#told(() => lock.renew());
      const release = () => this.#told(() => lock.release());
      return { state: 'held', lock: { renew, release }, calledOff };
    });
  }

  guard(): Promise<HostGuard> {
    const guard = readGuard(this.#ask, this.#sender('read'));
    const looked = guard.then(
      () => undefined,
      () => undefined,
    );
    this.#looked = looked;
    return this.#told(() => guard);
  }

  breakLock(identity: string): Promise<BrokenLock> {
    return this.#told(() => breakLock(identity, this.#sender('read')));
  }

  runs(estate: string): Promise<readonly KeptRun[]> {
    return this.#told(() => readRuns(estate, this.#ask, this.#limits.tornRetries));
  }

  runPart(estate: string, run: string, part: RunPart): Promise<string | undefined> {
    return this.#told(() => readRunPart(estate, run, part, this.#ask, this.#limits.tornRetries));
  }

  keepRun(...[estate, run, parts, keep]: Parameters<RecordWriter['keepRun']>): Promise<void> {
    const send = this.#insistently(this.#sender('write'));
    return this.#told(() => keepRun({ estate, run, parts, keep }, send));
  }

  acknowledge(): Promise<void> {
    return this.#told(() => acknowledge(this.#sender('read')));
  }

  watch(watch: Watch): Promise<Watchdog> {
    return this.#write(async link => {
      const limits = { wait: this.#limits.write, limit: this.#limits.answer };
      const watchdog = await startWatchdog(watch, this.#fence(link), script => sendScript(link, script, limits));
      const send = this.#insistently(this.#sender('write'));
      return { confirm: () => this.#told(() => watchdog.confirm(send)), until: Date.now() + watch.patience };
    });
  }

  /** Logs in, becomes the user of the privilege, and shows what the host showed then; nothing where the login is that user. */
  acting(): Promise<Acting | undefined> {
    return this.#told(async () => (await this.#open()).becomes?.acting);
  }

  /** A connection from the host to a server, as that host sees it; throws DialFault or HostFault. */
  async dial(server: string, port: number, wait: number): Promise<Duplex> {
    const link = await this.#open();
    return link.dial(server, port, wait);
  }

  /**
   * Forgets all that the host said, and keeps the connection: it has to answer before the next request uses it, and where it does
   * not, another one is opened as if there had been none.
   */
  rest(): void {
    this.#memory.forget();
    this.#failure = undefined;
    this.#resting = this.#link;
    this.#since = performance.now();
  }

  /** Closes the connection for good; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const link = await this.#link?.catch(() => undefined);
    link?.close();
  }

  /** One with a patience of its own takes a trip of its own. */
  async #query(command: Command): Promise<CommandResult> {
    const fragment = { text: commandFragment(command), label: describeCommand(command) };
    const { patience } = command;
    if (patience === undefined) {
      const [answer] = await this.#ask([fragment]);
      return commandFrom(command, answer?.frames ?? []);
    }
    await this.#looked;
    const link = await this.#open();
    const { frames, late } = await this.#slots(() => carryPatiently(link, fragment, this.#limits, patience));
    return commandFrom(command, frames, late ? patience : undefined);
  }

  async #read(candidates: readonly string[]): Promise<readonly FileReading[]> {
    const readings = await this.#readEach([...new Set(candidates)], this.#limits.tornRetries);
    return candidates.flatMap(path => readings.get(path) ?? []);
  }

  /** A file that is torn is read again, the others are not. */
  async #readEach(paths: readonly string[], retries: number): Promise<ReadonlyMap<string, FileReading>> {
    if (paths.length === 0) {
      return new Map();
    }
    const answers = await this.#ask(paths.map(path => ({ text: fileFragment(path), label: printable(path) })));
    const read = paths.map((path, index) => {
      const answer = answers[index];
      return { path, reading: fileFrom(path, answer?.frames ?? [], answer?.errors ?? '') };
    });
    const torn = read.filter(({ reading }) => reading === 'torn').map(({ path }) => path);
    const whole = read.flatMap(({ path, reading }) => (typeof reading === 'string' ? [] : [[path, reading] as const]));
    if (torn.length > 0 && retries === 0) {
      const names = torn.map(printable).join(', ');
      throw new HostFault(
        'host.file-torn',
        `${names}: changed during every reading.\nWait until whatever writes it is done.`,
      );
    }
    return new Map([...whole, ...(await this.#readEach(torn, retries - 1))]);
  }

  /** Looking and locking take as long as reading does; the other scripts may take as long as writing. */
  #sender(purpose: 'read' | 'write'): Send {
    const limits = { wait: this.#limits[purpose], limit: this.#limits.answer };
    return async script => {
      const link = await this.#open();
      return this.#slots(() => sendScript(link, script, limits));
    };
  }

  /** One after another: a script that writes has the lock for itself, also before others of its own run. */
  #write<T>(action: (link: Link) => Promise<T>): Promise<T> {
    return this.#told(() =>
      this.#writes(async () => {
        const link = await this.#open();
        try {
          return await this.#slots(() => action(link));
        } catch (fault) {
          throw fault instanceof FenceRefused && fault.why === 'lost' ? await this.#lost(fault) : fault;
        }
      }),
    );
  }

  #fence(link: Link): Fence {
    return makeFence(this.#own, link.waitingMark);
  }

  async #lost(fault: HostFault): Promise<HostFault> {
    try {
      return lostFault(await this.#sender('read')(lookScript()));
    } catch {
      // That the lock is gone is known; who has it is not.
      return fault;
    }
  }

  /** Sends a script again over a new connection when its answer is lost: only what may be done twice. */
  #insistently(send: Send): Send {
    return async script => {
      for (const wait of this.#limits.sendAgain) {
        try {
          return await send(script);
        } catch (fault) {
          if (!(fault instanceof HostFault) || !LOST_ON_THE_WAY.has(fault.code) || this.#closed) {
            throw fault;
          }
          await pause(wait);
          await this.#hangUp();
        }
      }
      return send(script);
    };
  }

  /** Makes the next request open a connection of its own. */
  async #hangUp(): Promise<void> {
    const link = await this.#link?.catch(() => undefined);
    this.#link = undefined;
    this.#failure = undefined;
    link?.close();
  }

  async #open(): Promise<Link> {
    if (this.#closed) {
      throw new HostFault('host.closed', 'a request came after the connection was closed.');
    }
    if (this.#failure && Date.now() - this.#failure.at < this.#limits.failureMemory) {
      throw this.#failure.fault;
    }
    const resting = this.#resting;
    this.#resting = undefined;
    if (resting && resting === this.#link) this.#link = this.#proved(resting);
    this.#link ??= this.#connectOnce();
    return this.#link;
  }

  async #proved(resting: Promise<Link>): Promise<Link> {
    this.#unwatch();
    const link = await resting.catch(() => undefined);
    if (link && (await answers(link, this.#limits))) return this.#use(link);
    link?.close();
    return this.#connectOnce();
  }

  #use(link: Link): Link {
    if (this.#shellsAhead && !link.becomes) link.startShellsAhead();
    this.#unwatch = link.onEnd(() => {
      this.#link = undefined;
    });
    return link;
  }

  async #connectOnce(): Promise<Link> {
    try {
      const link = await this.#connect(this.#since);
      this.#failure = undefined;
      return this.#use(link);
    } catch (fault) {
      this.#failure = { fault, at: Date.now() };
      this.#link = undefined;
      throw fault;
    }
  }

  /** One fault is one problem, however many requests it ends: so it is shown once. */
  async #told<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (fault) {
      if (!(fault instanceof HostFault)) {
        throw fault;
      }
      const problem = this.#problems.get(fault) ?? toProblem(this.#name, fault);
      this.#problems.set(fault, problem);
      throw problem;
    }
  }
}
