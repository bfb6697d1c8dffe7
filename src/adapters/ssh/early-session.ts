import type { Writable } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { createNonce } from './frames.ts';
import { callLine, type ShellCall, shellCommand, waitingCommand } from './whole-script.ts';

/*
 * ssh2 waits for the answer to each step of a command: the session, the command, then its input. Each wait is a round trip. Here a
 * session may be opened before a command is known, and a command goes out together with its input and the end of that. sshd takes no
 * input before a command runs, so that a shell may be started ahead too, which waits for its script. The parts of ssh2 that this needs
 * are not public: they are those of the one version that package.json names, and without them its own way is taken.
 */

type Opened = (error: Error | undefined, channel: ClientChannel) => void;

type GlobalRequest = (protocol: unknown, name: string, wantsReply: boolean, ...rest: readonly unknown[]) => void;

/** What of ssh2 is used. */
interface Insides {
  readonly _sock?: Partial<Pick<Writable, 'writable' | 'write' | 'cork' | 'uncork'>>;
  readonly _chanMgr?: { add(opened: Opened & { type: string }): number };
  readonly _protocol?: {
    session(channel: number, window: number, packet: number): void;
    exec(channel: number, command: string, wantReply: boolean): void;
    channelClose(channel: number): void;
    readonly _handlers?: { GLOBAL_REQUEST?: GlobalRequest };
  };
}

/** The same of a channel. */
interface ChannelInsides {
  readonly outgoing?: { readonly id: number; state: string };
  readonly _callbacks?: ((failed: boolean | Error) => void)[];
}

/** As ssh2 has them itself. */
const WINDOW = 2 * 1024 * 1024;
const PACKET = 32 * 1024;

function insidesOf(client: Client): Required<Insides> | undefined {
  const { _sock, _chanMgr, _protocol } = client as unknown as Insides;
  const isKnown =
    typeof _chanMgr?.add === 'function' &&
    typeof _protocol?.session === 'function' &&
    typeof _protocol.exec === 'function' &&
    typeof _protocol.channelClose === 'function';
  return _sock && isKnown ? { _sock, _chanMgr, _protocol } : undefined;
}

/** Whether sessions can be opened early on this connection. */
export function opensEarly(client: Client): boolean {
  return insidesOf(client)?._sock.writable === true;
}

/** sshd names all its keys after the login, and ssh2 lets it prove each of them: a round trip and signatures that are of no use here. */
function ignoreFurtherKeys(client: Client): void {
  const handlers = insidesOf(client)?._protocol._handlers;
  const handle = handlers?.GLOBAL_REQUEST;
  if (!handlers || !handle) return;
  handlers.GLOBAL_REQUEST = (protocol, name, wantsReply, ...rest) => {
    if (name !== 'hostkeys-00@openssh.com' || wantsReply) handle(protocol, name, wantsReply, ...rest);
  };
}

/** Opens a session in which nothing runs yet. */
function openSession(client: Client, opened: Opened): void {
  const insides = insidesOf(client);
  if (!insides) throw new Error('Not connected');
  const number = insides._chanMgr.add(
    Object.assign((...[error, channel]: Parameters<Opened>) => opened(error, channel), { type: 'session' }),
  );
  if (number < 0) opened(new Error('No free channels available'), undefined as never);
  else insides._protocol.session(number, WINDOW, PACKET);
}

/** Whether a session that was opened some time ago can still be used. */
function isOpen(channel: ClientChannel): boolean {
  const { outgoing, _callbacks } = channel as unknown as ChannelInsides;
  return outgoing?.state === 'open' && Array.isArray(_callbacks) && !channel.destroyed;
}

/** Starts a command in an open session and sends all of its input. `started` is called once; a session that closes first ran nothing. */
function startIn(client: Client, channel: ClientChannel, command: string, input: Buffer, started: Opened): void {
  const { outgoing, _callbacks } = channel as unknown as ChannelInsides;
  let isTold = false;
  const tell = (error: Error | undefined) => {
    if (isTold) return;
    isTold = true;
    channel.off('close', onClose);
    started(error, channel);
  };
  const onClose = () => tell(new Error('The session was closed'));
  channel.on('error', () => undefined);
  channel.on('close', onClose);
  _callbacks?.push(failed =>
    tell(failed === false ? undefined : failed === true ? new Error('Unable to exec') : failed),
  );
  insidesOf(client)?._protocol.exec(outgoing?.id ?? 0, command, true);
  channel.end(input);
}

/** A shell that waits for its script. */
interface WaitingShell {
  readonly channel: ClientChannel;
  readonly mark: string;
  /** When it was known to run; milliseconds of the same clock as `performance.now`. */
  since?: number;
}

/** Milliseconds after which a shell counts as forgotten by the host: some servers end sessions in which nothing happens. */
const freshness = 10_000;

/** Shells that wait at a time: now and then two scripts are run side by side. */
const mostShells = 2;

/** Milliseconds that the end of a session waits for something that it can go out with. */
const closeDelay = 500;

/** The sessions of one connection that are opened ahead, and those that are left. */
export class EarlySessions {
  readonly #client: Client;
  /** An open session in which nothing runs yet. */
  #spare: ClientChannel | undefined;
  /** None is on its way, and none was refused. */
  #mayOpen = true;
  #startsShells = false;
  /** Those that wait, and that are about to. */
  #shells: readonly WaitingShell[] = [];
  /** Sessions that were left and do not know it yet, by the numbers that the server gave them. */
  readonly #left: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(client: Client) {
    this.#client = client;
    ignoreFurtherKeys(client);
  }

  /** Keeps shells waiting from the next script on. */
  startShells(): void {
    this.#startsShells = true;
  }

  /** The mark of a shell that waits. */
  get mark(): string | undefined {
    return this.#usableShells()[0]?.mark;
  }

  /** Starts a script: in a shell that waits, unless the call needs one with another mark; else in a session of its own. */
  start(call: ShellCall, input: Buffer, started: Opened): void {
    this.#closeLeft();
    const { mark } = call;
    const shell = this.#usableShells().findLast(one => mark === undefined || one.mark === mark);
    if (shell) {
      this.#drop(shell);
      shell.channel.end(Buffer.concat([Buffer.from(callLine(call)), input]));
      started(undefined, shell.channel);
      this.#lookAhead();
      return;
    }
    const startIt = (channel: ClientChannel) => {
      startIn(this.#client, channel, shellCommand(call), input, (error, begun) => {
        if (error) begun.close();
        started(error, begun);
      });
      this.#lookAhead();
    };
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare && isOpen(spare)) startIt(spare);
    else {
      openSession(this.#client, (error, channel) => {
        if (error) started(error, channel);
        else startIt(channel);
      });
      if (this.#startsShells) this.#openSpare();
    }
  }

  /** Leaves a session. Where scripts follow each other, its end goes out together with the next one. */
  leave(channel: ClientChannel): void {
    const { outgoing } = channel as unknown as ChannelInsides;
    if (!this.#startsShells || this.#ended || (outgoing?.state !== 'open' && outgoing?.state !== 'eof')) {
      channel.close();
      return;
    }
    // As after `close`: so ssh2 answers the server's own end with nothing more.
    outgoing.state = 'closing';
    this.#left.push(outgoing.id);
    this.#timer ??= setTimeout(() => this.#closeLeft(), closeDelay).unref();
  }

  /** The connection has ended. */
  end(): void {
    this.#ended = true;
    this.#left.splice(0);
    clearTimeout(this.#timer);
  }

  #closeLeft(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const number of this.#left.splice(0)) insidesOf(this.#client)?._protocol.channelClose(number);
  }

  #usableShells(): readonly WaitingShell[] {
    const now = performance.now();
    for (const shell of this.#shells) {
      if (shell.since === undefined || (isOpen(shell.channel) && now - shell.since < freshness)) continue;
      this.#drop(shell);
      shell.channel.close();
    }
    return this.#shells.filter(({ since }) => since !== undefined);
  }

  #drop(shell: WaitingShell): void {
    this.#shells = this.#shells.filter(one => one !== shell);
  }

  #needsShell(): boolean {
    return this.#startsShells && this.#shells.length < mostShells;
  }

  /** While a script runs: a shell for a next one, and a session for the one behind. A server that refuses is not asked again. */
  #lookAhead(): void {
    if (!opensEarly(this.#client)) return;
    const spare = this.#spare;
    if (this.#needsShell() && spare && isOpen(spare)) {
      this.#spare = undefined;
      this.#startShell(spare);
    }
    if (!this.#spare) this.#openSpare();
  }

  #openSpare(): void {
    if (!this.#mayOpen) return;
    this.#mayOpen = false;
    openSession(this.#client, (error, channel) => {
      if (error) return;
      this.#mayOpen = true;
      if (this.#ended) return;
      channel.on('error', () => undefined);
      channel.on('close', () => {
        if (this.#spare === channel) this.#spare = undefined;
      });
      this.#spare = channel;
      // The first ones; later ones are started with a script that goes out.
      if (this.#needsShell()) this.#lookAhead();
    });
  }

  #startShell(channel: ClientChannel): void {
    const { outgoing, _callbacks } = channel as unknown as ChannelInsides;
    const shell: WaitingShell = { channel, mark: createNonce() };
    this.#shells = [...this.#shells, shell];
    _callbacks?.push(failed => {
      if (failed === false) {
        shell.since = performance.now();
        return;
      }
      this.#startsShells = false;
      this.#drop(shell);
      channel.close();
    });
    insidesOf(this.#client)?._protocol.exec(outgoing?.id ?? 0, waitingCommand(shell.mark), true);
  }
}

/**
 * Lets all that one turn of the event loop writes to a connection go out together. ssh2 writes each packet in three pieces, and each
 * of them would be a packet of TCP of its own, with a wake of this side's kernel and of the host. Called when `connect` was.
 */
export function joinWrites(client: Client): void {
  const { _sock: socket } = client as unknown as Insides;
  if (!socket?.write || !socket.cork || !socket.uncork) return;
  const { write, cork, uncork } = socket;
  let isHeld = false;
  const release = () => {
    isHeld = false;
    uncork.call(socket);
  };
  socket.write = (...written: unknown[]) => {
    if (!isHeld) {
      isHeld = true;
      cork.call(socket);
      setImmediate(release);
    }
    return Reflect.apply(write, socket, written);
  };
}
