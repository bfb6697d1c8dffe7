import type { DirectoryEntry, DirectoryQuery } from '../../ports/directory.ts';
import { filterMessage } from './filter-message.ts';
import { RunningSearch } from './running-search.ts';
import { lost } from './search-problem.ts';
import type { Session } from './session.ts';
import { WireLost } from './wire-lost.ts';

/** Streams a subtree; how, and how much of it is in memory, `RunningSearch` says. */
export async function* searchEntries(
  open: () => Promise<Session>,
  query: DirectoryQuery,
): AsyncGenerator<DirectoryEntry, void, undefined> {
  const filter = filterMessage(query.filter);
  const session = await open();
  if (query.virtualOnly && session.virtualOnly === undefined) {
    return;
  }
  const search = new RunningSearch(session, query, filter);
  try {
    for (let batch = await search.buffer.take(); batch; batch = await search.buffer.take()) {
      for (const entry of batch) {
        yield entry;
      }
    }
  } catch (error) {
    throw error instanceof WireLost ? lost(session.endpoint, query, search.count, error) : error;
  } finally {
    search.stop();
  }
}
