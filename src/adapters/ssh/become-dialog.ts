import type { ClientChannel } from 'ssh2';
import { askedFault, judgeRefusal, otherUserFault, type Refusal, silentFault, wrongFault } from './become-fault.ts';
import { askMark, becomeLine, sudoPrompt } from './become-script.ts';
import { bodyLines, createNonce, type Frame, frameMark, parseFrames } from './frames.ts';
import type { Link } from './link.ts';
import type { Acting, HostPrivilege, Verdict } from './privilege.ts';

/** Where the output of the command goes. */
export interface Sink {
  output(chunk: Buffer): void;
  errors(chunk: Buffer): void;
  code(status: number | undefined): void;
  closed(): void;
}

/** A shell of the acting user that waits for its command. */
export interface Become {
  readonly channel: ClientChannel;
  readonly nonce: string;
  readonly acting: Acting;
}

/** Bytes of greetings, lectures and questions; what comes behind them is not read. */
const HEARD = 65_536;

/** sudo without a terminal where `requiretty` is set. */
const NEEDS_TERMINAL = /must have a tty|a tty is required|no tty present/i;

/** How su and doas ask. */
const PASSWORD_PROMPT = /^(?:(?!password)[^\n])*password[^\n]*: ?$/i;

/** Becomes the acting user, where needed on a terminal. The sink gets what the command prints. */
export async function become(
  link: Link,
  privilege: HostPrivilege,
  sinkFor: (terminal: boolean) => Sink,
): Promise<Become> {
  const password = await privilege.password();
  return privilege.begin(async () => {
    const first = await new Dialog(link, privilege, sinkFor(privilege.terminal), password).run();
    if (first !== 'needs-terminal') return first;
    privilege.terminal = true;
    const second = await new Dialog(link, privilege, sinkFor(true), password).run();
    if (second === 'needs-terminal') {
      throw new Error('a terminal was not enough');
    }
    return second;
  });
}

/**
 * Lets all that is done over a link be done as the user of the privilege, once the host has shown that it works. A link whose
 * login is that user already is left as it is.
 */
export async function actAs(link: Link, privilege: HostPrivilege): Promise<void> {
  if (privilege.stated.as === link.endpoint.user) return;
  const { channel, acting } = await become(link, privilege, () => SILENCE);
  link.leave(channel);
  link.becomes = { privilege, acting };
}

const ignore = () => undefined;
const SILENCE: Sink = { output: ignore, errors: ignore, code: ignore, closed: ignore };

/** One attempt: what the host prints until the inner shell starts, and the one answer that is given to it. */
class Dialog {
  readonly #link: Link;
  readonly #privilege: HostPrivilege;
  readonly #sink: Sink;
  readonly #wait: number;
  readonly #password: Buffer | undefined;
  readonly #terminal: boolean;
  readonly #nonce = createNonce();
  #channel: ClientChannel | undefined;
  #output = Buffer.alloc(0);
  #errors = Buffer.alloc(0);
  #code: number | undefined;
  #asked = false;
  /** Ends the turn of the password that was sent. */
  #leave: ((verdict: Verdict) => void) | undefined;
  #state: 'listening' | 'started' | 'over' = 'listening';
  #timer: NodeJS.Timeout | undefined;
  #resolve: (begun: Become | 'needs-terminal') => void = () => {};
  #reject: (fault: unknown) => void = () => {};

  constructor(link: Link, privilege: HostPrivilege, sink: Sink, password: Buffer | undefined) {
    this.#link = link;
    this.#privilege = privilege;
    this.#sink = sink;
    this.#wait = privilege.wait;
    this.#password = password;
    this.#terminal = privilege.terminal;
  }

  async run(): Promise<Become | 'needs-terminal'> {
    const line = becomeLine({
      privilege: this.#privilege.stated,
      answers: this.#password !== undefined,
      terminal: this.#terminal,
      nonce: this.#nonce,
    });
    const end = new Promise<Become | 'needs-terminal'>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    end.catch(() => undefined);
    const unwatch = this.#link.onEnd(fault => this.#fail(fault, 'unknown'));
    try {
      await this.#link.exec(line, channel => this.#attach(channel), this.#wait, this.#terminal);
      this.#listen();
      return await end;
    } finally {
      clearTimeout(this.#timer);
      unwatch();
    }
  }

  #attach(channel: ClientChannel): void {
    this.#channel = channel;
    channel.on('error', () => undefined);
    channel.on('exit', (status: number | null) => {
      this.#code = status ?? undefined;
      if (this.#state === 'started') this.#sink.code(this.#code);
    });
    channel.stderr.on('data', (chunk: Buffer) => this.#hearErrors(chunk));
    channel.on('data', (chunk: Buffer) => {
      if (this.#state === 'started') {
        this.#sink.output(chunk);
      } else {
        this.#output = append(this.#output, chunk);
        this.#step();
      }
    });
    channel.on('close', () => (this.#state === 'started' ? this.#sink.closed() : this.#ended()));
  }

  /** The inner shell marks where its own errors begin; before that it is sudo that speaks. */
  #hearErrors(chunk: Buffer): void {
    this.#errors = append(this.#errors, chunk);
    const mark = `${frameMark(this.#nonce)} - go\n`;
    const start = this.#errors.indexOf(mark);
    if (start >= 0) {
      const rest = this.#errors.subarray(start + mark.length);
      this.#errors = this.#errors.subarray(0, start + mark.length);
      if (rest.length > 0) this.#sink.errors(Buffer.from(rest));
      return;
    }
    this.#step();
  }

  #listen(): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'listening') return;
    this.#timer = setTimeout(() => {
      const fault = silentFault(this.#refusal(), this.#wait);
      this.#fail(fault, this.#leave ? fault : 'unknown');
    }, this.#wait);
  }

  #step(): void {
    if (this.#state !== 'listening') return;
    const mark = `${frameMark(this.#nonce)} - go\n`;
    const start = this.#output.indexOf(mark);
    if (start >= 0) {
      this.#started(this.#output.subarray(0, start), this.#output.subarray(start + mark.length));
    } else if (this.#isAsked()) {
      this.#answer();
    }
  }

  /** A question stands at the end of what was said, without a line end. */
  #isAsked(): boolean {
    const text = this.#question();
    const { by, prompt } = this.#privilege.stated;
    const line = text.slice(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);
    if (prompt !== undefined && line.includes(prompt)) return true;
    return by === 'sudo' ? text.endsWith(sudoPrompt(this.#nonce)) : this.#terminal && PASSWORD_PROMPT.test(line);
  }

  /** What may hold the question: on a terminal, only what follows the mark of the outer shell. */
  #question(): string {
    if (!this.#terminal) return this.#errors.toString();
    const text = this.#output.toString();
    const start = text.indexOf(askMark(this.#nonce));
    return start < 0 ? '' : text.slice(start + askMark(this.#nonce).length);
  }

  #answer(): void {
    if (this.#asked) {
      const fault = wrongFault(this.#refusal());
      this.#fail(fault, fault);
    } else if (this.#password === undefined) {
      this.#fail(askedFault(this.#refusal()), 'unknown');
    } else {
      this.#asked = true;
      this.#output = Buffer.from(this.#terminal ? `${askMark(this.#nonce)}\n` : this.#output);
      this.#errors = Buffer.alloc(0);
      clearTimeout(this.#timer);
      this.#send(this.#password).catch((fault: unknown) => this.#fail(fault, 'unknown'));
    }
  }

  async #send(password: Buffer): Promise<void> {
    const leave = await this.#privilege.enter(this.#link.endpoint.user);
    if (this.#state !== 'listening') {
      leave('unknown');
      return;
    }
    this.#leave = leave;
    this.#channel?.write(password);
    this.#listen();
  }

  #started(said: Buffer, rest: Buffer): void {
    const frames = parseFrames(said, this.#nonce);
    const identity = lineOf(frames, 'who');
    const number = userNumber(identity);
    const { as } = this.#privilege.stated;
    const named = userNumber(lineOf(frames, 'name'));
    const isActing = number !== undefined && (named === undefined ? identity.includes(`(${as})`) : number === named);
    if (!isActing || !this.#channel) {
      this.#fail(otherUserFault({ ...this.#refusal(), said: identity }), 'accepted');
      return;
    }
    this.#state = 'started';
    this.#leave?.('accepted');
    const home = lineOf(frames, 'home');
    const acting = {
      user: as,
      identity,
      ...(home !== '' && { home }),
      asked: this.#asked,
      terminal: this.#terminal,
    };
    this.#resolve({ channel: this.#channel, nonce: this.#nonce, acting });
    if (rest.length > 0) this.#sink.output(Buffer.from(rest));
  }

  #ended(): void {
    if (this.#state !== 'listening') return;
    const refusal = { ...this.#refusal(), code: this.#code };
    if (!this.#terminal && NEEDS_TERMINAL.test(refusal.said)) {
      this.#state = 'over';
      this.#leave?.('unknown');
      this.#resolve('needs-terminal');
      return;
    }
    const { fault, verdict } = judgeRefusal(refusal);
    // Without a code the connection may be on its way down; then the link's own fault says more.
    setTimeout(() => this.#fail(fault, verdict), this.#code === undefined ? 250 : 0);
  }

  #refusal(): Omit<Refusal, 'code'> {
    const heard = this.#terminal ? this.#question() : `${this.#errors}${this.#output}`;
    const secret = this.#password?.toString().trimEnd() ?? '';
    const said = secret === '' ? heard : heard.replaceAll(secret, '[secret]');
    return { endpoint: this.#link.endpoint, privilege: this.#privilege.stated, said, answered: this.#asked };
  }

  #fail(fault: unknown, verdict: Verdict): void {
    if (this.#state !== 'listening') return;
    this.#state = 'over';
    this.#leave?.(verdict);
    if (this.#channel) this.#link.leave(this.#channel);
    this.#reject(fault);
  }
}

/** The end of what was said. */
function append(before: Buffer, chunk: Buffer): Buffer<ArrayBuffer> {
  const all = Buffer.concat([before, chunk]);
  return all.subarray(Math.max(0, all.length - HEARD));
}

function lineOf(frames: readonly Frame[], word: string): string {
  return bodyLines(frames.find(frame => frame.word === word))[0] ?? '';
}

function userNumber(identity: string): string | undefined {
  return /^uid=(\d+)/.exec(identity)?.[1];
}
