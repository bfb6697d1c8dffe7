import { printable } from '../../core/printable.ts';
import type { Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import { countFindings } from '../view/view-findings.ts';
import { renderAudit } from './audit-text.ts';
import { renderDoctor } from './doctor-text.ts';
import { renderFindings } from './finding-lines.ts';
import { flow, makeStyle, type Style, type TextOptions } from './layout.ts';
import { renderPlan } from './plan-text.ts';
import { renderVerify } from './verify-text.ts';

/** A report as text for people; ends with a line end. */
export function renderText(report: Report, options: TextOptions): string {
  return `${lines(report, makeStyle(options.color, options.columns), options).join('\n')}\n`;
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
      return renderVerify(report, style, options);
    case 'doctor':
      return renderDoctor(report, style, options);
    default:
      return renderPlan(report, style, options);
  }
}

function validateLines(
  { findings, files }: Report & { command: 'validate' },
  style: Style,
  { verbose, quiet }: TextOptions,
): readonly string[] {
  const errors = findings.filter(({ severity }) => severity === 'error');
  const verdict = errors.length > 0 ? count(countFindings(errors), 'error') : 'valid';
  return [
    ...renderFindings(quiet ? errors : findings, style, verbose),
    ...flow(
      [
        { text: `${files.map(printable).join(', ')}:`, fills: true },
        { text: verdict, paint: errors.length > 0 ? style.bad : style.good },
      ],
      style,
      { gap: ' ' },
    ),
  ];
}
