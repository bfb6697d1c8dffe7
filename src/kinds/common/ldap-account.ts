import type { Change } from '../../core/change.ts';
import type { Finding } from '../../core/finding.ts';
import type {
  DirectoryEntry,
  DirectoryReader,
  DirectoryWriter,
  Modification,
  ModifyResult,
} from '../../ports/directory.ts';
import type { Outcome, Work } from '../kind.ts';

/** The part of an entry that a change of one attribute is decided on. */
export interface LiveAccount {
  readonly dn: string;
  /** Values of the managed attribute. */
  readonly values: readonly string[];
  readonly hasClass: boolean;
}

/** The first value-carrying facts of an entry about `attribute` and the auxiliary class that allows it. */
export function liveAccount(entry: DirectoryEntry, attribute: string, objectClass: string): LiveAccount {
  const classes = entry.attributes.get('objectclass') ?? [];
  return {
    dn: entry.dn,
    values: entry.attributes.get(attribute.toLowerCase()) ?? [],
    hasClass: classes.some(name => name.toLowerCase() === objectClass.toLowerCase()),
  };
}

/** What the directory's schema lacks for an attribute to be written; checked before anything is. */
export async function schemaFindings(
  directory: DirectoryReader,
  attribute: string,
  objectClass: string,
): Promise<readonly Finding[]> {
  const schema = await directory.schema();
  const known = schema.objectClasses.get(objectClass.toLowerCase());
  const finding = (detail: string): Finding => ({
    severity: 'error',
    code: 'directory.schema-missing',
    summary: "The directory's schema does not know what is to be written",
    detail: `${detail}\nEvery write would be refused. Load the schema of Calendar Server 7 (comm_dssetup), or name the right one under directory.`,
    target: 'directory',
  });
  if (!schema.attributes.has(attribute.toLowerCase())) return [finding(`There is no attribute ${attribute}.`)];
  if (!known) return [finding(`There is no object class ${objectClass}.`)];
  const allowed = [...known.may, ...known.must].some(name => name.toLowerCase() === attribute.toLowerCase());
  return allowed ? [] : [finding(`Object class ${objectClass} does not allow the attribute ${attribute}.`)];
}

/** How many modifies are under way at once: more gains nothing, a server's latency only grows. */
const window = 16;

/** One modify for each account, carrying the exact old value; the auxiliary class goes with the first value. */
export async function* modifyAccounts(
  directory: DirectoryWriter,
  work: readonly Work<LiveAccount>[],
  objectClass: string,
): AsyncIterable<Outcome> {
  for (let start = 0; start < work.length; start += window) {
    const batch = work
      .slice(start, start + window)
      .flatMap(({ live, changes }) => changes.map(change => ({ live, change })));
    yield* await Promise.all(batch.map(({ live, change }) => modifyAccount(directory, live, change, objectClass)));
  }
}

async function modifyAccount(
  directory: DirectoryWriter,
  live: LiveAccount,
  change: Change,
  objectClass: string,
): Promise<Outcome> {
  const parts = modifications(change);
  const needsClass = change.after !== undefined && !live.hasClass;
  const addClass: Modification = { operation: 'add', attribute: 'objectClass', values: [objectClass] };
  const result = await directory.modify(live.dn, needsClass ? [addClass, ...parts] : parts);
  // The class may have come with another attribute of the same account since it was read.
  const settled = needsClass && result.state === 'conflict' ? await directory.modify(live.dn, parts) : result;
  return outcome(change, settled);
}

/** Deleting the exact old value lets the server refuse when somebody else was faster. */
function modifications(change: Change): readonly Modification[] {
  const list = (value: Change['after']): readonly string[] =>
    value === undefined ? [] : typeof value === 'string' ? [value] : value;
  const part = (operation: 'add' | 'delete', values: readonly string[]): readonly Modification[] =>
    values.length === 0 ? [] : [{ operation, attribute: change.key, values }];
  return [...part('delete', list(change.before)), ...part('add', list(change.after))];
}

function outcome(change: Change, result: ModifyResult): Outcome {
  if (result.state === 'done') return { change, state: 'done' };
  return { change, state: result.state === 'conflict' ? 'conflict' : 'failed', detail: result.detail };
}

/** The single value, or the whole list where there are several. */
export function oneOrList(values: readonly string[]): string | readonly string[] {
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}
