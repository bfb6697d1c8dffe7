import type { Change } from '../core/change.ts';
import { allChanges, type Changes } from '../core/change-list.ts';
import { inFlight, untilStopped } from '../core/collections.ts';
import { type Finding, TargetProblem } from '../core/finding.ts';
import type { Outcome, Work } from '../core/run.ts';
import { finding, hasCode } from '../findings/catalogue.ts';
import { nameKey, parentKey } from '../ldap/distinguished-name.ts';
import type { DirectorySchema } from '../ldap/schema.ts';
import type { DirectoryEntry, DirectoryWriter, Modification, ModifyResult, WouldModify } from '../ports/directory.ts';
import type { WritePorts } from '../ports/ports.ts';
import { hasClass, valuesOf } from './account.ts';
import { entriesOf } from './account-searches.ts';

type ChangingSteps = readonly { readonly changes: Changes }[];

/** Accounts that are asked about; of more containers the rest is seen when it is written. */
const mostAsked = 8;

/**
 * What keeps the directory from taking these changes, as far as it can be found out without changing anything: asked
 * before the first host is touched, because hosts that were restarted for accounts that cannot be moved were restarted for
 * nothing. One account of each container is asked about, with the attributes that change on it. An answer that says
 * neither yes nor no is no problem: the change itself will show.
 */
export async function findWriteProblem(steps: ChangingSteps, directory: DirectoryWriter): Promise<Finding | undefined> {
  if (steps.every(({ changes }) => changes.length === 0)) return undefined;
  const schema = await directory.schema();
  for (const [dn, own] of examplesOf(steps)) {
    const query = { base: dn, scope: 'base', filter: '(objectClass=*)', attributes: ['objectClass'] } as const;
    const [entry] = await entriesOf(query, directory);
    const answer = entry && (await directory.wouldModify(dn, attributesOf(own, entry, schema)));
    const problem =
      answer && findWriteRefusal(answer, ['No part of this plan was applied: no account and no host was changed.']);
    if (problem) return problem;
  }
  return undefined;
}

/** The first account of each container and attribute, with all that changes on it: rights differ by these. */
function examplesOf(steps: ChangingSteps): Iterable<readonly [string, readonly Change[]]> {
  const examples = new Map<string, Change[]>();
  for (const dn of exampleNames(steps)) examples.set(dn, []);
  for (const change of allChanges(steps)) examples.get(change.item)?.push(change);
  return examples;
}

function exampleNames(steps: ChangingSteps): ReadonlySet<string> {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  for (const { item, key } of allChanges(steps)) {
    if (names.size === mostAsked) break;
    // Most names are spelled alike: one of a container and attribute that was met need not be taken apart.
    const spelled = `${item.slice(item.indexOf(','))} ${key}`;
    if (seen.has(spelled)) continue;
    if (seen.size < mostSpelled) seen.add(spelled);
    const place = JSON.stringify([parentKey(nameKey(item)), key]);
    if (!names.has(place)) names.set(place, item);
  }
  return new Set(names.values());
}

/** Spellings of containers that are noted. */
const mostSpelled = 1000;

function attributesOf(changes: readonly Change[], entry: DirectoryEntry, schema: DirectorySchema): readonly string[] {
  const needsClass = changes.some(({ after, key }) => after !== undefined && !allows(entry, key, schema));
  return [...new Set(changes.map(({ key }) => key)), ...(needsClass ? ['objectClass'] : [])];
}

/** Why a server takes no changes, with what that came to; nothing where it takes them, or does not say. */
export function findWriteRefusal(answer: WouldModify, cameTo: readonly string[] = []): Finding | undefined {
  if (answer.state === 'takes' || answer.state === 'unknown') return undefined;
  if (answer.state === 'refused')
    return finding('directory.writes-refused', {
      detail: [answer.detail, ...cameTo, remedies[answer.why]].join('\n'),
      target: 'directory',
    });
  const servers = answer.urls.map(url => /^[a-z]+:\/\/[^/]*/i.exec(url)?.[0] ?? url);
  const where =
    servers.length === 0
      ? 'It does not say which server accepts changes. Set directory.url to that server.'
      : ['Set directory.url to the server that accepts changes:', ...servers.map(server => `    ${server}`)].join('\n');
  return finding('directory.writes-elsewhere', {
    detail: [answer.detail, ...cameTo, where].join('\n'),
    target: 'directory',
  });
}

const remedies = {
  'read-only':
    'Its database is read-only, or it does not accept changes at present. Set directory.url to a server that does.',
  rights: 'Grant the bind entry the right to change these attributes.',
  other: 'Run the command again when the server accepts changes.',
} as const;

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
