import type { ListedRuns } from '../app/list-runs.ts';
import { isNarrowed } from '../core/plan.ts';
import { printableLine } from '../core/printable.ts';
import { noResults } from '../core/run.ts';
import { type Cell, flow, type Style, type Tone, wrap } from '../report/text/layout.ts';
import { shownActor, shownCommit } from '../report/view/report-facts.ts';
import { statesIn } from '../report/view/run-results.ts';
import { textWidth } from '../report/view/words.ts';

type KnownRun = ListedRuns['runs'][number];

/** What became of a run. */
export interface RunOutcome {
  /** `12 done, in sync`, `undo: 12 done`, `not finished`. */
  readonly text: string;
  readonly tone: Tone;
}

/** What became of a run, in words. A run of a part says nothing of the rest, and an undo nothing of what the file asks for. */
export function outcomeOf({ finished, head }: Pick<KnownRun, 'finished' | 'head'>): RunOutcome {
  const undo = head?.direction === 'undo' ? 'undo: ' : '';
  if (!finished) return { text: `${undo}not finished`, tone: 'bad' };
  const { converged, counts } = finished;
  const states = statesIn({ ...noResults, ...counts });
  const done = states.map(({ n, word }) => `${n.toLocaleString('en-US')} ${word}`).join(', ') || 'nothing to do';
  if (undo !== '') return { text: `${undo}${done}`, tone: states.some(({ tone }) => tone === 'bad') ? 'bad' : 'good' };
  const part = isNarrowed(head ?? {});
  const same = part ? 'its part has no difference left' : 'in sync';
  return converged
    ? { text: `${done}, ${same}`, tone: 'good' }
    : { text: `${done}, ${part ? 'its part still differs' : 'not in sync'}`, tone: 'warn' };
}

const titles = ['RUN', 'BY', 'COMMIT', 'RESULT'] as const;

/** Cells that the name of a person, and the commit, take at most. */
const [mostBy, mostCommit] = [20, 9];

/** Cells that the result needs at least; where there are fewer, each run has lines of its own. */
const leastResult = 16;

/** Runs as a table. What is too long for its column goes on in the lines below, so that nothing is cut off. */
export function runsTable(runs: readonly KnownRun[], style: Style): readonly string[] {
  const rows = runs.map(run => cellsOf(run, style));
  const most = [Number.POSITIVE_INFINITY, mostBy, mostCommit];
  const widths = most.map((limit, i) => widthOf([titles[i] ?? '', ...rows.map(row => row[i]?.text ?? '')], limit));
  const left = style.width - widths.reduce((sum, width) => sum + width + gap.length, 0);
  if (left < leastResult) return rows.flatMap(row => flow(row, style));
  const head = titles.map(text => ({ text, paint: style.strong }));
  return [head, ...rows].flatMap(row => linesOf(row, [...widths, left]));
}

const gap = '  ';

function cellsOf(run: KnownRun, style: Style): readonly Cell[] {
  const { text, tone } = outcomeOf(run);
  const { head = {} } = run;
  return [
    { text: printableLine(run.name), paint: style.strong },
    { text: printableLine(shownActor(head)?.name ?? '-') },
    { text: printableLine(shownCommit(head)?.id ?? '-') },
    { text: printableLine(text), paint: style[tone] },
  ];
}

function widthOf(texts: readonly string[], most: number): number {
  return Math.min(most, Math.max(...texts.map(text => textWidth(text))));
}

function linesOf(row: readonly Cell[], widths: readonly number[]): readonly string[] {
  const columns = row.map(({ text }, i) => broken(text, widths[i] ?? 0));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map((column, i) => {
      const text = column[line] ?? '';
      const blanks = ' '.repeat(Math.max(0, (widths[i] ?? 0) - textWidth(text)));
      return (row[i]?.paint?.(text) ?? text) + (i < columns.length - 1 ? blanks : '');
    });
    return parts.join(gap).trimEnd();
  });
}

/** Text in lines of so many cells; a word that is longer is cut there. */
function broken(text: string, width: number): readonly string[] {
  return wrap(text, width).flatMap(line => {
    if (textWidth(line) <= width) return [line];
    const pieces: string[] = [''];
    for (const char of line) {
      const piece = pieces.at(-1) ?? '';
      if (textWidth(piece + char) > width) pieces.push(char);
      else pieces[pieces.length - 1] = piece + char;
    }
    return pieces;
  });
}
