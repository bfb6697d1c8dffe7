import type { ClientChannel } from 'ssh2';
import { doneMark, scriptProcess } from './frames.ts';
import { describeEndpoint } from './host-endpoint.ts';
import { HostFault, quoteHost } from './host-fault.ts';
import type { Link } from './link.ts';

/** One command on a host, with all that it is told on its standard input. */
export interface TripRequest {
  readonly command: string;
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

/** Carries a request out. Rejects with the link's fault when the connection ends first. */
export async function travel(link: Link, request: TripRequest): Promise<Trip> {
  const gathering = gather(request);
  const channel = await link.exec(request.command, gathering.attach, request.wait);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
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
      if (state === 'ended') {
        // The connection may be on its way down, also after a status; then the link's own fault says more.
        setTimeout(() => end('ended'), 250);
      } else if (state !== 'open') {
        end(state);
      }
    });
    channel.end(request.input);
  });
}

interface Gathering {
  /** To be called at once: what comes before the next turn would be lost. */
  readonly attach: (channel: ClientChannel) => void;
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
  let watcher = () => {};
  const attach = (channel: ClientChannel) => {
    channel.on('error', () => undefined);
    channel.on('exit', (status: number | null) => {
      code = status ?? undefined;
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(0, ERROR_LIMIT);
    });
    channel.on('data', (chunk: Buffer) => {
      if (received.length() <= request.limit && !received.whole()) {
        received.add(chunk);
        watcher();
      }
    });
    channel.on('close', () => {
      closed = true;
      watcher();
    });
  };
  return {
    attach,
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
