import {
  type AccountTrend,
  accountsOfWave,
  accountTrend,
  type SiteFacts,
  shareOnCs7,
  type TrendPoint,
} from '../../../core/site.ts';
import { count } from '../../../core/units.ts';
import { bounded, bounds, columnTable, moment, name } from '../elements.ts';
import { at } from '../estate/shapes.ts';
import { type Html, html, type Part } from '../html.ts';
import type { PageContent, Section } from '../page.ts';

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
    ? `Before run ${run} nothing is known, because it is not known how many accounts that run moved.`
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
      day,
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

/** One line of a chart; a value holds until the next one. */
interface ChartLine {
  /** The class that it is drawn by. */
  readonly kind: 'cs6' | 'cs7' | 'drift';
  readonly label: string;
  /** The oldest first; `at` in milliseconds since 1970, `sure` where it was counted. */
  readonly points: readonly { readonly at: number; readonly value: number; readonly sure: boolean }[];
}

/** What a chart shows. */
interface Chart {
  readonly id: string;
  readonly title: string;
  /** The same in words, for readers who do not see it. */
  readonly words: string;
  readonly lines: readonly ChartLine[];
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const frames: Readonly<Record<'wide' | 'narrow', Frame>> = {
  wide: { width: 960, height: 300, left: 70, top: 16, right: 130, bottom: 34 },
  narrow: { width: 340, height: 250, left: 58, top: 16, right: 62, bottom: 34 },
};

/** The chart for a wide and for a narrow window. */
function chartFigure(chart: Chart): Html {
  return html`${picture(chart, 'wide')}${picture(chart, 'narrow')}`;
}

function picture(chart: Chart, kind: 'wide' | 'narrow'): Html {
  const { width, height } = frames[kind];
  const id = `${chart.id}-${kind}`;
  return html`<svg class="picture chart ${kind}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-words"><title id="${id}-title">${chart.title}</title><desc id="${id}-words">${chart.words}</desc>${drawing(chart.lines, frames[kind])}</svg>`;
}

/** From times and values to places. */
interface Scale {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly top: number;
  readonly from: number;
  readonly to: number;
}

function scaleOf(lines: readonly ChartLine[], { width, height, left, top, right, bottom }: Frame): Scale {
  const all = lines.flatMap(({ points }) => points);
  const times = all.map(point => point.at);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const most = niceTop(Math.max(1, ...all.map(({ value }) => value)));
  const plot = { width: width - left - right, height: height - top - bottom };
  return {
    x: time => left + (to === from ? plot.width : ((time - from) / (to - from)) * plot.width),
    y: value => top + (1 - value / most) * plot.height,
    ...{ top: most, from, to },
  };
}

/** The next number up that is easy to read: 1, 2, 5, 10, 20, 50 … */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= most) ?? most;
}

function drawing(lines: readonly ChartLine[], frame: Frame): Html {
  const scale = scaleOf(lines, frame);
  const shown = lines.filter(({ points }) => points.length > 0);
  return html`${axes(scale, frame)}${shown.map(line => lineDrawing(line, scale))}${endLabels(shown, scale, frame)}`;
}

function axes({ y, top, from, to }: Scale, { width, height, left, right, bottom }: Frame): Html {
  const end = width - right;
  const grid = [0, top / 2, top]
    .filter(Number.isInteger)
    .map(
      value =>
        html`<path class="grid" d="M${at(left)} ${at(y(value))}H${at(end)}"/><text x="${at(left - 8)}" y="${at(y(value) + 4)}" class="tick">${value.toLocaleString('en-US')}</text>`,
    );
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const below = at(height - bottom + 22);
  const first = day(from) === day(to) ? '' : html`<text x="${at(left)}" y="${below}" class="words">${day(from)}</text>`;
  return html`${grid}${first}<text x="${at(end)}" y="${below}" class="tick">${day(to)}</text>`;
}

/** Where it was counted it is drawn through, where it is derived with dashes. */
function lineDrawing({ kind, points }: ChartLine, { x, y }: Scale): Html {
  const parts = points.slice(1).map((point, i) => {
    const before = points[i] ?? point;
    const step = `M${at(x(before.at))} ${at(y(before.value))}H${at(x(point.at))}V${at(y(point.value))}`;
    return { step, sure: before.sure && point.sure };
  });
  const path = (sure: boolean) => parts.flatMap(part => (part.sure === sure ? [part.step] : [])).join('');
  const last = points.at(-1);
  const dot = last && html`<ellipse class="dot-mark" cx="${at(x(last.at))}" cy="${at(y(last.value))}" rx="4" ry="4"/>`;
  return html`<g class="series ${kind}"><path class="line" d="${path(true) || 'M0 0'}"/><path class="line derived" d="${path(false) || 'M0 0'}"/>${dot}</g>`;
}

/** How far apart labels stand at least. */
const labelHeight = 16;

/** Beside the end of each line its name and its value, apart from each other. */
function endLabels(
  lines: readonly ChartLine[],
  { y }: Scale,
  { width, height, right, bottom }: Frame,
): readonly Html[] {
  const ends = lines
    .map(({ kind, label, points }) => ({ kind, label, value: points.at(-1)?.value ?? 0 }))
    .toSorted((a, b) => b.value - a.value);
  let lowest = Number.NEGATIVE_INFINITY;
  const placed = ends.map(end => {
    lowest = Math.max(y(end.value) + 4, lowest + labelHeight * 2);
    return { ...end, place: lowest };
  });
  const over = Math.max(0, lowest - (height - bottom - labelHeight + 4));
  const x = at(width - right + 10);
  return placed.map(
    ({ kind, label, value, place }) =>
      html`<text x="${x}" y="${at(place - over)}" class="end ${kind}">${label}</text><text x="${x}" y="${at(place - over + labelHeight - 2)}" class="words">${value.toLocaleString('en-US')}</text>`,
  );
}
