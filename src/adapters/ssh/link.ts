import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import { printable } from '../../core/printable.ts';
import { type ClientError, lossFault } from './connect-fault.ts';
import { EarlySessions, opensEarly } from './early-session.ts';
import { describeEndpoint, type Endpoint } from './host-endpoint.ts';
import { HostFault } from './host-fault.ts';
import type { Acting, HostPrivilege } from './privilege.ts';
import { type ShellCall, shellCommand } from './whole-script.ts';

/** What carries the connection to a further host. */
export type Carrier = Pick<Link, 'forward' | 'onEnd'>;

interface OpenRequest {
  readonly start: (callback: (error: Error | undefined, channel: ClientChannel) => void) => void;
  readonly attach: (channel: ClientChannel) => void;
  readonly refused: (error: Error) => Error;
  readonly late: Error;
  readonly wait: number;
}

/** A connection from a host to a server did not come about. */
export class DialFault extends Error {
  /** The host's sshd does not forward: the server was not tried. */
  readonly forbidden: boolean;

  constructor(message: string, forbidden: boolean) {
    super(message);
    this.name = 'DialFault';
    this.forbidden = forbidden;
  }
}

/** Milliseconds that sshd may take to let go of a session that was left. */
const lettingGo = 1_000;

/** Milliseconds until a command that was refused is tried again. */
const again = 30;

/** A terminal on which nothing is wrapped. */
const TERMINAL = { term: 'dumb', cols: 500, rows: 50 };

/** RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED, SSH_OPEN_UNKNOWN_CHANNEL_TYPE. */
const forbidding: readonly unknown[] = [1, 3];

/**
 * A connection that stands. ssh2 tells of its end in many ways, some of them silent (a command that was running just closes
 * without a status, a forwarded connection never opens): here all that waits is told the same fault, once.
 */
export class Link {
  readonly endpoint: Endpoint;
  readonly #client: Client;
  readonly #watchers = new Set<(fault: HostFault) => void>();
  /** How the login becomes the user whose rights every command needs, and what the host showed; absent where it is that user. */
  becomes?: { readonly privilege: HostPrivilege; readonly acting: Acting };
  /** When a command was left last; milliseconds of the same clock as `performance.now`. */
  #leftAt = Number.NEGATIVE_INFINITY;
  #fault: HostFault | undefined;
  readonly #early: EarlySessions;

  constructor(endpoint: Endpoint, client: Client) {
    this.endpoint = endpoint;
    this.#client = client;
    this.#early = new EarlySessions(client);
    // Stays for good: ssh2 may emit a second 'error', and one without a listener ends the process.
    client.on('error', (error: ClientError) => this.fail(lossFault(endpoint, error)));
    client.on('close', () => this.fail(lossFault(endpoint, undefined)));
    client.on('end', () => this.fail(lossFault(endpoint, undefined)));
  }

  /** Calls back when the link ends, in a moment when it has ended. The function that is returned takes the watch back. */
  onEnd(watcher: (fault: HostFault) => void): () => void {
    const fault = this.#fault;
    if (fault) {
      queueMicrotask(() => watcher(fault));
      return () => undefined;
    }
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Declares the link dead. */
  fail(fault: HostFault): void {
    if (!this.#fault) {
      this.#tell(fault);
      this.#client.destroy();
    }
  }

  /**
   * Starts a command. `attach` gets the channel before the first event can come. `wait`: milliseconds. sshd counts a session
   * until some moment after it was left, and refuses one too many: then it is tried again. On a `terminal`, there is no
   * standard error.
   */
  exec(
    command: string,
    attach: (channel: ClientChannel) => void,
    wait: number,
    terminal = false,
  ): Promise<ClientChannel> {
    const pty = terminal ? TERMINAL : false;
    const start: OpenRequest['start'] = callback => this.#client.exec(command, { pty }, callback);
    return this.#patiently(() => this.#exec(start, attach, wait, terminal));
  }

  /** Starts shells ahead of what they are to run, from now on: the next scripts take one round trip each. */
  startShellsAhead(): void {
    this.#early.startShells();
  }

  /** The mark of the shell that waits for a script; absent where none does. */
  get waitingMark(): string | undefined {
    return this.#early.mark;
  }

  /** Runs a script without a terminal, where all of its input is known: in few round trips, as far as sshd has sessions to spare. */
  execWhole(
    call: ShellCall,
    input: Buffer,
    attach: (channel: ClientChannel) => void,
    wait: number,
  ): Promise<ClientChannel> {
    return this.#patiently(async () => {
      if (!opensEarly(this.#client)) {
        const command = shellCommand(call);
        const channel = await this.#exec(callback => this.#client.exec(command, callback), attach, wait, false);
        channel.end(input);
        return channel;
      }
      return this.#exec(callback => this.#early.start(call, input, callback), attach, wait, false);
    });
  }

  async #patiently(start: () => Promise<ClientChannel>): Promise<ClientChannel> {
    for (;;) {
      try {
        return await start();
      } catch (problem) {
        const refused = problem instanceof HostFault && problem.code === 'host.session-refused';
        if (!refused || performance.now() - this.#leftAt > lettingGo) throw problem;
        await pause(again);
      }
    }
  }

  /** Leaves a command. */
  leave(channel: ClientChannel): void {
    this.#leftAt = performance.now();
    this.#early.leave(channel);
  }

  #exec(
    start: OpenRequest['start'],
    attach: (channel: ClientChannel) => void,
    wait: number,
    terminal: boolean,
  ): Promise<ClientChannel> {
    const who = describeEndpoint(this.endpoint);
    const hint = `Is there a forced command, ${terminal ? '"PermitTTY no", ' : ''}or a low MaxSessions in sshd_config?`;
    const refused = (error: Error) =>
      new HostFault('host.session-refused', `${who}: ${printable(error.message)}.\n${hint}`);
    const late = new HostFault('host.no-answer', `${who}: no command could be started in ${wait / 1000} s.`);
    return this.#open({ refused, late, wait, attach, start });
  }

  /** A connection from that host on to another one. */
  forward(to: Endpoint, wait: number): Promise<Duplex> {
    const where = `${describeEndpoint(to)} through ${describeEndpoint(this.endpoint)}`;
    const hint = 'The jump host cannot reach the address, or does not allow forwarding (AllowTcpForwarding).';
    const unreachable = (what: string) => new HostFault('host.unreachable', `${where}: ${what}.\n${hint}`);
    return this.#open({
      refused: error => unreachable(printable(error.message)),
      late: unreachable(`no answer to the connection request in ${wait / 1000} s`),
      wait,
      attach: channel => void channel.on('error', () => undefined),
      start: callback => this.#client.forwardOut('127.0.0.1', 0, to.address, to.port, callback),
    });
  }

  /** A connection from that host to any server, whose name that host resolves. Throws DialFault, or HostFault when the link is lost. */
  dial(server: string, port: number, wait: number): Promise<Duplex> {
    return this.#open({
      refused: error => new DialFault(printable(error.message), 'reason' in error && forbidding.includes(error.reason)),
      late: new DialFault(`no answer to the connection request in ${wait / 1000} s`, false),
      wait,
      attach: channel => void channel.on('error', () => undefined),
      start: callback => this.#client.forwardOut('127.0.0.1', 0, server, port, callback),
    });
  }

  /** Takes leave of the host; a host that does not answer is not waited for. */
  close(): void {
    if (!this.#fault) {
      this.#tell(new HostFault('host.closed', `${describeEndpoint(this.endpoint)}: closed by this side.`));
      this.#client.end();
      setTimeout(() => this.#client.destroy(), 500).unref();
    }
  }

  #tell(fault: HostFault): void {
    this.#fault = fault;
    this.#early.end();
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) {
      watcher(fault);
    }
  }

  #open({ refused, late, wait, attach, start }: OpenRequest): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      let gone = false;
      const fail = (fault: Error) => {
        gone = true;
        clearTimeout(timer);
        unwatch();
        reject(fault);
      };
      const timer = setTimeout(() => fail(late), wait);
      const unwatch = this.onEnd(fail);
      try {
        start((error, channel) => {
          if (error || gone) {
            channel?.close();
            fail(this.#fault ?? (error ? refused(error) : late));
            return;
          }
          clearTimeout(timer);
          unwatch();
          attach(channel);
          resolve(channel);
        });
      } catch {
        // ssh2 throws when the socket has gone and 'close' has not come yet.
        fail(this.#fault ?? lossFault(this.endpoint, undefined));
      }
    });
  }
}
