import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  AbandonRequest,
  ExtendedResponse,
  PresenceFilter,
  SearchReference,
  SearchRequest,
  UnbindRequest,
} from 'ldapts';
import { printableLine } from '../../core/printable.ts';
import type { DirectoryEntry, TlsFacts } from '../../ports/directory.ts';
import { answerTo, type Exchange, type Request, type Response, type SearchSink } from './exchange.ts';
import { MessageReader } from './message-reader.ts';
import { PendingRequests } from './pending-requests.ts';
import { WireLost } from './problem.ts';
import { ReadingPace } from './reading-pace.ts';
import { type AnswerParts, ResultCode } from './result-code.ts';

/** One entry, or none with the answer that says why. Rejects with WireLost. */
export async function readEntry(
  wire: Wire,
  dn: string,
  attributes: readonly string[],
): Promise<{ readonly entry?: DirectoryEntry; readonly answer: Response }> {
  const entries: DirectoryEntry[] = [];
  const filter = new PresenceFilter({ attribute: 'objectClass' });
  const answer = await wire.exchange(
    // ldapts asks for a time limit of ten seconds unless it is told 0.
    messageId =>
      new SearchRequest({
        messageId,
        baseDN: dn,
        scope: 'base',
        filter,
        attributes: [...attributes],
        timeLimit: 0,
        controls: [],
      }),
    { entry: found => entries.push(found), reference: () => undefined, full: () => false, patient: () => false },
  ).response;
  return { ...(entries[0] ? { entry: entries[0] } : {}), answer };
}

/** Why a connection ended. */
export interface Loss {
  readonly reason: string;
  /** Whether another connection would be no better: what the server did is not to be explained by a broken line. */
  readonly final: boolean;
}

/** Notices after which a server takes new connections: it has only ended this one (RFC 4511, 4.4.1). */
const PASSING: ReadonlySet<number> = new Set([ResultCode.busy, ResultCode.unavailable]);

/**
 * One LDAP connection, from its first byte to its loss; `LastingSession` opens another. ldapts's messages are used, its Client
 * is not: that reconnects by itself as anonymous, forgets requests when a StartTLS connection breaks, keeps a whole
 * search in memory (and fails above 110,000 entries), and ends a paged search at an empty page.
 */
export class Wire {
  #socket: Socket;
  #messageId = 0;
  #lost: Loss | undefined;
  #notice: Loss | undefined;
  #heardAt = performance.now();
  #probed = false;
  #corked = false;
  readonly #pending = new PendingRequests();
  readonly #pace: ReadingPace;
  readonly #watch: NodeJS.Timeout;
  readonly #silence: number;

  /** `silence`: after that many milliseconds without any answer, while one is owed, the connection counts as lost. */
  constructor(socket: Socket, silence: number) {
    this.#socket = socket;
    this.#silence = silence;
    this.#pace = new ReadingPace(socket, () => this.#pending.allSearches(sink => sink.patient()));
    this.#watch = setTimeout(() => this.#onSilence(), silence / 2);
    this.#listen();
  }

  /** Why the connection has ended; nothing while it has not, as far as is known. */
  get lost(): Loss | undefined {
    return this.#lost;
  }

  /** Whom it leads to; the certificate only with TLS. */
  get peer(): { readonly address?: string; readonly certificate?: string } {
    const { remoteAddress: address } = this.#socket;
    const certificate =
      this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate()?.fingerprint256 : undefined;
    return { ...(address === undefined ? {} : { address }), ...(certificate === undefined ? {} : { certificate }) };
  }

  /** How it is encrypted, and the server's certificate; nothing without TLS. */
  get encryption(): TlsFacts | undefined {
    if (!(this.#socket instanceof TLSSocket)) return undefined;
    const certificate = this.#socket.getPeerX509Certificate();
    return {
      version: this.#socket.getProtocol() ?? '',
      cipher: this.#socket.getCipher().standardName,
      names: printableLine(certificate?.subjectAltName ?? certificate?.subject ?? ''),
      endsAt: Date.parse(certificate?.validTo ?? ''),
    };
  }

  /** For how many milliseconds nothing was owed and nothing came: a line may have broken meanwhile without a sign. */
  get quiet(): number {
    return this.#pending.size > 0 ? 0 : performance.now() - this.#heardAt;
  }

  /** Whether a request has no answer yet. */
  get owes(): boolean {
    return this.#pending.size > 0;
  }

  /** Sends a request; `build` gets its number. */
  exchange(build: (messageId: number) => Request, sink?: SearchSink): Exchange {
    const messageId = this.#nextId();
    const message = build(messageId);
    const response = new Promise<Response>((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(new WireLost(this.#lost.reason, false));
        return;
      }
      const bytes = message.write();
      if (this.#pending.size === 0) {
        this.#heard();
      }
      this.#pending.add(messageId, { answer: answerTo(message), sink, resolve, reject });
      this.#send(bytes);
      this.#pace.wake();
      this.flow();
    });
    return { messageId, response };
  }

  /** Tells the server that nobody wants the rest of a search; what still comes of it is passed over undecoded. */
  abandon(messageId: number): void {
    const pending = this.#pending.giveUp(messageId);
    if (pending && this.#lost === undefined) {
      this.#send(new AbandonRequest({ messageId: this.#nextId(), abandonId: messageId }).write());
      pending.reject(new WireLost('The search was given up.', true));
      this.flow();
    }
  }

  /** Stops reading while everything that is owed would only pile up; a search's reader calls it after taking. */
  flow(): void {
    const full = this.#pending.allSearches(sink => sink.full());
    if (this.#lost === undefined && this.#pace.setFull(full) && !full) {
      this.#heard();
    }
  }

  /** Goes on over another socket (TLS over the same connection); what came unasked before it is dropped. */
  replaceSocket(swap: (socket: Socket) => Promise<Socket>): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    return swap(plain).then(
      socket => {
        this.#socket = socket;
        this.#pace.follow(socket);
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
      this.#fail({ reason: 'The connection was closed by this program.', final: true });
    }
  }

  /** Ends the connection; every request under way fails, and every later one. */
  lose(reason: string, { final } = { final: false }): void {
    if (this.#lost === undefined) {
      this.#socket.destroy();
      this.#fail(this.#notice ?? { reason, final });
    }
  }

  #fail(loss: Loss): void {
    this.#lost = loss;
    clearTimeout(this.#watch);
    this.#pending.fail(() => new WireLost(loss.reason, true));
  }

  /** Requests of one turn of the event loop leave together; what they wait for comes together as well. */
  #send(bytes: Buffer): void {
    const socket = this.#socket;
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      process.nextTick(() => {
        this.#corked = false;
        socket.uncork();
      });
    }
    socket.write(bytes);
  }

  #listen(): void {
    const socket = this.#socket;
    const reader = new MessageReader(this.#pending, (messageId, message, parts) =>
      this.#take(messageId, message, parts),
    );
    socket.on('data', (chunk: Buffer) => {
      this.#heardAt = performance.now();
      this.#heard();
      const problem = reader.read(chunk);
      if (problem !== undefined) {
        this.lose(`The server sent what is not LDAP: ${printableLine(problem)}`, { final: true });
      }
      this.flow();
      this.#pace.came(chunk.length);
    });
    socket.on('error', error => this.lose(printableLine(error.message)));
    socket.on('end', () => this.lose('The server closed the connection.'));
    socket.on('close', () => this.lose('The connection was closed.'));
  }

  #take(messageId: number, message: object, parts: AnswerParts): void {
    if (message instanceof SearchReference) {
      this.#pending.get(messageId)?.sink?.reference(message.uris);
    } else if (messageId === 0 && message instanceof ExtendedResponse) {
      const reason = `The server ended the connection: ${printableLine(message.errorMessage)}`;
      this.#notice = { reason, final: !PASSING.has(message.status) };
    } else {
      // Every other message ldapts parses has status, words and controls; the narrower ones add what nobody reads.
      this.#pending.settle(messageId)?.resolve(Object.assign(message, { parts }) as Response);
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
    if (this.#pending.size === 0 || this.#pace.full) {
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
