import { groupBy } from '../../../core/collections.ts';
import { countStates } from '../../../core/result-list.ts';
import type { ResultState, Run, StepResult } from '../../../core/run.ts';
import { count } from '../../../core/units.ts';
import {
  type FoldedResults,
  foldResults,
  resultWords,
  runTotalText,
  statesIn,
  wentWrong,
} from '../../view/run-results.ts';
import { bounded, bounds, columnTable, duration, icon, moment, name, names, shorten } from '../elements.ts';
import { findingList, prose } from '../finding-section.ts';
import { type Html, html, join, nothing, type Part } from '../html.ts';
import type { Section } from '../page.ts';

/** What a run did, step by step, and what is left. */
export function runSection(run: Run): Section {
  const rows = bounded(run.steps, bounds.rows);
  const took = duration(run.startedAt, run.endedAt);
  const explaining = run.steps.filter(hasMore);
  const more = bounded(
    [...explaining.filter(wentWrong), ...explaining.filter(step => !wentWrong(step))],
    mostExplained,
  );
  const body = html`<ul class="meta"><li>run ${name(run.journal)}</li>${run.directory !== undefined && html`<li>directory ${name(run.directory)}</li>`}<li>from ${moment(run.startedAt)}</li><li>to ${moment(run.endedAt)}</li>${took !== '' && html`<li>${took}</li>`}</ul>
<p class="totals"><span>${runTotalText(run)}:</span> ${stateBadges(countStates(run))}</p>
${columnTable({
  caption: 'The steps in the order in which they ran.',
  columns: [{ title: 'Step', of: 'name' }, { title: 'Result' }, { title: 'Message' }],
  rows: rows.shown.map(stepRow),
})}
${rows.more > 0 && html`<p class="more">and ${count(rows.more, 'more step')}</p>`}
${more.shown.length > 0 && html`<h3>Messages in full</h3>${more.shown.map(stepDetails)}`}
${more.more > 0 && html`<p class="more">and ${count(more.more, 'more step')} with messages. <code>--format json</code> has all of them.</p>`}
${run.remaining.length > 0 && remaining(run)}
${run.unread.length > 0 && html`<h3>Not read again</h3>${findingList(run.unread)}`}`;
  return { id: 'run', title: 'What was done', count: count(run.steps.length, 'step'), body };
}

function stateBadges(counts: Readonly<Record<ResultState, number>>): Html {
  return join(
    statesIn(counts).map(({ n, word, tone }) => html`<span class="badge ${tone}">${icon(tone)} ${n} ${word}</span>`),
  );
}

function stepRow(step: StepResult): readonly Part[] {
  return [
    html`${name(step.target)} <span class="quiet">${step.kind}</span>`,
    stateBadges(countStates({ steps: [step] })),
    shortDetail(step),
  ];
}

/** What fits into the line of the step: the one thing that all its changes say, where that is short. */
function shortDetail(step: StepResult): string | undefined {
  const details = new Set(foldResults(step.results).map(({ first }) => first.detail));
  const [only] = details;
  const fits = details.size === 1 && only !== undefined && !only.includes('\n') && only.length <= bounds.name;
  return fits ? only : undefined;
}

function hasMore(step: StepResult): boolean {
  const said = explained(step).length > 0;
  return step.finding !== undefined || (said && shortDetail(step) === undefined);
}

/** How many steps are drawn with what they said, and how many different explanations of each. */
const mostExplained = 30;
const mostDetails = 4;

/** Each different explanation once. Steps that went well are folded. */
function stepDetails(step: StepResult): Html {
  const { shown, more } = bounded(explained(step), mostDetails);
  const open = wentWrong(step);
  return html`<details${open ? html` open` : nothing}><summary>${shorten(step.id, bounds.name)}</summary>
<ul class="plain details">${shown.map(detail)}</ul>${more > 0 && html`<p class="more">and ${count(more, 'more explanation')}</p>`}
${step.finding && findingList([step.finding])}</details>`;
}

function explained(step: StepResult): readonly FoldedResults[] {
  return foldResults(step.results).filter(
    ({ first: { state, detail } }) => detail !== undefined && state !== 'unchanged',
  );
}

function detail({ first, n }: FoldedResults): Html {
  const { word, tone } = resultWords[first.state];
  const others = n > 1 ? html` and ${count(n - 1, 'more', 'more')}` : nothing;
  return html`<li><p class="head"><span class="badge ${tone}">${icon(tone)} ${word}</span> ${name(first.change.item)} ${first.change.action === 'restart' ? nothing : name(first.change.key)}${others}</p>${prose(first.detail ?? '')}</li>`;
}

/** Targets that differ in the same keys stand in one line. */
function remaining(run: Run): Html {
  const keysOf = ({ changes }: Run['remaining'][number]) => [...new Set(changes.map(({ key }) => key))];
  const alike = groupBy(run.remaining, one => JSON.stringify([one.kind, keysOf(one)]));
  const rows = [...alike.values()].slice(0, bounds.rows).map(same => {
    const targets = same.map(({ target }) => target);
    const differences = same.reduce((sum, { changes }) => sum + changes.length, 0);
    return [
      html`${names(targets)} <span class="quiet">${same[0]?.kind}</span>`,
      differences,
      names(same[0] ? keysOf(same[0]) : []),
    ];
  });
  return html`<h3>What is left</h3>${columnTable({
    caption: 'Differences found when every touched target was read again.',
    columns: [{ title: 'Target', of: 'name' }, { title: 'Differences', of: 'number' }, { title: 'Settings' }],
    rows,
  })}`;
}
