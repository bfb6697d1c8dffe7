import { printable } from '../../core/printable.ts';
import type { Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import { countFindings } from '../view/view-findings.ts';
import { renderAudit } from './audit-text.ts';
import { renderFindings } from './finding-lines.ts';
import type { TextOptions } from './layout.ts';
import { makeStyle, type Style } from './layout.ts';
import { renderPlan } from './plan-text.ts';
import { renderVerify } from './verify-text.ts';

/** A report as text for people; ends with a line end. */
export function renderText(report: Report, options: TextOptions): string {
  return `${lines(report, makeStyle(options.color), options).join('\n')}\n`;
}

function lines(report: Report, style: Style, options: TextOptions): readonly string[] {
  switch (report.command) {
    case 'failed':
      return renderFindings(report.findings, style, options.verbose);
    case 'validate':
      return validateLines(report, style, options);
    case 'audit':
      return renderAudit(report, style, options);
    case 'verify':
      return renderVerify(report, style, options.verbose);
    default:
      return renderPlan(report, style, options);
  }
}

function validateLines(
  { findings, files }: Report & { command: 'validate' },
  style: Style,
  { verbose }: TextOptions,
): readonly string[] {
  const errors = countFindings(findings.filter(({ severity }) => severity === 'error'));
  const verdict = errors > 0 ? style.bad(count(errors, 'error')) : style.good('valid');
  return [...renderFindings(findings, style, verbose), `${files.map(printable).join(', ')}: ${verdict}`];
}
