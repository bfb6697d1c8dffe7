import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../../core/printable.ts';
import type { Variables } from '../../ports/ports.ts';
import { plainVariables } from '../local/secret-source.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Carrier } from './link.ts';
import { configFault } from './ssh-config-file.ts';
import { expandTokens } from './ssh-options.ts';

/** The tokens of a ProxyCommand: the address, the host as it is written, the port and the user. */
export type ProxyTokens = Readonly<Record<'h' | 'n' | 'p' | 'r', string>>;

/** What may be put into a line for a shell without quotes, where it can be neither an option nor a command. */
const harmless = /^[\w.:%@+,][\w.:%@+,-]*$/;

/** A ProxyCommand with its tokens replaced. Throws a HostFault where a value could run something in the shell. */
export function expandProxyCommand(command: string, tokens: ProxyTokens): string {
  for (const [name, value] of Object.entries(tokens))
    if (command.includes(`%${name}`) && !harmless.test(value))
      throw configFault(
        `ProxyCommand ${printable(command)}: %${name} is ${JSON.stringify(printable(value))}, which a shell would not take as one word.`,
      );
  return expandTokens(command, tokens);
}

/** Bytes of what a command prints as an error, of which the last count. */
const mostSaid = 8_192;

/** Faults that the command may be the reason of. */
const itsOwn: readonly string[] = ['host.unreachable', 'host.no-answer', 'host.connection-lost'];

/** Milliseconds between the end of the output of a command and its own end. */
const lastBreath = 500;

/**
 * The connection that a ProxyCommand makes: its input and output. As for OpenSSH, the user's shell runs it. It has a session of
 * its own, so an interrupt at the terminal does not end it in the middle of a step, and no secret is in its environment.
 */
export class ProxyCommand implements Carrier {
  readonly #command: string;
  readonly #child: ChildProcessWithoutNullStreams;
  /** How it ended. */
  readonly #ended: Promise<string>;
  #said = '';

  /** Starts the command. */
  constructor(command: string, variables: Variables) {
    this.#command = command;
    const env = plainVariables(variables);
    const child = spawn(env['SHELL'] || '/bin/sh', ['-c', `exec ${command}`], { env, detached: true, stdio: 'pipe' });
    this.#child = child;
    child.stderr.on('data', chunk => {
      this.#said = (this.#said + String(chunk)).slice(-mostSaid);
    });
    this.#ended = new Promise(resolve => {
      child.on('error', error => resolve(printable(error.message)));
      child.on('close', (status, signal) => resolve(endOf(status, signal)));
    });
  }

  /** Its input and output; the command itself says where they lead. */
  async forward(): Promise<Duplex> {
    return new CommandStream(this.#child);
  }

  /** Calls back when the command has ended. The function that is returned takes the watch back. */
  onEnd(watcher: (fault: HostFault) => void): () => void {
    let isWatched = true;
    void this.#ended.then(end => {
      if (isWatched) watcher(new HostFault('host.connection-lost', this.#account(end)));
    });
    return () => {
      isWatched = false;
    };
  }

  /** What a failed attempt to connect means, with what the command said. */
  async explain(fault: HostFault): Promise<HostFault> {
    if (!itsOwn.includes(fault.code)) return fault;
    const end = await Promise.race([this.#ended, pause(lastBreath, 'was still running', { ref: false })]);
    return new HostFault(fault.code, `${fault.detail}\n${this.#account(end)}`);
  }

  #account(end: string): string {
    const what = `ProxyCommand ${printable(this.#command)}: ${end}`;
    return this.#said.trim() === ''
      ? `${what}.`
      : `${what}, and printed:\n${quoteHost(this.#said.replaceAll('\r', ''))}`;
  }
}

/** SIGHUP is how this program leaves it. */
function endOf(status: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `ended with status ${status}`;
  return signal === 'SIGHUP' ? 'was still running' : `ended by ${signal}`;
}

/** The input and output of a process as one stream, which ends the process with all that it started. */
class CommandStream extends Duplex {
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(child: ChildProcessWithoutNullStreams) {
    super();
    this.#child = child;
    child.stdout.on('data', chunk => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stdout.on('end', () => this.push(null));
    child.on('error', error => this.destroy(error));
    // A process that has ended takes no more input: its end says so.
    child.stdin.on('error', () => undefined);
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) endGroup(pid);
    done(error);
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGHUP');
  } catch {
    // It has ended in this moment.
  }
}
