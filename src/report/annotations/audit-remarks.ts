import { count } from '../../core/count.ts';
import { printable } from '../../core/printable.ts';
import type { AuditReport } from '../../core/report.ts';
import { findingRemarks } from './finding-remarks.ts';
import type { Places } from './places.ts';
import type { Remark } from './remark.ts';

/** What is not good as remarks, one for each class. */
export function auditRemarks({ classes, findings }: AuditReport, places: Places): readonly Remark[] {
  return [
    ...classes.map(({ name, of, count: n, examples, means, remedy }): Remark => {
      const named = examples.map(printable).join('; ');
      return {
        rule: `audit/${name}`,
        level: name === 'unknown' || name === 'virtual-value' ? 'warning' : 'error',
        title: means,
        message: `${count(n, of === 'accounts' ? 'account' : 'calendar')}, e.g. ${named}${n > examples.length ? '; …' : ''}\n${printable(remedy)}`,
        where: places.ofTarget(undefined),
        identity: ['audit', name],
      };
    }),
    ...findingRemarks(findings, places),
  ];
}
