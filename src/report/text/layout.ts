import { styleText } from 'node:util';
import { printable } from '../../core/printable.ts';
import type { Page, PageSection } from '../../core/report.ts';
import type { DrawOptions } from '../view/plan-view.ts';
import { textWidth } from '../view/words.ts';

/** How text looks: what it is painted with, if at all, and how wide it is. No meaning is in the colour alone. */
export interface Style {
  readonly strong: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  /** Cells of a line. Only words that are longer and commands to copy go over it. */
  readonly width: number;
}

type Paint = (text: string) => string;

/** The name of a colour. */
export type Tone = Exclude<keyof Style, 'width'>;

/** Where nothing says how wide text may be. */
const usualWidth = 80;

/** With or without colour, in lines of so many cells. */
export function makeStyle(color: boolean, width = usualWidth): Style {
  // Whether the stream takes colour was decided by the caller.
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    text =>
      color ? styleText(format, text, { validateStream: false }) : text;
  const [strong, dim, good, bad, warn] = [paint('bold'), paint('dim'), paint('green'), paint('red'), paint('yellow')];
  return { strong, dim, good, bad, warn, width };
}

/** How text is to look. */
export interface TextOptions extends DrawOptions {
  readonly color: boolean;
  /** Nothing is folded. */
  readonly verbose: boolean;
  /** Errors and the end only. */
  readonly quiet?: boolean;
  /** Cells of a line. */
  readonly columns?: number;
}

/** Breaks a line at blanks. A word that is wider than the columns is kept whole, so that it can be copied. */
export function wrap(text: string, columns: number): readonly string[] {
  if (textWidth(text) <= columns) return text.trim() === '' ? [] : [text];
  const lines: string[] = [];
  let line = '';
  for (const [, blanks = '', word = ''] of text.matchAll(/(\s*)(\S+)/g)) {
    if (line !== '' && textWidth(line) + blanks.length + textWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : line + blanks + word;
  }
  return [...lines, line];
}

/** A part of a line that stays together where it fits on a line. */
export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
  /** Prose: its words fill what is left of a line. */
  readonly fills?: boolean;
}

/** How cells are laid: the indentation of the first line and of the others, and what separates two cells. */
interface Laying {
  readonly by?: number;
  readonly more?: number;
  readonly gap?: string;
}

/** Cells one after another, on as many lines as they need. */
export function flow(cells: readonly Cell[], style: Pick<Style, 'width'>, laying: Laying = {}): readonly string[] {
  const { by = 0, more = by + 4, gap = '  ' } = laying;
  const filler = makeFiller(style.width, { by, more, gap });
  for (const { text, paint, fills = false } of cells.filter(cell => cell.text.trim() !== '')) {
    const whole = text.trimEnd();
    const firstWord = /^\S+/.exec(text)?.[0] ?? '';
    if (textWidth(fills ? firstWord : whole) > filler.room()) filler.turn();
    const [first = '', ...others] = textWidth(whole) > filler.room() ? wrap(text, filler.room()) : [text];
    filler.put(first, paint);
    for (const piece of wrap(others.join(' '), style.width - more)) {
      filler.turn();
      filler.put(piece, paint);
    }
  }
  return filler.end();
}

/** Lines that are filled from the left, with a gap between what is put on one. */
function makeFiller(width: number, { by, more, gap }: Required<Laying>) {
  const lines: string[] = [];
  let line = ' '.repeat(by);
  let [used, begun] = [by, false];
  return {
    room: () => width - used - (begun ? gap.length : 0),
    /** Begins another line, unless there is nothing on this one yet. */
    turn: () => {
      if (!begun) return;
      lines.push(line.trimEnd());
      line = ' '.repeat(more);
      [used, begun] = [more, false];
    },
    put: (text: string, paint: Paint = asIs) => {
      const shown = text.trimEnd();
      line += (begun ? gap : '') + paint(shown) + text.slice(shown.length);
      [used, begun] = [used + (begun ? gap.length : 0) + textWidth(text), true];
    },
    end: (): readonly string[] => (begun ? [...lines, line.trimEnd()] : lines),
  };
}

function asIs(text: string): string {
  return text;
}

/** Prose in one colour, after an indentation that is deeper where it goes on. */
export function prose(text: string, style: Style, { by = 0, more = by + 2, paint }: Laying & Pick<Cell, 'paint'> = {}) {
  return flow([{ text, fills: true, ...(paint && { paint }) }], style, { by, more });
}

/** A line of clauses that is broken after their commas, so that no number loses its noun. */
export function clauses(text: string, style: Style, { paint }: Pick<Cell, 'paint'> = {}) {
  const parts = text.split(/(?<=,) /).map(part => ({ text: part, fills: false, ...(paint && { paint }) }));
  return flow(parts, style, { more: 2, gap: ' ' });
}

/** Rows below a head in columns, the first `left` of them to the left; where that is too wide, each row with the titles in it. */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  style: Style,
  left = head.length,
): readonly string[] {
  const widths = head.map((title, i) => Math.max(textWidth(title), ...rows.map(row => textWidth(row[i]?.text ?? ''))));
  if (widths.reduce((sum, one) => sum + one + 2, -2) > style.width)
    return rows.flatMap(row => listed(head, row, style));
  const line = (cells: readonly Cell[]) =>
    cells
      .map(({ text, paint = asIs }, i) => {
        const blanks = ' '.repeat((widths[i] ?? 0) - textWidth(text));
        return i < left ? paint(text) + blanks : blanks + paint(text);
      })
      .join('  ')
      .trimEnd();
  return [style.strong(line(head.map(text => ({ text })))), ...rows.map(line)];
}

function listed(head: readonly string[], [first, ...others]: readonly Cell[], style: Style): readonly string[] {
  const titled = others.flatMap((cell, i) =>
    cell.text === '' ? [] : [{ ...cell, text: `${head[i + 1]}: ${cell.text}` }],
  );
  return flow([{ text: first?.text ?? '', paint: style.strong }, ...titled], style);
}

/** Pages as text for people, an empty line between them; ends with a line end. */
export function renderPages(pages: readonly Page[], style: Style): string {
  return `${pages.map(page => renderPage(page, style).join('\n')).join('\n\n')}\n`;
}

/** One page: its title, then its sections with their headings in one column. */
export function renderPage({ title, subtitle, sections }: Page, style: Style): readonly string[] {
  const head = [
    { text: printable(title), paint: style.strong },
    { text: printable(subtitle ?? ''), paint: style.dim, fills: true },
  ];
  // Wider headings stand on a line of their own.
  const widest = Math.floor(style.width / 3);
  const fitting = sections.map(section => textWidth(section.heading)).filter(length => length <= widest);
  const column = Math.max(0, ...fitting) + 2;
  return [...flow(head, style), ...sections.flatMap(section => renderSection(section, column, style))];
}

function renderSection(section: PageSection, column: number, style: Style): readonly string[] {
  const room = { width: style.width - column - 2 };
  const text = section.text === undefined ? [] : wrap(printable(section.text), room.width);
  const items = (section.items ?? []).flatMap(item =>
    flow([{ text: printable(item), fills: true }], room, { more: 2 }),
  );
  const body = [...text, ...items, ...(section.lines ?? []).flatMap(line => printable(line).split('\n'))];
  const heading = printable(section.heading);
  const indent = ' '.repeat(column + 2);
  if (textWidth(heading) + 2 > column) return [`  ${style.dim(heading)}`, ...body.map(line => indent + line)];
  const blanks = ' '.repeat(column - textWidth(heading));
  return body.map((line, i) => (i === 0 ? `  ${style.dim(heading + blanks)}${line}` : indent + line));
}
