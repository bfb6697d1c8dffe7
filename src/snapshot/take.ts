import { createHash } from 'node:crypto';
import { accountSearches, entriesOf, entryQuery, overlap } from '../accounts/account-searches.ts';
import { targetId } from '../core/change.ts';
import type { DesiredState } from '../core/desired.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import { accountAttributes } from '../kinds/cs6-calendar/owners.ts';
import { ldapCohort } from '../kinds/ldap-cohort/ldap-cohort.ts';
import { ldapLogin } from '../kinds/ldap-login/ldap-login.ts';
import { ldapUniqueId } from '../kinds/ldap-unique-id/ldap-unique-id.ts';
import type { BoundTarget } from '../kinds/managed-kind.ts';
import { targetsOf } from '../kinds/registry.ts';
import type { ReadPorts } from '../ports/ports.ts';
import {
  type EntryFilters,
  entryFilters,
  filterAttributes,
  isRegular,
  notEvaluableFilter,
  parsed,
  requireEvaluable,
} from './entry-filters.ts';
import { type DirectoryRecorder, entryRecord, recordDirectory } from './record-directory.ts';
import { recordHost } from './record-host.ts';
import {
  type AccountLine,
  type EndLine,
  formatVersion,
  type HostLine,
  type SnapshotHead,
  type SnapshotLine,
  schemaLine,
} from './snapshot-format.ts';

/** What is known before the accounts are read. */
interface Beginning {
  readonly head: SnapshotHead;
  readonly hosts: readonly HostLine[];
}

/** A snapshot as text, and how many accounts have been written of it. */
interface SnapshotText {
  /** Reads the accounts as it goes; throws TargetProblem when they could not be read to the end. */
  lines(): AsyncIterable<string>;
  accounts(): number;
}

/** Puts a snapshot into lines. */
function renderSnapshot(beginning: Beginning, directory: DirectoryRecorder): SnapshotText {
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
        throw notEvaluableFilter(search.filter, `It finds ${entry.dn}, whose visible values do not match it.`);
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

/** What a snapshot is taken of, and what more than the file asks for is to be in it. */
export interface SnapshotWish {
  readonly state: DesiredState;
  /** Attributes of accounts. */
  readonly attributes: readonly string[];
  /** DNs of groups. */
  readonly groups: readonly string[];
  /** Whether the calendars of every CS6 host are listed, also where the file deletes none. */
  readonly calendars: boolean;
  readonly takenAt: string;
  readonly tool: string;
}

/** What is in a snapshot. */
export interface SnapshotFacts {
  readonly head: SnapshotHead;
  readonly hosts: readonly HostLine[];
  /** The targets that could not be read whole, as the kinds tell it. */
  readonly unread: readonly Finding[];
}

/** A snapshot about to be written: what the hosts answered is there, the accounts are read while it is written. */
export interface Taking extends SnapshotText {
  readonly facts: SnapshotFacts;
}

/**
 * Lets every kind read what it reads for a plan and records that, over a file made wider: what a change of the file may ask
 * for without another reading is read too. Throws TargetProblem when the directory cannot be read.
 */
export async function takeSnapshot(wish: SnapshotWish, ports: ReadPorts): Promise<Taking> {
  const asked = wish.calendars ? withCalendars(wish.state) : wish.state;
  const state = withRestarts(asked);
  const searches = accountSearches(state.directory);
  const directory = recordDirectory(searches, ports.directory());
  const hosts = new Map(state.hosts.map(({ name, access }) => [name, recordHost(name, access, ports.host(name))]));
  const recording: ReadPorts = {
    ...ports,
    directory: () => directory,
    host: name => hosts.get(name) ?? ports.host(name),
  };
  const unread = await readAll(targetsOf(state), new Set(targetsOf(asked).map(targetId)), recording);
  for (const dn of wish.groups) await entriesOf(entryQuery(dn, groupAttributes), directory);
  const attributes = attributesOf(wish, directory);
  await entriesOf(entryQuery(state.directory.base, attributes), directory);
  if (directory.failure) throw directory.failure;
  requireEvaluable(state, entryFilters(await directory.schema(), attributes));
  const { url, bindDn } = state.directory;
  const head: SnapshotHead = {
    line: 'snapshot',
    formatVersion,
    tool: wish.tool,
    estate: state.name,
    takenAt: wish.takenAt,
    directory: {
      url,
      ...(bindDn !== undefined && { bindDn }),
      accounts: searches,
      attributes,
      bases: [...directory.bases.values()],
    },
  };
  const facts = { head, hosts: [...hosts.values()].map(host => host.line()), unread };
  return { facts, ...renderSnapshot(facts, directory) };
}

const groupAttributes = ['uniqueMember', 'member', 'memberURL'];

/** What a changed file may turn on: a restart that was left to a person. */
function withRestarts(state: DesiredState): DesiredState {
  const hosts = state.hosts.map(host =>
    typeof host.restart === 'string' ? { ...host, restart: 'after-change' as const } : host,
  );
  return { ...state, hosts };
}

/** The calendars of a cohort that nobody is in: those of every CS6 host are listed then. */
function withCalendars(state: DesiredState): DesiredState {
  const { source } = state.directory;
  const name = 'reconcile-snapshot';
  const deleting = { name, members: { list: [] }, store: name, migrated: { deleteCalendars: true }, source };
  return { ...state, cohorts: [deleting, ...state.cohorts] };
}

/** What every kind wants of accounts, whatever the file turns on, and all that a filter looked at. */
function attributesOf({ state, attributes }: SnapshotWish, directory: DirectoryRecorder): readonly string[] {
  const kinds = [ldapUniqueId, ldapCohort, ldapLogin].flatMap(kind => kind.attributes(state));
  const all = [
    ...accountAttributes(state),
    ...kinds,
    ...filterAttributes(state),
    ...directory.attributes,
    ...attributes,
  ];
  return [...new Set(all.map(name => name.toLowerCase()))].toSorted();
}

/** Reads what plans may read and keeps nothing of it; gives the problems with those that the file asks for. */
async function readAll(
  targets: readonly BoundTarget[],
  asked: ReadonlySet<string>,
  ports: ReadPorts,
): Promise<readonly Finding[]> {
  const problems = await Promise.all(
    targets.map(async target => ({ id: targetId(target), problem: await readTarget(target, ports) })),
  );
  return problems.flatMap(({ id, problem }) => (problem && asked.has(id) ? [problem] : []));
}

async function readTarget(target: BoundTarget, ports: ReadPorts): Promise<Finding | undefined> {
  try {
    // Both begin in the same turn, as they do for a plan: what they ask of a host goes there in one trip.
    const inspected = target.inspect(ports);
    inspected.catch(() => {});
    for await (const _ of target.items(ports));
    await inspected;
    return undefined;
  } catch (problem) {
    if (problem instanceof TargetProblem) return problem.finding;
    throw problem;
  }
}
