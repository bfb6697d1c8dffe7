import { deletionsOf } from '../../../core/change.ts';
import { count } from '../../../core/count.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../../../core/next-command.ts';
import type { PlanReport } from '../../../core/report.ts';
import { countStates } from '../../../core/run.ts';
import { gateLines } from '../../view/gate-line.ts';
import { command } from '../findings.ts';
import { type Html, html } from '../html.ts';
import type { HtmlOptions } from '../options.ts';
import type { Section } from '../page.ts';

/** The commands that come after this, to copy; nothing where there is none. */
export function nextSection(report: PlanReport, { savedPlan, draw = drawAlone }: HtmlOptions): readonly Section[] {
  const blocks = [
    ...applyBlock(report, savedPlan, draw),
    ...undoBlock(report, draw),
    ...heldBlock(report, savedPlan, draw),
  ];
  if (blocks.length === 0) return [];
  return [{ id: 'next', title: 'What comes next', body: html`${blocks}` }];
}

function applyBlock(report: PlanReport, savedPlan: string | undefined, draw: DrawCommand): readonly Html[] {
  if (savedPlan === undefined || refusedOrRun(report)) return [];
  const gates = gateLines(report.plan).map(line => html`<p>${line}</p>`);
  return [html`<p>Apply exactly this:</p>${command(draw(nextCommands.applySaved(savedPlan)))}${gates}`];
}

function refusedOrRun(report: PlanReport): boolean {
  return report.refusals.length > 0 || ('run' in report && report.run !== undefined);
}

function undoBlock(report: PlanReport, draw: DrawCommand): readonly Html[] {
  if (report.command !== 'apply' || !report.run || countStates(report.run).done === 0) return [];
  const again = report.exitCode === 1 || report.run.interrupted;
  return [
    ...(again
      ? [
          html`<p>Running it again goes on where it stopped. What was half done:</p>${command(draw(nextCommands.status()))}`,
        ]
      : []),
    html`<p>Take this run back, shown first:</p>${command(draw(nextCommands.undo(report.run.journal)))}`,
  ];
}

function heldBlock(report: PlanReport, savedPlan: string | undefined, draw: DrawCommand): readonly Html[] {
  const run = 'run' in report ? report.run : undefined;
  if (report.plan.direction === 'undo' || (report.refusals.length > 0 && !run)) return [];
  const held = run ? countStates(run).held : deletionsOf(report.plan.steps).length;
  if (held === 0) return [];
  return [
    html`<p>${count(held, 'account')} would lose calendars on CS6, which nothing brings back. Only this does it:</p>${command(draw(nextCommands.allow('deletes', held), savedPlan))}`,
  ];
}
