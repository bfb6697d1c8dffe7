import type { Finding } from '../../core/finding.ts';
import type { PlanReport } from '../../core/report.ts';
import { type ChangeSection, changeSections } from './change-sections.ts';
import type { DrawOptions } from './draw-options.ts';
import { planFindings } from './findings.ts';
import type { HostFold } from './folded-changes.ts';
import { gateLines, type NextStep, nextSteps } from './next-steps.ts';
import { type PlacedChange, placeChanges } from './placed-changes.ts';
import { countOrigins, type PlanCount, planCounts } from './plan-counts.ts';
import { isTime } from './report-facts.ts';
import { type PlanVerdict, planVerdict } from './verdict.ts';
import { ageText } from './words.ts';

/** A plan, and what became of it, as every format for people is drawn from: plain data, computed once. */
export interface PlanView {
  readonly report: PlanReport;
  readonly verdict: PlanVerdict;
  /** Every change in the order of the plan. */
  readonly placed: readonly PlacedChange[];
  readonly sections: readonly ChangeSection[];
  readonly counts: readonly PlanCount[];
  readonly origins: readonly (readonly [string, number])[];
  readonly findings: readonly Finding[];
  /** The reading it was planned from, where that was not live, and how old that is. */
  readonly snapshot?: { readonly file: string; readonly takenAt: string; readonly age?: string };
  readonly gates: readonly string[];
  readonly next: readonly NextStep[];
}

/** The view of a plan; `hosts` says whether changes are folded over the hosts. */
export function viewPlan(report: PlanReport, hosts: HostFold, options: DrawOptions): PlanView {
  const { plan } = report;
  const placed = placeChanges(report);
  const snapshot = snapshotOf(report, options.now);
  return {
    report,
    verdict: planVerdict(report),
    placed,
    sections: changeSections(plan, placed, hosts),
    counts: planCounts(plan),
    origins: countOrigins(placed),
    findings: planFindings(report),
    ...(snapshot && { snapshot }),
    gates: gateLines(plan),
    next: nextSteps(report, options),
  };
}

function snapshotOf(report: PlanReport, now: string | undefined): PlanView['snapshot'] {
  const snapshot = 'snapshot' in report ? report.snapshot : undefined;
  const known = snapshot && now !== undefined && isTime(snapshot.takenAt) && isTime(now);
  return snapshot && { ...snapshot, ...(known && { age: ageText(snapshot.takenAt, now) }) };
}
