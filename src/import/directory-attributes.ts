import type { DesiredDirectory } from '../core/desired.ts';
import { count } from '../core/units.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import { cs7Attributes, cs7Options } from '../products/cs7.ts';
import type { AccountTally } from './account-tally.ts';
import type { Stated } from './directory-base.ts';
import type { Choice, Facts, Found, HostFacts } from './fact.ts';

/** Attributes in which servers keep an id of their own for each entry (Sun and 389; RFC 4530; FreeIPA). */
const ownIds: readonly string[] = [cs7Attributes.copyFrom, 'entryUUID', 'ipaUniqueID'];

/** Attributes that a site may have copied its unique ids from. */
export const copySources: readonly string[] = [...ownIds, 'uid', 'mail', 'employeeNumber'];

/** The two attributes, and where the file says something about each. */
const roles = ['localUser', 'uniqueId'] as const;

type Role = (typeof roles)[number];

/** The names of the attributes, as far as they are decided. */
export interface FoundNames {
  /** Absent while two hosts have different local-user attributes: nothing says then who is on CS7. */
  readonly directory?: DesiredDirectory;
  readonly facts: Facts;
}

/** Names of attributes as the schema of the estate file has them. */
const attributeName = /^[A-Za-z][A-Za-z0-9-]*$/;

/** The names of the two attributes: as CS7 is configured, where that is not what is usual. */
export function findAttributeNames(
  directory: DesiredDirectory,
  hosts: readonly Pick<HostFacts, 'directory'>[],
  stated: Stated,
): FoundNames {
  const found: Found[] = [];
  const choices: Choice[] = [];
  const names: Record<Role, string> = { localUser: cs7Attributes.localUser, uniqueId: cs7Attributes.uniqueId };
  for (const role of roles) {
    const path = ['directory', role, 'attribute'];
    const said = stated(...path);
    const live = distinctNames(hosts.flatMap(host => host.directory[role] ?? []));
    const [first = names[role]] = live;
    if (typeof said !== 'string' && live.length > 1) choices.push(whichAttribute(role, live));
    else if (typeof said !== 'string' && !isSame(first, names[role]))
      found.push({ path, value: first, comment: `${cs7Options[role]} of CS7.` });
    names[role] = typeof said === 'string' ? said : first;
  }
  const facts = { found, choices, findings: [] };
  if (choices.some(({ path }) => path[1] === 'localUser')) return { facts };
  return { directory: withNames(directory, names, stated), facts };
}

function distinctNames(names: readonly string[]): readonly string[] {
  const valid = names.filter(name => attributeName.test(name));
  return [...new Map(valid.map(name => [name.toLowerCase(), name])).values()];
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function whichAttribute(role: Role, live: readonly string[]): Choice {
  return {
    path: ['directory', role, 'attribute'],
    question:
      role === 'localUser' ? 'Which attribute makes an account local to CS7?' : 'Which attribute is the unique id?',
    detail: `${cs7Options[role]} differs between the CS7 hosts: ${live.join(', ')}.\nIt must be the same on all of them.`,
    candidates: live,
  };
}

function withNames(directory: DesiredDirectory, names: Record<Role, string>, stated: Stated): DesiredDirectory {
  const text = (role: Role, key: string, usual: string) => {
    const said = stated('directory', role, key);
    return typeof said === 'string' ? said : usual;
  };
  const { copyFrom, objectClass } = cs7Attributes;
  return {
    ...directory,
    uniqueId: {
      attribute: names.uniqueId,
      copyFrom: text('uniqueId', 'copyFrom', copyFrom),
      objectClass: text('uniqueId', 'objectClass', objectClass),
    },
    localUser: { attribute: names.localUser, objectClass: text('localUser', 'objectClass', objectClass) },
  };
}

/** The object classes that go with the attributes, and where missing unique ids are copied from. */
export function findSources(
  directory: DesiredDirectory,
  schema: DirectorySchema,
  tally: AccountTally,
  stated: Stated,
): Facts {
  const parts = [
    ...roles.map(role => objectClassOf(role, directory[role], schema, tally, stated)),
    copySourceOf(directory, schema, tally, stated),
  ];
  return {
    found: parts.flatMap(part => (part && 'value' in part ? [part] : [])),
    choices: parts.flatMap(part => (part && 'question' in part ? [part] : [])),
    findings: [],
  };
}

/** A class that allows the attribute, where the usual one does not; nothing where the schema has no such class either. */
function objectClassOf(
  role: Role,
  { attribute, objectClass }: { readonly attribute: string; readonly objectClass: string },
  schema: DirectorySchema,
  tally: AccountTally,
  stated: Stated,
): Found | Choice | undefined {
  const path = ['directory', role, 'objectClass'];
  if (schema.attributes.get(attribute.toLowerCase())?.operational) return undefined;
  const allows = ({ may, must }: { readonly may: readonly string[]; readonly must: readonly string[] }) =>
    [...may, ...must].includes(attribute.toLowerCase());
  const usual = schema.objectClasses.get(objectClass.toLowerCase());
  if (stated(...path) !== undefined || (usual && allows(usual))) return undefined;
  const allowing = [...schema.objectClasses].filter(([, one]) => one.auxiliary && allows(one)).map(([name]) => name);
  const carried = allowing.filter(name => tally.allCarry(role, name));
  const [only] = allowing.length === 1 ? allowing : carried;
  const isClear = allowing.length === 1 || carried.length === 1;
  if (allowing.length === 0) return undefined;
  if (isClear && only !== undefined)
    return { path, value: only, comment: `The object class of this directory that allows ${attribute}.` };
  return {
    path,
    question: `Which object class is added to an account that gets ${attribute}?`,
    detail: `The schema has no ${objectClass} that allows ${attribute}. These auxiliary classes allow it: ${allowing.join(', ')}.`,
    candidates: allowing,
  };
}

/** What the unique ids that are there were copied from; where that does not show, what all accounts without one have. */
function copySourceOf(
  { uniqueId: { attribute } }: DesiredDirectory,
  schema: DirectorySchema,
  tally: AccountTally,
  stated: Stated,
): Found | Choice | undefined {
  const path = ['directory', 'uniqueId', 'copyFrom'];
  const missing = tally.withoutId;
  if (stated(...path) !== undefined || missing === 0) return undefined;
  const known = copySources.filter(name => schema.attributes.has(name.toLowerCase()) && !isSame(name, attribute));
  const copied = likeliest(known, name => tally.copiedFrom(name));
  const candidates = copied.length > 0 ? preferUsual(copied) : fitting(known, missing, tally);
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1)
    return only === cs7Attributes.copyFrom
      ? undefined
      : { path, value: only, comment: sourceComment(only, attribute, copied.length > 0) };
  const counts = candidates.map(name => `${name}: ${count(tally.couldCopy(name), 'account')}`);
  return {
    path,
    question: `Which attribute is copied to accounts without ${attribute}?`,
    detail: [
      `${count(missing, 'account has', 'accounts have')} no ${attribute}.`,
      ...(counts.length > 0 ? ['Of these, so many have:', ...counts] : [`None of them has ${ownIds.join(', ')}.`]),
    ].join('\n'),
    candidates,
  };
}

/** The servers' own ids that accounts without a unique id have: those that all of them have, else those that some have. */
function fitting(known: readonly string[], missing: number, tally: AccountTally): readonly string[] {
  const some = known
    .filter(name => ownIds.includes(name) && tally.couldCopy(name) > 0)
    .toSorted((a, b) => tally.couldCopy(b) - tally.couldCopy(a));
  const whole = some.filter(name => tally.couldCopy(name) === missing);
  const isDoubtful = some.includes(cs7Attributes.copyFrom) && !whole.includes(cs7Attributes.copyFrom);
  return whole.length > 0 && !isDoubtful ? preferUsual(whole) : some;
}

/** What is usual, where it is as good as others. */
function preferUsual(names: readonly string[]): readonly string[] {
  return names.includes(cs7Attributes.copyFrom) ? [cs7Attributes.copyFrom] : names;
}

/** Those with the highest count; none where that is 0. */
function likeliest(names: readonly string[], countOf: (name: string) => number): readonly string[] {
  const most = Math.max(0, ...names.map(countOf));
  return most === 0 ? [] : names.filter(name => countOf(name) === most);
}

function sourceComment(source: string, attribute: string, isCopied: boolean): string {
  return isCopied
    ? `Accounts with ${attribute} have the value of ${source} in it.`
    : `Accounts without ${attribute} have ${source}.`;
}
