import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Transform, type TransformCallback } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ServerChannel } from 'ssh2';
import type { TreePaths } from './tree-paths.ts';

/** Characters that may stand behind the nonce in the line before a file's content. */
const LONGEST_HEAD = 20;

/**
 * Puts the host's paths back into what a command prints, as it comes.
 *
 * The content of a file must not be touched: the client holds it against the checksum and length that the host told, and
 * a file may well name the folder it lies in. Where content begins and ends is told by the client's own protocol: a line
 * `@NONCE NUMBER data`, then the bytes, then the next `@NONCE`. The nonce is random, stands in the script and in no file,
 * so that the same marks that make the client's reading sound make this sound. Replacing on this side of the shell has
 * one more reason: the shell sees plain commands, and everything it runs, `/bin/pwd` and all, is the machine's own.
 */
export class AnswerStream extends Transform {
  readonly #paths: TreePaths;
  readonly #mark: string | undefined;
  readonly #head: RegExp | undefined;
  #held = '';
  #last = '\n';
  #inData = false;

  /** `nonce`: of the script, where it has one; else all is text. */
  constructor(paths: TreePaths, nonce?: string) {
    super();
    this.#paths = paths;
    this.#mark = nonce === undefined ? undefined : `@${nonce} `;
    this.#head = nonce === undefined ? undefined : new RegExp(`@${nonce} \\d+ data\\n`);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#held += chunk.toString('latin1');
    while (this.#step()) {
      // Until no whole piece is left.
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    this.#emit(this.#held.length);
    done();
  }

  /** Takes one piece off what is held; true when it ended with the end of a mode. */
  #step(): boolean {
    const end = this.#inData ? this.#held.indexOf(this.#mark ?? '') : this.#endOfHead();
    if (end < 0) {
      this.#emit(this.#held.length - this.#openEnd());
      return false;
    }
    this.#emit(end);
    this.#inData = !this.#inData;
    return true;
  }

  #endOfHead(): number {
    const match = this.#head?.exec(this.#held);
    return match ? match.index + match[0].length : -1;
  }

  /** How many of the last characters must wait, as they may be the beginning of something that is to be recognized. */
  #openEnd(): number {
    const names = this.#inData ? [] : this.#paths.names;
    const marks = this.#mark === undefined ? [] : [this.#mark];
    const patterns = [...names, ...marks];
    const longest = Math.max(0, ...patterns.map(pattern => pattern.length + LONGEST_HEAD));
    let start = Math.max(0, this.#held.length - longest);
    while (start < this.#held.length && !this.#mayGoOn(this.#held.slice(start), patterns)) {
      start += 1;
    }
    // What follows a name decides what it means, and be it a single `/`.
    const name = names.find(one => this.#held.endsWith(one, start));
    return this.#held.length - start + (name?.length ?? 0);
  }

  #mayGoOn(tail: string, patterns: readonly string[]): boolean {
    return patterns.some(pattern => pattern.startsWith(tail)) || (!this.#inData && this.#isOpenHead(tail));
  }

  /** A head whose line has not ended yet. */
  #isOpenHead(tail: string): boolean {
    return this.#mark !== undefined && tail.startsWith(this.#mark) && !tail.includes('\n');
  }

  #emit(length: number): void {
    const text = this.#held.slice(0, length);
    this.#held = this.#held.slice(length);
    if (text !== '') {
      this.push(Buffer.from(this.#inData ? text : this.#paths.toHost(text, this.#last), 'latin1'));
      this.#last = text.at(-1) ?? '';
    }
  }
}

/** What a command runs with. */
export interface CommandSettings {
  readonly paths: TreePaths;
  readonly environment: Readonly<Record<string, string>>;
  /** Lines that the login's shell reads first; empty for none. */
  readonly profile: string;
  /** Bytes of answers that may still go out on the connection, counted down here. */
  readonly meter: AnswerMeter;
}

/** Lets bytes out until a connection is to be cut. */
export interface AnswerMeter {
  /** How many of these bytes may go out. */
  allow(length: number): number;
  /** Cuts the connection once what was allowed is out. */
  cut(): void;
}

/** A command that was started. */
export interface RunningCommand {
  /** When it has ended and nobody can write to its answer any more, or nobody listens to it. */
  readonly ended: Promise<void>;
  signal(name: string): void;
  /** Hangs up; what does not mind that is killed. */
  kill(): void;
}

/** Milliseconds between the hang-up and the kill: scripts tidy up meanwhile. */
const GRACE = 1000;

/** A command with all of its standard input, translated. */
export interface HeardCommand {
  readonly line: string;
  /** Absent: what comes is data, and is handed on as it comes. */
  readonly input?: string;
  /** The nonce of its answers, where it has one. */
  readonly nonce?: string;
  /** It puts a new file in the place of another. */
  readonly replaces?: boolean;
}

/**
 * Hears what a command is to do. The client sends its scripts to a shell in three ways: as all of its standard input, as the first
 * bytes of it, or to a shell that waits for a line with their number, 0 for all. A script is translated as a whole, because a path
 * may lie across two packets, and its number with it. Data stay as they are. What a channel that was closed meanwhile has brought is
 * not worth running.
 */
export async function hearCommand(channel: ServerChannel, command: string, paths: TreePaths): Promise<HeardCommand> {
  const leads = /^\/bin\/sh -c .*\bdd bs=1 count=(\d+|\$rcl_n) /.exec(command)?.[1];
  const isScript = /^\s*(?:\/bin\/)?sh(?:\s+-s(?:\s+[\w-]+)?)?\s*$/.test(command);
  if (leads === undefined && !isScript) return { line: command };
  const text = await readAll(channel);
  const waits = leads === '$rcl_n';
  const told = waits ? text.slice(0, text.indexOf('\n') + 1) : '';
  const rest = text.slice(told.length);
  const length = Number(waits ? told : leads) || rest.length;
  const script = paths.toTree(rest.slice(0, length));
  const nonce = /^rcl_m='@(\w+)'$/m.exec(script)?.[1];
  return {
    line: command.replace(/(\bdd bs=1 count=)\d+/, `$1${script.length}`),
    input: told.replace(/[1-9]\d*/, String(script.length)) + script + rest.slice(length),
    ...(nonce !== undefined && { nonce }),
    replaces: /^cat > "\.\/\$rcl_f"/m.test(script),
  };
}

async function readAll(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>(resolve => {
    channel.once('end', resolve);
    channel.once('close', resolve);
  });
  return Buffer.concat(chunks).toString('latin1');
}

/** Runs a command of the client's and answers on its channel. */
export function startCommand(channel: ServerChannel, command: HeardCommand, settings: CommandSettings): RunningCommand {
  const line = Buffer.from(settings.paths.toTree(Buffer.from(command.line).toString('latin1')), 'latin1').toString();
  // A process group of its own, so that all of it can be ended.
  const { profile } = settings;
  const child = spawn('/bin/sh', ['-c', profile === '' ? line : `${profile}\n${line}`], {
    cwd: settings.paths.tree,
    env: settings.environment,
    detached: true,
  });
  // A command need not read what it is sent; what is left over comes back as EPIPE.
  child.stdin.on('error', () => undefined);
  if (command.input === undefined) {
    channel.pipe(child.stdin);
  } else {
    child.stdin.end(Buffer.from(command.input, 'latin1'));
  }
  return { ...processControl(child), ended: answer(channel, child, command.nonce, settings) };
}

async function answer(
  channel: ServerChannel,
  child: ChildProcessWithoutNullStreams,
  nonce: string | undefined,
  settings: CommandSettings,
): Promise<void> {
  const output = child.stdout.pipe(new AnswerStream(settings.paths, nonce));
  const errors = child.stderr.pipe(new AnswerStream(settings.paths));
  deliver(output, channel, settings.meter);
  deliver(errors, channel.stderr, settings.meter);
  const exited = new Promise<void>(resolve => {
    child.once('error', () => resolve());
    child.once('exit', (code, signal) => {
      tellExit(channel, code, signal);
      resolve();
    });
  });
  // Nobody listens any more: what goes on printing shall notice.
  channel.once('close', () => {
    child.stdout.destroy();
    child.stderr.destroy();
    output.destroy();
    errors.destroy();
  });
  await Promise.allSettled([exited, finished(output), finished(errors)]);
  channel.end();
}

function tellExit(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): void {
  try {
    if (signal === null) {
      channel.exit(code ?? 255);
    } else {
      channel.exit(signal);
    }
  } catch {
    // SSH has no word for some signals; the channel then closes without a status, as after a lost process.
  }
}

function deliver(from: AnswerStream, to: NodeJS.WritableStream, meter: AnswerMeter): void {
  from.on('data', (chunk: Buffer) => {
    const allowed = meter.allow(chunk.length);
    if (allowed > 0 && !to.write(chunk.subarray(0, allowed))) {
      from.pause();
      to.once('drain', () => from.resume());
    }
    if (allowed < chunk.length) {
      meter.cut();
    }
  });
}

function processControl(child: ChildProcess): Pick<RunningCommand, 'signal' | 'kill'> {
  let gone = false;
  child.once('error', () => {
    gone = true;
  });
  child.once('close', () => {
    gone = true;
  });
  const send = (signal: string) => {
    if (!gone && child.pid !== undefined) {
      sendToGroup(child.pid, signal);
    }
  };
  return {
    signal: name => send(`SIG${name.replace(/^SIG/, '')}`),
    kill: () => {
      send('SIGHUP');
      setTimeout(() => send('SIGKILL'), GRACE).unref();
    },
  };
}

function sendToGroup(leader: number, signal: string): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // Gone meanwhile, or a signal this machine does not know.
  }
}
