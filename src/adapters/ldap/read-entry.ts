import { PresenceFilter, type SearchEntry, SearchRequest } from 'ldapts';
import type { DirectoryEntry } from '../../ports/directory.ts';
import type { Response, Wire } from './wire.ts';

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
    { entry: found => entries.push(toDirectoryEntry(found)), reference: () => undefined, full: () => false },
  ).response;
  return { ...(entries[0] ? { entry: entries[0] } : {}), answer };
}

/** As the port wants it: names in lower case, values as text, no attribute without values. */
export function toDirectoryEntry(found: SearchEntry): DirectoryEntry {
  const attributes = new Map<string, readonly string[]>();
  for (const { type, values } of found.attributes) {
    if (values.length > 0) {
      // ldapts hands out bytes that are not UTF-8 as they are; in the text they show as U+FFFD.
      attributes.set(
        type.toLowerCase(),
        values.map(value => (typeof value === 'string' ? value : value.toString('utf8'))),
      );
    }
  }
  return { dn: found.name, attributes };
}
