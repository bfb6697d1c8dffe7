import { count } from '../../core/count.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../../core/next-command.ts';
import { printable } from '../../core/printable.ts';
import type { AuditClass, AuditedCohort, AuditReport, AuditState } from '../../core/report.ts';
import { shortName } from '../../ldap/distinguished-name.ts';
import type { TextOptions } from '../view/draw-options.ts';
import { renderFindings } from './finding-lines.ts';
import { wrap } from './pages.ts';
import type { Style } from './style.ts';

/** Columns that prose is wrapped to. */
const width = 110;

/** An audit for people: counts by cohort and state, then what is not good and what to do about it. */
export function renderAudit(report: AuditReport, style: Style, { verbose, draw }: TextOptions): readonly string[] {
  const { accounts, classes, findings } = report;
  return [
    headline(report, style),
    '',
    ...(accounts ? [...table(accounts, style), ...overlapLines(accounts.cohorts)] : []),
    ...classes.flatMap(one => ['', ...classLines(one, report, style, verbose)]),
    ...(findings.length > 0 ? ['', ...renderFindings(findings, style, verbose)] : []),
    ...closing(report, style, draw),
  ];
}

function headline({ estate, readAt, hosts, unread, accounts }: AuditReport, style: Style): string {
  const calendars = hosts.reduce((sum, host) => sum + (host.calendars ?? 0), 0);
  const missing = unread.length > 0 ? `  ${style.bad(printable(`unread: ${unread.join(', ')}`))}` : '';
  const counted = [
    count(hosts.length, 'CS6 host'),
    `${count(calendars, 'calendar')} listed`,
    ...(accounts ? [count(accounts.all, 'account')] : []),
  ];
  return `${style.strong('reconcile audit')}  ${printable(estate)}  read ${printable(readAt.replace(/\.\d+Z$/, 'Z'))}  ${counted.join('  ')}${missing}`;
}

const headings: Readonly<Record<AuditState, string>> = {
  'good-cs6': 'good CS6',
  'good-cs7': 'good CS7',
  'split-brain': 'split brain',
  limbo: 'limbo',
  unknown: 'unknown',
};

const stateNames: readonly AuditState[] = ['good-cs6', 'good-cs7', 'split-brain', 'limbo', 'unknown'];

function table({ all, states, cohorts }: NonNullable<AuditReport['accounts']>, style: Style): readonly string[] {
  const shown = stateNames.filter(state => state !== 'unknown' || states.unknown > 0);
  const cells = (name: string, side: string, n: number, counts: AuditedCohort['states']) => [
    printable(name),
    side,
    number(n),
    ...shown.map(state => number(counts[state])),
  ];
  const head = ['cohort', 'to be on', 'accounts', ...shown.map(state => headings[state])];
  const rows = [
    ...cohorts.map(cohort => cells(cohort.name, sideOf(cohort), cohort.accounts, cohort.states)),
    cells('all', '', all, states),
  ];
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [style.strong(line(head)), ...rows.map(line)];
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}

function sideOf({ store, share }: AuditedCohort): string {
  if (store === undefined) return 'cs6';
  return `cs7 ${printable(store)}${share === undefined ? '' : ` (${share} %)`}`;
}

function overlapLines(cohorts: readonly AuditedCohort[]): readonly string[] {
  const lines = cohorts.flatMap(({ name, overlaps }) =>
    overlaps.map(
      ({ cohort, accounts }) =>
        `  ${count(accounts, 'account')} of cohort ${printable(cohort)} would fit ${printable(name)} too`,
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
    `${style.bad(printable(name))}  ${count(n, kind)}  ${style.dim(`e.g. ${shown.join('; ')}${n > shown.length ? '; …' : ''}`)}`,
    ...wrap(printable(`${means}${known}`), width).map(line => `    ${line}`),
    ...wrap(printable(`-> ${remedy}`), width).map((line, i) => `    ${i === 0 ? '' : '   '}${line}`),
  ];
}

function closing(
  { accounts, classes, unread }: AuditReport,
  style: Style,
  draw: DrawCommand = drawAlone,
): readonly string[] {
  if (!accounts) return ['', style.warn('The accounts could not be read whole: nothing is said about any.')];
  const good = `${number(accounts.good)} of ${count(accounts.all, 'account')} good`;
  if (classes.some(({ name }) => name !== 'unknown'))
    return [
      '',
      style.bad(`${good}.`),
      'Who the others are:',
      `    ${printable(draw(nextCommands.auditList('not-good')))}`,
    ];
  if (unread.length > 0) return ['', style.warn(`${good}; not everything could be read.`)];
  return ['', style.good(`${good}.`)];
}
