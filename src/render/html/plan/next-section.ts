import { count } from '../../../core/count.ts';
import { deletionsOf } from '../../../core/moves.ts';
import type { PlanReport } from '../../../core/report.ts';
import { countStates } from '../../../core/run.ts';
import { gateLines } from '../../gate-line.ts';
import { bounds } from '../bounds.ts';
import { command } from '../findings.ts';
import { type Html, html } from '../html.ts';
import type { HtmlOptions } from '../options.ts';
import type { Section } from '../page.ts';
import { shorten } from '../texts.ts';

/** The commands that come after this, to copy; nothing where there is none. */
export function nextSection(report: PlanReport, { savedPlan }: HtmlOptions): readonly Section[] {
  const blocks = [...applyBlock(report, savedPlan), ...undoBlock(report), ...heldBlock(report)];
  if (blocks.length === 0) return [];
  return [{ id: 'next', title: 'What comes next', body: html`${blocks}` }];
}

function applyBlock(report: PlanReport, savedPlan: string | undefined): readonly Html[] {
  if (savedPlan === undefined || refusedOrRun(report)) return [];
  const gates = gateLines(report.plan).map(line => html`<p>${line}</p>`);
  return [html`<p>Apply exactly this:</p>${command(`reconcile apply ${shorten(savedPlan, bounds.value)}`)}${gates}`];
}

function refusedOrRun(report: PlanReport): boolean {
  return report.refusals.length > 0 || ('run' in report && report.run !== undefined);
}

function undoBlock(report: PlanReport): readonly Html[] {
  if (report.command !== 'apply' || !report.run || countStates(report.run).done === 0) return [];
  const again = report.exitCode === 1 || report.run.interrupted;
  return [
    ...(again
      ? [html`<p>Running it again goes on where it stopped. What was half done:</p>${command('reconcile status')}`]
      : []),
    html`<p>Take this run back, shown first:</p>${command(`reconcile undo ${shorten(report.run.journal, bounds.name)}`)}`,
  ];
}

function heldBlock(report: PlanReport): readonly Html[] {
  const run = 'run' in report ? report.run : undefined;
  if (report.plan.direction === 'undo' || (report.refusals.length > 0 && !run)) return [];
  const held = run ? countStates(run).held : deletionsOf(report.plan.steps).length;
  if (held === 0) return [];
  return [
    html`<p>${count(held, 'account')} would lose calendars on CS6, which nothing brings back. Only this does it:</p>${command(`reconcile apply --allow-deletes ${held}`)}`,
  ];
}
