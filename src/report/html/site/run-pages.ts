import { drawAlone, nextCommands } from '../../../core/next-command.ts';
import type { PlanReport } from '../../../core/report.ts';
import type { ResultState } from '../../../core/run.ts';
import type { SiteFacts, SiteRun, SiteRunDetails } from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import { accountsText } from '../../view/change-sections.ts';
import { viewPlan } from '../../view/plan-view.ts';
import { shownActor, shownCommit } from '../../view/report-facts.ts';
import { statesIn } from '../../view/run-results.ts';
import { readAgainText } from '../../view/verdict.ts';
import { planWithoutNames } from '../../view/without-names.ts';
import {
  actorName,
  bounded,
  bounds,
  columnTable,
  commitFacts,
  commitId,
  duration,
  icon,
  listed,
  moment,
  name,
  names,
  shorten,
} from '../elements.ts';
import { command, findingList } from '../finding-section.ts';
import { type Html, html, join, nothing, type Part } from '../html.ts';
import type { PageContent, Section, Verdict } from '../page.ts';
import { changeSections } from '../plan/change-tables.ts';

/** The page of one run: the person and the commit that it came from, its result, and its plan. */
export function runPage({ run, plan, open }: SiteRunDetails, estate: string, withNames: boolean): PageContent {
  const { head } = run;
  const kept: PlanReport | undefined = plan && { command: 'apply', exitCode: 0, plan, refusals: [] };
  const report = kept && !withNames ? planWithoutNames(kept) : kept;
  return {
    command: `runs ${run.name}`,
    subject: estate,
    verdict: runVerdictWords(run),
    facts: runFacts(run),
    figures: [],
    sections: [
      resultSection(run, open),
      ...(report ? changeSections(viewPlan(report, 'folded', {})) : [noPlan]),
      undoSection(run),
    ],
    foot: [
      ...(head
        ? [
            html`Plan <code>${shorten(head.plan, bounds.name)}</code>`,
            html`made by reconcile ${shorten(head.tool, bounds.name)}`,
          ]
        : []),
      html`recorded on ${listed(run.places)}`,
    ],
  };
}

const noPlan: Section = {
  id: 'changes',
  title: 'Changes',
  body: html`<p>The plan of this run is not in the records any more, or cannot be read.</p>`,
};

/** What a run came to, as its record says. */
export function runVerdictWords({ finished, head }: SiteRun): Verdict {
  if (!finished) {
    const sentence = 'Its record has no end: the run stopped, was interrupted, or is still at work.';
    return { tone: 'bad', word: 'Not finished', sentence };
  }
  if (!finished.converged)
    return { tone: 'warn', word: 'Not in sync', sentence: 'Differences were left when everything was read again.' };
  return { tone: 'good', word: 'Done', sentence: readAgainText(head ?? { direction: 'forward' }) };
}

/** Who made it, from what, and what was allowed. */
function runFacts(run: SiteRun): readonly Part[] {
  const { head, began, ended } = run;
  const took = ended === undefined ? '' : duration(began, ended);
  return [
    html`began ${moment(began)}`,
    ...(ended === undefined ? [] : [html`last record ${moment(ended)}`]),
    ...(took === '' ? [] : [took]),
    ...(head ? headFacts(head) : []),
  ];
}

function headFacts(head: NonNullable<SiteRun['head']>): readonly Part[] {
  const { signers, allowed, undoes, only, except, origin, accounts } = head;
  const who = shownActor(head);
  return [
    ...(undoes.length > 0 ? [html`undoes ${names(undoes)}`] : []),
    ...(who ? [html`applied by ${actorName(who)}`] : []),
    ...commitFacts(head),
    ...(signers.length > 0 ? [`signed by ${listed(signers)}`] : []),
    ...Object.entries(allowed).map(
      ([what, n]) => `allowed: ${count(n, shorten(what, bounds.name), shorten(what, bounds.name))}`,
    ),
    ...(only ? [html`only ${names(only)}`] : []),
    ...(except ? [html`except ${names(except)}`] : []),
    ...(origin ? [html`origin ${names(origin)}`] : []),
    accountsText(accounts),
  ];
}

/** What became of the changes, target by target. */
function resultSection({ finished, head }: SiteRun, open: SiteRunDetails['open']): Section {
  const body = html`${finished ? resultTable(finished) : html`<p>No result is recorded.</p>`}${openList(open)}`;
  return { id: 'result', title: 'What was done', ...(head && { count: count(head.changes, 'change') }), body };
}

function resultTable({ counts, targets }: NonNullable<SiteRun['finished']>): Html {
  const { shown, more } = bounded(targets, bounds.rows);
  const total = html`<p class="totals">${stateBadges(counts)}</p>`;
  if (targets.length === 0) return total;
  const rows = shown.map(one => [name(one.target), shorten(one.kind, bounds.name), stateBadges(one.counts)]);
  return html`${total}${columnTable({
    caption: 'The changes of each target by their result.',
    columns: [{ title: 'Target', of: 'name' }, { title: 'Kind' }, { title: 'Result' }],
    rows,
  })}${more > 0 && html`<p class="more">and ${count(more, 'more target')}</p>`}`;
}

/** Numbers of changes by their state as badges. A state that this version does not know has its own name. */
function stateBadges(counts: Readonly<Record<string, number>>): Html {
  const known = statesIn({ ...noResults, ...counts });
  return known.length === 0
    ? html`nothing`
    : join(known.map(({ n, word, tone }) => html`<span class="badge ${tone}">${icon(tone)} ${n} ${word}</span>`));
}

const noResults: Readonly<Record<ResultState, number>> = {
  ...{ done: 0, unchanged: 0, refused: 0, failed: 0 },
  ...{ 'not-run': 0, held: 0, 'taken-back': 0, unknown: 0 },
};

function openList(open: SiteRunDetails['open']): Html {
  if (open.length === 0) return nothing;
  const all = open.reduce((sum, { writes }) => sum + writes, 0);
  const { shown, more } = bounded(open, bounds.cells);
  return html`<h3>Writes without a known end</h3>
<p>The outcome of ${count(all, 'write')} is not known. The next apply reads the targets again and completes what is left.</p>
<ul>${shown.map(({ step, writes }) => html`<li>${name(step)}: ${count(writes, 'write')}</li>`)}${more > 0 && html`<li>and ${count(more, 'more step')}</li>`}</ul>`;
}

function undoSection({ name: run }: SiteRun): Section {
  const body = html`<p>Undo this run. You see the plan before anything changes:</p>${command(drawAlone(nextCommands.undo(run)))}`;
  return { id: 'next', title: 'Next commands', body };
}

/** Draws the link to the page of a run; nothing where it has none. */
export type RunLink = (run: string) => string | undefined;

/** The page of all runs. */
export function historyPage({ estate, at, runs, places }: SiteFacts, link: RunLink): PageContent {
  const [last] = runs;
  const unfinished = runs.filter(({ finished }) => !finished).length;
  const off = places.some(({ problem }) => problem);
  return {
    command: 'runs',
    subject: estate,
    verdict: off
      ? { tone: 'unsure', word: 'Incomplete', sentence: 'Not every place with records of runs could be read.' }
      : last
        ? { tone: 'note', word: count(runs.length, 'run'), sentence: `The last one began ${last.began.slice(0, 10)}.` }
        : { tone: 'note', word: 'No run', sentence: 'No run of this estate is recorded.' },
    facts: [html`made ${moment(at)}`, count(places.length, 'place with records', 'places with records')],
    figures: [
      { label: 'Runs', value: runs.length },
      ...(unfinished > 0 ? [{ label: 'Not finished', value: unfinished, tone: 'bad' as const }] : []),
    ],
    sections: [runsSection(runs, link, bounds.rows), placesSection(places)],
    foot: [html`Read-only: making these pages changes nothing on any server`],
  };
}

/** The newest runs as a table: time, person, commit and result. */
export function runsSection(runs: readonly SiteRun[], link: RunLink, most: number): Section {
  const { shown, more } = bounded(runs, most);
  const body =
    runs.length === 0
      ? html`<p>No run is recorded.</p>`
      : html`${columnTable({
          caption: 'Every run that is recorded, the newest first.',
          columns: [
            { title: 'Began', of: 'name' },
            { title: 'State', of: 'state' },
            { title: 'Applied by' },
            { title: 'Commit' },
            { title: 'Changes' },
            { title: 'Took' },
            { title: 'Run' },
          ],
          rows: shown.map(run => runRow(run, link)),
        })}${more > 0 && html`<p class="more">and ${count(more, 'more run')}</p>`}`;
  return { id: 'runs', title: 'Runs', count: runs.length, body };
}

function runRow(run: SiteRun, link: RunLink): readonly Part[] {
  const { head, began, ended, finished, ahead } = run;
  const { tone, word } = runVerdictWords(run);
  const href = link(run.name);
  const called = name(run.name);
  const who = head && shownActor(head);
  return [
    html`${moment(began)}${ahead && ' (a clock was ahead)'}`,
    html`<span class="badge ${tone}">${icon(tone)} ${word}</span>`,
    who && actorName(who),
    commitCell(run),
    html`${head?.direction === 'undo' && 'undo: '}${finished ? stateBadges(finished.counts) : 'no result recorded'}`,
    ended === undefined ? undefined : duration(began, ended),
    href === undefined ? called : html`<a href="${href}">${called}</a>`,
  ];
}

function commitCell({ head }: SiteRun): Part {
  const commit = head && shownCommit(head);
  return commit && commitId(commit);
}

function placesSection(places: SiteFacts['places']): Section {
  const rows = places.map(({ place, problem }): readonly Part[] => [
    name(place),
    problem
      ? html`<span class="badge unsure">${icon('unsure')} not read</span>`
      : html`<span class="badge good">${icon('good')} read</span>`,
  ]);
  const problems = places.flatMap(({ problem }) => problem ?? []);
  const body: Html = html`${columnTable({
    caption: 'Records are read in all of these places. The longest record of a run counts.',
    columns: [
      { title: 'Place', of: 'name' },
      { title: 'State', of: 'state' },
    ],
    rows,
  })}${problems.length > 0 && html`<h3>Not read</h3>${findingList(problems)}`}`;
  return { id: 'places', title: 'Where the records are', count: places.length, body };
}
