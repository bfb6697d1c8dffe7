import { count } from '../../core/count.ts';
import type { Annotation } from '../view/annotation.ts';
import { countSeverities } from '../view/findings.ts';
import { renderPosition } from '../view/words.ts';
import { codeSpan, cutMiddle, fenceFor, proseOrCode } from './escape.ts';
import type { Section } from './fit.ts';

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
  const heading = countSeverities(annotations.map(({ level }) => level))
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
