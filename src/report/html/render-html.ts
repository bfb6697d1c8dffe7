import type { Report } from '../../core/report.ts';
import { auditPage } from './audit/audit-page.ts';
import type { HtmlOptions } from './options.ts';
import { type PageContent, renderPage } from './page.ts';
import { planPage } from './plan/plan-page.ts';
import { failedPage, validatePage } from './validate-page.ts';
import { verifyPage } from './verify/verify-page.ts';

/** A report as one page of HTML that needs nothing besides itself: no script, no request. Ends with a line end. */
export function renderHtml(report: Report, options: HtmlOptions = {}): string {
  return renderPage(pageOf(report, options));
}

function pageOf(report: Report, options: HtmlOptions): PageContent {
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
