import type { Change } from '../../core/change.ts';
import { type Finding, TargetProblem } from '../../core/finding.ts';
import { finding, hasCode } from '../../findings/catalogue.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type {
  DirectoryEntry,
  DirectoryReader,
  DirectoryWriter,
  Modification,
  ModifyResult,
} from '../../ports/directory.ts';
import type { WritePorts } from '../../ports/ports.ts';
import type { Outcome, Work } from '../managed-kind.ts';
import { inFlight, untilStopped } from './in-flight.ts';

/** The attribute that keeps an account from logging in to CS6 (chapter 10, "Configuring the Calendar Server 6 Environment", step 4). */
export const loginAttribute = 'icsAllowedServiceAccess';

/** The values of an attribute, whatever its case. */
export function valuesOf({ attributes }: DirectoryEntry, attribute: string): readonly string[] {
  return attributes.get(attribute.toLowerCase()) ?? [];
}

/** Whether an account has an object class, in whichever case. */
export function hasClass(account: DirectoryEntry, objectClass: string): boolean {
  return valuesOf(account, 'objectClass').some(name => name.toLowerCase() === objectClass.toLowerCase());
}

/** Whether two values are one to a directory that ignores case and repeated blanks, as these attributes' rule does. */
export function sameValue(a: string, b: string): boolean {
  const folded = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase();
  return folded(a) === folded(b);
}

/** What the directory's schema lacks for an attribute to be written; checked before anything is. */
export async function schemaFindings(
  directory: DirectoryReader,
  attribute: string,
  objectClass: string,
): Promise<readonly Finding[]> {
  const schema = await directory.schema();
  const known = schema.objectClasses.get(objectClass.toLowerCase());
  const missing = (detail: string): Finding =>
    finding('directory.schema-missing', {
      detail: `${detail}\nEvery write would be refused. Load the schema of Calendar Server 7 (comm_dssetup), or name the right one under directory.`,
      target: 'directory',
    });
  if (!schema.attributes.has(attribute.toLowerCase())) return [missing(`There is no attribute ${attribute}.`)];
  if (!known) return [missing(`There is no object class ${objectClass}.`)];
  const fits = [...known.may, ...known.must].includes(attribute.toLowerCase());
  return fits ? [] : [missing(`Object class ${objectClass} does not allow the attribute ${attribute}.`)];
}

/** Modifies under way at once: with 32 both OpenLDAP and 389 reach their full speed, more only makes each wait longer. */
const mostUnderWay = 32;

/** A modify that takes longer than this, in milliseconds, says that the server has more than enough to do. */
const slow = 250;

/**
 * One modify for each account, carrying the exact old values; the auxiliary class goes with the first value. Throws
 * TargetProblem once all have ended where the outcome of one is not known.
 */
export async function* modifyAccounts(
  ports: WritePorts,
  work: readonly Work<DirectoryEntry>[],
  objectClass: string,
): AsyncIterable<Outcome> {
  const directory = ports.directory();
  const schema = await directory.schema();
  const changes = work.flatMap(one => one.changes.map(change => ({ account: one.live, change })));
  let allowed = 8;
  let unknown: TargetProblem | undefined;
  const settle = async ({ account, change }: { readonly account: DirectoryEntry; readonly change: Change }) => {
    const began = ports.elapsed();
    const { outcome, problem } = await modifyAccount(directory, account, change, objectClass, schema);
    unknown ??= problem;
    allowed = ports.elapsed() - began > slow ? Math.max(1, allowed / 2) : Math.min(mostUnderWay, allowed + 1);
    return outcome;
  };
  yield* inFlight(untilStopped(changes, ports), () => allowed, settle);
  if (unknown) throw unknown;
}

async function modifyAccount(
  directory: DirectoryWriter,
  account: DirectoryEntry,
  change: Change,
  objectClass: string,
  schema: DirectorySchema,
): Promise<{ readonly outcome: Outcome; readonly problem?: TargetProblem }> {
  const parts = modifications(change);
  const needsClass = change.after !== undefined && !allows(account, change.key, schema);
  const addClass: Modification = { operation: 'add', attribute: 'objectClass', values: [objectClass] };
  const dropsClass = change.withClass && change.after === undefined && hasClass(account, objectClass);
  const dropClass: Modification = { operation: 'delete', attribute: 'objectClass', values: [objectClass] };
  try {
    // The server knows whether something else of the account needs the class: it refuses then, and the value goes alone.
    if (dropsClass && (await directory.modify(account.dn, [...parts, dropClass])).state === 'done') {
      return { outcome: { change, state: 'done', detail: `with object class ${objectClass}` } };
    }
    const result = await directory.modify(account.dn, needsClass ? [addClass, ...parts] : parts);
    // The class may have come with another attribute of the same account since it was read.
    const settled = needsClass && result.state === 'conflict' ? await directory.modify(account.dn, parts) : result;
    return { outcome: outcomeOf(change, settled) };
  } catch (problem) {
    if (!(problem instanceof TargetProblem) || !hasCode(problem.finding, 'directory.outcome-unknown')) throw problem;
    return { outcome: { change, state: 'unknown', detail: problem.finding.detail }, problem };
  }
}

/** Whether one of the account's classes allows an attribute already. */
export function allows(account: DirectoryEntry, attribute: string, schema: DirectorySchema): boolean {
  return valuesOf(account, 'objectClass').some(name => {
    const known = schema.objectClasses.get(name.toLowerCase());
    return [...(known?.may ?? []), ...(known?.must ?? [])].includes(attribute.toLowerCase());
  });
}

/** Deleting the exact old value lets the server refuse when somebody else was faster. */
function modifications(change: Change): readonly Modification[] {
  const list = (value: Change['after']): readonly string[] =>
    value === undefined ? [] : typeof value === 'string' ? [value] : value;
  const part = (operation: 'add' | 'delete', values: readonly string[]): readonly Modification[] =>
    values.length === 0 ? [] : [{ operation, attribute: change.key, values }];
  return [...part('delete', list(change.before)), ...part('add', list(change.after))];
}

function outcomeOf(change: Change, result: ModifyResult): Outcome {
  if (result.state === 'done') return { change, state: 'done' };
  return { change, state: result.state === 'conflict' ? 'conflict' : 'failed', detail: result.detail };
}

/** The single value, or the whole list where there are several. */
export function oneOrList(values: readonly string[]): string | readonly string[] {
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}
