import type { Report } from '../../core/report.ts';
import { auditSuites } from './audit-suites.ts';
import { findingCases, toldBeside } from './finding-cases.ts';
import { planSuites } from './plan-suites.ts';
import { runSuites } from './run-suites.ts';
import type { Suite } from './suite.ts';
import { verifySuites } from './verify-suites.ts';

/** A report as suites, one for each target. */
export function suitesOf(report: Report): readonly Suite[] {
  switch (report.command) {
    case 'failed':
      return [{ name: report.of, cases: findingCases(report.findings, 'error'), ...toldBeside(report.findings) }];
    case 'validate':
      return report.files.map((file, i) => {
        // What stands in no file of these is told with the first.
        const own = report.findings.filter(({ where }) =>
          where && report.files.includes(where.file) ? where.file === file : i === 0,
        );
        return { name: file, cases: [{ name: 'can be read' }, ...findingCases(own)], ...toldBeside(own) };
      });
    case 'audit':
      return auditSuites(report);
    case 'verify':
      return verifySuites(report);
    default:
      return 'run' in report && report.run ? runSuites(report, report.run) : planSuites(report);
  }
}
