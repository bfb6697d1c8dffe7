import type { SiteFacts, SiteRun } from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import { shownActor, shownCommit } from '../../view/report-facts.ts';
import { actorName, bounded, bounds, columnTable, commitId, duration, icon, moment, name } from '../elements.ts';
import { findingList } from '../finding-section.ts';
import { type Html, html, type Part } from '../html.ts';
import type { PageContent, Section } from '../page.ts';
import { runVerdictWords, stateBadges } from './run-page.ts';

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
    foot: [html`The same on a terminal: <code>reconcile runs</code>`],
  };
}

/** The newest runs as a table: when, who, from which commit, and what came of it. */
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
  const { head, began, ended, finished } = run;
  const { tone, word } = runVerdictWords(run);
  const href = link(run.name);
  const called = name(run.name);
  const who = head && shownActor(head);
  return [
    moment(began),
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
