import type { SiteFacts } from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import {
  type AccountTrend,
  accountsOfWave,
  accountTrend,
  shareOnCs7,
  type TrendPoint,
} from '../../view/account-trend.ts';
import { bounded, bounds, columnTable, moment, name } from '../elements.ts';
import { type Html, html, type Part } from '../html.ts';
import type { PageContent, Section } from '../page.ts';
import { type Chart, chartFigure } from './trend-chart.ts';

/** The page of what changed over time, and of the waves to come. */
export function trendsPage(facts: SiteFacts): PageContent {
  const trend = accountTrend(facts.samples, facts.runs);
  const now = trend.points.at(-1);
  const share = now && shareOnCs7(now);
  return {
    command: 'page',
    subject: facts.estate,
    verdict:
      now && share !== undefined
        ? { tone: 'note', word: `${share.toFixed(1)} % on CS7`, sentence: sidesText(now) }
        : { tone: 'unsure', word: 'Not known', sentence: 'The accounts could not be counted.' },
    facts: [html`made ${moment(facts.at)}`, `${count(facts.samples.length, 'check')} recorded`],
    figures: [],
    sections: [accountsSection(trend), driftSection(facts), wavesSection(facts)],
    foot: [html`The numbers of earlier pages are in <code>reconcile-pages.json</code> beside this page`],
  };
}

function sidesText({ cs6, cs7, unknown }: TrendPoint): string {
  const rest = unknown > 0 ? `, ${count(unknown, 'account')} not known` : '';
  return `${count(cs6, 'account')} on CS6, ${count(cs7, 'account')} on CS7${rest}.`;
}

/** The accounts of each side over time as a picture and as a table, with what is known of it and what is not. */
export function accountsSection(trend: AccountTrend): Section {
  const title = 'Accounts of each side';
  const { points } = trend;
  if (points.length === 0) return { id: 'sides', title, body: html`<p>No audit has counted the accounts yet.</p>` };
  const body = html`<figure class="estate">${chartFigure(accountChart(points))}<figcaption>${sourcesText(trend)}</figcaption></figure>
<details><summary>The same as a table</summary>${pointTable(points)}</details>`;
  return { id: 'sides', title, body };
}

function accountChart(points: readonly TrendPoint[]): Chart {
  const line = (kind: 'cs6' | 'cs7') => ({
    kind,
    label: kind.toUpperCase(),
    points: points.map(point => ({ at: Date.parse(point.at), value: point[kind], sure: point.known === 'counted' })),
  });
  const [first, last] = [points.at(0), points.at(-1)];
  const words =
    first && last ? `${first.at.slice(0, 10)}: ${sidesText(first)} ${last.at.slice(0, 10)}: ${sidesText(last)}` : '';
  return { id: 'chart-sides', title: 'Accounts of each side over time', words, lines: [line('cs6'), line('cs7')] };
}

/** Where the numbers come from, and how far they can be trusted. */
function sourcesText({ points, stoppedBy }: AccountTrend): string {
  const counted = points.filter(({ known }) => known === 'counted').length;
  const parts = [
    `${count(counted, 'time')} the accounts were counted by an audit (solid line). An account is on CS7 if it has the local-user attribute.`,
    ...(counted < points.length
      ? [
          'Earlier numbers (dashed line) follow from the first count and from the accounts that each recorded run moved. They do not include accounts that were created, deleted, or moved by hand in between.',
        ]
      : ['Nothing is known of the time before the first count.']),
    ...(stoppedBy ? [stopText(stoppedBy)] : []),
  ];
  return parts.join(' ');
}

function stopText({ run, why }: NonNullable<AccountTrend['stoppedBy']>): string {
  return why === 'moves-not-known'
    ? `Before run ${run} nothing is known: its record does not say how many accounts it moved.`
    : `Before run ${run} nothing is known: it moved more accounts than there were, so others came or went in between.`;
}

function pointTable(points: readonly TrendPoint[]): Html {
  const { shown, more } = bounded(points.toReversed(), bounds.rows);
  const row = ({ at, cs6, cs7, unknown, known }: TrendPoint): readonly Part[] => [moment(at), cs6, cs7, unknown, known];
  return html`${columnTable({
    caption: 'The newest first. Counted: by an audit. Derived: from a later count and the runs in between.',
    columns: [
      { title: 'Time', of: 'name' },
      { title: 'CS6', of: 'number' },
      { title: 'CS7', of: 'number' },
      { title: 'Not known', of: 'number' },
      { title: 'From' },
    ],
    rows: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more line')}</p>`}`;
}

function driftSection({ samples }: SiteFacts): Section {
  const known = samples.flatMap(({ at, differences }) => (differences === undefined ? [] : [{ at, differences }]));
  const title = 'Differences between the file and live';
  const [first] = known;
  if (!first) return { id: 'differences', title, body: html`<p>No check has been completed yet.</p>` };
  const points = known.map(({ at, differences }) => ({ at: Date.parse(at), value: differences, sure: true }));
  const most = Math.max(...known.map(({ differences }) => differences));
  const words = `${count(known.length, 'check')} since ${first.at.slice(0, 10)}, at most ${count(most, 'difference')}.`;
  const chart = {
    id: 'chart-drift',
    title: 'Differences over time',
    words,
    lines: [{ kind: 'drift', label: 'differ', points }],
  } as const;
  return {
    id: 'differences',
    title,
    body: html`<figure class="estate">${chartFigure(chart)}<figcaption>${words} Drift, and changes of the file that are not applied yet.</figcaption></figure>`,
  };
}

/** What the file says of days to come. */
function wavesSection({ waves, audit }: SiteFacts): Section {
  const title = 'Waves to come';
  if (waves.length === 0) return { id: 'waves', title, body: html`<p>The file has no wave that begins later.</p>` };
  const cohorts = 'accounts' in audit ? (audit.accounts?.cohorts ?? []) : [];
  const row = ({ cohort, day, percent }: SiteFacts['waves'][number]): readonly Part[] => {
    const counted = cohorts.find(one => one.name === cohort);
    const there = counted && counted.states['good-cs7'] + counted.states['split-brain'];
    return [
      name(cohort),
      day ?? 'now',
      `${percent} %`,
      counted?.accounts,
      counted && there !== undefined ? html`about ${accountsOfWave(counted.accounts, percent, there)}` : undefined,
    ];
  };
  const { shown, more } = bounded(waves, bounds.rows);
  const body = html`${columnTable({
    caption: 'A day begins at midnight UTC. The number of moves is an estimate from the accounts that are there now.',
    columns: [
      { title: 'Cohort', of: 'name' },
      { title: 'From' },
      { title: 'Share on CS7' },
      { title: 'Accounts', of: 'number' },
      { title: 'Moves until then', of: 'number' },
    ],
    rows: shown.map(row),
  })}${more > 0 && html`<p class="more">and ${count(more, 'more wave')}</p>`}`;
  return { id: 'waves', title, count: waves.length, body };
}
