import { toUSVString } from 'node:util';
import { count, wordFor } from '../../core/count.ts';
import { drawAlone, nextCommands } from '../../core/next-command.ts';
import type { AuditReport, AuditState, PlanReport, Report } from '../../core/report.ts';
import type { VerifyReport } from '../../core/verification.ts';
import type { Annotation } from '../view/annotation.ts';
import { annotationsOf } from '../view/annotations.ts';
import type { TextOptions } from '../view/draw-options.ts';
import { gateLines } from '../view/gate-line.ts';
import { ageText, placeChanges, shortTime } from '../view/placed-changes.ts';
import { planCounts } from '../view/plan-counts.ts';
import { countOrigins, wasCounted } from '../view/plan-facts.ts';
import { commandOf, estateOf, outcomeText, readAtOf } from '../view/report-facts.ts';
import { codeCell, codeSpan, oneLine } from './escape.ts';
import { fitDocument, type Section } from './fit.ts';
import { planSections, runTable } from './plan-sections.ts';
import { annotationSection, foldedAnnotations, table } from './sections.ts';

const headings: readonly (readonly [AuditState, string])[] = [
  ['good-cs6', 'good CS6'],
  ['good-cs7', 'good CS7'],
  ['split-brain', 'split brain'],
  ['limbo', 'limbo'],
  ['unknown', 'unknown'],
];

/** Where the accounts of each cohort are, and of all. */
function cohortTable({ accounts }: AuditReport): readonly Section[] {
  if (!accounts) return [];
  const numbers = (n: number, states: Readonly<Record<AuditState, number>>) =>
    [n, ...headings.map(([state]) => states[state])].map(one => one.toLocaleString('en-US'));
  const rows = accounts.cohorts.map(({ name, states, accounts: n }) => [codeCell(name), ...numbers(n, states)]);
  return [
    table(
      ['cohort', 'accounts', ...headings.map(([, heading]) => heading)],
      [...rows, ['all', ...numbers(accounts.all, accounts.states)]],
    ),
  ];
}

/** Who was asked about whom, and what came; then what invitations by mail depend on. */
function verifyTables({ cells, mail }: VerifyReport): readonly Section[] {
  return [
    table(
      ['from → to', 'host', 'way', 'account', 'state', 'detail'],
      cells.map(({ from, to, host, way, account, state, detail }) => [
        `${from} → ${to}`,
        codeCell(host),
        way,
        codeCell(account),
        state === 'works' ? state : `**${state}**`,
        codeCell(detail),
      ]),
      'words',
    ),
    ...(mail.length === 0
      ? []
      : [
          table(
            ['mail', 'host', 'state', 'detail'],
            mail.map(({ host, what, state, detail }) => [
              codeCell(what),
              codeCell(host),
              state === 'works' ? state : `**${state}**`,
              codeCell(detail),
            ]),
            'words',
          ),
        ]),
  ];
}

/** Characters of a comment; GitHub refuses one with more than 65,536. */
export const mostCharacters = 65_000;

/**
 * A report as a comment on a pull request. It begins with a hidden mark by which the next one finds it, then how it stands and the
 * numbers; the details are folded. What does not fit is left out in the middle, and counted.
 */
export function renderMarkdown(report: Report, options: Pick<TextOptions, 'now' | 'savedPlan' | 'draw'>): string {
  const annotations = annotationsOf(report, 'folded').filter(({ rule }) => !rule.startsWith('change/'));
  const errors = annotations.filter(({ level }) => level === 'error');
  const others = annotations.filter(({ level }) => level !== 'error');
  const worst = errors.length > 0 ? [annotationSection(errors)] : [];
  const body = bodyOf(report);
  // Tables of counts are a summary; changes are details.
  const sections = 'plan' in report ? [...worst, ...body] : [...body, ...worst];
  return fitDocument(
    {
      head: headOf(report, annotations, options),
      sections: [...sections, ...foldedAnnotations(others)],
      foot: footOf(report, options),
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

function headOf(report: Report, annotations: readonly Annotation[], { now }: Pick<TextOptions, 'now'>): string {
  const rows: readonly (readonly [string, string])[] = [
    ...numbersOf(report),
    ...(['error', 'warning', 'note'] as const)
      .map(level => [`${level}s`, annotations.filter(one => one.level === level).length] as const)
      .filter(([, n]) => n > 0)
      .map(([words, n]) => [words, n.toLocaleString('en-US')] as const),
  ];
  const table =
    rows.length === 0 ? '' : `| | |\n| --- | --: |\n${rows.map(row => `| ${row.join(' | ')} |\n`).join('')}\n`;
  return `${hiddenMark(report)}\n### reconcile ${commandOf(report)} ${codeSpan(estateOf(report))}\n\n**${capital(outcomeText(report))}**${readText(report, now)}\n\n${table}`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** When it was read; a reading that was taken earlier says how old it is. */
function readText(report: Report, now: string | undefined): string {
  const snapshot = 'snapshot' in report ? report.snapshot : undefined;
  const unread = 'plan' in report ? report.plan.unread : 'unread' in report ? report.unread : [];
  const missing =
    unread.length > 0
      ? `\n\n**Not read:** ${unread.slice(0, 20).map(codeSpan).join(', ')}${unread.length > 20 ? ', …' : ''}`
      : '';
  if (snapshot) {
    const age = now === undefined ? '' : ` (${ageText(snapshot.takenAt, now)} ago)`;
    return `; planned from ${codeSpan(snapshot.file)}, read ${codeSpan(shortTime(snapshot.takenAt))}${age}; nothing was asked now${missing}`;
  }
  const at = readAtOf(report);
  return `${at === undefined ? '' : `; read ${codeSpan(shortTime(at))}`}${missing}`;
}

function numbersOf(report: Report): readonly (readonly [string, string])[] {
  if ('plan' in report) return planNumbers(report);
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

function planNumbers(report: PlanReport): readonly (readonly [string, string])[] {
  const { plan } = report;
  const { counted, all } = plan.accounts;
  const number = (n: number) => n.toLocaleString('en-US');
  return [
    ['plan', codeCell(plan.digest.slice(0, 8))],
    ...('run' in report && report.run ? [['run', codeCell(report.run.journal)] as const] : []),
    [wordFor(plan.hosts, 'host'), number(plan.hosts)],
    [
      wordFor(counted, 'account'),
      wasCounted(plan.accounts) ? `${number(counted)}${all ? '' : ' or more'}` : 'not counted',
    ],
    ...planCounts(plan).map(({ n, one, many }) => [wordFor(n, one, many), number(n)] as const),
    ...countOrigins(placeChanges(report)).map(([words, n]) => [words, number(n)] as const),
  ];
}

function bodyOf(report: Report): readonly Section[] {
  switch (report.command) {
    case 'failed':
    case 'validate':
      return [];
    case 'audit':
      return cohortTable(report);
    case 'verify':
      return verifyTables(report);
    default:
      return [...('run' in report && report.run ? [runTable(report.run)] : []), ...planSections(report)];
  }
}

function footOf(report: Report, { savedPlan, draw = drawAlone }: Pick<TextOptions, 'savedPlan' | 'draw'>): string {
  if (!('plan' in report) || report.refusals.length > 0) return '';
  const ran = 'run' in report && report.run !== undefined;
  const gates = ran ? [] : gateLines(report.plan);
  const asked = gates.map(line => `${line}\n`).join('');
  if (savedPlan === undefined) return asked;
  return `${asked}${asked === '' ? '' : '\n'}Apply exactly this: ${codeSpan(oneLine(draw(nextCommands.applySaved(savedPlan))))}\n`;
}
