import type { AuditProblem, AuditRow } from '../core/report.ts';
import { auditStates, badClasses } from './classes.ts';
import type { JudgedAccount } from './classify.ts';
import { isGood } from './tally.ts';

/** What can be listed: a class, all that is not good, or everything. */
export const listNames: readonly string[] = ['all', 'not-good', ...new Set([...auditStates, ...badClasses])];

/** Whether a row is in one of the named lists. */
export function isListed(row: Pick<AuditRow, 'state' | 'problems'>, lists: readonly string[]): boolean {
  return lists.some(list => {
    if (list === 'all') return true;
    if (list === 'not-good') return row.state === undefined || !isGood({ state: row.state, problems: row.problems });
    return row.state === list || row.problems.some(problem => problem === list);
  });
}

/** An account as a row; `shared` is what it has in common with others. */
export function accountRow(account: JudgedAccount, shared: readonly AuditProblem[] = []): AuditRow {
  const { dn, uid, mail, cohort, state, stores, problems } = account;
  return { dn, uid, mail, cohort, state, stores, problems: [...problems, ...shared] };
}

/** A calendar without an account as a row. */
export function calendarRow(calendar: {
  readonly calid: string;
  readonly owner: string;
  readonly host: string;
}): AuditRow {
  const { calid, owner, host } = calendar;
  return {
    uid: owner === '' ? [] : [owner],
    mail: [],
    stores: [],
    problems: [strayProblem(calendar)],
    calendar: calid,
    host,
  };
}

/** Why a calendar is listed that is nobody's. */
export function strayProblem({ owner }: { readonly owner: string }): AuditProblem {
  return owner === '' ? 'ownerless-calendar' : 'orphan-calendar';
}
