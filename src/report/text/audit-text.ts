import { type DrawCommand, drawAlone, nextCommands } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { AuditClass, AuditReport } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import {
  type CohortRow,
  type CohortTable,
  cohortTable,
  listedCalendars,
  type StateCounts,
  stateWords,
} from '../view/audit-view.ts';
import { auditVerdict } from '../view/verdict.ts';
import { renderFindings } from './finding-lines.ts';
import type { Style, TextOptions } from './layout.ts';
import { wrap } from './layout.ts';

/** Columns that prose is wrapped to. */
const width = 110;

/** An audit for people: counts by cohort and state, then what is not good and what to do about it. */
export function renderAudit(report: AuditReport, style: Style, { verbose, draw }: TextOptions): readonly string[] {
  const { accounts, classes, findings } = report;
  const table = accounts && cohortTable(accounts);
  return [
    headline(report, style),
    '',
    ...(table ? [...tableLines(table, style), ...overlapLines(table)] : []),
    ...classes.flatMap(one => ['', ...classLines(one, report, style, verbose)]),
    ...(findings.length > 0 ? ['', ...renderFindings(findings, style, verbose)] : []),
    ...closing(report, style, draw),
  ];
}

function headline(report: AuditReport, style: Style): string {
  const { estate, readAt, hosts, unread, accounts } = report;
  const missing = unread.length > 0 ? `  ${style.bad(printable(`unread: ${unread.join(', ')}`))}` : '';
  const counted = [
    count(hosts.length, 'CS6 host'),
    `${count(listedCalendars(report), 'calendar')} listed`,
    ...(accounts ? [count(accounts.all, 'account')] : []),
  ];
  return `${style.strong('reconcile audit')}  ${printable(estate)}  read ${printable(readAt.replace(/\.\d+Z$/, 'Z'))}  ${counted.join('  ')}${missing}`;
}

function tableLines({ columns, rows, all }: CohortTable, style: Style): readonly string[] {
  const cells = (name: string, side: string, accounts: number, states: StateCounts) => [
    printable(name),
    side,
    number(accounts),
    ...columns.map(state => number(states[state])),
  ];
  const head = ['cohort', 'to be on', 'accounts', ...columns.map(state => stateWords[state])];
  const lines = [
    ...rows.map(row => cells(row.name, sideOf(row), row.accounts, row.states)),
    cells('all', '', all.accounts, all.states),
  ];
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map(row => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [style.strong(line(head)), ...lines.map(line)];
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}

function sideOf({ store, share }: CohortRow): string {
  if (store === undefined) return 'cs6';
  return `cs7 ${printable(store)}${share === undefined ? '' : ` (${share} %)`}`;
}

function overlapLines({ overlaps }: CohortTable): readonly string[] {
  const lines = overlaps.map(
    ({ cohort, fits, accounts }) =>
      `  ${count(accounts, 'account')} of cohort ${printable(cohort)} would fit ${printable(fits)} too`,
  );
  return lines.length > 0 ? ['', ...lines] : [];
}

function classLines(one: AuditClass, { stores }: AuditReport, style: Style, verbose: boolean): readonly string[] {
  const { name, of, count: n, examples, means, remedy } = one;
  const shown = examples.map(example => printable(of === 'accounts' && !verbose ? shortName(example) : example));
  const known = name === 'unknown-store' ? ` Named by cohorts: ${stores.map(printable).join(', ')}.` : '';
  const kind = of === 'accounts' ? 'account' : 'calendar';
  return [
    `${style.bad(printable(name))}  ${count(n, kind)}  ${style.dim(`e.g. ${shown.join('; ')}${n > shown.length ? '; …' : ''}`)}`,
    ...wrap(printable(`${means}${known}`), width).map(line => `    ${line}`),
    ...wrap(printable(`-> ${remedy}`), width).map((line, i) => `    ${i === 0 ? '' : '   '}${line}`),
  ];
}

function closing(report: AuditReport, style: Style, draw: DrawCommand = drawAlone): readonly string[] {
  const { accounts } = report;
  const good = accounts ? `${number(accounts.good)} of ${count(accounts.all, 'account')} good` : '';
  switch (auditVerdict(report)) {
    case 'accounts-unread':
      return ['', style.warn('The accounts could not be read whole: nothing is said about any.')];
    case 'not-good':
      return [
        '',
        style.bad(`${good}.`),
        'Who the others are:',
        `    ${printable(draw(nextCommands.auditList('not-good')))}`,
      ];
    case 'incomplete':
      return ['', style.warn(`${good}; not everything could be read.`)];
    case 'good':
      return ['', style.good(`${good}.`)];
  }
}
