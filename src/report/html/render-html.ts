import type { FailedReport, Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import { countFindings } from '../view/view-findings.ts';
import { auditPage } from './audit-page.ts';
import { commitFacts, listed, name } from './elements.ts';
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
    facts: [...files.map(name), ...commitFacts(report)],
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

/** A report as one page of HTML that needs nothing besides itself: no script, no request. Ends with a line end. */
export function renderHtml(report: Report, options: DrawOptions = {}): string {
  return renderPage(pageOf(report, options));
}

function pageOf(report: Report, options: DrawOptions): PageContent {
  switch (report.command) {
    case 'validate':
      return validatePage(report);
    case 'failed':
      return failedPage(report);
    case 'audit':
      return auditPage(report, options);
    case 'verify':
      return verifyPage(report);
    default:
      return planPage(report, options);
  }
}
