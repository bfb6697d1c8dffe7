import { type Finding, fullDetail } from '../../core/finding.ts';
import { printable } from '../../core/printable.ts';
import type { Places } from './places.ts';
import type { Remark } from './remark.ts';

/** Findings as remarks. */
export function findingRemarks(findings: readonly Finding[], places: Places): readonly Remark[] {
  return findings.map(finding => {
    const { severity, code, summary, detail, target, excerpt } = finding;
    const place = places.ofFinding(finding);
    return {
      rule: code,
      level: severity,
      title: printable(summary),
      message: printable(fullDetail(finding)),
      ...place,
      ...(target !== undefined && { target }),
      identity: [code, target ?? '', place.where.file, excerpt?.line.trim() ?? withoutNumbers(detail)],
    };
  });
}

/** A count that changes from day to day makes no new problem. */
function withoutNumbers(text: string): string {
  return text.replace(/\d[\d,.:]*/g, '#');
}
