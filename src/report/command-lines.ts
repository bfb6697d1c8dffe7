import type { Finding } from '../core/finding.ts';
import type { DrawCommand } from '../core/next-command.ts';
import type { Report } from '../core/report.ts';

/** Findings with the lines of their commands. */
export function findingsWithLines(findings: readonly Finding[], draw: DrawCommand, saved?: string): readonly Finding[] {
  return findings.map(one => withLines(one, draw, saved));
}

function withLines(finding: Finding, draw: DrawCommand, saved: string | undefined): Finding {
  if (!finding.next) return finding;
  return { ...finding, next: finding.next.map(next => ({ ...next, line: draw(next, saved) })) };
}

/** A report whose findings have the lines of their commands, before it is drawn in any format. */
export function withCommandLines(report: Report, draw: DrawCommand, saved: string | undefined): Report {
  const lined = (findings: readonly Finding[]) => findingsWithLines(findings, draw, saved);
  if (!('plan' in report)) return { ...report, findings: lined(report.findings) };
  // A finding that refuses is printed once: the plan's own one is the same object.
  const own = new Map(report.plan.findings.map(one => [one, withLines(one, draw, saved)]));
  const plan = { ...report.plan, findings: [...own.values()] };
  const refusals = report.refusals.map(one => own.get(one) ?? withLines(one, draw, saved));
  if (!('run' in report) || !report.run) return { ...report, plan, refusals };
  const { run } = report;
  const steps = run.steps.map(step =>
    step.finding ? { ...step, finding: withLines(step.finding, draw, saved) } : step,
  );
  return { ...report, plan, refusals, run: { ...run, steps, unread: lined(run.unread) } };
}
