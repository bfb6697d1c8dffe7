import { toUSVString } from 'node:util';
import type { Report } from '../../core/report.ts';
import { count, wordFor } from '../../core/units.ts';
import type { VerifyReport } from '../../core/verification.ts';
import type { Annotation } from '../view/annotation.ts';
import { annotationsOf } from '../view/annotations.ts';
import { type CohortTable, cohortTable, type StateCounts, stateWords } from '../view/audit-view.ts';
import { wasCounted } from '../view/change-sections.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import { type PlanView, viewPlan } from '../view/plan-view.ts';
import { commandOf, estateOf, outcomeText, readAtOf } from '../view/report-facts.ts';
import { runOf } from '../view/verdict.ts';
import type { VerifiedState } from '../view/verify-view.ts';
import { countSeverities } from '../view/view-findings.ts';
import { capital, shortTime } from '../view/words.ts';
import { fitDocument, type Section } from './fit.ts';
import { annotationSection, codeCell, codeSpan, foldedAnnotations, oneLine, table } from './markup.ts';
import { planSections, runTable } from './plan-sections.ts';

/** Characters of a comment; GitHub refuses one with more than 65,536. */
export const mostCharacters = 65_000;

/**
 * A report as a comment on a pull request. It begins with a hidden mark by which the next one finds it, then how it stands and the
 * numbers; the details are folded. What does not fit is left out in the middle, and counted.
 */
export function renderMarkdown(report: Report, options: DrawOptions): string {
  const annotations = annotationsOf(report, 'none');
  const errors = annotations.filter(({ level }) => level === 'error');
  const others = annotations.filter(({ level }) => level !== 'error');
  const worst = errors.length > 0 ? [annotationSection(errors)] : [];
  const plan = 'plan' in report ? viewPlan(report, 'folded', options) : undefined;
  const body = plan ? planBody(plan) : bodyOf(report);
  // Tables of counts are a summary; changes are details.
  const sections = plan ? [...worst, ...body] : [...body, ...worst];
  return fitDocument(
    {
      head: headOf(report, plan, annotations),
      sections: [...sections, ...foldedAnnotations(others)],
      foot: plan ? footOf(plan) : '',
    },
    mostCharacters,
    (n, pieces) => {
      const what = count(pieces, 'change or remark', 'changes and remarks');
      return `_… ${count(n, 'part')} with ${what} left out …_\n\n`;
    },
  );
}

/** `<!-- reconcile:<estate>:<command> -->`; the same for every report of one command on one estate. */
export function hiddenMark(report: Report): string {
  // Two hyphens would end it.
  const name = encodeURIComponent(toUSVString(estateOf(report)))
    .slice(0, 500)
    .replaceAll('--', '%2D%2D');
  return `<!-- reconcile:${name}:${commandOf(report)} -->`;
}

function headOf(report: Report, plan: PlanView | undefined, annotations: readonly Annotation[]): string {
  const rows: readonly (readonly [string, string])[] = [
    ...(plan ? planNumbers(plan) : numbersOf(report)),
    ...countSeverities(annotations.map(({ level }) => level)).map(
      ([level, n]) => [`${level}s`, n.toLocaleString('en-US')] as const,
    ),
  ];
  const table =
    rows.length === 0 ? '' : `| | |\n| --- | --: |\n${rows.map(row => `| ${row.join(' | ')} |\n`).join('')}\n`;
  return `${hiddenMark(report)}\n### reconcile ${commandOf(report)} ${codeSpan(estateOf(report))}\n\n**${capital(outcomeText(report))}**${readText(report, plan)}\n\n${table}`;
}

/** When it was read; a reading that was taken earlier has its age. */
function readText(report: Report, plan: PlanView | undefined): string {
  const unread = 'plan' in report ? report.plan.unread : 'unread' in report ? report.unread : [];
  const missing =
    unread.length > 0
      ? `\n\n**Not read:** ${unread.slice(0, 20).map(codeSpan).join(', ')}${unread.length > 20 ? ', …' : ''}`
      : '';
  if (plan?.snapshot) {
    const { file, takenAt, age } = plan.snapshot;
    return `; planned from ${codeSpan(file)}, read ${codeSpan(shortTime(takenAt))}${age === undefined ? '' : ` (${age} ago)`}; nothing was asked now${missing}`;
  }
  const at = readAtOf(report);
  return `${at === undefined ? '' : `; read ${codeSpan(shortTime(at))}`}${missing}`;
}

function numbersOf(report: Report): readonly (readonly [string, string])[] {
  if (report.command === 'audit' && report.accounts)
    return [
      ['accounts', report.accounts.all.toLocaleString('en-US')],
      ['good', report.accounts.good.toLocaleString('en-US')],
    ];
  if (report.command === 'verify') {
    const all = [...report.cells, ...report.mail];
    return (['works', 'fails', 'unknown'] as const).map(state => [
      state,
      all.filter(one => one.state === state).length.toLocaleString('en-US'),
    ]);
  }
  return report.command === 'validate' ? report.files.slice(0, 20).map(file => ['file', codeCell(file)]) : [];
}

function planNumbers({ report, counts, origins }: PlanView): readonly (readonly [string, string])[] {
  const { plan } = report;
  const { counted, all } = plan.accounts;
  const run = runOf(report);
  const number = (n: number) => n.toLocaleString('en-US');
  return [
    ['plan', codeCell(plan.digest.slice(0, 8))],
    ...(run ? [['run', codeCell(run.journal)] as const] : []),
    [wordFor(plan.hosts, 'host'), number(plan.hosts)],
    [
      wordFor(counted, 'account'),
      wasCounted(plan.accounts) ? `${number(counted)}${all ? '' : ' or more'}` : 'not counted',
    ],
    ...counts.map(({ n, one, many }) => [wordFor(n, one, many), number(n)] as const),
    ...origins.map(([words, n]) => [words, number(n)] as const),
  ];
}

function planBody(plan: PlanView): readonly Section[] {
  const run = runOf(plan.report);
  return [...(run ? [runTable(run)] : []), ...planSections(plan)];
}

function bodyOf(report: Report): readonly Section[] {
  if (report.command === 'audit') return report.accounts ? [cohortSection(cohortTable(report.accounts))] : [];
  return report.command === 'verify' ? verifySections(report) : [];
}

/** Where the accounts of each cohort are, and of all. */
function cohortSection({ columns, rows, all }: CohortTable): Section {
  const row = (name: string, accounts: number, states: StateCounts) => [
    name,
    ...[accounts, ...columns.map(state => states[state])].map(n => n.toLocaleString('en-US')),
  ];
  return table(
    ['cohort', 'accounts', ...columns.map(state => stateWords[state])],
    [
      ...rows.map(({ name, accounts, states }) => row(codeCell(name), accounts, states)),
      row('all', all.accounts, all.states),
    ],
  );
}

/** Who was asked about whom, with the answers; then what invitations by mail depend on. */
function verifySections({ cells, mail }: VerifyReport): readonly Section[] {
  const stateCell = (state: VerifiedState) => (state === 'works' ? state : `**${state}**`);
  const lookUps = cells.map(({ from, to, host, way, account, state, detail }) => [
    ...[`${from} → ${to}`, codeCell(host), way],
    ...[codeCell(account), stateCell(state), codeCell(detail)],
  ]);
  const checks = mail.map(({ host, what, state, detail }) => [
    ...[codeCell(what), codeCell(host)],
    ...[stateCell(state), codeCell(detail)],
  ]);
  return [
    table(['from → to', 'host', 'way', 'account', 'state', 'detail'], lookUps, 'words'),
    ...(checks.length === 0 ? [] : [table(['mail', 'host', 'state', 'detail'], checks, 'words')]),
  ];
}

function footOf({ report, gates, next }: PlanView): string {
  if (report.refusals.length > 0) return '';
  const asked = runOf(report) ? '' : gates.map(line => `${line}\n`).join('');
  const apply = next.find(({ does }) => does === 'apply');
  if (!apply) return asked;
  return `${asked}${asked === '' ? '' : '\n'}${apply.text} ${codeSpan(oneLine(apply.command))}\n`;
}
