import type { SourcePosition } from '../core/finding.ts';

/** The text of one file, with its lines: every place in it is an offset, a line and a column at once. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Where `start` stands. */
  position(start: number): SourcePosition;
  /** The opposite of `position`; the start of the line where no column is given. */
  offset(where: SourcePosition): number;
  /** The text of a line, counted from 1, without its line end. */
  line(number: number): string;
}

/** A piece of a file. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** Counts the lines of a text once, so that each place is found fast. */
export function makeSourceText(file: string, text: string): SourceText {
  const starts = lineStarts(text);
  const startOf = (line: number) => starts[line - 1] ?? text.length;
  return {
    file,
    text,
    position: start => {
      const line = lineAt(starts, Math.min(start, text.length));
      return { file, line, column: Math.min(start, text.length) - startOf(line) + 1 };
    },
    offset: ({ line, column }) => Math.min(startOf(line) + (column ?? 1) - 1, text.length),
    line: number => text.slice(startOf(number), startOf(number + 1)).replace(/\r?\n$/, ''),
  };
}

/** Where a piece of a file begins. */
export function placeOf({ source, start }: Span): SourcePosition {
  return source.position(start);
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that begins at or before `offset`. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}
