import { count } from '../../core/count.ts';
import type { Plan } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { accountsText } from '../view/change-sections.ts';
import type { TextOptions } from '../view/draw-options.ts';
import { severities } from '../view/findings.ts';
import { planCountsText } from '../view/plan-counts.ts';
import { type PlanView, viewPlan } from '../view/plan-view.ts';
import { guardsOf, runOf, waitingText } from '../view/verdict.ts';
import { renderValues, shortTime } from '../view/words.ts';
import { renderChanges } from './change-lines.ts';
import { renderFindings } from './finding-lines.ts';
import { renderRun } from './run-text.ts';
import type { Style } from './style.ts';

/** A plan, and what an apply did of it, for people: the changes by host and cohort, then findings, the run and the verdict. */
export function renderPlan(report: PlanReport, style: Style, options: TextOptions): readonly string[] {
  const { verbose } = options;
  const view = viewPlan(report, verbose ? 'each' : 'folded', options);
  const run = runOf(report);
  return [
    headline(report, style),
    ...snapshotLines(view, style),
    ...view.sections.flatMap(section => [
      style.strong(printable(section.title)),
      ...renderChanges(section, style, verbose),
    ]),
    ...ignoredSection(report.plan, style),
    ...findingsBlock(view, style, verbose),
    ...(run ? renderRun(run, style, verbose) : []),
    ...closing(view, style),
  ];
}

/** What it was planned from, where that was not live, and how old that is. */
function snapshotLines({ snapshot }: PlanView, style: Style): readonly string[] {
  if (!snapshot) return [];
  const { file, takenAt, age } = snapshot;
  const read = `${shortTime(printable(takenAt))}${age === undefined ? '' : `, ${age} ago`}`;
  return [style.warn(`planned from ${printable(file)}, read ${read}; nothing was asked now`), ''];
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

/** The worst last: it stands next to the prompt. */
function findingsBlock({ findings }: PlanView, style: Style, verbose: boolean): readonly string[] {
  const sorted = severities.toReversed().flatMap(level => findings.filter(({ severity }) => severity === level));
  return sorted.length === 0 ? [] : ['', ...renderFindings(sorted, style, verbose), ''];
}

function headline({ command, plan }: PlanReport, style: Style): string {
  const unread = plan.unread.length > 0 ? `  ${style.bad(`unread: ${printable(plan.unread.join(', '))}`)}` : '';
  return `${style.strong(`reconcile ${command}`)}  ${printable(plan.desired.name)}  read ${printable(plan.readAt.replace(/\.\d+Z$/, 'Z'))}  ${count(plan.hosts, 'host')}  ${accountsText(plan.accounts)}${unread}\n`;
}

function closing(view: PlanView, style: Style): readonly string[] {
  const { report, verdict } = view;
  const { plan } = report;
  switch (verdict) {
    case 'nothing-read':
      return [style.bad('Nothing could be read.')];
    case 'ran':
      return nextLines(view);
    case 'refused':
      return [...summary(view), style.bad(`Refused: ${count(guardsOf(report), 'error')} above. Nothing was written.`)];
    case 'incomplete':
      return plan.steps.length > 0
        ? [...summary(view), ...incompleteLines(report, style), ...nextLines(view)]
        : [style.warn('What was read is in sync; not everything could be read.')];
    case 'pending':
      return [...summary(view), ...nextLines(view)];
    case 'waiting':
      return [style.warn(`${waitingText(report)} for hosts that are away; the rest is in sync.`)];
    case 'in-sync':
      return [plan.direction === 'undo' ? 'Nothing of it is left to take back.' : style.good('In sync.')];
  }
}

function incompleteLines({ refusals, plan }: PlanReport, style: Style): readonly string[] {
  if (refusals.length === 0) return [];
  const unread = printable(plan.unread.join(', '));
  const text = `Incomplete: ${unread} could not be read, and nothing is applied before that. Nothing was written.`;
  return [style.bad(text)];
}

/** What the plan comes to in numbers, and where its changes come from with a base to tell by. */
function summary({ report: { plan }, placed, origins, gates }: PlanView): readonly string[] {
  const words = origins.map(([text, n]) => `${n.toLocaleString('en-US')} ${text}`).join(', ');
  return [
    `Plan ${plan.digest.slice(0, 8)}: ${planCountsText(plan)}`,
    ...(origins.length === 0 ? [] : [`Of ${count(placed.length, 'change')}: ${words}`]),
    ...gates,
  ];
}

/** What may be done with a plan; how a run is taken back says the command that made it. */
function nextLines({ next }: PlanView): readonly string[] {
  return next
    .filter(({ does }) => does === 'apply' || does === 'allow')
    .flatMap(({ text, command }) => [text, `    ${printable(command)}`]);
}
