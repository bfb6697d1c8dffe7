import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import { printable } from '../../core/printable.ts';
import type {
  Command,
  CommandResult,
  FileReading,
  FileReplacement,
  HostWriter,
  LockHolder,
  Watch,
  Watchdog,
} from '../../ports/host.ts';
import { callOffWatchdogs } from './call-off.ts';
import { carry } from './carry.ts';
import { HostFault, toProblem } from './fault.ts';
import type { SshLimits } from './limits.ts';
import type { Link } from './link.ts';
import { breakLock, readHolder, takeLock } from './lock.ts';
import { clockFrom, commandFrom, describeCommand, fileFrom } from './read-answer.ts';
import { CLOCK_FRAGMENT, commandFragment, fileFragment } from './read-script.ts';
import { replaceFile } from './replace.ts';
import { type Ask, createQueue } from './request-queue.ts';
import { type Send, sendScript } from './state-folder.ts';
import { startWatchdog } from './watch.ts';

/**
 * One host over SSH. It connects at the first request, and again at the next one after a loss. Everything runs as `/bin/sh`
 * with a script on standard input, whatever the login shell is: SFTP would need more trips, and its rename checks nothing.
 */
export class HostConnection implements HostWriter {
  readonly #name: string;
  readonly #connect: () => Promise<Link>;
  readonly #limits: SshLimits;
  readonly #ask: Ask;
  readonly #slots: ReturnType<typeof pLimit>;
  readonly #openedAt = Date.now();
  readonly #problems = new WeakMap<object, Error>();
  #link: Promise<Link> | undefined;
  #failure: { readonly fault: unknown; readonly at: number } | undefined;
  #closed = false;

  constructor(name: string, connect: () => Promise<Link>, limits: SshLimits) {
    this.#name = name;
    this.#connect = connect;
    this.#limits = limits;
    this.#slots = pLimit(limits.sessions);
    this.#ask = createQueue(
      () => this.#open(),
      (link, fragments) => this.#slots(() => carry(link, fragments, 'read', limits)),
    );
  }

  files(candidates: readonly string[]): Promise<readonly FileReading[]> {
    return this.#told(async () => {
      const readings = await this.#read([...new Set(candidates)], this.#limits.tornRetries);
      return candidates.flatMap(path => readings.get(path) ?? []);
    });
  }

  query(command: Command): Promise<CommandResult> {
    return this.#told(async () => {
      const [answer] = await this.#ask([{ text: commandFragment(command), label: describeCommand(command) }]);
      return commandFrom(command, answer?.frames ?? []);
    });
  }

  clock(): Promise<number> {
    return this.#told(async () => {
      const [answer] = await this.#ask([{ text: CLOCK_FRAGMENT, label: 'date' }]);
      return clockFrom(answer?.frames ?? []);
    });
  }

  run(command: Command): Promise<CommandResult> {
    return this.#told(async () => {
      const fragments = [{ text: commandFragment(command), label: describeCommand(command) }];
      const link = await this.#open();
      const [answer] = await this.#slots(() => carry(link, fragments, 'write', this.#limits));
      return commandFrom(command, answer?.frames ?? []);
    });
  }

  replace(replacement: FileReplacement): Promise<string | undefined> {
    return this.#told(async () => {
      const link = await this.#open();
      return this.#slots(() => replaceFile(replacement, { link, limits: this.#limits, openedAt: this.#openedAt }));
    });
  }

  lock(claim: Parameters<HostWriter['lock']>[0]): ReturnType<HostWriter['lock']> {
    return this.#told(async () => {
      const taken = await takeLock(claim, this.#sender('read'));
      if (taken.state === 'taken') {
        return taken;
      }
      const { lock } = taken;
      const renew = () => this.#told(() => lock.renew());
      const release = () => this.#told(() => lock.release());
      return { state: 'held', lock: { renew, release } };
    });
  }

  lockHolder(): Promise<LockHolder | undefined> {
    return this.#told(() => readHolder(this.#sender('read')));
  }

  breakLock(run: string): Promise<boolean> {
    return this.#told(() => breakLock(run, this.#sender('read')));
  }

  callOff(): Promise<number> {
    return this.#told(() => callOffWatchdogs(this.#sender('read')));
  }

  watch(watch: Watch): Promise<Watchdog> {
    return this.#told(async () => {
      const watchdog = await startWatchdog(watch, this.#sender('write'));
      return { confirm: () => this.#told(() => watchdog.confirm()) };
    });
  }

  /** A connection from the host to a server, as that host sees it; throws DialFault or HostFault. */
  async dial(server: string, port: number, wait: number): Promise<Duplex> {
    const link = await this.#open();
    return link.dial(server, port, wait);
  }

  /** Closes the connection for good; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const link = await this.#link?.catch(() => undefined);
    link?.close();
  }

  /** A file that is torn is read again, the others are not. */
  async #read(paths: readonly string[], retries: number): Promise<ReadonlyMap<string, FileReading>> {
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
    return new Map([...whole, ...(await this.#read(torn, retries - 1))]);
  }

  /** Looking and locking take as long as reading does; the other scripts may take as long as writing. */
  #sender(purpose: 'read' | 'write'): Send {
    const limits = { wait: this.#limits[purpose], limit: this.#limits.answer };
    return async script => {
      const link = await this.#open();
      return this.#slots(() => sendScript(link, script, limits));
    };
  }

  async #open(): Promise<Link> {
    if (this.#closed) {
      throw new HostFault('host.closed', 'a request came after the connection was closed.');
    }
    if (this.#failure && Date.now() - this.#failure.at < this.#limits.failureMemory) {
      throw this.#failure.fault;
    }
    this.#link ??= this.#connectOnce();
    return this.#link;
  }

  async #connectOnce(): Promise<Link> {
    try {
      const link = await this.#connect();
      this.#failure = undefined;
      link.onEnd(() => {
        this.#link = undefined;
      });
      return link;
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
