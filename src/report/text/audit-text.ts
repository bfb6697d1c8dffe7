import { type DrawCommand, drawAlone, nextCommands } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { AuditClass, AuditReport } from '../../core/report.ts';
import { count, wordFor } from '../../core/units.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import {
  type CohortRow,
  type CohortTable,
  cohortTable,
  listedCalendars,
  type StateCounts,
  stateWords,
} from '../view/audit-view.ts';
import { subjectText } from '../view/report-facts.ts';
import { auditVerdict } from '../view/verdict.ts';
import { renderErrors, renderFindings } from './finding-lines.ts';
import { flow, prose, type Style, type TextOptions, type Tone, table } from './layout.ts';

/** An audit for people: counts by cohort and state, then what is not good and what to do about it. */
export function renderAudit(
  report: AuditReport,
  style: Style,
  { verbose, quiet, draw }: TextOptions,
): readonly string[] {
  const { accounts, classes, findings } = report;
  if (quiet) return quietLines(report, style);
  const cohorts = accounts && cohortTable(accounts);
  return [
    ...headline(report, style),
    '',
    ...(cohorts ? [...tableLines(cohorts, style), ...overlapLines(cohorts, style)] : []),
    ...classes.flatMap(one => ['', ...classLines(one, report, style, verbose)]),
    ...(findings.length > 0 ? ['', ...renderFindings(findings, style, verbose)] : []),
    ...closing(report, style),
    ...listLines(report, draw),
  ];
}

/** The errors, and how many accounts are good. */
function quietLines(report: AuditReport, style: Style): readonly string[] {
  return [...renderErrors(report.findings, style), ...closing(report, style).filter(line => line !== '')];
}

function headline(report: AuditReport, style: Style): readonly string[] {
  const { readAt, hosts, unread, accounts } = report;
  const counted = [
    subjectText(report),
    `read ${printable(readAt.replace(/\.\d+Z$/, 'Z'))}`,
    count(hosts.length, 'CS6 host'),
    `${count(listedCalendars(report), 'calendar')} listed`,
    ...(accounts ? [count(accounts.all, 'account')] : []),
  ];
  return flow(
    [
      { text: 'reconcile audit', paint: style.strong },
      ...counted.map(text => ({ text })),
      { text: unread.length > 0 ? printable(`unread: ${unread.join(', ')}`) : '', paint: style.bad },
    ],
    style,
  );
}

function tableLines({ columns, rows, all }: CohortTable, style: Style): readonly string[] {
  const cells = (name: string, side: string, accounts: number, states: StateCounts) =>
    [printable(name), side, number(accounts), ...columns.map(state => number(states[state]))].map(text => ({ text }));
  const head = ['cohort', 'to be on', 'accounts', ...columns.map(state => stateWords[state])];
  const lines = [
    ...rows.map(row => cells(row.name, sideOf(row), row.accounts, row.states)),
    cells('all', '', all.accounts, all.states),
  ];
  return table(head, lines, style, 2);
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}

function sideOf({ store, share }: CohortRow): string {
  if (store === undefined) return 'cs6';
  return `cs7 ${printable(store)}${share === undefined ? '' : ` (${share} %)`}`;
}

function overlapLines({ overlaps }: CohortTable, style: Style): readonly string[] {
  const lines = overlaps.flatMap(({ cohort, fits, accounts }) =>
    prose(
      `${count(accounts, 'account')} of cohort ${printable(cohort)} ${wordFor(accounts, 'matches', 'match')} ${printable(fits)} too`,
      style,
      {
        by: 2,
      },
    ),
  );
  return lines.length > 0 ? ['', ...lines] : [];
}

function classLines(one: AuditClass, { stores }: AuditReport, style: Style, verbose: boolean): readonly string[] {
  const { name, of, count: n, examples, means, remedy } = one;
  const shown = examples.map(example => printable(of === 'accounts' && !verbose ? shortName(example) : example));
  const known = name === 'unknown-store' ? ` Named by cohorts: ${stores.map(printable).join(', ')}.` : '';
  const kind = of === 'accounts' ? 'account' : 'calendar';
  return [
    ...flow(
      [
        { text: printable(name), paint: style.bad },
        { text: count(n, kind) },
        { text: `e.g. ${shown.join('; ')}${n > shown.length ? '; …' : ''}`, paint: style.dim, fills: true },
      ],
      style,
    ),
    ...prose(printable(`${means}${known}`), style, { by: 4, more: 4 }),
    ...prose(printable(`-> ${remedy}`), style, { by: 4, more: 7 }),
  ];
}

function closing(report: AuditReport, style: Style): readonly string[] {
  const { accounts } = report;
  const good = accounts ? `${number(accounts.good)} of ${count(accounts.all, 'account')} good` : '';
  const said = (text: string, tone: Tone) => ['', ...prose(text, style, { paint: style[tone] })];
  switch (auditVerdict(report)) {
    case 'accounts-unread':
      return said('The accounts could not be read completely, so the audit judges none of them.', 'warn');
    case 'not-good':
      return said(`${good}.`, 'bad');
    case 'incomplete':
      return said(`${good}; not everything could be read.`, 'warn');
    case 'good':
      return said(`${good}.`, 'good');
  }
}

function listLines(report: AuditReport, draw: DrawCommand = drawAlone): readonly string[] {
  if (auditVerdict(report) !== 'not-good') return [];
  return ['To list the others:', `    ${printable(draw(nextCommands.auditList('not-good')))}`];
}
