import { foldValue, sameValue } from '../accounts/account.ts';
import { withRealMatches } from '../accounts/estate-filters.ts';
import { accountClasses, type DesiredDirectory, type DesiredState } from '../core/desired.ts';
import { type Finding, mostNamed } from '../core/finding.ts';
import { printableLine } from '../core/printable.ts';
import type { EstateEdit } from '../estate/edit-estate.ts';
import { finding } from '../findings/catalogue.ts';
import { and, not, or, present } from '../ldap/filter.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import { backendNames } from '../products/cs7.ts';
import { type AccountTally, type Store, tallyAccounts } from './account-tally.ts';
import { statedValue } from './compose-estate.ts';
import { describeStores } from './describe-members.ts';
import { copySources, findAttributeNames, findSources } from './directory-attributes.ts';
import { findAccountBase, isNoAnswer, type Stated } from './directory-base.ts';
import { type DirectoryFacts, type FactPart, type Facts, type HostFacts, together } from './fact.ts';
import { findCohorts, findOdd } from './found-cohorts.ts';

/** What is known before the directory is looked at. */
export interface PeopleHints {
  /** What the hosts are configured with: suggestions, which are checked. */
  readonly hosts: readonly Pick<HostFacts, 'product' | 'directory' | 'settings'>[];
  /** What the user stated; it wins, and nothing is found for it. */
  readonly stated: readonly EstateEdit[];
  /** YYYY-MM-DD. */
  readonly day: string;
}

/**
 * What the directory says about its accounts: where they are, which attributes they carry, and which cohorts describe who is
 * on CS7. While the base or the local-user attribute is a choice nothing that depends on it is looked for: ask again with it
 * among what is stated. Of `state` only the hosts' names and how the directory is reached count. All accounts are read once;
 * some are read again to prove descriptions. Throws TargetProblem where the directory does not answer.
 */
export async function findPeople(
  state: DesiredState,
  connection: DirectoryReader,
  { hosts, stated: edits, day }: PeopleHints,
): Promise<DirectoryFacts> {
  const stated: Stated = (...path) => statedValue(edits, path);
  const suggested = hosts.flatMap(host => host.directory.base ?? []);
  const based = await findAccountBase(state.directory, connection, suggested, stated);
  const named = findAttributeNames(based.directory ?? state.directory, hosts, stated);
  const { directory } = named;
  if (!based.directory || !directory) return togetherWith(nobody, based.facts, named.facts);
  const reader = await withRealMatches(directory.base, connection);
  const schema = await reader.schema();
  const tally = await tallyAccounts(directory, schema, reader, copySources);
  const stores = new Map([...tally.stores.values()].map(({ name, members }) => [name, members.size]));
  const people = { accounts: tally.accounts, stores, mailDomains: tally.mailDomains, files: [] };
  const sources = findSources(directory, schema, tally, stated);
  const backends = findBackends(tally, hosts, stated);
  const strangers = await answerOf('whether other entries carry it', () => findStrangers(directory, reader));
  const known = [based.facts, named.facts, sources, backends, strangers, strangers.answer ?? {}];
  if (stated('cohorts') !== undefined || edits.some(({ path }) => path[0] === 'cohorts'))
    return togetherWith(people, ...known);
  const described = await answerOf('what describes them', () => describeStores(directory, reader, tally));
  const cohorts = findCohorts({ state, directory, schema, tally, described: described.answer ?? new Map() });
  const odd = findOdd(tally, directory, day);
  return togetherWith({ ...people, files: cohorts.files }, ...known, described, cohorts, odd);
}

/** What a question about accounts on CS7 leads to. A search that the directory does not answer costs only that. */
async function answerOf<T>(what: string, ask: () => Promise<T>): Promise<FactPart & { readonly answer?: T }> {
  try {
    return { answer: await ask() };
  } catch (problem) {
    if (!isNoAnswer(problem)) throw problem;
    const detail = `Of the accounts on CS7 it was not checked ${what}:\n${problem.finding.detail}`;
    return { findings: [finding('directory.not-checked', { detail, target: 'directory' })] };
  }
}

type People = Omit<DirectoryFacts, keyof Facts>;

const nobody: People = { accounts: 0, stores: new Map(), mailDomains: new Map(), files: [] };

function togetherWith(people: People, ...parts: readonly FactPart[]): DirectoryFacts {
  return { ...people, ...together(parts) };
}

/** The names that accounts may be stored under: those in use, else those that CS7 is configured with. */
function findBackends({ stores }: AccountTally, hosts: PeopleHints['hosts'], stated: Stated): FactPart {
  if (stated('cs7', 'backends') !== undefined) return {};
  const configured = [
    ...new Set(hosts.flatMap(({ product, settings }) => (product === 'cs7' ? backendsIn(settings) : []))),
  ];
  const inUse = [...stores.values()].map(({ name }) => name).toSorted();
  const unknown = inUse.filter(name => configured.length > 0 && !configured.some(one => sameValue(one, name)));
  const value = inUse.length > 0 ? inUse : configured.length > 0 ? configured : [usualBackend];
  const comment = inUse.length > 0 ? 'Stores that accounts are on.' : 'No account is on a store yet.';
  return {
    found: [{ path: ['cs7', 'backends'], value, comment }],
    findings: unknown.map(name => unknownStore(name, configured, stores.get(foldValue(name)))),
  };
}

/** The id of the only back end, where nobody chose another (Administration Guide, multiple back ends). */
const usualBackend = 'defaultbackend';

/** One serves iSchedule requests only. */
function backendsIn(settings: HostFacts['settings']): readonly string[] {
  return backendNames(settings).filter(name => name !== 'ischedulebackend');
}

function unknownStore(name: string, configured: readonly string[], store: Store | undefined): Finding {
  const members = [...(store?.members.values() ?? [])];
  return finding('cohort.wrong-side', {
    detail: `Accounts are on store ${printableLine(name)}, but CS7 is configured with ${configured.map(printableLine).join(', ')}.\nFind out where their calendars are.`,
    target: 'directory',
    about: { count: members.length, names: members.slice(0, mostNamed) },
  });
}

/** Entries that CS7 takes for its own and that are no accounts by the file: no plan looks at them. */
async function findStrangers(directory: DesiredDirectory, reader: DirectoryReader): Promise<FactPart> {
  const { localUser, base } = directory;
  const isAccount = or(...accountClasses(directory).map(({ filter }) => filter));
  const filter = and(present(localUser.attribute), not(isAccount));
  const names: string[] = [];
  let number = 0;
  for await (const { dn } of reader.search({ base, filter, attributes: ['1.1'] }))
    if (++number <= mostNamed) names.push(dn);
  if (number === 0) return {};
  const detail = `Entries carry ${localUser.attribute}, so CS7 takes them for its own accounts, but they match no class of directory.accounts.\nreconcile does not manage them. If they are accounts, widen the filter of their class.`;
  return { findings: [finding('cohort.wrong-side', { detail, target: 'directory', about: { count: number, names } })] };
}
