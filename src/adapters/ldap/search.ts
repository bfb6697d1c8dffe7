import { type Filter, PagedResultsControl, SearchRequest } from 'ldapts';
import type { DirectoryEntry, DirectoryQuery } from '../../ports/directory.ts';
import { createEntryBuffer, type EntryBuffer } from './entry-buffer.ts';
import { filterMessage } from './filter-message.ts';
import { toDirectoryEntry } from './read-entry.ts';
import { ResultCode } from './result-code.ts';
import { incomplete, lost, refersElsewhere } from './search-problem.ts';
import { confirmIdentity, type Session } from './session.ts';
import type { Response, SearchSink } from './wire.ts';
import { WireLost } from './wire-lost.ts';

const PAGE = 1000;

/**
 * Streams a subtree. Where the server pages, the next page is under way while the one before is consumed, and no more
 * than these two are in memory; where it does not, reading from the connection stops while two pages' worth wait.
 */
export async function* searchEntries(
  open: () => Promise<Session>,
  query: DirectoryQuery,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  const filter = filterMessage(query.filter);
  const session = await open();
  const search = new RunningSearch(session, query, filter);
  try {
    for (let batch = await search.buffer.take(); batch; batch = await search.buffer.take()) {
      for (const entry of batch) {
        yield entry;
      }
    }
    await confirmIdentity(session);
  } catch (error) {
    throw error instanceof WireLost ? lost(session.endpoint, query, search.count, error) : error;
  } finally {
    search.stop();
  }
}

/** One search that fills its buffer by itself, page by page where the server allows it. */
class RunningSearch {
  readonly buffer: EntryBuffer;
  readonly #session: Session;
  readonly #query: DirectoryQuery;
  readonly #filter: Filter;
  readonly #sink: SearchSink;
  readonly #references: string[] = [];
  #count = 0;
  #stopped = false;
  #messageId: number | undefined;

  constructor(session: Session, query: DirectoryQuery, filter: Filter) {
    this.#session = session;
    this.#query = query;
    this.#filter = filter;
    this.buffer = createEntryBuffer(() => session.wire.flow());
    this.#sink = {
      entry: found => {
        this.#count += 1;
        this.buffer.push(toDirectoryEntry(found));
      },
      reference: urls => this.#references.push(...urls),
      full: () => this.buffer.size() >= 2 * PAGE,
    };
    this.#run().then(this.buffer.end, this.buffer.fail);
  }

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
    const release = this.#session.claimPaging();
    try {
      let cookie: Buffer | undefined;
      do {
        const page = release && new PagedResultsControl({ value: { size: PAGE, ...(cookie ? { cookie } : {}) } });
        cookie = nextCookie(await this.#ask(page));
        if (cookie) {
          await this.buffer.emptied();
        }
      } while (cookie && !this.#stopped);
    } finally {
      release?.();
    }
  }

  async #ask(page: PagedResultsControl | undefined): Promise<Response> {
    const { messageId, response } = this.#session.wire.exchange(
      number =>
        new SearchRequest({
          messageId: number,
          baseDN: this.#query.base,
          scope: 'sub',
          filter: this.#filter,
          attributes: [...this.#query.attributes],
          // ldapts asks for a time limit of ten seconds unless it is told 0.
          timeLimit: 0,
          controls: page ? [page] : [],
        }),
      this.#sink,
    );
    this.#messageId = messageId;
    const answer = await response;
    this.#messageId = undefined;
    if (this.#references.length > 0) {
      throw refersElsewhere(this.#session.endpoint, this.#query, this.#references);
    }
    if (answer.status !== ResultCode.success) {
      throw incomplete(this.#session.endpoint, this.#query, this.#count, answer);
    }
    return answer;
  }
}

/** An empty page may have a cookie too; only a missing one ends the search. */
function nextCookie(answer: Response): Buffer | undefined {
  const control = answer.controls?.find(one => one instanceof PagedResultsControl);
  const cookie = control?.value?.cookie;
  return cookie && cookie.length > 0 ? cookie : undefined;
}
