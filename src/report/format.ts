import { extname } from 'node:path';
import type { PlannedState } from '../core/connection.ts';
import type { ManagedTarget } from '../core/declared.ts';
import type { Finding } from '../core/finding.ts';
import { type DrawCommand, programName } from '../core/next-command.ts';
import { printableJson } from '../core/printable.ts';
import type { PlanReport, Report } from '../core/report.ts';
import type { RuleHelp } from './sarif.ts';
import type { TextOptions } from './text/layout.ts';
import { planNumbers } from './view/plan-counts.ts';

/** Findings with the lines of their commands. */
export function findingsWithLines(findings: readonly Finding[], draw: DrawCommand, saved?: string): readonly Finding[] {
  return findings.map(one => withLines(one, draw, saved));
}

function withLines(finding: Finding, draw: DrawCommand, saved: string | undefined): Finding {
  if (!finding.next) return finding;
  return { ...finding, next: finding.next.map(next => ({ ...next, line: draw(next, saved) })) };
}

/** A report whose findings have the lines of their commands, before it is drawn in any format. */
function withCommandLines(report: Report, draw: DrawCommand, saved: string | undefined): Report {
  const lined = (findings: readonly Finding[]) => findingsWithLines(findings, draw, saved);
  if (report.command === 'doctor')
    return {
      ...report,
      findings: lined(report.findings),
      targets: report.targets.map(target => ({
        ...target,
        steps: target.steps.map(step => ({ ...step, findings: lined(step.findings) })),
      })),
    };
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
  return {
    ...report,
    plan,
    refusals,
    run: { ...run, steps, unread: lined(run.unread), ...(run.unkept && { unkept: lined(run.unkept) }) },
  };
}

/**
 * A report as JSON for programs: the same facts as the text, nothing folded; what is managed follows from the plan. Ends with a
 * line end.
 */
export function renderJson(report: Report): string {
  return printableJson('plan' in report ? withCounts(report) : report);
}

function withCounts({ managed: _, ...report }: PlanReport): object {
  const { at } = report.plan;
  return { ...report, ...(at !== undefined && { at }), counts: planNumbers(report.plan) };
}

/** The ways a report can be written. */
export const formats = ['text', 'json', 'markdown', 'sarif', 'junit', 'html', 'github'] as const;

/** One of them. */
export type Format = (typeof formats)[number];

/** What rendering needs besides the report; the same report and facts give the same bytes. */
export interface RenderFacts extends TextOptions {
  readonly now: string;
  /** Of this program. */
  readonly version: string;
  /** All that the kinds look after for a wanted state. */
  readonly managed: (desired: PlannedState) => readonly ManagedTarget[];
  /** What a code host calls a file of the user's: formats that it reads name files so. */
  readonly place?: (file: string) => string;
  /** The explanation of a finding code, where there is one. */
  readonly help: (code: string) => RuleHelp | undefined;
}

/** A report in a format; ends with a line end. What draws a format is loaded when it is needed: the start would take longer. */
export async function renderReport(given: Report, format: Format, facts: RenderFacts): Promise<string> {
  return renderLined(given, format, format === 'text' ? facts : forAnyMachine(facts));
}

/** All but text is kept, and read on other machines: there the program has its own name. */
function forAnyMachine(facts: RenderFacts): RenderFacts {
  const { draw } = facts;
  return draw ? { ...facts, draw: (next, saved) => draw(next, saved, programName) } : facts;
}

async function renderLined(given: Report, format: Format, facts: RenderFacts): Promise<string> {
  const drawn = facts.draw ? withCommandLines(given, facts.draw, facts.savedPlan) : given;
  if (format === 'json') return renderJson(drawn);
  const report = 'plan' in drawn ? { ...drawn, managed: facts.managed(drawn.plan.desired) } : drawn;
  switch (format) {
    case 'text':
      return (await import('./text/render-text.ts')).renderText(report, facts);
    case 'markdown':
      return (await import('./markdown/render-markdown.ts')).renderMarkdown(report, facts);
    case 'sarif':
      return (await import('./sarif.ts')).renderSarif(report, facts);
    case 'junit':
      return (await import('./junit/render-junit.ts')).renderJunit(report, facts.now);
    case 'html':
      return (await import('./html/render-html.ts')).renderHtml(report, facts);
    case 'github':
      return (await import('./github.ts')).renderGithub(report, facts);
  }
}

const endings: Readonly<Record<string, Format>> = {
  '.txt': 'text',
  '.json': 'json',
  '.md': 'markdown',
  '.sarif': 'sarif',
  '.xml': 'junit',
  '.html': 'html',
};

/** The format that the ending of a file's name stands for. */
export function formatOfFile(file: string): Format | undefined {
  return endings[extname(file).toLowerCase()];
}
