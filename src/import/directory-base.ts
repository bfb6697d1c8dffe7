import { accountSearches, entriesOf, entryQuery } from '../accounts/account-searches.ts';
import { countAccounts } from '../accounts/read-accounts.ts';
import type { AccountClass, DesiredDirectory } from '../core/desired.ts';
import { TargetProblem } from '../core/finding.ts';
import { printableLine } from '../core/printable.ts';
import { count } from '../core/units.ts';
import type { FileValue } from '../estate/edit-estate.ts';
import { hasCode } from '../findings/catalogue.ts';
import { isBelow, modernName, nameKey } from '../ldap/distinguished-name.ts';
import { equals } from '../ldap/filter.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryReader } from '../ports/directory.ts';
import type { Choice, Facts } from './fact.ts';

/** The classes of accounts, and the object class that each has where the file says nothing. */
export const accountKinds = {
  users: 'icsCalendarUser',
  groups: 'icsCalendarGroup',
  resources: 'icsCalendarResource',
} as const;

type AccountKind = keyof typeof accountKinds;

/** What the user stated about a key of the estate file; `undefined`: nothing. */
export type Stated = (...path: readonly string[]) => FileValue | undefined;

/** Where the accounts are and what counts as one, as far as that is decided. */
export interface FoundAccounts {
  /** With base and classes; absent while the base is not decided. */
  readonly directory?: DesiredDirectory;
  readonly facts: Facts;
}

/**
 * The subtree that has the accounts. What hosts are configured with is taken if there are accounts below it; otherwise each
 * naming context is looked at (RFC 4512, 5.1). Nothing is chosen where several have accounts, or none has.
 */
export async function findAccountBase(
  directory: DesiredDirectory,
  reader: DirectoryReader,
  suggested: readonly string[],
  stated: Stated,
): Promise<FoundAccounts> {
  const schema = await reader.schema();
  const at = (base: string) => withBase(directory, base, stated, schema);
  const said = stated('directory', 'base');
  if (typeof said === 'string') return { directory: at(said), facts: classFacts(schema, stated) };
  const contexts = await namingContexts(reader);
  for (const names of [distinct(suggested), contexts]) {
    const bases = await withAccounts(names, at, reader);
    const [only] = bases;
    if (only && bases.length === 1) {
      const found = [{ path: ['directory', 'base'], value: only.base }];
      const classes = classFacts(schema, stated);
      return { directory: at(only.base), facts: { ...classes, found: [...found, ...classes.found] } };
    }
    if (only) return { facts: { found: [], choices: [whichBase(bases)], findings: [] } };
  }
  return { facts: { found: [], choices: [noAccounts(distinct([...suggested, ...contexts]))], findings: [] } };
}

/** Each name once, however it is written. */
function distinct(names: readonly string[]): readonly string[] {
  return [...new Map(names.filter(name => name.trim() !== '').map(name => [nameKey(name), name])).values()];
}

/** The tops of the trees that the server holds; its own configuration is in none of them, or has no accounts. */
async function namingContexts(reader: DirectoryReader): Promise<readonly string[]> {
  try {
    const [root] = await entriesOf(entryQuery('', ['namingContexts']), reader);
    return distinct(root?.attributes.get('namingcontexts') ?? []);
  } catch (problem) {
    if (isNoAnswer(problem)) return [];
    throw problem;
  }
}

interface CountedBase {
  readonly base: string;
  readonly accounts: number;
}

/** The bases with accounts, the largest first; one that has the same accounts as a base above it is left out. */
async function withAccounts(
  bases: readonly string[],
  at: (base: string) => DesiredDirectory,
  reader: DirectoryReader,
): Promise<readonly CountedBase[]> {
  const peopled: string[] = [];
  for (const base of bases) if ((await accountsBelow(at(base), reader, 1)) > 0) peopled.push(base);
  if (peopled.length < 2) return peopled.map(base => ({ base, accounts: 1 }));
  const counted: CountedBase[] = [];
  for (const base of peopled)
    counted.push({ base, accounts: await accountsBelow(at(base), reader, Number.POSITIVE_INFINITY) });
  const isDouble = (one: CountedBase) =>
    counted.some(other => other !== one && isBelow(one.base, other.base) && other.accounts === one.accounts);
  return counted.filter(one => !isDouble(one)).toSorted((a, b) => b.accounts - a.accounts);
}

/** How many accounts there are, up to `atMost`; none where the base cannot be searched. */
async function accountsBelow(directory: DesiredDirectory, reader: DirectoryReader, atMost: number): Promise<number> {
  if (accountSearches(directory).length === 0) return 0;
  try {
    return (await countAccounts(directory, reader, atMost)).counted;
  } catch (problem) {
    if (isNoAnswer(problem)) return 0;
    throw problem;
  }
}

/** Whether a search had no answer that can be used, which says nothing about any other search. */
export function isNoAnswer(problem: unknown): problem is TargetProblem {
  return problem instanceof TargetProblem && hasCode(problem.finding, ...noAnswer);
}

const noAnswer = ['directory.base-missing', 'directory.search-incomplete', 'directory.referral'] as const;

/** The directory with this base; a class of accounts is where and what the user stated, or what is usual. */
function withBase(
  { users: _, groups: __, resources: ___, ...directory }: DesiredDirectory,
  base: string,
  stated: Stated,
  schema: DirectorySchema,
): DesiredDirectory {
  const classes = accountKindNames.flatMap(kind => {
    const found = classOf(kind, modernName(base), stated, schema);
    return found ? [[kind, found] as const] : [];
  });
  return { ...directory, base: modernName(base), ...Object.fromEntries(classes) };
}

const accountKindNames: readonly AccountKind[] = ['users', 'groups', 'resources'];

function classOf(kind: AccountKind, base: string, stated: Stated, schema: DirectorySchema): AccountClass | undefined {
  if (stated('directory', 'accounts', kind) === 'none' || isMissing(kind, schema, stated)) return undefined;
  const [ownBase, filter] = ['base', 'filter'].map(key => stated('directory', 'accounts', kind, key));
  return {
    base: typeof ownBase === 'string' ? modernName(ownBase) : base,
    filter: typeof filter === 'string' ? filter : equals('objectClass', accountKinds[kind]),
  };
}

/** Whether the schema has no class for this kind of account, so that there is none. */
function isMissing(kind: AccountKind, { objectClasses }: DirectorySchema, stated: Stated): boolean {
  return (
    stated('directory', 'accounts', kind) === undefined &&
    stated('directory', 'accounts', kind, 'filter') === undefined &&
    !objectClasses.has(accountKinds[kind].toLowerCase())
  );
}

/** A kind of account whose class the schema does not have is none. */
function classFacts(schema: DirectorySchema, stated: Stated): Facts {
  const missing = accountKindNames.filter(kind => isMissing(kind, schema, stated));
  const found = missing.map(kind => ({
    path: ['directory', 'accounts', kind],
    value: 'none',
    comment: `The schema of the directory has no object class ${accountKinds[kind]}.`,
  }));
  return { found, choices: [], findings: [] };
}

function whichBase(bases: readonly CountedBase[]): Choice {
  return {
    path: ['directory', 'base'],
    question: 'Which subtree of the directory has the accounts?',
    detail: bases.map(one => `${printableLine(one.base)}: ${count(one.accounts, 'account')}`).join('\n'),
    candidates: bases.map(({ base }) => base),
  };
}

function noAccounts(bases: readonly string[]): Choice {
  const classes = Object.values(accountKinds).join(', ');
  const looked = bases.length > 0 ? ` below ${bases.map(printableLine).join(', ')}` : '';
  return {
    path: ['directory', 'base'],
    question: 'Which subtree of the directory has the accounts?',
    detail: `No entry${looked} with one of the object classes ${classes} is visible to this login.\nIf the accounts have another class, also set directory.accounts.users.filter.`,
    candidates: bases,
  };
}
