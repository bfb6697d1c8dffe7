import { TargetProblem } from '../../core/finding.ts';
import { printableLine } from '../../core/printable.ts';
import { hasCode } from '../../findings/catalogue.ts';
import type { Modification } from '../../ports/directory.ts';
import type { Endpoint, Timing } from './endpoint.ts';
import { directoryProblem, WireLost } from './problem.ts';
import { resultWords } from './result-code.ts';
import { awaitAnswer, identityLost, type Session } from './session.ts';
import { readEntry } from './wire.ts';

/** A change that the server has confirmed. */
interface Write {
  readonly dn: string;
  readonly modifications: readonly Modification[];
}

/** Throws TargetProblem unless both sessions are with one server that takes us for the same one. */
function provesSameServer(
  before: Pick<Session, 'identity' | 'marks' | 'address'>,
  after: Pick<Session, 'endpoint' | 'identity' | 'marks'>,
): void {
  const { endpoint } = after;
  const differing = [...before.marks].filter(([name, value]) => after.marks.get(name) !== value);
  if (differing.length > 0) {
    throw directoryProblem(
      'directory.other-server',
      `${endpoint.name}: the connection was lost, and ${printableLine(before.address)} now answers as another server.`,
      ...differing.map(
        ([name, value]) =>
          `${name}: ${printableLine(value || '(none)')} before, ${printableLine(after.marks.get(name) || '(none)')} now`,
      ),
      'Another server may lag behind the one that was changed. No account is read or changed over this connection. Run the command again.',
    );
  }
  if (before.identity !== after.identity) {
    throw identityLost(endpoint);
  }
}

/**
 * Throws TargetProblem unless the entry still has what was written last: behind one address may be several servers that
 * look alike, and one that lags behind would answer with what was before. Rejects with WireLost.
 */
async function readBack(session: Session, write: Write | undefined): Promise<void> {
  if (write === undefined) {
    return;
  }
  const names = [...new Set(write.modifications.map(({ attribute }) => attribute.toLowerCase()))];
  const { entry, answer } = await readEntry(session.wire, write.dn, names);
  const problems =
    entry === undefined
      ? [`The entry cannot be read: ${resultWords(answer)}`]
      : names.flatMap(name => difference(name, write.modifications, entry.attributes.get(name) ?? []));
  if (problems.length > 0) {
    throw directoryProblem(
      'directory.write-missing',
      `${session.endpoint.name}: the connection was lost and opened again.`,
      `${printableLine(write.dn)}: the server had confirmed a change of this entry, but now shows another value.`,
      ...problems,
      'Either the address leads to several servers and this one lags behind, or someone else changed the entry.',
      'No account is read or changed over this connection. Use the address of one server, and run the command again.',
    );
  }
}

function difference(name: string, modifications: readonly Modification[], live: readonly string[]): readonly string[] {
  const parts = modifications.filter(({ attribute }) => attribute.toLowerCase() === name);
  const valuesOf = (operation: Modification['operation']) =>
    parts.filter(part => part.operation === operation).flatMap(({ values }) => values.map(folded));
  const added = new Set(valuesOf('add'));
  const removed = valuesOf('delete').filter(value => !added.has(value));
  const has = new Set(live.map(folded));
  if ([...added].every(value => has.has(value)) && !removed.some(value => has.has(value))) {
    return [];
  }
  const shown = live.length === 0 ? '(none)' : live.slice(0, 5).map(printableLine).join(', ');
  return [`${name}: written ${printableLine([...added].join(', ') || '(none)')}, there is ${shown}`];
}

/** Servers keep values as they were written; case and blanks do not tell two of these apart. */
function folded(value: string): string {
  return value.trim().replace(/\s+/g, ' ').toLowerCase();
}

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
      `The connection was lost during a change of ${printableLine(other ?? '')}, so the outcome is not known.`,
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

  /** Ends its use, and hands over the connection, where there is one that is well as far as is known and owes no answer. */
  async leave(): Promise<Session | undefined> {
    this.#closed = true;
    const session = await this.#current?.catch(() => undefined);
    if (session === undefined || session.wire.lost !== undefined || session.wire.owes) {
      session?.wire.close();
      return undefined;
    }
    return session;
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
      'Look for an idle limit of a few seconds, or a limit on connections, on the server and on anything in front of it.',
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
