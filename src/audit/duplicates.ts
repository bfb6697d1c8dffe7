import type { AuditProblem } from '../core/report.ts';
import type { Calendars } from './calendars.ts';
import type { JudgedAccount } from './classify.ts';
import type { HashSet } from './hash-list.ts';
import { foldedOnce, isGood } from './tally.ts';

/** What more than one account seems to have, by its hash. */
export interface Suspects {
  readonly uniqueIds: HashSet;
  readonly mails: HashSet;
  readonly calendars: Pick<Calendars, 'isShared' | 'anyShared'>;
}

/** What accounts share with others, by DN. */
export type SharedProblems = ReadonlyMap<
  string,
  { readonly wasGood: boolean; readonly problems: readonly AuditProblem[] }
>;

/** Whether the accounts have to be read again: hashes alone convict nobody. */
export function anySuspect({ uniqueIds, mails, calendars }: Suspects): boolean {
  return uniqueIds.size > 0 || mails.size > 0 || calendars.anyShared;
}

/** Compares the values themselves of the accounts that share a hash. It keeps those accounts only. */
export async function findShared(
  accounts: AsyncIterable<JudgedAccount>,
  { uniqueIds, mails, calendars }: Suspects,
): Promise<SharedProblems> {
  const groups = new Map<string, { readonly problem: AuditProblem; readonly members: Member[] }>();
  for await (const account of accounts) {
    const join = (problem: AuditProblem, value: string) => {
      const key = `${problem} ${value}`;
      const group = groups.get(key) ?? { problem, members: [] };
      groups.set(key, group);
      group.members.push({ dn: account.dn, wasGood: isGood(account) });
    };
    for (const id of foldedOnce(account.uniqueIds)) if (uniqueIds.has(id)) join('duplicate-unique-id', id);
    for (const mail of foldedOnce(account.mail)) if (mails.has(mail)) join('duplicate-mail', mail);
    for (const name of account.names) if (calendars.isShared(name)) join('shared-calendar', name);
  }
  return convict([...groups.values()].filter(({ members }) => members.length > 1));
}

interface Member {
  readonly dn: string;
  readonly wasGood: boolean;
}

function convict(
  groups: readonly { readonly problem: AuditProblem; readonly members: readonly Member[] }[],
): SharedProblems {
  const shared = new Map<string, { readonly wasGood: boolean; readonly problems: AuditProblem[] }>();
  for (const { problem, members } of groups)
    for (const { dn, wasGood } of members) {
      const found = shared.get(dn) ?? { wasGood, problems: [] };
      shared.set(dn, found);
      if (!found.problems.includes(problem)) found.problems.push(problem);
    }
  return shared;
}
