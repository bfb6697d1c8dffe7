import { printable } from '../core/printable.ts';
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

/** How a list can be printed; every line of `line` ends with its line end. */
export interface ListFormat {
  readonly head: string;
  line(row: AuditRow): string;
}

const columns = ['dn', 'uid', 'mail', 'cohort', 'state', 'store', 'problem', 'calendar', 'host'] as const;

/**
 * RFC 4180 with a heading. What a spreadsheet would take for a formula gets a `'` before it; several values of an
 * attribute are parted by `; `, problems by blanks.
 */
export const csvFormat: ListFormat = {
  head: `${columns.join(',')}\r\n`,
  line: ({ dn = '', uid, mail, cohort = '', state = '', stores, problems, calendar = '', host = '' }) =>
    `${[dn, uid.join('; '), mail.join('; '), cohort, state, stores.join('; '), problems.join(' '), calendar, host]
      .map(csvField)
      .join(',')}\r\n`,
};

/** A JSON object a line, with the names of the report; control characters are escaped, so that a terminal is safe. */
export const jsonlFormat: ListFormat = { head: '', line: row => `${rowJson(row)}\n` };

/** For people. */
export const textFormat: ListFormat = { head: '', line: row => `${printable(textOf(row)).replaceAll('\n', '\\n')}\n` };

/** A row as JSON in one line. */
export function rowJson(row: AuditRow): string {
  return printable(JSON.stringify(row));
}

function csvField(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf({ dn, uid, mail, cohort, state, stores, problems, calendar, host }: AuditRow): string {
  const parts =
    calendar === undefined
      ? [
          (state ?? '').padEnd('split-brain'.length),
          dn ?? '',
          mail.join(' '),
          `cohort ${cohort}`,
          stores.length > 0 ? `store ${stores.join(' ')}` : '',
        ]
      : [
          'calendar'.padEnd('split-brain'.length),
          calendar,
          `on ${host}`,
          uid.length > 0 ? `owner ${uid.join(' ')}` : '',
        ];
  return [...parts, problems.join(' ')].filter(part => part !== '').join('  ');
}
