import { printable } from '../../core/printable.ts';
import { count } from '../../core/units.ts';
import type { Annotation } from '../view/annotation.ts';
import { countSeverities } from '../view/view-findings.ts';
import { renderPosition } from '../view/words.ts';
import type { Section } from './fit.ts';

/** Longest value that is shown whole. */
const longest = 400;

/** One printable line, cut in the middle when it is very long. */
export function oneLine(text: string, most = longest): string {
  return cutMiddle(printable(text).replaceAll('\n', '\\n'), most);
}

/** A text of at most so many characters, with how many are left out in its middle. */
function cutMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = [...text];
  if (characters.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = characters.length - 2 * half;
  return `${characters.slice(0, half).join('')} … ${left.toLocaleString('en-US')} characters … ${characters.slice(-half).join('')}`;
}

/**
 * Text from outside within a line of Markdown. A code span is the one place where nothing means anything: no HTML, no link, no
 * name of a person or team, no number of an issue.
 */
export function codeSpan(text: string): string {
  const line = oneLine(text) || ' ';
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** A link around markup, where there is an address that may be followed (`webAddress`). */
export function linkTo(link: string | undefined, markup: string): string {
  return link === undefined ? markup : `[${markup}](<${link}>)`;
}

/** Words as they are, and as code where there is anything in them that could mean something. */
export function proseOrCode(text: string): string {
  return /^(?:[\p{L}\p{N} ,:;'()-]|\/(?!\/)|\.(?=\s|$))+$/u.test(text) ? text : codeSpan(text);
}

/**
 * Text from outside in a cell of a table. A bar ends a cell even in a code span, and a backslash before it does not always help:
 * so it is an element, and all that could mean something in it has its number.
 */
export function codeCell(text: string): string {
  return `<code>${oneLine(text).replace(/[!-/:-@[-`{-~]/g, char => `&#${char.charCodeAt(0)};`)}</code>`;
}

/** Text from outside within HTML, such as a summary. */
export function codeTag(text: string): string {
  const line = oneLine(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<code>${line}</code>`;
}

/** What opens and closes a block of code, whatever its lines have in them. */
function fenceFor(lines: readonly string[], language: string): { readonly open: string; readonly close: string } {
  const ticks = '`'.repeat(Math.max(3, ...lines.map(line => longestRun(line) + 1)));
  return { open: `${ticks}${language}\n`, close: `${ticks}\n` };
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/** A part in a fold with a heading of HTML. */
export function fold(heading: string, inner: Section): Section {
  return {
    ...inner,
    open: `<details><summary>${heading}</summary>\n\n${inner.open}`,
    close: `${inner.close}\n</details>\n\n`,
  };
}

/** A block of a diff whose pieces are whole changes. */
export function diffBlock(pieces: readonly string[]): Section {
  return { ...fenceFor(pieces, 'diff'), pieces, left: n => `… ${count(n, 'change')} left out …\n` };
}

/** Lines of a list. */
export function listBlock(pieces: readonly string[], what: string): Section {
  return { open: '', pieces, close: '', left: n => `- … ${count(n, what)} left out …\n` };
}

/** A table; each piece is a row, and so is the line that says what is left out. Numbers stand to the right of the first column. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: 'numbers' | 'words' = 'numbers',
): Section {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return {
    open: `${row(head)}${row(head.map((_, i) => (i === 0 || columns === 'words' ? '---' : '--:')))}`,
    pieces: rows.map(row),
    close: '\n',
    left: n => row([`… ${count(n, 'row')} left out …`, ...head.slice(1).map(() => '')]),
  };
}

/** Longest explanation that is shown whole. */
const longestDetail = 3_000;

const words = { error: 'Error', warning: 'Warning', note: 'Note' } as const;

/** Annotations in full, each with its place and its text as it is. */
export function annotationSection(annotations: readonly Annotation[]): Section {
  return {
    open: '',
    pieces: annotations.map(annotationText),
    close: '',
    left: n => `_… ${count(n, 'remark')} left out …_\n\n`,
  };
}

/** The same in a fold. */
export function foldedAnnotations(annotations: readonly Annotation[]): readonly Section[] {
  if (annotations.length === 0) return [];
  const heading = countSeverities(annotations)
    .map(([severity, n]) => count(n, severity))
    .join(', ');
  return [fold(heading, annotationSection(annotations))];
}

function annotationText({ level, rule, title, message, where, live }: Annotation): string {
  const detail = cutMiddle(message, longestDetail);
  const fence = fenceFor([detail], 'text');
  const places = [
    codeSpan(renderPosition(where)),
    ...(live ? [codeSpan(`${live.target} ${renderPosition(live.position)}`)] : []),
  ];
  return `**${words[level]}** ${codeSpan(rule)} ${proseOrCode(title)} ${places.join(' ')}\n\n${fence.open}${detail}\n${fence.close}\n`;
}
