import { type ChangeFacts, countFacts } from '../../core/change-list.ts';
import type { Finding } from '../../core/finding.ts';
import { type DrawCommand, drawAlone, nextCommands } from '../../core/next-command.ts';
import type { Plan } from '../../core/plan.ts';
import type { PlanReport } from '../../core/report.ts';
import { countStates } from '../../core/result-list.ts';
import { count } from '../../core/units.ts';
import { type ChangeSection, changeSections } from './change-sections.ts';
import { type HostFold, type PlacedChange, placeChanges } from './placed-changes.ts';
import { countOrigins, type PlanCount, type PlanNumbers, planCounts, planNumbers } from './plan-counts.ts';
import { isTime } from './report-facts.ts';
import { heldChanges, type PlanVerdict, planVerdict, runOf } from './verdict.ts';
import { planFindings } from './view-findings.ts';
import { ageText } from './words.ts';

/** A plan, and what became of it, as every format for people is drawn from: plain data, computed once. */
export interface PlanView {
  readonly report: PlanReport;
  readonly verdict: PlanVerdict;
  /** Every change in the order of the plan. */
  readonly placed: readonly PlacedChange[];
  readonly sections: readonly ChangeSection[];
  readonly numbers: PlanNumbers;
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
    numbers: planNumbers(plan),
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

/** What a report may say besides its facts. */
export interface DrawOptions {
  /** Where the plan was saved, for the command to copy. */
  readonly savedPlan?: string;
  /** Draws commands to copy; without it they know nothing of the command that was given. */
  readonly draw?: DrawCommand;
  /** ISO 8601; without it a reading has no age. */
  readonly now?: string;
}

/** A command that comes after a report, with the line that says what it does. */
interface NextStep {
  readonly does: 'apply' | 'status' | 'undo' | 'allow';
  readonly text: string;
  readonly command: string;
}

/** The commands that come after a plan, or after a run, to copy. */
function nextSteps(report: PlanReport, options: DrawOptions): readonly NextStep[] {
  // What is planned for another time leads to no command now.
  if (report.plan.at !== undefined) return [];
  return [...applyStep(report, options), ...undoSteps(report, options), ...heldStep(report, options)];
}

function applyStep(report: PlanReport, { savedPlan, draw = drawAlone }: DrawOptions): readonly NextStep[] {
  if (savedPlan === undefined || report.refusals.length > 0 || runOf(report)) return [];
  const command = draw(nextCommands.applySaved(savedPlan));
  return [{ does: 'apply', text: 'Apply exactly this:', command }];
}

function undoSteps(report: PlanReport, { draw = drawAlone }: DrawOptions): readonly NextStep[] {
  const run = runOf(report);
  if (report.command !== 'apply' || !run || countStates(run).done === 0) return [];
  const undo: NextStep = {
    does: 'undo',
    text: 'Undo this run. You see the plan before anything changes:',
    command: draw(nextCommands.undo(run.journal)),
  };
  if (report.exitCode !== 1 && !run.interrupted) return [undo];
  const text = 'Run it again to continue where it stopped. To see what is half done:';
  return [{ does: 'status', text, command: draw(nextCommands.status()) }, undo];
}

function heldStep(report: PlanReport, { savedPlan, draw = drawAlone }: DrawOptions): readonly NextStep[] {
  if (report.plan.direction === 'undo' || (report.refusals.length > 0 && !runOf(report))) return [];
  const held = heldChanges(report);
  if (held === 0) return [];
  const text = `${count(held, 'account')} would lose calendars on CS6, and this cannot be undone. To allow it:`;
  return [{ does: 'allow', text, command: draw(nextCommands.allow('deletes', held), savedPlan) }];
}

/** When an apply asks for free/busy on its way, in one line; nothing where the file does not want it, or the plan gives no occasion. */
export function gateLines({ desired, direction, steps }: Plan): readonly string[] {
  const gates = desired.verify?.gates;
  if (!gates || direction === 'undo') return [];
  const countOf = (test: (facts: ChangeFacts) => boolean) =>
    steps.reduce((sum, { changes }) => sum + countFacts(changes, test), 0);
  const restarts = countOf(({ action }) => action === 'restart');
  const moves = countOf(one => one.moves !== undefined);
  const occasions = [
    ...(moves > 0 ? [`every ${count(gates.moves, 'move')}`] : []),
    ...(gates.restarts && restarts > 0 ? [restarts === 1 ? 'the restart' : `each of ${restarts} restarts`] : []),
  ];
  if (occasions.length === 0) return [];
  const failure = gates.onFailure === 'stop' ? 'stops the run' : 'undoes the last changes and stops the run';
  return [`Gate: free/busy is asked before and after ${occasions.join(' and ')}; a failure ${failure}.`];
}
