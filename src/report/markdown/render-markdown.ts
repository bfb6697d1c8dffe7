import { toUSVString } from 'node:util';
import type { DoctorReport } from '../../core/examination.ts';
import type { Report } from '../../core/report.ts';
import { count, wordFor } from '../../core/units.ts';
import type { VerifyReport } from '../../core/verification.ts';
import type { Annotation } from '../view/annotation.ts';
import { annotationsOf } from '../view/annotations.ts';
import { type CohortTable, cohortTable, type StateCounts, stateWords } from '../view/audit-view.ts';
import { accountsText } from '../view/change-sections.ts';
import { allSteps, doctorSentence, stepNumbers, stepWords } from '../view/doctor-view.ts';
import { changeNumbersText, hostsText } from '../view/plan-counts.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import { type PlanView, viewPlan } from '../view/plan-view.ts';
import {
  commandOf,
  estateOf,
  outcomeText,
  readAtOf,
  shownActor,
  shownCommit,
  shownMaker,
} from '../view/report-facts.ts';
import { runStatesText, runTotalText } from '../view/run-results.ts';
import { leftOutText, runOf } from '../view/verdict.ts';
import { askedText, checksText, type StateNumbers, type VerifiedState, verifyNumbers } from '../view/verify-view.ts';
import { countSeverities } from '../view/view-findings.ts';
import { capital, dateText, shortTime } from '../view/words.ts';
import { fitDocument, type Section } from './fit.ts';
import {
  annotationSection,
  codeCell,
  codeSpan,
  foldedAnnotations,
  linkTo,
  oneLine,
  proseOrCode,
  table,
} from './markup.ts';
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
  const rows = [
    ...(plan ? planRows(plan) : rowsOf(report)),
    ...countSeverities(annotations).map(([level, n]): Row => [wordFor(n, level), n]),
  ].filter(([, n]) => n > 0);
  const lines = rows.map(([words, n]) => `| ${words} | ${n.toLocaleString('en-US')} |\n`);
  const numbers = rows.length === 0 ? '' : `| | |\n| --- | --: |\n${lines.join('')}\n`;
  const title = `### reconcile ${commandOf(report)} ${codeSpan(estateOf(report))}${leadText(report, plan)}`;
  return `${hiddenMark(report)}\n${title}\n\n**${capital(outcomeText(report))}**\n\n${numbers}${factsText(report, plan)}\n\n`;
}

/** What it comes to in numbers, for the heading. */
function leadText(report: Report, plan: PlanView | undefined): string {
  const text = plan ? planLead(plan) : leadOf(report);
  return text === '' ? '' : `: ${text}`;
}

function planLead({ report, numbers, sections }: PlanView): string {
  const run = runOf(report);
  if (run) return `${runTotalText(run)}: ${runStatesText(run)}`;
  return sections.length === 0 ? '' : changeNumbersText(numbers);
}

function leadOf(report: Report): string {
  switch (report.command) {
    case 'audit': {
      const { accounts } = report;
      return accounts ? `${accounts.good.toLocaleString('en-US')} of ${count(accounts.all, 'account')} good` : '';
    }
    case 'verify': {
      const numbers = verifyNumbers(report);
      return checksText(numbers, 'fails') || checksText(numbers, 'unknown') || askedText(numbers);
    }
    case 'doctor':
      return doctorSentence(report).replace(/\.$/, '');
    case 'validate':
    case 'failed':
      return countSeverities(report.findings.map(({ severity: level, more = 0 }) => ({ level, more })))
        .map(([level, n]) => count(n, level))
        .join(', ');
    default:
      return '';
  }
}

/** A number of the table that a comment begins with; a row whose number is 0 is left out. */
type Row = readonly [words: string, n: number];

function rowsOf(report: Report): readonly Row[] {
  if (report.command === 'doctor') return stepRows(report);
  if (report.command !== 'verify') return [];
  const { lookUps, mail } = verifyNumbers(report);
  const rows = (what: string, numbers: StateNumbers): readonly Row[] => [
    [`${what} that work`, numbers.works],
    [`${what} that fail`, numbers.fails],
    [`${what} not known`, numbers.unknown],
  ];
  return [...rows('look-ups', lookUps), ...rows('mail checks', mail)];
}

function stepRows(report: DoctorReport): readonly Row[] {
  const numbers = stepNumbers(report);
  return (['ok', 'fails', 'not-checked'] as const).map(state => [`steps ${stepWords[state]}`, numbers[state]]);
}

function planRows({ counts, origins }: PlanView): readonly Row[] {
  return [...counts.map(({ n, one, many }): Row => [wordFor(n, one, many), n]), ...origins];
}

/** What was looked at, and when; a reading that was taken earlier has its age. */
function factsText(report: Report, plan: PlanView | undefined): string {
  const unread = 'plan' in report ? report.plan.unread : 'unread' in report ? report.unread : [];
  const missing = `**Not read:** ${unread.slice(0, 20).map(codeSpan).join(', ')}${unread.length > 20 ? ', …' : ''}`;
  const facts = [
    ...commitFacts(report),
    ...actorFacts(report),
    ...readFacts(report, plan),
    ...(plan ? planFacts(plan) : fileFacts(report)),
  ];
  return [...(facts.length > 0 ? [capital(facts.join('; '))] : []), ...(unread.length > 0 ? [missing] : [])].join(
    '\n\n',
  );
}

function commitFacts(report: Report): readonly string[] {
  const commit = shownCommit(report);
  if (!commit) return [];
  const { id, link, author, pullRequest } = commit;
  const by = author === undefined ? '' : ` by ${codeSpan(author)}`;
  const request = pullRequest ? [linkTo(pullRequest.link, proseOrCode(pullRequest.name))] : [];
  return [`commit ${linkTo(link, codeSpan(id))}${by}`, ...request];
}

function actorFacts(report: Report): readonly string[] {
  const actor = shownActor(report);
  const maker = shownMaker(report);
  const made = maker && shownActor(maker);
  const commit = maker && shownCommit(maker);
  const from = commit ? ` from ${linkTo(commit.link, codeSpan(commit.id))}` : '';
  return [
    ...(actor ? [`run by ${linkTo(actor.link, codeSpan(actor.name))}`] : []),
    ...(made ? [`plan made by ${linkTo(made.link, codeSpan(made.name))}${from}`] : []),
  ];
}

function readFacts(report: Report, plan: PlanView | undefined): readonly string[] {
  const at = readAtOf(report);
  if (!plan?.snapshot) return at === undefined ? [] : [`read ${codeSpan(shortTime(at))}`];
  const { file, takenAt, age } = plan.snapshot;
  const old = age === undefined ? '' : ` (${age} ago)`;
  return [`planned from ${codeSpan(file)}, read ${codeSpan(shortTime(takenAt))}${old}; no server was asked now`];
}

function planFacts({ report }: PlanView): readonly string[] {
  const { plan } = report;
  const run = runOf(report);
  const left = leftOutText(plan);
  return [
    ...(plan.at === undefined ? [] : [`planned for ${dateText(plan.at)}; this cannot be applied`]),
    ...(plan.only ? [`only ${codeSpan(plan.only.join(','))}`] : []),
    ...(plan.except ? [`except ${codeSpan(plan.except.join(','))}`] : []),
    ...(plan.origin ? [`origin ${codeSpan(plan.origin.join(','))}`] : []),
    ...(left === '' ? [] : [left]),
    ...[hostsText(plan), accountsText(plan.accounts), `plan ${codeSpan(plan.digest.slice(0, 8))}`],
    ...(run ? [`run ${codeSpan(run.journal)}`] : []),
    ...(run?.directory === undefined ? [] : [`directory ${codeSpan(run.directory)}`]),
  ];
}

function fileFacts(report: Report): readonly string[] {
  if (report.command !== 'validate') return [];
  const { files } = report;
  return [`files ${files.slice(0, 20).map(codeSpan).join(', ')}${files.length > 20 ? ', …' : ''}`];
}

function planBody(plan: PlanView): readonly Section[] {
  const run = runOf(plan.report);
  return [...(run ? [runTable(run)] : []), ...planSections(plan)];
}

function bodyOf(report: Report): readonly Section[] {
  if (report.command === 'audit') return report.accounts ? [cohortSection(cohortTable(report.accounts))] : [];
  if (report.command === 'doctor') return [stepTable(report)];
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

/** Every step of every target. */
function stepTable(report: DoctorReport): Section {
  const rows = allSteps(report).map(({ target, name, state, detail }) => [
    ...[codeCell(target.name), name, state === 'ok' ? state : `**${stepWords[state]}**`],
    codeCell(detail),
  ]);
  return table(['target', 'step', 'state', 'detail'], rows, 'words');
}

function footOf({ report, gates, next }: PlanView): string {
  if (report.refusals.length > 0) return '';
  const asked = runOf(report) ? '' : gates.map(line => `${line}\n`).join('');
  const apply = next.find(({ does }) => does === 'apply');
  if (!apply) return asked;
  return `${asked}${asked === '' ? '' : '\n'}${apply.text} ${codeSpan(oneLine(apply.command))}\n`;
}
