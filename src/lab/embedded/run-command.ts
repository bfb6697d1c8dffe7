import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { finished } from 'node:stream/promises';
import type { ServerChannel } from 'ssh2';
import { AnswerStream } from './answer-stream.ts';
import type { TreePaths } from './tree-paths.ts';

/** What a command runs with. */
export interface CommandSettings {
  readonly paths: TreePaths;
  readonly environment: Readonly<Record<string, string>>;
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

/**
 * The word that the client sends before a script. Its standard input is a script and is translated, as a whole, because a
 * path may lie across two packets; that of every other command is data and stays as it is.
 */
export function takesScript(command: string): boolean {
  return /^\s*(?:\/bin\/)?sh(?:\s+-s(?:\s+[\w-]+)?)?\s*$/.test(command);
}

/** A command that stores its standard input: the first of the two with which the client replaces a file. */
export function isUpload(command: string): boolean {
  return /^\/bin\/sh -c .*\bcat > /.test(command);
}

/** What came on the standard input of a shell, translated. */
export interface Script {
  readonly text: string;
  /** The nonce of its answers, where it has one. */
  readonly nonce?: string;
}

/** Reads all of it. What a channel that was closed meanwhile has brought is not worth running. */
export async function readScript(channel: ServerChannel, paths: TreePaths): Promise<Script> {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>(resolve => {
    channel.once('end', resolve);
    channel.once('close', resolve);
  });
  const text = Buffer.concat(chunks).toString('latin1');
  const nonce = /^rcl_m='@(\w+)'$/m.exec(text)?.[1];
  return { text: paths.toTree(text), ...(nonce !== undefined && { nonce }) };
}

/** Runs a command of the client's and answers on its channel. */
export function startCommand(
  channel: ServerChannel,
  command: string,
  script: Script | undefined,
  settings: CommandSettings,
): RunningCommand {
  const line = Buffer.from(settings.paths.toTree(Buffer.from(command).toString('latin1')), 'latin1').toString();
  // A process group of its own, so that all of it can be ended.
  const child = spawn('/bin/sh', ['-c', line], {
    cwd: settings.paths.tree,
    env: settings.environment,
    detached: true,
  });
  // A command need not read what it is sent; what is left over comes back as EPIPE.
  child.stdin.on('error', () => undefined);
  if (script) {
    child.stdin.end(Buffer.from(script.text, 'latin1'));
  } else {
    channel.pipe(child.stdin);
  }
  return { ...processControl(child), ended: answer(channel, child, script?.nonce, settings) };
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
