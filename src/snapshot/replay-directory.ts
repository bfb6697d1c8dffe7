import { entryQuery } from '../accounts/account-searches.ts';
import { loginName } from '../core/connection.ts';
import type { DesiredDirectory } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { finding } from '../findings/catalogue.ts';
import { dnKey, isBelow, nameAbove, nameKey } from '../ldap/distinguished-name.ts';
import { type LdapFilter, parseFilter } from '../ldap/filter.ts';
import { isWithin } from '../ldap/filter-implication.ts';
import { candidateKeys } from '../ldap/filter-match.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryQuery, DirectoryReader } from '../ports/directory.ts';
import type { AccountStore } from './account-store.ts';
import { type EntryFilters, entryFilters } from './entry-filters.ts';
import { entryOf, queryKey } from './record-directory.ts';
import { given, notInIt } from './record-host.ts';
import { type EntryRecord, type SchemaLine, type SearchLine, type SnapshotHead, schemaOf } from './snapshot-format.ts';

/** All that a snapshot holds of a directory. */
export interface HeldDirectory {
  readonly head: SnapshotHead['directory'];
  readonly schema: SchemaLine;
  readonly searches: readonly SearchLine[];
  readonly accounts: AccountStore;
  readonly irregular: readonly string[];
}

const target = 'directory';

/**
 * A directory that answers from what was read of it. A search that was made gets the answer it got; one for accounts is
 * evaluated over every account, by the directory's own schema; anything else is not in it.
 */
export function replayDirectory(held: HeldDirectory, directory: DesiredDirectory): DirectoryReader {
  const { head } = held;
  const { url, bindDn } = directory;
  const schema = schemaOf(held.schema);
  const answers = new Map(held.searches.map(line => [queryKey(line.query), line]));
  const accounts = new HeldAccounts(held, schema);
  const requireSame = () => {
    if (url === head.url && bindDn === head.bindDn) return;
    throw notInIt(
      target,
      `the snapshot shows ${head.url} as ${loginName(head)} sees it, but the file has ${url} as ${loginName(directory)} sees it.`,
      again,
    );
  };
  return {
    server: async () => undefined,
    password: async () => ({}),
    schema: async () => {
      requireSame();
      return schema;
    },
    async *search(query) {
      requireSame();
      const known = answers.get(queryKey(query));
      if (known) for (const entry of given(known.result)) yield entryOf(entry);
      else yield* accounts.search(query, held.searches);
    },
  };
}

const again = 'Take a new snapshot in a job with credentials, with the changed file:';

/** The accounts of a snapshot, and the single entries that were read beside them. */
class HeldAccounts {
  readonly #held: HeldDirectory;
  readonly #filters: EntryFilters;

  constructor(held: HeldDirectory, schema: DirectorySchema) {
    this.#held = held;
    this.#filters = entryFilters(schema, held.head.attributes, held.irregular);
  }

  *search(query: DirectoryQuery, searches: readonly SearchLine[]): Iterable<DirectoryEntry> {
    const single = query.scope === 'base' && !query.virtualOnly ? this.#wholeEntry(query.base, searches) : undefined;
    if (!single && !this.#isForAccounts(query))
      throw notInIt(target, `${query.base} was not searched for ${query.filter}.`, withGroup, ['--group', query.base]);
    const filter = this.#evaluableFilter(query);
    const fits = this.#filters.compile(filter);
    const shown = this.#selection(query);
    const candidates = single ? given(single.result) : this.#candidates(query, filter);
    for (const entry of candidates) if (fits(entry) === true) yield shown(entry);
  }

  #isForAccounts(query: DirectoryQuery): boolean {
    return !query.virtualOnly && !query.referrals && this.#held.head.accounts.some(one => isWithin(query, one));
  }

  *#candidates({ scope, base }: DirectoryQuery, filter: LdapFilter): Iterable<EntryRecord> {
    if (scope === 'base') {
      const account = this.#held.accounts.named(this.#key(base), dn => this.#key(dn));
      if (!account) throw baseMissing(base);
      yield account;
    } else yield* this.#below(base, filter);
  }

  *#below(base: string, filter: LdapFilter): Iterable<EntryRecord> {
    const { accounts } = this.#held;
    const { rules } = this.#filters;
    const withUid = (uid: string) => accounts.withUid(uid, value => rules.attribute('uid')?.normalize(value) ?? value);
    const numbers = candidateKeys(filter, rules, withUid);
    const within = belowTest(base);
    let anybody = false;
    for (const account of numbers ? accounts.some(numbers) : accounts.all()) {
      if (!within(account.dn)) continue;
      anybody = true;
      yield account;
    }
    if (!anybody) this.#requireBase(base);
  }

  /** Where nobody is found below a base it may be empty, or not be there: two different things. */
  #requireBase(base: string): void {
    const { head, accounts } = this.#held;
    const known = head.bases.find(one => nameKey(one.base) === nameKey(base));
    if (known?.there === false) throw baseMissing(base);
    if (known || head.accounts.some(one => nameKey(one.base) === nameKey(base))) return;
    const within = belowTest(base);
    for (const { dn } of accounts.all()) if (within(dn)) return;
    throw notInIt(target, `no account was below ${base}, and it was not checked whether it exists.`, again);
  }

  #evaluableFilter({ filter }: DirectoryQuery): LdapFilter {
    const parsed = parseFilter(filter);
    if ('problem' in parsed) throw notInIt(target, `${filter} is not a filter: ${parsed.problem.reason}.`, again);
    const reason = this.#filters.notEvaluable(parsed.filter);
    if (reason === undefined) return parsed.filter;
    throw notInIt(target, `a filter needs ${reason}`, withAttribute);
  }

  #selection({ attributes }: DirectoryQuery): (entry: EntryRecord) => DirectoryEntry {
    const { firstName, isHeld } = this.#filters;
    const wanted = new Set(attributes.filter(name => name !== '1.1').map(firstName));
    const lacking = [...wanted].find(name => !isHeld(name));
    if (lacking !== undefined)
      throw notInIt(target, `the attribute ${lacking} is needed.`, withAttribute, ['--attribute', lacking]);
    return ({ dn, attributes: held }) => ({
      dn,
      attributes: new Map(Object.entries(held).filter(([name]) => wanted.has(firstName(name)))),
    });
  }

  /** The entry of a name with all that is held of accounts, where it was read so. */
  #wholeEntry(base: string, searches: readonly SearchLine[]): SearchLine | undefined {
    const wanted = queryKey(entryQuery(base, this.#held.head.attributes));
    return searches.find(({ query }) => queryKey(query) === wanted);
  }

  #key(dn: string): string {
    return dnKey(dn, this.#filters.rules) ?? nameKey(dn);
  }
}

const withGroup = 'Take a new snapshot with the changed file, or name a group for a new cohort:';

const withAttribute = 'Take a new snapshot with the changed file, or name the attribute:';

/** Whether names are below a base; accounts of one folder have the rest of their names in common, which is looked at once. */
function belowTest(base: string): (dn: string) => boolean {
  const folders = new Map<string, boolean>();
  return dn => {
    const folder = nameAbove(dn);
    if (folder === undefined) return isBelow(dn, base);
    const known = folders.get(folder) ?? isBelow(folder, base);
    folders.set(folder, known);
    return known || isBelow(dn, base);
  };
}

function baseMissing(base: string): TargetProblem {
  return new TargetProblem(
    finding('directory.base-missing', {
      detail: `${base} did not exist when the snapshot was taken.\nCorrect the base, or let the bind entry see it: some servers deny what they hide.`,
      target,
    }),
  );
}
