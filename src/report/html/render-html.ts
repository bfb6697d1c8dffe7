import { type DoctorReport, type StepState, stateOfTarget } from '../../core/examination.ts';
import type { FailedReport, Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import { allSteps, doctorFindings, doctorSentence, stepNumbers, stepWords } from '../view/doctor-view.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import type { Tone } from '../view/verdict.ts';
import { countFindings } from '../view/view-findings.ts';
import { auditPage } from './audit-page.ts';
import { bounded, bounds, columnTable, icon, listed, moment, name, provenanceFacts, shorten } from './elements.ts';
import { findingSections } from './finding-section.ts';
import { html } from './html.ts';
import { type Figure, type PageContent, renderPage, type Verdict } from './page.ts';
import { planPage } from './plan/plan-page.ts';
import { verifyPage } from './verify-page.ts';

type ValidateReport = Report & { command: 'validate' };

/** The page of a validation. */
function validatePage(report: ValidateReport): PageContent {
  const [errors, warnings] = [countOfSeverity(report, 'error'), countOfSeverity(report, 'warning')];
  return {
    ...findingsPage(report),
    command: 'validate',
    verdict: validity(errors, warnings),
    figures: report.findings.length === 0 ? [] : severityFigures(report),
  };
}

/** The page of a command that ended before it had anything else to tell. */
function failedPage(report: FailedReport): PageContent {
  const refused = report.exitCode === 3;
  // A run that broke off may have written: only a refusal comes before all of it.
  const sentence = `${count(countFindings(report.findings), 'finding')} below.${refused ? ' Nothing was written.' : ''}`;
  return {
    ...findingsPage(report),
    command: report.of,
    verdict: { tone: 'bad', word: refused ? 'Refused' : 'Not done', sentence },
    figures: [],
  };
}

function findingsPage(report: ValidateReport | FailedReport): Omit<PageContent, 'command' | 'verdict' | 'figures'> {
  const { estate, files, findings } = report;
  const fileList = html`<ul class="plain">${files.map(file => html`<li>${name(file)}</li>`)}</ul>`;
  return {
    subject: estate ?? (listed(files) || 'reconcile'),
    facts: [...files.map(name), ...provenanceFacts(report)],
    sections: findings.length === 0 ? [{ id: 'files', title: 'Files', body: fileList }] : findingSections(findings),
    foot: [html`Every finding has a page: <code>reconcile explain CODE</code>`],
  };
}

function countOfSeverity({ findings }: ValidateReport, severity: string): number {
  return countFindings(findings.filter(finding => finding.severity === severity));
}

function severityFigures(report: ValidateReport): readonly Figure[] {
  const [errors, warnings] = [countOfSeverity(report, 'error'), countOfSeverity(report, 'warning')];
  return [
    { label: 'Errors', value: errors, ...(errors > 0 && { tone: 'bad' as const }) },
    { label: 'Warnings', value: warnings, ...(warnings > 0 && { tone: 'warn' as const }) },
    { label: 'Notes', value: countOfSeverity(report, 'note') },
  ];
}

function validity(errors: number, warnings: number): Verdict {
  if (errors > 0)
    return { tone: 'bad', word: count(errors, 'error'), sentence: 'Fix these first. A plan needs a valid file.' };
  const sentence = warnings > 0 ? `${count(warnings, 'warning')}.` : 'The file follows the schema and the rules.';
  return { tone: warnings > 0 ? 'warn' : 'good', word: 'Valid', sentence };
}

const stepTones: Readonly<Record<StepState, Tone>> = {
  ok: 'good',
  warning: 'warn',
  fails: 'bad',
  'not-checked': 'unsure',
};

const verdictWords: Readonly<Record<StepState, string>> = {
  ok: 'All well',
  warning: 'Warnings',
  fails: 'Fails',
  'not-checked': 'Not all checked',
};

/** The page of an examination. */
function doctorPage(report: DoctorReport): PageContent {
  const steps = allSteps(report);
  const worst = stateOfTarget({ steps });
  const { shown, more } = bounded(steps, bounds.rows);
  const rows = shown.map(({ target, name: step, state, detail }) => [
    name(target.name),
    step,
    html`<span class="badge ${stepTones[state]}">${icon(stepTones[state])} ${stepWords[state]}</span>`,
    shorten(detail, bounds.value),
  ]);
  const body = html`${columnTable({
    caption: 'Every step of every target. A step after one that failed is not checked.',
    columns: [{ title: 'Target', of: 'name' }, { title: 'Step' }, { title: 'State', of: 'state' }, { title: 'Detail' }],
    rows,
  })}${more > 0 && html`<p class="more">and ${count(more, 'more step')}</p>`}`;
  return {
    command: 'doctor',
    subject: report.estate,
    verdict: { tone: stepTones[worst], word: verdictWords[worst], sentence: doctorSentence(report) },
    facts: [
      ...provenanceFacts(report),
      html`examined ${moment(report.examinedAt)}`,
      count(report.targets.length, 'target'),
    ],
    figures: stepFigures(report),
    sections: [...findingSections(doctorFindings(report)), { id: 'steps', title: 'Steps', count: steps.length, body }],
    foot: [html`Read-only: doctor changes nothing on any target`],
  };
}

function stepFigures(report: DoctorReport): readonly Figure[] {
  const numbers = stepNumbers(report);
  return (['ok', 'fails', 'warning', 'not-checked'] as const)
    .filter(state => state === 'ok' || numbers[state] > 0)
    .map(state => ({
      label: `Steps: ${stepWords[state]}`,
      value: numbers[state],
      ...(state !== 'ok' && { tone: stepTones[state] }),
    }));
}

/** A report as one page of HTML that needs nothing besides itself: no script, no request. Ends with a line end. */
export function renderHtml(report: Report, options: DrawOptions = {}): string {
  return renderPage(pageOf(report, options));
}

/** What the page of a report is made of. */
export function pageOf(report: Report, options: DrawOptions): PageContent {
  switch (report.command) {
    case 'validate':
      return validatePage(report);
    case 'failed':
      return failedPage(report);
    case 'audit':
      return auditPage(report, options);
    case 'verify':
      return verifyPage(report);
    case 'doctor':
      return doctorPage(report);
    default:
      return planPage(report, options);
  }
}
