import { createHash } from 'node:crypto';
import { overlap } from '../accounts/account-searches.ts';
import { type EntryFilters, entryFilters, isRegular, notEvaluableFilter, parsed } from './entry-filters.ts';
import {
  type AccountLine,
  type EndLine,
  type HostLine,
  type SnapshotHead,
  type SnapshotLine,
  schemaLine,
} from './format.ts';
import { type DirectoryRecorder, entryRecord } from './record-directory.ts';

/** What is known before the accounts are read. */
interface Beginning {
  readonly head: SnapshotHead;
  readonly hosts: readonly HostLine[];
}

/** A snapshot as text, and how many accounts have been written of it. */
export interface SnapshotText {
  /** Reads the accounts as it goes; throws TargetProblem when they could not be read to the end. */
  lines(): AsyncIterable<string>;
  accounts(): number;
}

/** Puts a snapshot into lines. */
export function renderSnapshot(beginning: Beginning, directory: DirectoryRecorder): SnapshotText {
  const tally: Tally = { accounts: 0, irregular: new Set() };
  return {
    lines: () => digested(linesOf(beginning, directory, tally), tally),
    accounts: () => tally.accounts,
  };
}

interface Tally {
  accounts: number;
  readonly irregular: Set<string>;
}

async function* linesOf(
  { head, hosts }: Beginning,
  directory: DirectoryRecorder,
  tally: Tally,
): AsyncIterable<SnapshotLine> {
  yield head;
  yield schemaLine(await directory.schema());
  yield* hosts;
  yield* directory.searches;
  const filters = entryFilters(await directory.schema(), head.directory.attributes);
  for await (const account of readAccounts(head.directory, directory, filters)) {
    tally.accounts++;
    for (const [name, values] of Object.entries(account.attributes))
      if (!values.every(isRegular)) tally.irregular.add(name);
    yield account;
  }
}

/** Every account once, also where two searches find it. */
async function* readAccounts(
  { accounts, attributes }: SnapshotHead['directory'],
  directory: DirectoryRecorder,
  filters: EntryFilters,
): AsyncIterable<AccountLine> {
  const met = overlap(accounts) ? new Set<string>() : undefined;
  for (const search of accounts) {
    const fits = filters.compile(parsed(search.filter));
    for await (const entry of directory.search({ ...search, attributes })) {
      const record = entryRecord(entry);
      if (fits(record) !== true)
        throw notEvaluableFilter(search.filter, `It finds ${entry.dn}, whose values as they are seen do not fit it.`);
      if (met?.has(entry.dn)) continue;
      met?.add(entry.dn);
      yield { line: 'account', ...record };
    }
  }
}

/** How much goes to the disk at once, in characters. */
const chunk = 65_536;

/** The lines as text, some at a time, with the one at the end that proves that none is missing. */
async function* digested(lines: AsyncIterable<SnapshotLine>, tally: Tally): AsyncIterable<string> {
  const hash = createHash('sha256');
  let waiting = '';
  for await (const line of lines) {
    waiting += `${JSON.stringify(line)}\n`;
    if (waiting.length < chunk) continue;
    hash.update(waiting);
    yield waiting;
    waiting = '';
  }
  const { accounts, irregular } = tally;
  const sha256 = hash.update(waiting).digest('hex');
  const end: EndLine = { line: 'end', accounts, irregular: [...irregular].toSorted(), sha256 };
  yield `${waiting}${JSON.stringify(end)}\n`;
}
