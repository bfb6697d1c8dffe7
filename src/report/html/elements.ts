import type { Provenance, SourcePosition } from '../../core/finding.ts';
import type { Report } from '../../core/report.ts';
import { count } from '../../core/units.ts';
import { type ShownActor, type ShownCommit, shownActor, shownCommit, shownMaker } from '../view/report-facts.ts';
import { type Html, html, join, nothing, type Part, visible } from './html.ts';

/**
 * What keeps a page bounded whatever the estate: so many of each are drawn, and the others are counted. They are chosen so that
 * a page stays below 5 MB also where every drawn character has to be escaped; a test holds it.
 */
export const bounds = {
  /** Names of hosts or accounts that all folded changes of a page list together. */
  names: 3000,
  /** Folded changes of a page, and the headings they stand under. */
  changes: 180,
  blocks: 60,
  findings: 120,
  /** Lines of tables: hosts, steps, cohorts. */
  rows: 240,
  cells: 100,
  /** Characters of a name, of a value, of a detail. */
  name: 120,
  value: 300,
  detail: 1500,
} as const;

/** The first of a list, and how many more there are. */
export function bounded<T>(all: readonly T[], most: number): { readonly shown: readonly T[]; readonly more: number } {
  return { shown: all.slice(0, most), more: Math.max(0, all.length - most) };
}

/** The most each of several lists may draw so that all together draw no more than `total`: short ones leave theirs to the long. */
export function fairShare(sizes: readonly number[], total: number): number {
  let left = total;
  const ascending = sizes.toSorted((a, b) => a - b);
  for (const [i, size] of ascending.entries()) {
    const others = ascending.length - i;
    if (size * others > left) return Math.floor(left / others);
    left -= size;
  }
  return total;
}

/** Text that is not longer than `most` characters; what was cut off is counted. */
export function shorten(text: string, most: number): string {
  const shown = visible(text);
  if (shown.length <= most) return shown;
  const cut = shown.slice(0, most).replace(/[\ud800-\udbff]$/, '');
  return `${cut}… (${count(shown.length - cut.length, 'more character')})`;
}

/** A name from outside: of a host, a setting, an entry. */
export function name(text: string): Html {
  return html`<code>${shorten(text, bounds.name)}</code>`;
}

/** `a1b2c3.yaml:12`, with the whole path in its tooltip. */
export function place({ file, line }: SourcePosition): Html {
  const short = file.split('/').at(-1) ?? file;
  const title = short === file ? nothing : html` title="${shorten(`${file}:${line}`, bounds.value)}"`;
  return html`<code${title}>${shorten(short, bounds.name)}:${String(line)}</code>`;
}

/** A moment in words that do not depend on where the reader is; `iso` as reports have it. */
export function moment(iso: string): Html {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(iso)) return html`${shorten(iso, bounds.name)}`;
  return html`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
}

/** `3 min 12 s`, or nothing where one of the moments is none. */
export function duration(from: string, to: string): string {
  const seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  if (!Number.isFinite(seconds) || seconds < 0) return '';
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${s} s`;
}

/** The commit that a report is about, its author and its pull request, and who ran the command, as facts of a page. */
export function provenanceFacts(report: Report): readonly Html[] {
  const actor = shownActor(report);
  const maker = shownMaker(report);
  const made = maker && shownActor(maker);
  const commit = maker && shownCommit(maker);
  return [
    ...commitFacts(report),
    ...(actor ? [html`run by ${actorName(actor)}`] : []),
    ...(made ? [html`plan made by ${actorName(made)}${commit && html` from ${commitId(commit)}`}`] : []),
  ];
}

/** A commit, its author and its pull request, as facts of a page. */
export function commitFacts(of: Provenance): readonly Html[] {
  const commit = shownCommit(of);
  if (!commit) return [];
  const { author, pullRequest } = commit;
  const by = author !== undefined && html` by ${shorten(author, bounds.name)}`;
  return [
    html`commit ${commitId(commit)}${by}`,
    ...(pullRequest ? [followed(html`${shorten(pullRequest.name, bounds.name)}`, pullRequest.link)] : []),
  ];
}

/** The short id of a commit, with its page. */
export function commitId({ id, link }: ShownCommit): Html {
  return followed(html`<code>${shorten(id, bounds.name)}</code>`, link);
}

/** Who ran a command, with the job. */
export function actorName({ name: actor, link }: ShownActor): Html {
  return followed(html`${shorten(actor, bounds.name)}`, link);
}

function followed(text: Html, link: string | undefined): Html {
  return link === undefined ? text : html`<a href="${link}" rel="noreferrer">${text}</a>`;
}

/** Words for a screen reader only. */
export function unseen(text: string): Html {
  return html`<span class="unseen">${text}</span>`;
}

/** How many of many names a line has by default. */
const fewNames = 4;

/** `a, b and c`, `a, b, c, d and 9 more`. */
export function listed(words: readonly string[], most = fewNames): string {
  const { shown, more } = bounded(words, most);
  const said = more > 0 ? [...shown, `${more.toLocaleString('en-US')} more`] : shown;
  const short = said.map(word => shorten(word, bounds.name));
  return short.length < 2 ? (short[0] ?? '') : `${short.slice(0, -1).join(', ')} and ${short.at(-1)}`;
}

/** The same with each name set as one. */
export function names(all: readonly string[], most = fewNames): Html {
  const { shown, more } = bounded(all, most);
  return html`${join(shown.map(name), ', ')}${more > 0 && html` and ${more} more`}`;
}

/** A column of a table. `name`: its cells are the headings of their lines; `number`: they stand to the right. */
export interface Column {
  readonly title: Part;
  readonly of?: 'name' | 'number' | 'state';
}

/**
 * A table that stands line by line where there is no room for its columns: each cell has the title of its column with it,
 * which only a narrow window shows.
 */
export function columnTable(table: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Part[])[];
  /** A line of sums below the others. */
  readonly sums?: readonly Part[];
}): Html {
  const { caption, columns, rows, sums } = table;
  const line = (cells: readonly Part[]) => html`<tr>${cells.map((part, i) => cell(part, columns[i]))}</tr>`;
  return scrollingTable({
    name: 'lines',
    caption,
    head: html`${columns.map(({ title, of }) => html`<th scope="col" class="${of === 'number' ? of : ''}">${title}</th>`)}`,
    body: rows.map(line),
    ...(sums && { foot: line(sums) }),
  });
}

function cell(part: Part, { title, of }: Column = { title: '' }): Html {
  if (of === 'name') return html`<th scope="row">${part}</th>`;
  if (part === undefined) return html`<td class="empty"><span aria-hidden="true">–</span></td>`;
  return html`<td class="${of ?? ''}"><div class="label">${title}</div><div>${part}</div></td>`;
}

/** A table with a caption, in a frame that scrolls where it is too wide and takes the keyboard's focus for that. */
export function scrollingTable(table: {
  readonly caption: string;
  /** The cells of the heading line. */
  readonly head: Html;
  readonly body: readonly Part[];
  readonly foot?: Html;
  readonly name?: string;
}): Html {
  const { caption, head, body, foot, name } = table;
  return html`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table class="${name ?? ''}"><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody>${foot && html`<tfoot>${foot}</tfoot>`}</table></div>`;
}

/** A bar for a share of all that has a limit, which is a stroke across it; the numbers stand beside it as text. Both in percent. */
export function meter(percent: number, limit: number): Html {
  // The bar shows as far as is worth looking at: a limit of 5 % would else be a dot.
  const whole = Math.min(100, Math.max(percent, limit) * 1.25) || 1;
  const at = (value: number) => ((100 * Math.min(value, whole)) / whole).toFixed(2);
  const over = percent > limit ? 'over' : '';
  return html`<svg class="meter ${over}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="ground" width="100" height="8"/><rect class="share" width="${at(percent)}" height="8"/><rect class="limit" x="${at(limit)}" width="0.6" height="8"/></svg>`;
}

/** What a mark says; its word always stands beside it. */
export type Mark = 'good' | 'warn' | 'bad' | 'note' | 'unsure' | 'restart' | 'create' | 'update' | 'delete' | 'idle';

/** Strokes in a square of 16 by 16: each mark has a shape of its own, so that nothing is in its colour alone. */
const shapes: Readonly<Record<Mark, string>> = {
  good: 'M3 8.5 6.5 12 13 4.5',
  warn: 'M8 2 14.5 13.5H1.5ZM8 6.5V9.5M8 11.4V11.6',
  bad: 'M4 4 12 12M12 4 4 12',
  note: 'M8 7V12M8 4V4.2',
  unsure: 'M5.5 6A2.5 2.5 0 1 1 8.8 8.4Q8 8.8 8 10M8 12.4V12.6',
  restart: 'M12.5 5.5A5.2 5.2 0 1 0 13.2 9M13 2.5V5.8H9.7',
  create: 'M8 3V13M3 8H13',
  update: 'M2.5 9.5Q5 5 8 8T13.5 6.5',
  delete: 'M3 8H13',
  idle: 'M5 8H11',
};

/** The path of a mark, for drawing it in a picture. */
export function markPath(mark: Mark): string {
  return shapes[mark];
}

/** A mark beside a word. */
export function icon(mark: Mark): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="${shapes[mark]}"/></svg>`;
}
