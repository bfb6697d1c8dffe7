import type { Socket } from 'node:net';
import {
  AbandonRequest,
  type BindRequest,
  type ExtendedRequest,
  ExtendedResponse,
  MessageParser,
  type ModifyRequest,
  PresenceFilter,
  SearchEntry,
  SearchReference,
  SearchRequest,
  type SearchResponse,
  UnbindRequest,
} from 'ldapts';
import { printableLine } from './printable-line.ts';
import { WireLost } from './wire-lost.ts';

/** What can be asked; ldapts writes it. */
export type Request = BindRequest | ExtendedRequest | ModifyRequest | SearchRequest;

/** The last answer to a request. */
export type Response = SearchResponse | ExtendedResponse;

/** Takes what a search yields before its last answer. */
export interface SearchSink {
  entry(entry: SearchEntry): void;
  reference(urls: readonly string[]): void;
  /** Whether more would only pile up. */
  full(): boolean;
}

/** A request under way. */
export interface Exchange {
  readonly messageId: number;
  readonly response: Promise<Response>;
}

interface Pending {
  readonly message: Request;
  readonly sink: SearchSink | undefined;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: WireLost) => void;
}

/**
 * One LDAP connection, from its first byte to its loss; it is never opened anew. ldapts's messages and parser are used,
 * its Client is not: that reconnects by itself as anonymous, forgets requests when a StartTLS connection breaks, keeps a
 * whole search in memory (and fails above 110,000 entries), and ends a paged search at an empty page.
 */
export class Wire {
  #socket: Socket;
  #messageId = 0;
  #lost: string | undefined;
  #notice: string | undefined;
  #paused = false;
  #probed = false;
  readonly #pending = new Map<string, Pending>();
  readonly #watch: NodeJS.Timeout;
  readonly #silence: number;

  /** `silence`: after that many milliseconds without any answer, while one is owed, the connection counts as lost. */
  constructor(socket: Socket, silence: number) {
    this.#socket = socket;
    this.#silence = silence;
    this.#watch = setTimeout(() => this.#onSilence(), silence / 2);
    this.#listen();
  }

  /** Sends a request; `build` gets its number. */
  exchange(build: (messageId: number) => Request, sink?: SearchSink): Exchange {
    const messageId = this.#nextId();
    const message = build(messageId);
    const response = new Promise<Response>((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(new WireLost(this.#lost, false));
        return;
      }
      const bytes = message.write();
      if (this.#pending.size === 0) {
        this.#heard();
      }
      this.#pending.set(String(messageId), { message, sink, resolve, reject });
      this.#socket.write(bytes);
      this.flow();
    });
    return { messageId, response };
  }

  /** Tells the server that nobody wants the rest of a search. */
  abandon(messageId: number): void {
    const pending = this.#pending.get(String(messageId));
    if (pending && this.#lost === undefined) {
      this.#pending.delete(String(messageId));
      this.#socket.write(new AbandonRequest({ messageId: this.#nextId(), abandonId: messageId }).write());
      pending.reject(new WireLost('The search was given up.', true));
      this.flow();
    }
  }

  /** Stops reading while everything that is owed would only pile up; a search's reader calls it after taking. */
  flow(): void {
    const pending = [...this.#pending.values()];
    const full = pending.length > 0 && pending.every(one => one.sink?.full() === true);
    if (full !== this.#paused && this.#lost === undefined) {
      this.#paused = full;
      if (full) {
        this.#socket.pause();
      } else {
        this.#heard();
        this.#socket.resume();
      }
    }
  }

  /** Goes on over another socket (TLS over the same connection); what came unasked before it is dropped. */
  replaceSocket(swap: (socket: Socket) => Promise<Socket>): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    return swap(plain).then(
      socket => {
        this.#socket = socket;
        this.#listen();
      },
      (error: unknown) => {
        this.lose('TLS failed.');
        throw error;
      },
    );
  }

  /** Says goodbye. Requests that are still under way fail. */
  close(): void {
    if (this.#lost === undefined) {
      const socket = this.#socket;
      socket.end(new UnbindRequest({ messageId: this.#nextId() }).write());
      // The goodbye may take its time; it neither fails anything nor keeps the program alive.
      socket.destroySoon();
      socket.unref();
      this.#fail('The connection was closed by this program.');
    }
  }

  /** Ends the connection for good; every request under way fails, and every later one. */
  lose(reason: string): void {
    if (this.#lost === undefined) {
      this.#socket.destroy();
      this.#fail(this.#notice ?? reason);
    }
  }

  #fail(reason: string): void {
    this.#lost = reason;
    clearTimeout(this.#watch);
    for (const pending of this.#pending.values()) {
      pending.reject(new WireLost(reason, true));
    }
    this.#pending.clear();
  }

  #listen(): void {
    const socket = this.#socket;
    const parser = new MessageParser();
    parser.on('message', message => this.#take(message.messageId, message));
    parser.on('error', error => this.lose(`The server sent what is not LDAP: ${printableLine(error.message)}`));
    socket.on('data', (chunk: Buffer) => {
      this.#heard();
      parser.read(chunk, this.#pending);
      this.flow();
    });
    socket.on('error', error => this.lose(printableLine(error.message)));
    socket.on('end', () => this.lose('The server closed the connection.'));
    socket.on('close', () => this.lose('The connection was closed.'));
  }

  #take(messageId: number, message: unknown): void {
    const pending = this.#pending.get(String(messageId));
    if (message instanceof SearchEntry) {
      pending?.sink?.entry(message);
    } else if (message instanceof SearchReference) {
      pending?.sink?.reference(message.uris);
    } else if (pending) {
      this.#pending.delete(String(messageId));
      // Every other message ldapts parses has status, words and controls; the narrower ones add what nobody reads.
      pending.resolve(message as Response);
    } else if (messageId === 0 && message instanceof ExtendedResponse) {
      this.#notice = `The server ended the connection: ${printableLine(message.errorMessage)}`;
    }
  }

  #heard(): void {
    this.#probed = false;
    if (this.#lost === undefined) {
      this.#watch.refresh();
    }
  }

  /** A long search may be silent for minutes: a server that still answers a trivial question is alive. */
  #onSilence(): void {
    if (this.#pending.size === 0 || this.#paused) {
      return;
    }
    if (this.#probed) {
      this.lose(`The server gave no answer at all for ${this.#silence / 1000} s.`);
      return;
    }
    const filter = new PresenceFilter({ attribute: 'objectClass' });
    const attributes = ['1.1'];
    const probe = this.exchange(messageId => new SearchRequest({ messageId, scope: 'base', filter, attributes }));
    probe.response.catch(() => undefined);
    this.#probed = true;
    this.#watch.refresh();
  }

  #nextId(): number {
    this.#messageId = this.#messageId === 2 ** 31 - 1 ? 1 : this.#messageId + 1;
    return this.#messageId;
  }
}
