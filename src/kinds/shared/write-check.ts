import type { Change } from '../../core/change.ts';
import type { Finding } from '../../core/finding.ts';
import { finding } from '../../findings/catalogue.ts';
import { nameKey, parentKey } from '../../ldap/distinguished-name.ts';
import type { DirectorySchema } from '../../ldap/schema.ts';
import type { DirectoryEntry, DirectoryWriter, WouldModify } from '../../ports/directory.ts';
import { entriesOf } from './account-searches.ts';
import { allows } from './ldap-account.ts';

/** Accounts that are asked about; of more containers the rest is seen when it is written. */
const mostAsked = 8;

/**
 * What keeps the directory from taking these changes, as far as it can be found out without changing anything: asked
 * before the first host is touched, because hosts that were restarted for accounts that cannot be moved were restarted for
 * nothing. One account of each container is asked about, with the attributes that change on it. An answer that says
 * neither yes nor no is no problem: the change itself will show.
 */
export async function findWriteProblem(
  changes: readonly Change[],
  directory: DirectoryWriter,
): Promise<Finding | undefined> {
  if (changes.length === 0) return undefined;
  const schema = await directory.schema();
  for (const [dn, own] of examplesOf(changes)) {
    const query = { base: dn, scope: 'base', filter: '(objectClass=*)', attributes: ['objectClass'] } as const;
    const [entry] = await entriesOf(query, directory);
    const answer = entry && (await directory.wouldModify(dn, attributesOf(own, entry, schema)));
    const problem = answer && problemOf(answer);
    if (problem) return problem;
  }
  return undefined;
}

/** The first account of each container and set of attributes: rights differ by these. */
function examplesOf(changes: readonly Change[]): Iterable<readonly [string, readonly Change[]]> {
  const byItem = new Map<string, Change[]>();
  for (const change of changes) {
    const known = byItem.get(change.item);
    if (known) known.push(change);
    else byItem.set(change.item, [change]);
  }
  const examples = new Map<string, readonly [string, readonly Change[]]>();
  for (const [dn, own] of byItem) {
    const keys = own.map(({ key }) => key).toSorted();
    const place = JSON.stringify([parentKey(nameKey(dn)), ...keys]);
    if (!examples.has(place)) examples.set(place, [dn, own]);
    if (examples.size === mostAsked) break;
  }
  return examples.values();
}

function attributesOf(changes: readonly Change[], entry: DirectoryEntry, schema: DirectorySchema): readonly string[] {
  const needsClass = changes.some(({ after, key }) => after !== undefined && !allows(entry, key, schema));
  return [...new Set(changes.map(({ key }) => key)), ...(needsClass ? ['objectClass'] : [])];
}

function problemOf(answer: WouldModify): Finding | undefined {
  if (answer.state === 'takes' || answer.state === 'unknown') return undefined;
  const untouched = 'Nothing of this plan was carried out: no account and no host was changed.';
  if (answer.state === 'refused')
    return finding('directory.writes-refused', {
      detail: `${answer.detail}\n${untouched}\n${remedies[answer.why]}`,
      target: 'directory',
    });
  const servers = answer.urls.map(url => /^[a-z]+:\/\/[^/]*/i.exec(url)?.[0] ?? url);
  const where =
    servers.length === 0
      ? 'It does not say which server takes them: set directory.url to that one.'
      : ['Set directory.url to the server that takes them:', ...servers.map(server => `    ${server}`)].join('\n');
  return finding('directory.writes-elsewhere', {
    detail: `${answer.detail}\n${untouched}\n${where}`,
    target: 'directory',
  });
}

const remedies = {
  'read-only':
    'Its database is read-only, or it does not take changes at present: set directory.url to a server that does.',
  rights: 'Give the bind entry the right to change these attributes.',
  other: 'Run it again when the server takes changes.',
} as const;
