import { groupBy } from '../../core/collections.ts';
import { isNarrowed, type Plan } from '../../core/plan.ts';
import { printable } from '../../core/printable.ts';
import type { PlanReport } from '../../core/report.ts';
import { countStates } from '../../core/result-list.ts';
import type { ChangeResult, ResultState, Run, StepResult } from '../../core/run.ts';
import { count } from '../../core/units.ts';
import { accountsText } from '../view/change-sections.ts';
import { hostsText, planCountsText } from '../view/plan-counts.ts';
import { type PlanView, viewPlan } from '../view/plan-view.ts';
import { shownActor, shownCommit, shownMaker, subjectText } from '../view/report-facts.ts';
import { type FoldedResults, foldResults, resultWords, runTotalText, statesIn } from '../view/run-results.ts';
import {
  differencesLeft,
  guardsOf,
  leftOutText,
  openFindings,
  type RunVerdict,
  readAgainText,
  runOf,
  runVerdict,
  waitingText,
} from '../view/verdict.ts';
import { severities } from '../view/view-findings.ts';
import { dateText, renderValues, shortTime } from '../view/words.ts';
import { renderChanges } from './change-lines.ts';
import { detailLines, renderErrors, renderFindings } from './finding-lines.ts';
import { clauses, flow, prose, type Style, type TextOptions, type Tone } from './layout.ts';

/** A plan, and what an apply did of it, for people: the changes by host and cohort, then findings, the run and the verdict. */
export function renderPlan(report: PlanReport, style: Style, options: TextOptions): readonly string[] {
  const { verbose, quiet } = options;
  const view = viewPlan(report, verbose ? 'each' : 'folded', options);
  const run = runOf(report);
  const again = readAgainText(report.plan);
  if (quiet) return quietLines(view, run, style);
  return [
    ...headline(report, style),
    '',
    ...snapshotLines(view, style),
    ...dateLines(report.plan, style),
    ...view.sections.flatMap(section => [
      ...clauses(printable(section.title), style, { paint: style.strong }),
      ...renderChanges(section, style, verbose),
    ]),
    ...ignoredSection(report.plan, style),
    ...findingsBlock(view, style, verbose),
    ...(run ? renderRun(run, style, verbose, again) : []),
    ...closing(view, style),
  ];
}

/** The errors, and what it all comes to. */
function quietLines(view: PlanView, run: Run | undefined, style: Style): readonly string[] {
  return [
    ...renderErrors(view.findings, style),
    ...(run ? runClosing(run, style, readAgainText(view.report.plan)) : []),
    ...closing({ ...view, next: [] }, style),
  ];
}

/** What it was planned from, where that was not live, and how old that is. */
function snapshotLines({ snapshot }: PlanView, style: Style): readonly string[] {
  if (!snapshot) return [];
  const { file, takenAt, age } = snapshot;
  const read = `${shortTime(printable(takenAt))}${age === undefined ? '' : `, ${age} ago`}`;
  const text = `planned from the snapshot ${printable(file)}, read ${read}; no server was asked`;
  return [...prose(text, style, { paint: style.warn }), ''];
}

function dateLines({ at }: Plan, style: Style): readonly string[] {
  if (at === undefined) return [];
  return [
    ...prose(`planned for ${printable(dateText(at))}, with the live state of now; this cannot be applied`, style, {
      paint: style.warn,
    }),
    '',
  ];
}

function ignoredSection({ ignored }: Plan, style: Style): readonly string[] {
  if (ignored.length === 0) return [];
  const lines = ignored.flatMap(({ target, change, until, reason, owner }) => {
    const item = target === 'directory' ? ` ${change.item}` : '';
    const why = `until ${printable(until)}: ${printable(reason)} (${printable(owner)})`;
    return flow(
      [
        { text: `= ${printable(target)}${printable(item)}` },
        { text: printable(change.key) },
        { text: renderValues(change) },
        { text: why, paint: style.dim },
      ],
      style,
      { by: 2, more: 6 },
    );
  });
  return [style.strong('ignored'), ...lines];
}

/** The worst last: it stands next to the prompt. */
function findingsBlock({ findings }: PlanView, style: Style, verbose: boolean): readonly string[] {
  const sorted = severities.toReversed().flatMap(level => findings.filter(({ severity }) => severity === level));
  return sorted.length === 0 ? [] : ['', ...renderFindings(sorted, style, verbose), ''];
}

function headline(report: PlanReport, style: Style): readonly string[] {
  const { command, plan } = report;
  const { readAt, accounts, unread } = plan;
  return flow(
    [
      { text: `reconcile ${command}`, paint: style.strong },
      { text: subjectText(report) },
      { text: `read ${printable(readAt.replace(/\.\d+Z$/, 'Z'))}` },
      { text: hostsText(plan) },
      { text: accountsText(accounts) },
      { text: makerText(report) },
      { text: unread.length > 0 ? `unread: ${printable(unread.join(', '))}` : '', paint: style.bad },
    ],
    style,
  );
}

/** `plan made by ana from a1b2c3d`, where another command made it. */
function makerText(report: PlanReport): string {
  const maker = shownMaker(report);
  const actor = maker && shownActor(maker);
  if (!actor) return '';
  const commit = shownCommit(maker);
  return printable(`plan made by ${actor.name}${commit ? ` from ${commit.id}` : ''}`);
}

function closing(view: PlanView, style: Style): readonly string[] {
  const { report, verdict } = view;
  const { plan } = report;
  const said = (text: string, tone?: Tone) => prose(text, style, tone && { paint: style[tone] });
  switch (verdict) {
    case 'nothing-read':
      return said('Nothing could be read.', 'bad');
    case 'ran':
      return nextLines(view, style);
    case 'refused':
      return [
        ...summary(view, style),
        ...said(`Refused: ${count(guardsOf(report), 'error')} above. Nothing was written.`, 'bad'),
      ];
    case 'incomplete':
      return plan.steps.length > 0
        ? [...summary(view, style), ...incompleteLines(report, style), ...nextLines(view, style)]
        : said(unreadText(plan), 'warn');
    case 'pending':
      return [...summary(view, style), ...nextLines(view, style)];
    case 'waiting':
      return said(
        `${waitingText(report)} for hosts that cannot be reached; ${isNarrowed(plan) ? 'nothing else of what was chosen differs' : 'the rest is in sync'}.`,
        'warn',
      );
    case 'open':
      return said(
        `No difference was found. ${count(openFindings(plan).length, 'finding above is', 'findings above are')} not settled.`,
        'warn',
      );
    case 'part':
      return partLines(report, style);
    case 'in-sync':
      if (plan.direction === 'undo') return ['Nothing of the run is left to undo.'];
      return said(plan.at === undefined ? 'In sync.' : 'Nothing would change then.', 'good');
  }
}

/** A part of the estate is never called in sync: that is said of the whole. */
function partLines({ plan }: PlanReport, style: Style): readonly string[] {
  const left = leftOutText(plan);
  const same =
    plan.at === undefined ? 'No difference in what was chosen' : 'Nothing of what was chosen would change then';
  const text = `${same}${left === '' ? '' : `; ${left}`}.`;
  return prose(text, style, { paint: left === '' ? style.good : style.warn });
}

function unreadText(plan: Plan): string {
  return isNarrowed(plan)
    ? 'No difference was found in what was chosen, but not everything of it could be read.'
    : 'Everything that could be read is in sync, but not everything could be read.';
}

function incompleteLines({ refusals, plan }: PlanReport, style: Style): readonly string[] {
  if (refusals.length === 0) return [];
  const unread = printable(plan.unread.join(', '));
  const text = `Incomplete: ${unread} could not be read, and nothing is applied before that. Nothing was written.`;
  return prose(text, style, { paint: style.bad });
}

/** What the plan comes to in numbers, and where its changes come from with a base to tell by. */
function summary({ report: { plan }, numbers, origins, gates }: PlanView, style: Style): readonly string[] {
  const left = leftOutText(plan);
  const words = origins.map(([text, n]) => `${n.toLocaleString('en-US')} ${text}`).join(', ');
  return [
    `Plan ${plan.digest.slice(0, 8)}: ${planCountsText(plan)}`,
    ...(origins.length === 0 ? [] : [`Of ${count(numbers.changes, 'change')}: ${words}`]),
    ...(left === '' ? [] : [`Of the whole estate ${left}.`]),
    ...gates,
  ].flatMap(line => clauses(line, style));
}

/** What may be done with a plan; how a run is taken back says the command that made it. */
function nextLines({ next }: PlanView, style: Style): readonly string[] {
  return next
    .filter(({ does }) => does === 'apply' || does === 'allow')
    .flatMap(({ text, command }) => [...prose(text, style), `    ${printable(command)}`]);
}

/** What an apply did: a line for each step, what went wrong in full, and whether it converged. */
function renderRun(run: Run, style: Style, verbose: boolean, again: string): readonly string[] {
  const width = Math.max(...run.steps.map(step => step.id.length));
  return [
    '',
    ...flow(
      [
        { text: 'apply', paint: style.strong },
        { text: printable(`run ${run.journal}`), paint: style.dim },
        ...(run.directory === undefined ? [] : [{ text: printable(`directory ${run.directory}`), paint: style.dim }]),
      ],
      style,
    ),
    ...run.steps.flatMap(step => stepLines(step, width, style, verbose)),
    ...renderFindings([...run.unread, ...(run.unkept ?? [])], style, verbose),
    ...runClosing(run, style, again),
  ];
}

function stepLines(step: StepResult, width: number, style: Style, verbose: boolean): readonly string[] {
  const states = [...groupBy(foldResults(step.results), ({ first }) => first.state).values()];
  const counted = states.flatMap((same, i) => {
    const first = same[0]?.first;
    const comma = i < states.length - 1 ? ',' : '';
    const paint = (text: string) => `${toneOf(first, style)(comma === '' ? text : text.slice(0, -1))}${comma}`;
    return first ? [{ text: `${sumOf(same)} ${wordOf(first.state)}${comma}`, paint }] : [];
  });
  return [
    ...flow([{ text: `${printable(step.id).padEnd(width)} ` }, ...counted], style, { by: 2, gap: ' ' }),
    ...states.flatMap(same => detailsOf(same, style, verbose)),
    ...renderFindings(step.finding ? [step.finding] : [], style, verbose),
  ];
}

function sumOf(folded: readonly FoldedResults[]): number {
  return folded.reduce((sum, { n }) => sum + n, 0);
}

/** Without colours and pictures, what must not be overlooked has capitals. */
function wordOf(state: ResultState): string {
  const { word } = resultWords[state];
  return state === 'failed' || state === 'unknown' ? word.toUpperCase() : word;
}

function toneOf(result: ChangeResult | undefined, style: Style): (text: string) => string {
  const tone = result && resultWords[result.state].tone;
  return tone === 'bad' ? style.bad : tone === 'warn' ? style.warn : style.good;
}

/** Each different explanation once, with an example unless it explains all of them. */
function detailsOf(sameState: readonly FoldedResults[], style: Style, verbose: boolean): readonly string[] {
  const all = sumOf(sameState);
  return sameState.flatMap(({ first, n }) => {
    const { state, detail, change } = first;
    if (detail === undefined || (state === 'unchanged' && !verbose)) return [];
    const named = n < all || state === 'failed' || state === 'refused';
    const example = named ? ` ${printable(change.item)} ${printable(change.key)}` : '';
    const [line = '', ...more] = detail.split('\n');
    const head = prose(`${wordOf(state)}${example}: ${printable(line)}`, style, { by: 6, paint: style.dim });
    return [...head, ...(more.length > 0 ? detailLines(more.join('\n'), style, 6) : [])];
  });
}

const tones: Readonly<Record<RunVerdict, Tone>> = {
  lost: 'bad',
  interrupted: 'warn',
  'not-known': 'bad',
  unfinished: 'bad',
  held: 'warn',
  done: 'good',
};

function runClosing(run: Run, style: Style, again: string): readonly string[] {
  const verdict = runVerdict(run);
  const counts = statesIn(countStates(run)).map(({ state, n }) => `${n.toLocaleString('en-US')} ${wordOf(state)}`);
  const text = `${runTotalText(run)}: ${counts.join(', ')}. ${endText(verdict, run, again)}`;
  return prose(text, style, { paint: style[tones[verdict]] });
}

function endText(verdict: RunVerdict, run: Run, again: string): string {
  const left = differencesLeft(run);
  switch (verdict) {
    case 'lost':
      return 'Stopped: the lock was taken away from this run. The estate was not read again.';
    case 'interrupted':
      return 'Interrupted. The next run finishes what is left.';
    case 'not-known':
      return `It is not known whether the estate is in sync: ${count(run.unread.length, 'target')} could not be read again.`;
    default:
      return left === 0
        ? again
        : `Read again: ${count(left, 'difference')} left on ${printable([...new Set(run.remaining.map(r => r.target))].join(', '))}.`;
  }
}
