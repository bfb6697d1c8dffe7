import type { AccountClass } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { hasCode } from '../findings/catalogue.ts';
import { nameKey } from '../ldap/distinguished-name.ts';
import { attributesIn } from '../ldap/filter.ts';
import { isWithin } from '../ldap/filter-implication.ts';
import type { DirectoryEntry, DirectoryQuery, DirectoryReader } from '../ports/directory.ts';
import type { EntryRecord, SearchLine } from './snapshot-format.ts';

/** A directory that is read as always, and what of its answers the accounts alone do not give again. */
export interface DirectoryRecorder extends DirectoryReader {
  readonly searches: readonly SearchLine[];
  /** Attributes of accounts that were asked for, or looked at by a filter, in lower case. */
  readonly attributes: ReadonlySet<string>;
  /** By the key of their name. */
  readonly bases: ReadonlyMap<string, { readonly base: string; readonly there: boolean }>;
  /** What kept a search from being whole, other than that its base is not there. */
  readonly failure: TargetProblem | undefined;
}

const missing = 'directory.base-missing';

/** Groups and definitions are few; what finds more than this is about something else. */
const mostKept = 5000;

/**
 * Records the searches that go for something else than accounts (groups, classes of service, the entry at the base). Those
 * for accounts are not kept: every account is, and answers them anew.
 */
export function recordDirectory(accounts: readonly AccountClass[], reader: DirectoryReader): DirectoryRecorder {
  const searches = new Map<string, SearchLine>();
  const attributes = new Set<string>();
  const bases = new Map<string, { readonly base: string; readonly there: boolean }>();
  let failure: TargetProblem | undefined;
  const isForAccounts = (query: DirectoryQuery) =>
    !query.virtualOnly && !query.referrals && accounts.some(one => isWithin(query, one));
  const noted = (problem: unknown) => {
    if (problem instanceof TargetProblem && problem.finding.code !== missing) failure ??= problem;
    return problem;
  };
  async function* passed(query: DirectoryQuery): AsyncIterable<DirectoryEntry> {
    for (const name of [...query.attributes, ...attributesIn(query.filter)])
      if (name !== '1.1') attributes.add(name.toLowerCase());
    const note = (there: boolean) => {
      if (query.scope !== 'base') bases.set(nameKey(query.base), { base: query.base, there });
    };
    try {
      for await (const entry of reader.search(query)) yield entry;
      note(true);
    } catch (problem) {
      if (isMissing(problem)) note(false);
      throw noted(problem);
    }
  }
  async function* kept(query: DirectoryQuery): AsyncIterable<DirectoryEntry> {
    const entries: EntryRecord[] = [];
    const keep = (result: SearchLine['result']) => searches.set(queryKey(query), { line: 'search', query, result });
    try {
      for await (const entry of reader.search(query)) {
        if (entries.length <= mostKept) entries.push(entryRecord(entry));
        yield entry;
      }
    } catch (problem) {
      if (!(problem instanceof TargetProblem) || !(isMissing(problem) || isAboutServer(query))) throw noted(problem);
      keep({ problem: problem.finding });
      throw problem;
    }
    // One that was not read to its end, because enough had come, is no answer for whoever asks the same.
    if (entries.length <= mostKept) keep({ answer: entries });
  }
  return {
    get searches() {
      return [...searches.values()];
    },
    attributes,
    bases,
    get failure() {
      return failure;
    },
    server: () => reader.server(),
    password: () => reader.password(),
    schema: async () => {
      try {
        return await reader.schema();
      } catch (problem) {
        throw noted(problem);
      }
    },
    search: query => (isForAccounts(query) ? passed(query) : kept(query)),
  };
}

/** Whether a search looks at the server's own entries: accounts are read whole without an answer to it. */
function isAboutServer({ base, scope }: DirectoryQuery): boolean {
  return base === '' || scope === 'one';
}

function isMissing(problem: unknown): boolean {
  return problem instanceof TargetProblem && hasCode(problem.finding, missing);
}

/** The same for queries that ask the same. */
export function queryKey({ base, filter, scope, attributes, virtualOnly, referrals }: DirectoryQuery): string {
  const names = attributes.map(name => name.toLowerCase()).toSorted();
  return JSON.stringify([nameKey(base), filter, scope ?? 'sub', names, virtualOnly ?? false, referrals ?? false]);
}

/** An entry as JSON. */
export function entryRecord({ dn, attributes }: DirectoryEntry): EntryRecord {
  return { dn, attributes: Object.fromEntries(attributes) };
}

/** An entry from JSON. */
export function entryOf({ dn, attributes }: EntryRecord): DirectoryEntry {
  return { dn, attributes: new Map(Object.entries(attributes)) };
}
