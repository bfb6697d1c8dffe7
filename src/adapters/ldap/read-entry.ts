import { PresenceFilter, SearchRequest } from 'ldapts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { Response } from './exchange.ts';
import type { Wire } from './wire.ts';

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
