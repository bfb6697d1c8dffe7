import type { DirectoryEntry, DirectoryQuery } from '../../ports/directory.ts';
import { filterMessage } from './filter-message.ts';
import { type LastingSession, MOST_IN_A_ROW } from './lasting-session.ts';
import { RunningSearch } from './running-search.ts';
import { lost } from './search-problem.ts';
import { WireLost } from './wire-lost.ts';

/**
 * Streams a subtree; how, and how much of it is in memory, `RunningSearch` says. A search whose connection is lost begins
 * again over the next one while none of its entries has been handed out; after that it ends with TargetProblem, for the
 * rest of another search is not the rest of this one.
 */
export async function* searchEntries(
  lasting: LastingSession,
  query: DirectoryQuery,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  const filter = filterMessage(query.filter);
  for (let attempt = 0; ; attempt += 1) {
    const session = await lasting.open();
    if (query.virtualOnly && session.virtualOnly === undefined) {
      return;
    }
    const search = new RunningSearch(session, query, filter);
    let begun = false;
    try {
      for (let batch = await search.buffer.take(); batch; batch = await search.buffer.take()) {
        begun = true;
        yield* batch;
      }
      lasting.worked();
      return;
    } catch (error) {
      if (!(error instanceof WireLost)) throw error;
      if (begun || attempt === MOST_IN_A_ROW || session.wire.lost?.final === true) {
        throw lost(session.endpoint, query, search.count, error);
      }
    } finally {
      search.stop();
    }
  }
}
