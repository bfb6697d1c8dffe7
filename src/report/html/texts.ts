import { count } from '../../core/count.ts';
import type { SourcePosition } from '../../core/finding.ts';
import { type Html, html, join, nothing, visible } from './html.ts';

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

/** `a1b2c3.yaml:12`, with the whole path for whoever asks for it. */
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

/** Words for a screen reader only. */
export function unseen(text: string): Html {
  return html`<span class="unseen">${text}</span>`;
}

/** How many of many names a line says unless told otherwise. */
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
