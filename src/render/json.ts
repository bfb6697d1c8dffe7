import type { Report } from '../core/report.ts';

/** A report as JSON for programs: the same facts as the text, nothing folded; ends with a line end. */
export function renderJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
