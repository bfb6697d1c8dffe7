import { styleText } from 'node:util';
import { printable } from '../../core/printable.ts';
import type { Page, PageSection } from '../../core/report.ts';
import type { DrawOptions } from '../view/plan-view.ts';

/** Paints text, or does not; no meaning is in the colour alone. */
export interface Style {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** With or without colour. */
export function makeStyle(color: boolean): Style {
  // Whether the stream takes colour was decided by the caller.
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    color ? styleText(format, text, { validateStream: false }) : text;
  return { strong: paint('bold'), dim: paint('dim'), good: paint('green'), bad: paint('red'), warn: paint('yellow') };
}

/** How text is to look. */
export interface TextOptions extends DrawOptions {
  readonly color: boolean;
  /** Nothing is folded. */
  readonly verbose: boolean;
}

/** Columns that prose is wrapped to. */
const width = 100;

/** Headings wider than this stand on a line of their own. */
const widestHeading = 44;

/** Pages as text for people, an empty line between them; ends with a line end. */
export function renderPages(pages: readonly Page[], style: Style): string {
  return `${pages.map(page => renderPage(page, style).join('\n')).join('\n\n')}\n`;
}

/** One page: its title, then its sections with their headings in one column. */
export function renderPage({ title, subtitle, sections }: Page, style: Style): readonly string[] {
  const head = `${style.strong(printable(title))}${subtitle === undefined ? '' : style.dim(`  ${printable(subtitle)}`)}`;
  const fitting = sections.map(section => section.heading.length).filter(length => length <= widestHeading);
  const column = Math.max(0, ...fitting) + 2;
  return [head, ...sections.flatMap(section => renderSection(section, column, style))];
}

function renderSection(section: PageSection, column: number, style: Style): readonly string[] {
  const prose = section.text === undefined ? [] : wrap(printable(section.text), width - column - 2);
  const body = [...prose, ...(section.lines ?? []).flatMap(line => printable(line).split('\n'))];
  const heading = printable(section.heading);
  const indent = ' '.repeat(column + 2);
  if (heading.length + 2 > column) return [`  ${style.dim(heading)}`, ...body.map(line => indent + line)];
  return body.map((line, i) => (i === 0 ? `  ${style.dim(heading.padEnd(column))}${line}` : indent + line));
}

/** Breaks prose at blanks; a word that is wider than the column is kept whole, so that it can be copied. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
