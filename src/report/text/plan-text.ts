import { groupBy } from '../../core/collections.ts';
import type { Plan } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { type ChangeResult, countStates, type ResultState, type Run, type StepResult } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import { accountsText } from '../view/change-sections.ts';
import { hostsText, planCountsText } from '../view/plan-counts.ts';
import { type PlanView, viewPlan } from '../view/plan-view.ts';
import { type FoldedResults, foldResults, resultWords, runTotalText, statesIn } from '../view/run-results.ts';
import {
  differencesLeft,
  guardsOf,
  openFindings,
  type RunVerdict,
  runOf,
  runVerdict,
  waitingText,
} from '../view/verdict.ts';
import { severities } from '../view/view-findings.ts';
import { renderValues, shortTime } from '../view/words.ts';
import { renderChanges } from './change-lines.ts';
import { renderFindings } from './finding-lines.ts';
import type { Style, TextOptions } from './layout.ts';

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
  return `${style.strong(`reconcile ${command}`)}  ${printable(plan.desired.name)}  read ${printable(plan.readAt.replace(/\.\d+Z$/, 'Z'))}  ${hostsText(plan)}  ${accountsText(plan.accounts)}${unread}\n`;
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
    case 'open':
      return [
        style.warn(
          `No difference is known. ${count(openFindings(plan).length, 'thing above is', 'things above are')} not proved.`,
        ),
      ];
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
function summary({ report: { plan }, numbers, origins, gates }: PlanView): readonly string[] {
  const words = origins.map(([text, n]) => `${n.toLocaleString('en-US')} ${text}`).join(', ');
  return [
    `Plan ${plan.digest.slice(0, 8)}: ${planCountsText(plan)}`,
    ...(origins.length === 0 ? [] : [`Of ${count(numbers.changes, 'change')}: ${words}`]),
    ...gates,
  ];
}

/** What may be done with a plan; how a run is taken back says the command that made it. */
function nextLines({ next }: PlanView): readonly string[] {
  return next
    .filter(({ does }) => does === 'apply' || does === 'allow')
    .flatMap(({ text, command }) => [text, `    ${printable(command)}`]);
}

/** What an apply did: a line for each step, what went wrong in full, and whether it converged. */
function renderRun(run: Run, style: Style, verbose: boolean): readonly string[] {
  const width = Math.max(...run.steps.map(step => step.id.length));
  return [
    '',
    `${style.strong('apply')}  ${style.dim(printable(`run ${run.journal}`))}`,
    ...run.steps.flatMap(step => stepLines(step, width, style, verbose)),
    ...renderFindings(run.unread, style, verbose),
    runClosing(run, style),
  ];
}

function stepLines(step: StepResult, width: number, style: Style, verbose: boolean): readonly string[] {
  const states = [...groupBy(step.results, ({ state }) => state).values()];
  const text = states.flatMap(([first, ...others]) =>
    first ? [paint(first.state, style)(`${others.length + 1} ${wordOf(first.state)}`)] : [],
  );
  return [
    `  ${printable(step.id).padEnd(width)}  ${text.join(', ')}`,
    ...states.flatMap(same => detailLines(same, style, verbose)),
    ...renderFindings(step.finding ? [step.finding] : [], style, verbose),
  ];
}

/** Without colours and pictures, what must not be overlooked has capitals. */
function wordOf(state: ResultState): string {
  const { word } = resultWords[state];
  return state === 'failed' || state === 'unknown' ? word.toUpperCase() : word;
}

function paint(state: ResultState, style: Style): (text: string) => string {
  const { tone } = resultWords[state];
  return tone === 'bad' ? style.bad : tone === 'warn' ? style.warn : style.good;
}

/** Each different explanation once, with an example unless it explains all of them. */
function detailLines(sameState: readonly ChangeResult[], style: Style, verbose: boolean): readonly string[] {
  return foldResults(sameState).flatMap(({ first, all }: FoldedResults) => {
    const { state, detail, change } = first;
    if (detail === undefined || (state === 'unchanged' && !verbose)) return [];
    const named = all.length < sameState.length || state === 'failed' || state === 'refused';
    const example = named ? ` ${printable(change.item)} ${printable(change.key)}` : '';
    const [line, ...more] = printable(detail).split('\n');
    return [`      ${style.dim(`${wordOf(state)}${example}: ${line}`)}`, ...more.map(text => `      ${text}`)];
  });
}

const paints: Readonly<Record<RunVerdict, keyof Style>> = {
  lost: 'bad',
  interrupted: 'warn',
  'not-known': 'bad',
  unfinished: 'bad',
  held: 'warn',
  done: 'good',
};

function runClosing(run: Run, style: Style): string {
  const verdict = runVerdict(run);
  const counts = statesIn(countStates(run)).map(({ state, n }) => `${n.toLocaleString('en-US')} ${wordOf(state)}`);
  return style[paints[verdict]](`${runTotalText(run)}: ${counts.join(', ')}. ${endText(verdict, run)}`);
}

function endText(verdict: RunVerdict, run: Run): string {
  const left = differencesLeft(run);
  switch (verdict) {
    case 'lost':
      return 'Stopped: the lock was taken away from this run. It was not read again.';
    case 'interrupted':
      return 'Interrupted: run it again to finish.';
    case 'not-known':
      return `Whether it converged is not known: ${count(run.unread.length, 'target')} could not be read again.`;
    default:
      return left === 0
        ? 'Read again: in sync.'
        : `Read again: ${count(left, 'difference')} left on ${printable([...new Set(run.remaining.map(r => r.target))].join(', '))}.`;
  }
}
