import type { Report } from '../core/report.ts';
import { planNumbers } from './plan-counts.ts';

/** A report as JSON for programs: the same facts as the text, nothing folded; ends with a line end. */
export function renderJson(report: Report): string {
  const counted = 'plan' in report ? { ...report, counts: planNumbers(report.plan) } : report;
  return `${JSON.stringify(counted, null, 2)}\n`;
}
