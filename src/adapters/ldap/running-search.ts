import { type Control, type Filter, PagedResultsControl, SearchRequest } from 'ldapts';
import { createItemBuffer, type ItemBuffer } from '../../core/collections.ts';
import type { TargetProblem } from '../../core/finding.ts';
import { printableLine } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import type { DirectoryEntry, DirectoryQuery } from '../../ports/directory.ts';
import type { Endpoint } from './endpoint.ts';
import type { Response, SearchSink } from './exchange.ts';
import { directoryProblem, type WireLost } from './problem.ts';
import { ResultCode, remedyOf, resultWords } from './result-code.ts';
import { identityLost, isStillKnown, type Session } from './session.ts';

/** The problem of a search that the server ended with anything but success. */
function incomplete(endpoint: Endpoint, query: DirectoryQuery, entries: number, answer: Response): TargetProblem {
  const words = resultWords(answer);
  if (answer.status === ResultCode.referral) {
    return directoryProblem(
      'directory.referral',
      ...searched(endpoint, query),
      words,
      'reconcile does not follow referrals: the password would go to a server that you did not name.',
      'Name a server that holds the whole base, or a base that this server holds.',
    );
  }
  if (answer.status === ResultCode.noSuchObject) {
    const nearest = answer.matchedDN === '' ? [] : [`The nearest entry there is: ${printableLine(answer.matchedDN)}`];
    return directoryProblem(
      'directory.base-missing',
      ...searched(endpoint, query),
      ...nearest,
      'Correct the base, or let the bind entry see it: some servers deny what they hide.',
    );
  }
  return directoryProblem(
    'directory.search-incomplete',
    ...searched(endpoint, query),
    `It ended after ${count(entries, 'entry', 'entries')} with ${words}.`,
    'The missing entries look like entries that do not exist, so the whole answer is discarded.',
    ...remedy(endpoint, answer.status),
  );
}

/** The problem of a search that ended because the connection did. */
export function lost(endpoint: Endpoint, query: DirectoryQuery, entries: number, error: WireLost): TargetProblem {
  return directoryProblem(
    'directory.connection-lost',
    ...searched(endpoint, query),
    `${error.message} ${count(entries, 'entry was', 'entries were')} received before that; none is used.`,
    'Nothing was changed. Run the command again when the server answers.',
  );
}

function searched(endpoint: Endpoint, query: DirectoryQuery): readonly string[] {
  return [endpoint.name, `base ${printableLine(query.base)}`, `filter ${printableLine(query.filter)}`];
}

function remedy(endpoint: Endpoint, status: number): readonly string[] {
  const who = printableLine(endpoint.bindDn ?? 'DN');
  switch (status) {
    case ResultCode.timeLimit:
    case ResultCode.sizeLimit:
    case ResultCode.adminLimit:
      return [
        'Raise the limits of the bind entry. Sun Directory Server and 389, attributes of that entry:',
        '    nsSizeLimit: -1',
        '    nsLookThroughLimit: -1',
        '    nsTimeLimit: -1',
        'OpenLDAP, slapd.conf (olcLimits in cn=config):',
        `    limits dn.exact="${who}" size=unlimited time=unlimited`,
      ];
    case ResultCode.unwilling:
      return [
        'Servers that demand an index (nsslapd-require-index) refuse filters that no index answers, or whose index entry',
        'is longer than the all-ids threshold: index the attributes of the filter, or raise the threshold.',
      ];
    case ResultCode.insufficientAccess:
      return [`Let ${who} read and search below the base.`];
    default:
      return [remedyOf(status) ?? 'The log of the server has the reason.'];
  }
}

const PAGE = 1000;

/** A reading that was refused for its size starts over with pages while it can tell what was yielded already. */
const REMEMBERED = 10_000;

/** After so many entries a search is a long one, to whose time a rest at its end adds little. */
const LONG = 5000;

/**
 * One search that fills its buffer by itself. It asks for everything at once, which costs no round trips and no sorting
 * out by the server, and reading from the connection stops while two pages' worth wait. Only where the server refuses so
 * much at once (389 and Sun's count their size limit for each page) it starts over with pages; then the next page is
 * under way while the one before is consumed, and no more than these two are in memory.
 *
 * Who the server takes us for is asked before the search and again behind it: a reading that began or ended as somebody
 * else, or as nobody, does not count.
 */
export class RunningSearch {
  readonly buffer: ItemBuffer<DirectoryEntry>;
  readonly #session: Session;
  readonly #query: DirectoryQuery;
  readonly #filter: Filter;
  readonly #sink: SearchSink;
  /** The DNs that were yielded, while it is possible to start over. */
  #yielded: Set<string> | undefined;
  #paging = false;
  #count = 0;
  #stopped = false;
  #messageId: number | undefined;

  constructor(session: Session, query: DirectoryQuery, filter: Filter) {
    this.#session = session;
    this.#query = query;
    this.#filter = filter;
    this.#yielded = session.pages ? new Set() : undefined;
    this.buffer = createItemBuffer(() => session.wire.flow());
    this.#sink = {
      entry: found => this.#take(found),
      reference: urls => this.#refer(urls),
      full: () => this.buffer.size() >= 2 * PAGE,
      // A rest at the end of each page would cost more than it gains.
      patient: () => this.#count >= LONG && !this.#paging,
    };
    this.#run().then(this.buffer.end, this.buffer.fail);
  }

  /** How many entries have come. */
  get count(): number {
    return this.#count;
  }

  /** Harmless at the end; before it, the server is told that nobody wants the rest. */
  stop(): void {
    this.#stopped = true;
    this.buffer.end();
    if (this.#messageId !== undefined) {
      this.#session.wire.abandon(this.#messageId);
    }
  }

  async #run(): Promise<void> {
    // One after the other: of several requests at once 389 may leave one waiting for 100 ms (its issue 7685).
    await this.#confirm();
    await this.#read();
    if (!this.#stopped) await this.#confirm();
  }

  async #confirm(): Promise<void> {
    if (!(await isStillKnown(this.#session))) {
      this.buffer.fail(identityLost(this.#session.endpoint));
      this.#session.wire.lose('The server treats the connection as another identity.', { final: true });
    }
  }

  async #read(): Promise<void> {
    const whole = this.#session.limits.unpagedRefused ? undefined : await this.#ask();
    if (whole && !this.#goesOn(whole)) {
      this.#accept(whole);
      return;
    }
    const release = this.#session.claimPaging();
    if (!release) {
      this.#acceptWhole(whole ?? (await this.#ask()));
      return;
    }
    try {
      this.#paging = true;
      await this.#readPages(whole && nextCookie(whole));
    } finally {
      this.#paging = false;
      release();
    }
    if (this.#count === 0 && !this.#stopped) {
      // Asked by pages, 389 finds nothing below a base that is not there; asked at once, it says so.
      this.#acceptWhole(await this.#ask());
    }
  }

  /** Whether the rest of a search that asked for everything may be had by pages. */
  #goesOn(whole: Response): boolean {
    if (whole.status === ResultCode.sizeLimit && this.#session.pages) {
      this.#session.limits.unpagedRefused = true;
      return this.#yielded !== undefined;
    }
    return nextCookie(whole) !== undefined;
  }

  async #readPages(start: Buffer | undefined): Promise<void> {
    let cookie = start;
    do {
      const answer = await this.#ask(new PagedResultsControl({ value: { size: PAGE, ...(cookie ? { cookie } : {}) } }));
      this.#accept(answer);
      cookie = nextCookie(answer);
      if (cookie) {
        await this.buffer.emptied();
      }
    } while (cookie && !this.#stopped);
  }

  async #ask(page?: Control): Promise<Response> {
    const { virtualOnly } = this.#session;
    const controls = [
      ...this.#session.controls,
      ...(this.#query.virtualOnly && virtualOnly ? [virtualOnly] : []),
      ...(page ? [page] : []),
    ];
    const { messageId, response } = this.#session.wire.exchange(
      number =>
        new SearchRequest({
          messageId: number,
          baseDN: this.#query.base,
          scope: this.#query.scope ?? 'sub',
          filter: this.#filter,
          attributes: [...this.#query.attributes],
          // ldapts asks for a time limit of ten seconds unless it is told 0.
          timeLimit: 0,
          controls,
        }),
      this.#sink,
    );
    this.#messageId = messageId;
    const answer = await response;
    this.#messageId = undefined;
    return answer;
  }

  /** Lets only the end of a search, or of a page, pass that nothing is missing from. */
  #accept(answer: Response): void {
    if (answer.status !== ResultCode.success) {
      throw incomplete(this.#session.endpoint, this.#query, this.#count, answer);
    }
  }

  #acceptWhole(answer: Response): void {
    this.#accept(answer);
    if (nextCookie(answer)) {
      throw incomplete(this.#session.endpoint, this.#query, this.#count, answer);
    }
  }

  #refer(urls: readonly string[]): void {
    if (this.#query.referrals) this.buffer.push({ dn: '', attributes: new Map([['ref', urls]]) });
  }

  #take(entry: DirectoryEntry): void {
    if (this.#paging ? this.#yielded?.delete(entry.dn) : false) {
      return;
    }
    this.#count += 1;
    if (!this.#paging && this.#yielded?.add(entry.dn).size === REMEMBERED + 1) {
      this.#yielded = undefined;
    }
    this.buffer.push(entry);
  }
}

/** An empty page may have a cookie too; only a missing one ends the search. */
function nextCookie(answer: Response): Buffer | undefined {
  const control = answer.controls?.find(one => one instanceof PagedResultsControl);
  const cookie = control?.value?.cookie;
  return cookie && cookie.length > 0 ? cookie : undefined;
}
