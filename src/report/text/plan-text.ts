import { deletionsOf } from '../../core/change.ts';
import { count } from '../../core/count.ts';
import type { Finding } from '../../core/finding.ts';
import { drawAlone, nextCommands } from '../../core/next-command.ts';
import type { Plan } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { countStates } from '../../core/run.ts';
import { accountBlocks, isOfHost } from '../view/account-blocks.ts';
import type { TextOptions } from '../view/draw-options.ts';
import { gateLines } from '../view/gate-line.ts';
import { ageText, type PlacedChange, placeChanges, shortTime } from '../view/placed-changes.ts';
import { accountsText, countOrigins, planSummary, toldFindings } from '../view/plan-facts.ts';
import { renderAccountChanges, renderHostChanges, renderValues } from './change-lines.ts';
import { renderFindings } from './finding-lines.ts';
import { renderRun } from './run-text.ts';
import type { Style } from './style.ts';

/** A plan, and what an apply did of it, for people: the changes by host and cohort, then findings, the run and the verdict. */
export function renderPlan(report: PlanReport, style: Style, options: TextOptions): readonly string[] {
  const { plan } = report;
  const placed = placeChanges(report);
  const { verbose } = options;
  const blocks: readonly (readonly string[])[] = [
    [headline(report, style), ...snapshotLines(report, style, options)],
    hostSection(
      'cs6 hosts',
      plan.desired.cs6.map(({ name }) => name),
      placed,
      style,
      verbose,
    ),
    hostSection(
      'cs7 hosts',
      plan.desired.cs7.map(({ name }) => name),
      placed,
      style,
      verbose,
    ),
    ...accountBlocks(plan, placed).map(block => [
      style.strong(printable(block.heading)),
      ...renderAccountChanges(block.placed, style, verbose),
    ]),
    ignoredSection(plan, style),
    findingsBlock(toldFindings(report), style, verbose),
    'run' in report && report.run ? renderRun(report.run, style, verbose) : [],
    closing(report, placed, style, options),
  ];
  return blocks.flat();
}

/** What it was planned from, where that was not live, and how old that is. */
function snapshotLines(report: PlanReport, style: Style, { now }: TextOptions): readonly string[] {
  const snapshot = 'snapshot' in report ? report.snapshot : undefined;
  if (!snapshot) return [];
  const age = now === undefined ? '' : `, ${ageText(snapshot.takenAt, now)} ago`;
  return [
    style.warn(
      `planned from ${printable(snapshot.file)}, read ${shortTime(printable(snapshot.takenAt))}${age}; nothing was asked now`,
    ),
    '',
  ];
}

function bySeverity(findings: readonly Finding[]): readonly Finding[] {
  const rank = { note: 0, warning: 1, error: 2 };
  return [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function ignoredSection({ ignored }: Plan, style: Style): readonly string[] {
  if (ignored.length === 0) return [];
  const lines = ignored.map(({ target, change, until, reason, owner }) => {
    const item = target === 'directory' ? ` ${change.item}` : '';
    const why = style.dim(`until ${printable(until)}: ${printable(reason)} (${printable(owner)})`);
    return `  = ${printable(target)}${printable(item)}  ${printable(change.key)}  ${renderValues(change)}  ${why}`;
  });
  return [style.strong('ignored'), ...lines];
}

function findingsBlock(findings: readonly Finding[], style: Style, verbose: boolean): readonly string[] {
  return findings.length === 0 ? [] : ['', ...renderFindings(bySeverity(findings), style, verbose), ''];
}

function headline({ command, plan }: PlanReport, style: Style): string {
  const unread = plan.unread.length > 0 ? `  ${style.bad(`unread: ${printable(plan.unread.join(', '))}`)}` : '';
  return `${style.strong(`reconcile ${command}`)}  ${printable(plan.desired.name)}  read ${printable(plan.readAt.replace(/\.\d+Z$/, 'Z'))}  ${count(plan.hosts, 'host')}  ${accountsText(plan.accounts)}${unread}\n`;
}

function hostSection(
  title: string,
  names: readonly string[],
  placed: readonly PlacedChange[],
  style: Style,
  verbose: boolean,
): readonly string[] {
  const own = placed.filter(one => names.includes(one.target) && isOfHost(one));
  if (own.length === 0) return [];
  return [style.strong(`${title} (${names.length})`), ...renderHostChanges(own, style, verbose)];
}

function closing(
  report: PlanReport,
  placed: readonly PlacedChange[],
  style: Style,
  options: TextOptions,
): readonly string[] {
  const { plan } = report;
  const { draw = drawAlone } = options;
  const ran = 'run' in report && report.run !== undefined;
  const guards = report.refusals.filter(({ unread }) => !unread).length;
  if (plan.nothingRead && !ran) return [style.bad('Nothing could be read.')];
  if (plan.steps.length === 0 && !ran && guards === 0) return [idleLine(plan, style)];
  const refused = report.refusals.length > 0 && !ran ? [style.bad(refusalLine(guards, plan))] : [];
  const command =
    options.savedPlan !== undefined && report.refusals.length === 0
      ? ['Apply exactly this:', `    ${printable(draw(nextCommands.applySaved(options.savedPlan)))}`]
      : [];
  return [
    ...(ran ? [] : [planSummary(plan), ...originLines(placed), ...gateLines(plan)]),
    ...refused,
    ...command,
    ...(refused.length > 0 ? [] : heldLines(report, options)),
  ];
}

function idleLine({ direction, unread, waiting = 0 }: Plan, style: Style): string {
  if (direction === 'undo') return 'Nothing of it is left to take back.';
  if (unread.length > 0) return style.warn('What was read is in sync; not everything could be read.');
  if (waiting === 0) return style.good('In sync.');
  return style.warn(
    `${count(waiting, 'change')} ${waiting === 1 ? 'waits' : 'wait'} for hosts that are away; the rest is in sync.`,
  );
}

function refusalLine(guards: number, { unread }: Plan): string {
  if (guards > 0) return `Refused: ${count(guards, 'error')} above. Nothing was written.`;
  return `Incomplete: ${printable(unread.join(', '))} could not be read, and nothing is applied before that. Nothing was written.`;
}

/** What an apply leaves undone unless it is allowed by number. */
function heldLines(report: PlanReport, { draw = drawAlone, savedPlan }: TextOptions): readonly string[] {
  const held = 'run' in report && report.run ? countStates(report.run).held : deletionsOf(report.plan.steps).length;
  if (held === 0) return [];
  return [
    `${count(held, 'account')} would lose calendars on CS6, which nothing brings back. Only this does it:`,
    `    ${printable(draw(nextCommands.allow('deletes', held), savedPlan))}`,
  ];
}

/** How many changes come from where, with a base to tell by. */
function originLines(placed: readonly PlacedChange[]): readonly string[] {
  const counted = countOrigins(placed);
  if (counted.length === 0) return [];
  return [
    `Of ${count(placed.length, 'change')}: ${counted.map(([words, n]) => `${n.toLocaleString('en-US')} ${words}`).join(', ')}`,
  ];
}
