import { randomUUID } from 'node:crypto';
import { dnKey, parentKey } from '../../ldap/distinguished-name.ts';
import { candidateKeys, compileFilter } from '../../ldap/filter-match.ts';
import type { StoredEntry } from './directory-state.ts';
import {
  type DirectoryState,
  type Identity,
  OPERATIONAL_NAMES,
  rootEntry,
  SUBSCHEMA_DN,
  subschemaEntry,
  valuesOf,
} from './directory-state.ts';
import { AnswerTag, entryMessage, Refusal, Result, resultMessage } from './ldap-answer.ts';
import type { DirectoryFaults } from './ldap-fault.ts';
import { type LdapRequest, PAGED_RESULTS, readPageControl, type SearchOperation } from './ldap-request.ts';

/** A search that goes on page by page. */
interface Cursor {
  readonly found: Iterator<StoredEntry>;
  /** The next one; known ahead, so that no page is empty. */
  next: StoredEntry | undefined;
  sent: number;
}

/** The searches of a connection that wait for their next page, by cookie. */
export type Cursors = Map<string, Cursor>;

/** What a search is done with. */
export interface SearchContext {
  readonly state: DirectoryState;
  readonly faults: DirectoryFaults;
  readonly identity: Identity;
  readonly cursors: Cursors;
}

/** Everything that answers a search, message by message, as it is asked for. Throws Refusal before the first. */
export function* searchMessages(
  { messageId, controls }: LdapRequest,
  search: SearchOperation,
  context: SearchContext,
): Iterable<Buffer> {
  const control = controls.find(one => one.oid === PAGED_RESULTS);
  const page = control && readPageControl(control.value);
  const cursor = page?.cookie ? resume(context.cursors, page.cookie) : start(search, context);
  const limit = pageLimit(page);
  const end = (code: number, cookie = '') =>
    resultMessage(messageId, AnswerTag.search, { code }, page && (code === Result.success ? cookie : ''));
  const select = selection(search.attributes, context);
  for (let inPage = 0; cursor.next; inPage += 1) {
    const early = endsEarly(search, cursor, context.faults);
    if (early !== undefined) {
      yield end(early);
      return;
    }
    if (inPage === limit) {
      const cookie = randomUUID();
      context.cursors.set(cookie, cursor);
      yield end(Result.success, cookie);
      return;
    }
    yield entryMessage(messageId, cursor.next.dn, select(cursor.next));
    cursor.sent += 1;
    advance(cursor);
  }
  yield end(Result.success);
}

/** A client that wants no more entries asks for a page of none. */
function pageLimit(page: { readonly size: number; readonly cookie: string } | undefined): number {
  return page && (page.size > 0 || page.cookie !== '') ? page.size : Number.POSITIVE_INFINITY;
}

function start(search: SearchOperation, context: SearchContext): Cursor {
  const cursor: Cursor = { found: findEntries(search, context), next: undefined, sent: 0 };
  advance(cursor);
  return cursor;
}

function resume(cursors: Cursors, cookie: string): Cursor {
  const cursor = cursors.get(cookie);
  if (!cursor) {
    throw new Refusal(Result.unwilling, 'paged results cookie is invalid');
  }
  cursors.delete(cookie);
  return cursor;
}

function advance(cursor: Cursor): void {
  const step = cursor.found.next();
  cursor.next = step.done ? undefined : step.value;
}

function endsEarly(search: SearchOperation, cursor: Cursor, faults: DirectoryFaults): number | undefined {
  const fault = faults.get('early-end');
  if (fault && search.scope !== 'base' && cursor.sent >= fault.entries) {
    return fault.code;
  }
  return search.sizeLimit > 0 && cursor.sent >= search.sizeLimit ? Result.sizeLimitExceeded : undefined;
}

function* findEntries(search: SearchOperation, context: SearchContext): Generator<StoredEntry, undefined> {
  const { state, identity } = context;
  const matches = compileFilter<StoredEntry>(search.filter, state.schema, {
    dn: ({ dn }) => dn,
    names: ({ attributes }) => Object.keys(attributes),
    values: (entry, name) => valuesOf(state, identity, entry, name),
  });
  for (const entry of inScope(search, context)) {
    if (matches(entry) === true) {
      yield entry;
    }
  }
  return undefined;
}

function* inScope(search: SearchOperation, { state, identity }: SearchContext): Iterable<StoredEntry> {
  const { schema, entries } = state;
  const base = dnKey(search.base, schema);
  if (base === undefined) {
    throw new Refusal(Result.invalidDnSyntax, 'invalid DN');
  }
  if (base === '' && search.scope === 'base') {
    yield rootEntry(state);
    return;
  }
  if (!identity) {
    throw new Refusal(Result.insufficientAccess, 'anonymous may read the root entry only');
  }
  if (base === dnKey(SUBSCHEMA_DN, schema)) {
    yield subschemaEntry(state);
    return;
  }
  const baseEntry = entries.get(base);
  if (!baseEntry) {
    throw new Refusal(Result.noSuchObject, '', nearestAbove(state, base));
  }
  if (search.scope === 'base') {
    yield baseEntry;
    return;
  }
  yield* below(base, search, state);
}

function* below(base: string, search: SearchOperation, { schema, entries }: DirectoryState): Iterable<StoredEntry> {
  const tail = `,${base}`;
  const within = (key: string) =>
    search.scope === 'one' ? parentKey(key) === base : key === base || key.endsWith(tail);
  const candidates = candidateKeys(search.filter, schema, entries.withUid);
  if (candidates) {
    yield* candidates.filter(within).flatMap(key => entries.get(key) ?? []);
    return;
  }
  for (const [key, entry] of entries.all()) {
    if (within(key)) {
      yield entry;
    }
  }
}

/** The DN of the nearest entry above one that is not there. */
export function nearestAbove({ entries }: DirectoryState, key: string): string {
  for (let above = parentKey(key); above !== ''; above = parentKey(above)) {
    const entry = entries.get(above);
    if (entry) {
      return entry.dn;
    }
  }
  return '';
}

/** Which attributes of an entry are sent: named ones, `*` and `+`; `1.1` is the name of none. */
function selection(
  wanted: readonly string[],
  { state, identity }: SearchContext,
): (entry: StoredEntry) => readonly (readonly [string, readonly string[]])[] {
  const { schema } = state;
  const all = wanted.length === 0 || wanted.includes('*');
  const operational = wanted.includes('+');
  const named = [...new Set(wanted.flatMap(name => schema.attribute(name)?.name ?? []))];
  const isWanted = (name: string) => (schema.attribute(name)?.operational === true ? operational : all);
  const namesOf = (entry: StoredEntry) => {
    const extra = operational ? OPERATIONAL_NAMES : [];
    return new Set([...[...Object.keys(entry.attributes), ...extra].filter(isWanted), ...named]);
  };
  return entry => {
    const chosen: (readonly [string, readonly string[]])[] = [];
    for (const name of all || operational ? namesOf(entry) : named) {
      const values = valuesOf(state, identity, entry, name);
      if (values && values.length > 0) {
        chosen.push([name, values]);
      }
    }
    return chosen;
  };
}
