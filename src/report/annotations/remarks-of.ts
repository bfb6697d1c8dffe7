import type { Severity } from '../../core/finding.ts';
import type { Report } from '../../core/report.ts';
import { toldFindings } from '../plan-facts.ts';
import { auditRemarks } from './audit-remarks.ts';
import { findingRemarks } from './finding-remarks.ts';
import { findPlaces } from './places.ts';
import { changeRemarks } from './plan-remarks.ts';
import type { Remark } from './remark.ts';
import { runRemarks } from './run-remarks.ts';
import { verifyRemarks } from './verify-remarks.ts';

/** All there is to look at in a report, the worst first; changes of hosts one by one, or folded over the hosts. */
export function remarksOf(report: Report, hosts: 'each' | 'folded'): readonly Remark[] {
  const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
  return [...unsorted(report, hosts)].sort((a, b) => ranks[a.level] - ranks[b.level]);
}

function unsorted(report: Report, hosts: 'each' | 'folded'): readonly Remark[] {
  const places = findPlaces(report);
  switch (report.command) {
    case 'failed':
    case 'validate':
      return findingRemarks(report.findings, places);
    case 'audit':
      return auditRemarks(report, places);
    case 'verify':
      return verifyRemarks(report, places);
    default: {
      const findings = findingRemarks(toldFindings(report), places);
      // Once it ran, what became of the changes counts.
      if ('run' in report && report.run) return [...findings, ...runRemarks(report.run, places)];
      return [...findings, ...changeRemarks(report, places, hosts)];
    }
  }
}
