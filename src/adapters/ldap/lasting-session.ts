import { TargetProblem } from '../../core/finding.ts';
import { hasCode } from '../../findings/catalogue.ts';
import type { Modification } from '../../ports/directory.ts';
import type { Endpoint } from './endpoint.ts';
import { printableLine } from './printable-line.ts';
import { directoryProblem } from './problem.ts';
import { provesSameServer, readBack, type Write } from './same-server.ts';
import { awaitAnswer, type Session } from './session.ts';
import type { Timing } from './timing.ts';
import { WireLost } from './wire-lost.ts';

/** So often in a row a connection is opened again without anything having been done over the one before. */
export const MOST_IN_A_ROW = 3;

/**
 * The session with the directory, which outlives its connection: servers, load balancers and firewalls end or drop one
 * that is idle while a calendar server restarts. Another is opened when the next call needs it, once for each loss, to the
 * same address, and is used only where the same server knows us as the same one and still has the last write that it
 * confirmed. A login that was refused, or a connection that could not be opened again, ends the session for good.
 *
 * Nothing that was under way is repeated here. After a change whose outcome is not known no further one is sent; reading
 * goes on, so that what became of it can be seen.
 */
export class LastingSession {
  readonly #connect: (address?: string) => Promise<Session>;
  readonly #timing: Timing;
  #current: Promise<Session> | undefined;
  #closed = false;
  #checking: Promise<boolean> | undefined;
  #inARow = 0;
  #last: Write | undefined;
  #unknown: { readonly endpoint: Endpoint; readonly dn: string } | undefined;

  /** `connect` logs in, at the address where the server was found before. */
  constructor(connect: (address?: string) => Promise<Session>, timing: Timing) {
    this.#connect = connect;
    this.#timing = timing;
  }

  /** A session over a connection that answers. Throws TargetProblem, always the same once there can be none. */
  async open(): Promise<Session> {
    if (this.#closed) {
      throw directoryProblem('directory.connection-lost', 'The connection was closed by this program.');
    }
    this.#current ??= this.#connect();
    const current = this.#current;
    const session = await current;
    if (await this.#isAlive(session)) {
      return session;
    }
    // Of several callers the first opens it for all.
    if (this.#current === current) {
      this.#current = this.#reopen(session);
    }
    return this.open();
  }

  /** The same for a change. Throws TargetProblem, and the change was not sent. */
  async openToWrite(dn: string): Promise<Session> {
    const session = this.#unknown === undefined ? await this.open() : undefined;
    if (session !== undefined && this.#unknown === undefined) {
      return session;
    }
    const { endpoint, dn: other } = this.#unknown ?? {};
    throw directoryProblem(
      'directory.connection-lost',
      endpoint?.name ?? '',
      `The connection was lost while ${printableLine(other ?? '')} was being changed, and the outcome is not known.`,
      `No further change is sent: the change of ${printableLine(dn)} was not sent.`,
      'Plan again.',
    );
  }

  /** Something was done over the connection: the next loss is the first of its row. */
  worked(): void {
    this.#inARow = 0;
  }

  /** The server has confirmed a change. */
  confirmed(dn: string, modifications: readonly Modification[]): void {
    this.#last = { dn, modifications };
    this.worked();
  }

  /** A change was sent and not answered. */
  leftOpen(endpoint: Endpoint, dn: string): void {
    this.#unknown ??= { endpoint, dn };
    if (this.#last?.dn === dn) {
      this.#last = undefined;
    }
  }

  /** Ends the connection, if there is one; what is under way fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const session = await this.#current?.catch(() => undefined);
    session?.wire.close();
  }

  #isAlive(session: Session): boolean | Promise<boolean> {
    const { wire } = session;
    if (wire.lost === undefined && wire.quiet < this.#timing.fresh) {
      return true;
    }
    this.#checking ??= this.#check(session).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** A firewall that drops an idle connection gives no sign of it: a change would be lost in it. */
  async #check(session: Session): Promise<boolean> {
    if (session.wire.lost === undefined) {
      await awaitAnswer(session, this.#timing.connect).catch(rethrowUnlessLost);
    }
    return session.wire.lost === undefined;
  }

  async #reopen({ endpoint, wire, address, ...before }: Session): Promise<Session> {
    const { reason, final } = wire.lost ?? { reason: '', final: true };
    if (final) {
      throw directoryProblem('directory.connection-lost', endpoint.name, reason);
    }
    if (this.#inARow === MOST_IN_A_ROW) {
      throw this.#flapping(endpoint, reason);
    }
    this.#inARow += 1;
    const session = await this.#connect(address).catch(error => {
      throw notOpened(endpoint, reason, error);
    });
    try {
      provesSameServer({ ...before, address }, session);
      await readBack(session, this.#last);
      return session;
    } catch (error) {
      session.wire.close();
      throw error instanceof WireLost ? notOpened(endpoint, reason, error) : error;
    }
  }

  #flapping(endpoint: Endpoint, reason: string): TargetProblem {
    return directoryProblem(
      'directory.connection-lost',
      endpoint.name,
      `${reason} It was opened again ${MOST_IN_A_ROW} times in a row, and nothing could be done over any of these connections.`,
      'Look for an idle limit of a few seconds, or a limit on connections, at the server and at what is in front of it.',
    );
  }
}

/** Where the connection could not be opened, both reasons are told; a login that was refused is a problem of its own. */
function notOpened(endpoint: Endpoint, reason: string, error: unknown): unknown {
  const known = error instanceof TargetProblem && hasCode(error.finding, 'directory.unreachable');
  if (!known && !(error instanceof WireLost)) {
    return error;
  }
  const why = error instanceof TargetProblem ? error.finding.detail : error.message;
  return directoryProblem(
    'directory.connection-lost',
    endpoint.name,
    reason,
    'It could not be opened again:',
    ...why.split('\n'),
  );
}

function rethrowUnlessLost(error: unknown): void {
  if (!(error instanceof WireLost)) {
    throw error;
  }
}
