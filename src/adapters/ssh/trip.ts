import type { ClientChannel } from 'ssh2';
import { become, type Sink } from './become-dialog.ts';
import { sealed } from './become-script.ts';
import { createNonce, doneMark, frameMark, scriptProcess } from './frames.ts';
import { describeEndpoint } from './host-endpoint.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Link } from './link.ts';
import type { HostPrivilege } from './privilege.ts';
import { type ShellCall, shellCommand } from './whole-script.ts';

/** One command on a host, with all that it is told on its standard input. */
export interface TripRequest {
  readonly call: ShellCall;
  readonly input: Buffer;
  /** The answer is whole when the frame `done` of this nonce has come. */
  readonly nonce: string;
  /** Milliseconds. */
  readonly wait: number;
  /** Bytes. */
  readonly limit: number;
}

/** How it ended. `errors` is the start of what came on standard error. */
export interface Trip {
  readonly state: 'whole' | 'ended' | 'late' | 'too-large';
  readonly output: Buffer;
  readonly errors: string;
  /** The exit code, where the host told one. */
  readonly code?: number;
}

const ERROR_LIMIT = 16_384;

/**
 * Carries a request out, as the user that the link's privilege names. All that is done to a host goes through here. Rejects with
 * the link's fault when the connection ends first.
 */
export async function travel(link: Link, request: TripRequest): Promise<Trip> {
  const gathering = gather(request);
  const privilege = link.becomes?.privilege;
  const { channel, send } = privilege
    ? await beginAs(link, privilege, request, gathering)
    : { channel: await begin(link, request, gathering.sink), send: () => undefined };
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (act: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      unwatch();
      gathering.watch(() => undefined);
      act();
      // Not waiting for the end: a daemon that a command has started may hold the channel open for ever.
      link.leave(channel);
    };
    const end = (state: Trip['state']) => settle(() => resolve(gathering.trip(state)));
    const timer = setTimeout(() => end('late'), request.wait);
    const unwatch = link.onEnd(fault => settle(() => reject(fault)));
    gathering.watch(() => {
      const state = gathering.state();
      if (state === 'ended' || (state === 'whole' && gathering.expects())) {
        // The connection may be on its way down, also after a status; then the link's own fault says more.
        setTimeout(() => end(state), 250);
      } else if (state !== 'open') {
        end(state);
      }
    });
    send();
  });
}

/** A command that waits for its input. */
interface Begun {
  readonly channel: ClientChannel;
  send(): void;
}

function begin(link: Link, { call, input, wait }: TripRequest, sink: Sink): Promise<ClientChannel> {
  const attach = (channel: ClientChannel) => {
    channel.on('error', () => undefined);
    channel.on('exit', (status: number | null) => sink.code(status ?? undefined));
    channel.stderr.on('data', (chunk: Buffer) => sink.errors(chunk));
    channel.on('data', (chunk: Buffer) => sink.output(chunk));
    channel.on('close', () => sink.closed());
  };
  return link.execWhole(call, input, attach, wait);
}

async function beginAs(
  link: Link,
  privilege: HostPrivilege,
  { call, input }: TripRequest,
  gathering: Gathering,
): Promise<Begun> {
  const end = createNonce();
  const { channel, nonce, acting } = await become(link, privilege, terminal =>
    terminal ? gathering.framed(end) : gathering.sink,
  );
  const bytes = sealed(shellCommand(call), input, nonce, end);
  // A terminal has no end of file that data could not hold: there, lengths say where the input ends.
  return { channel, send: () => void (acting.terminal ? channel.write(bytes) : channel.end(bytes)) };
}

interface Gathering {
  readonly sink: Sink;
  /** The sink of a terminal, where the errors come in a frame behind the output. */
  framed(end: string): Sink;
  /** Whether the errors are still to come. */
  expects(): boolean;
  /** Calls back when the state may have changed, and now. */
  watch(watcher: () => void): void;
  state(): 'open' | 'whole' | 'too-large' | 'ended';
  trip(state: Trip['state']): Trip;
}

function gather(request: TripRequest): Gathering {
  const received = receive(doneMark(request.nonce));
  let errors = '';
  let code: number | undefined;
  let closed = false;
  let expected = false;
  let watcher = () => {};
  const sink: Sink = {
    output: chunk => {
      if (received.length() <= request.limit && !received.whole()) {
        received.add(chunk);
        watcher();
      }
    },
    errors: chunk => {
      errors = (errors + chunk.toString()).slice(0, ERROR_LIMIT);
    },
    code: status => {
      code = status;
    },
    closed: () => {
      closed = true;
      watcher();
    },
  };
  return {
    sink,
    framed: end => {
      expected = true;
      return splitFramed(sink, end, () => {
        expected = false;
        watcher();
      });
    },
    expects: () => expected && !closed,
    watch: next => {
      watcher = next;
      next();
    },
    state: () => {
      const open = closed ? 'ended' : 'open';
      return received.whole() ? 'whole' : received.length() > request.limit ? 'too-large' : open;
    },
    trip: state => ({ state, output: received.output(), errors, ...(code !== undefined && { code }) }),
  };
}

/** Takes the output of a terminal apart: what comes before the frame `errors CODE`, what comes in it, and its end. */
function splitFramed(sink: Sink, end: string, done: () => void): Sink {
  const mark = Buffer.from(`${frameMark(end)} - errors `);
  const last = Buffer.from(`${frameMark(end)} - end\n`);
  let held = Buffer.alloc(0);
  let isBehind = false;
  let code: number | undefined;
  const pass = () => {
    const start = held.indexOf(mark);
    const length = start >= 0 ? start : held.length - beginning(held, mark);
    if (length > 0) sink.output(held.subarray(0, length));
    held = held.subarray(length);
    isBehind = start >= 0;
  };
  const output = (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    if (!isBehind) pass();
    const stop = isBehind ? held.indexOf(last) : -1;
    if (stop < 0 && held.length < 4 * ERROR_LIMIT) return;
    const [, status, said = ''] =
      /^(\d+)\n(.*)$/s.exec(held.subarray(mark.length, stop < 0 ? undefined : stop).toString()) ?? [];
    code = status === undefined ? undefined : Number(status);
    sink.code(code);
    sink.errors(Buffer.from(said.trim() === '' ? '' : said));
    held = Buffer.alloc(0);
    done();
  };
  return { ...sink, output, code: status => sink.code(code ?? status) };
}

/** How many bytes at the end of a text may be the beginning of a mark. */
function beginning(text: Buffer, mark: Buffer): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length -= 1) {
    if (text.subarray(text.length - length).equals(mark.subarray(0, length))) return length;
  }
  return 0;
}

/** Collects an answer until its last frame has come. */
function receive(done: string) {
  const mark = Buffer.from(done);
  const chunks: Buffer[] = [];
  let length = 0;
  let tail = Buffer.alloc(0);
  let whole = false;
  return {
    add: (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      const joined = Buffer.concat([tail, chunk]);
      whole = joined.includes(mark);
      tail = joined.subarray(Math.max(0, joined.length - mark.length));
    },
    length: () => length,
    whole: () => whole,
    output: () => Buffer.concat(chunks),
  };
}

/** What a trip that was not whole means. `doing` says what was under way. */
export function tripFault(link: Link, trip: Trip, request: TripRequest, doing: string): HostFault {
  const who = describeEndpoint(link.endpoint);
  if (trip.state === 'late') {
    const process = scriptProcess(trip.output, request.nonce);
    const left = process === undefined ? '' : ` (process ${process} there)`;
    return new HostFault('host.no-answer', `${who}: ${doing} was not finished after ${request.wait / 1000} s${left}.`);
  }
  if (trip.state === 'too-large') {
    return new HostFault(
      'host.answer-too-large',
      `${who}: the answer to ${doing} has more than ${request.limit} bytes.`,
    );
  }
  if (trip.code === undefined) {
    return new HostFault('host.connection-lost', `${who}: the session ended while ${doing} was under way.`);
  }
  const said = quoteHost(trip.errors || trip.output.subarray(0, 4096));
  const hint = 'The login shell of that user must be able to run /bin/sh.';
  return new HostFault(
    'host.unexpected-output',
    `${who}: the shell ended with code ${trip.code} during ${doing}.\n${hint}\n${said}`,
  );
}
